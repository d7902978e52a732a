import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Chat } from "../../core/event.ts";
import { decode, timeOf } from "./decode.ts";
import { readDispatch } from "./payload.ts";

const direct: Chat = { id: "600000000000000001", kind: "direct" };
const ann = "500000000000000001";
const general = "800000000000000001";
const now = 1_790_000_000_000;
const sender = { id: ann, name: "Ann", handle: "@ann", bot: false, self: false };

describe("discord: what a dispatch says", () => {
  const id = "1550000000000000000";
  const author = { id: ann, username: "ann", global_name: "Ann", bot: false };
  const message = {
    id,
    channel_id: general,
    guild_id: "700000000000000001",
    author,
    type: 0,
    content: "hi",
    mentions: [],
    attachments: [],
  };
  const group: Chat = { id: general, kind: "group", title: "general" };
  const said = { kind: "message", key: id, chat: group, sender, at: timeOf(id), platformId: id, addressed: false };
  const text = (words: string) => [{ type: "text", text: words, markup: "plain" }];
  const self = "900000000000000001";
  const file = { id: "3", filename: "a.png", url: "https://cdn.discordapp.com/a.png", content_type: "image/png", size: 5 };
  const remote = { at: "platform", ref: "https://cdn.discordapp.com/a.png", mediaType: "image/png", size: 5 };
  /** https://docs.discord.com/developers/resources/message#message-object-example-message, and the events' pages. */
  const cases: Record<string, [t: string, d: object, events: readonly object[]]> = {
    "a message": ["MESSAGE_CREATE", message, [{ ...said, parts: text("hi") }]],
    "in a direct chat": [
      "MESSAGE_CREATE",
      { ...message, guild_id: undefined, channel_id: direct.id },
      [{ ...said, chat: direct, parts: text("hi"), addressed: true }],
    ],
    "in a thread": [
      "MESSAGE_CREATE",
      { ...message, channel_id: "810000000000000001" },
      [{ ...said, chat: { id: general, thread: "810000000000000001", kind: "group", title: "topic" }, parts: text("hi") }],
    ],
    "a mention, and other things in angle brackets": [
      "MESSAGE_CREATE",
      {
        ...message,
        content: `<@${self}> <@!${ann}> <#${general}> <:party:1> </ask:2> <t:0:R>`,
        mentions: [author, { id: self, username: "polylogue" }],
      },
      [{ ...said, addressed: true, parts: text("@polylogue @Ann #general :party: /ask 1970-01-01T00:00:00.000Z") }],
    ],
    "a reply to us": [
      "MESSAGE_CREATE",
      { ...message, type: 19, message_reference: { type: 0, message_id: "77" }, referenced_message: { id: "77", author: { id: self } } },
      [{ ...said, replyTo: "77", addressed: true, parts: text("hi") }],
    ],
    "files and stickers": [
      "MESSAGE_CREATE",
      { ...message, content: "", attachments: [file], sticker_items: [{ id: "1", name: "wave", format_type: 1 }] },
      [{ ...said, parts: [...text(":wave:"), { type: "image", source: remote, name: "a.png" }] }],
    ],
    "a voice message": [
      "MESSAGE_CREATE",
      { ...message, content: "", flags: 8192, attachments: [{ ...file, content_type: "audio/ogg" }] },
      [{ ...said, parts: [{ type: "voice", source: { ...remote, mediaType: "audio/ogg" }, name: "a.png" }] }],
    ],
    "a poll": [
      "MESSAGE_CREATE",
      {
        ...message,
        content: "",
        poll: { question: { text: "Tea?" }, answers: [{ poll_media: { text: "yes" } }], allow_multiselect: true },
      },
      [{ ...said, parts: [{ type: "poll", question: "Tea?", options: ["yes"], multiple: true }] }],
    ],
    "what was forwarded": [
      "MESSAGE_CREATE",
      { ...message, content: "", message_reference: { type: 1, message_id: "77" }, message_snapshots: [{ message: { content: "old" } }] },
      [{ ...said, parts: text("old") }],
    ],
    "our own": [
      "MESSAGE_CREATE",
      { ...message, author: { id: self, username: "polylogue", bot: true } },
      [{ ...said, sender: { id: self, name: "polylogue", handle: "@polylogue", bot: true, self: true }, parts: text("hi") }],
    ],
    "a webhook's": ["MESSAGE_CREATE", { ...message, webhook_id: "4" }, [{ ...said, sender: { ...sender, bot: true }, parts: text("hi") }]],
    "somebody joined": ["MESSAGE_CREATE", { ...message, type: 7, content: "" }, []],
    "a message without words that we may read": ["MESSAGE_CREATE", { ...message, content: "" }, []],
    "an edit": [
      "MESSAGE_UPDATE",
      { ...message, content: "hello", edited_timestamp: "2026-09-01T00:00:00.000000+00:00" },
      [
        {
          kind: "edit",
          key: `edit:${id}:1788220800000`,
          chat: group,
          sender,
          at: 1_788_220_800_000,
          platformId: id,
          parts: text("hello"),
        },
      ],
    ],
    "a preview that was added": ["MESSAGE_UPDATE", { ...message, edited_timestamp: null, embeds: [{}] }, []],
    "two deletions": [
      "MESSAGE_DELETE_BULK",
      { ids: ["1", "2"], channel_id: general, guild_id: "7" },
      ["1", "2"].map((one) => ({
        kind: "delete",
        key: `delete:${one}`,
        chat: group,
        sender: { id: general, bot: false, self: false },
        at: now,
        platformId: one,
      })),
    ],
    "a reaction": [
      "MESSAGE_REACTION_ADD",
      { user_id: ann, channel_id: general, message_id: id, guild_id: "7", member: { user: author }, emoji: { id: null, name: "🔥" } },
      [{ kind: "reaction", key: "session:5", chat: group, sender, at: now, platformId: id, reactions: ["🔥"] }],
    ],
    "a reaction that was taken away": [
      "MESSAGE_REACTION_REMOVE",
      { user_id: ann, channel_id: direct.id, message_id: id, emoji: { id: "9", name: "party" } },
      [
        {
          kind: "reaction",
          key: "session:5",
          chat: direct,
          sender: { id: ann, bot: false, self: false },
          at: now,
          platformId: id,
          reactions: [],
        },
      ],
    ],
    "a kind that says nothing to us": ["TYPING_START", {}, []],
  };
  const places = new Map([
    [general, { title: "general" }],
    ["810000000000000001", { parent: general, title: "topic" }],
  ]);
  const view = { self, name: "@polylogue", place: (channel: string) => places.get(channel), key: "session:5", now };
  for (const [name, [t, d, events]] of Object.entries(cases)) {
    test(name, () => {
      const { dispatch, problem } = readDispatch(t, d);
      assert.equal(problem, undefined);
      assert.deepEqual(dispatch ? decode(dispatch, view) : [], events);
    });
  }
});

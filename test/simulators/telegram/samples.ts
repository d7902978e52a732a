import type { Chat, PlatformEvent, Sender } from "../../../src/core/event.ts";
import type { Part } from "../../../src/core/message.ts";

/** An Update as Telegram sends it, and what a bot with the id 123456 and the name @polylogue_test_bot makes of it. */
export interface Sample {
  readonly update: { readonly update_id: number; readonly [kind: string]: unknown };
  readonly event: PlatformEvent | undefined;
}

/** The clock's time when the samples are read; it stands in where an update has no time. */
export const samplesReadAt = 1_790_000_000_000;

const date = 1_789_999_000;
const at = date * 1000;
const ann = { id: 5_000_000_001, is_bot: false, first_name: "Ann", last_name: "Lee", username: "annlee", language_code: "en" };
const bot = { id: 123456, is_bot: true, first_name: "Polylogue", username: "polylogue_test_bot" };
const privateChat = { id: ann.id, first_name: "Ann", last_name: "Lee", username: "annlee", type: "private" };
const group = { id: -1_001_234_567_890, title: "Friends", type: "supergroup", is_forum: true };
const news = { id: -1_009_876_543_210, title: "News", username: "newsroom", type: "channel" };

const sender: Sender = { id: "5000000001", name: "Ann Lee", handle: "@annlee", bot: false, self: false };
const direct: Chat = { id: "5000000001", kind: "direct", title: "Ann Lee" };
const friends: Chat = { id: "-1001234567890", kind: "group", title: "Friends" };

let nextUpdate = 7000;

/** A message from Ann, in a private chat unless `more` says otherwise. */
function said(
  parts: readonly Part[],
  content: object,
  more: { in?: "group"; addressed?: boolean; replyTo?: string; kind?: string } = {},
): Sample {
  const update_id = nextUpdate++;
  const [chat, seen] = more.in === "group" ? [group, friends] : [privateChat, direct];
  return {
    update: { update_id, [more.kind ?? "message"]: { message_id: 11, from: ann, chat, date, ...content } },
    event: {
      kind: "message",
      key: String(update_id),
      chat: seen,
      sender,
      at,
      platformId: "11",
      parts,
      ...(more.replyTo ? { replyTo: more.replyTo } : {}),
      addressed: more.addressed ?? more.in !== "group",
    },
  };
}

function silent(kind: string, content: object): Sample {
  return { update: { update_id: nextUpdate++, [kind]: content }, event: undefined };
}

const text = (words: string): Part[] => [{ type: "text", text: words, markup: "plain" }];
const entity = (type: string, offset: number, length: number, more: object = {}) => ({ type, offset, length, ...more });
const file = (id: string, more: object = {}) => ({ file_id: id, file_unique_id: `u-${id}`, file_size: 1234, ...more });
const remote = (ref: string, mediaType?: string) => ({ at: "platform" as const, ref, ...(mediaType ? { mediaType } : {}), size: 1234 });

function membership(chat: object, seen: Chat, before: object, after: object, change?: "joined" | "left" | "blocked"): Sample {
  const update_id = nextUpdate++;
  const content = { chat, from: ann, date, old_chat_member: { user: bot, ...before }, new_chat_member: { user: bot, ...after } };
  const event = change && { kind: "membership" as const, key: String(update_id), chat: seen, sender, at, change };
  return { update: { update_id, my_chat_member: content }, event };
}

/** Named after what they show. Sources: https://core.telegram.org/bots/api#available-types */
export const samples = {
  text: said(text("Hello 👋 <b>"), { text: "Hello 👋 <b>" }),
  formatted: said(text("see docs"), {
    text: "see docs",
    entities: [entity("bold", 0, 3), entity("text_link", 4, 4, { url: "https://example.com" })],
  }),
  groupChatter: said(text("hi all"), { text: "hi all" }, { in: "group" }),
  mention: said(
    text("👋 @Polylogue_Test_Bot hi"),
    { text: "👋 @Polylogue_Test_Bot hi", entities: [entity("mention", 3, 19)] },
    { in: "group", addressed: true },
  ),
  mentionOfAnother: said(text("@somebody hi"), { text: "@somebody hi", entities: [entity("mention", 0, 9)] }, { in: "group" }),
  mentionInWordsOnly: said(text("@polylogue_test_bot"), { text: "@polylogue_test_bot" }, { in: "group" }),
  textMention: said(
    text("Poly hi"),
    { text: "Poly hi", entities: [entity("text_mention", 0, 4, { user: bot })] },
    { in: "group", addressed: true },
  ),
  textMentionOfAnother: said(text("Ann hi"), { text: "Ann hi", entities: [entity("text_mention", 0, 3, { user: ann })] }, { in: "group" }),
  command: said(text("/ask why"), { text: "/ask why", entities: [entity("bot_command", 0, 4)] }, { in: "group", addressed: true }),
  commandForUs: said(
    text("/ask@polylogue_test_bot"),
    { text: "/ask@polylogue_test_bot", entities: [entity("bot_command", 0, 23)] },
    { in: "group", addressed: true },
  ),
  commandForAnother: said(text("/ask@other_bot"), { text: "/ask@other_bot", entities: [entity("bot_command", 0, 14)] }, { in: "group" }),
  replyToUs: said(
    text("why?"),
    { text: "why?", reply_to_message: { message_id: 9, from: bot, chat: group, date, text: "so" } },
    { in: "group", addressed: true, replyTo: "9" },
  ),
  replyToAnother: said(
    [...text("why?"), ...text("[in answer to Ann Lee: so]")],
    { text: "why?", reply_to_message: { message_id: 9, from: ann, chat: group, date, text: "so" } },
    { in: "group", replyTo: "9" },
  ),
  replyToAnotherInPrivate: said(
    text("why?"),
    { text: "why?", reply_to_message: { message_id: 9, from: ann, chat: privateChat, date, text: "so" } },
    { replyTo: "9" },
  ),
  commandInAnswer: said(
    text("/ask"),
    {
      text: "/ask",
      entities: [entity("bot_command", 0, 4)],
      reply_to_message: { message_id: 9, from: ann, chat: group, date, text: "so" },
    },
    { in: "group", addressed: true, replyTo: "9" },
  ),
  quotation: said(
    [...text("really?"), ...text("[in answer to you: 5 euros]")],
    {
      text: "really?",
      reply_to_message: { message_id: 9, from: bot, chat: privateChat, date, text: "It costs 5 euros." },
      quote: { text: "5 euros", position: 9, is_manual: true },
    },
    { replyTo: "9" },
  ),
  quotationByTheServer: said(
    text("really?"),
    {
      text: "really?",
      reply_to_message: { message_id: 9, from: bot, chat: privateChat, date, text: "It costs 5 euros." },
      quote: { text: "It costs 5 euros.", position: 0 },
    },
    { replyTo: "9" },
  ),
  replyToElsewhere: said([...text("is that so?"), ...text("[in answer to News: Rain tomorrow]")], {
    text: "is that so?",
    external_reply: { origin: { type: "channel", date, chat: news, message_id: 3 }, chat: news, message_id: 3 },
    quote: { text: "Rain tomorrow", position: 0 },
  }),
  forwarded: said([...text("[forwarded from Bo]"), ...text("/reset")], {
    text: "/reset",
    forward_origin: { type: "hidden_user", date, sender_user_name: "Bo" },
  }),
  forwardedPost: said([...text("[forwarded from News]"), ...text("Rain")], {
    text: "Rain",
    forward_origin: { type: "channel", date, chat: news, message_id: 3 },
  }),
  chainOfReplies: said(text("yes"), { text: "yes", message_thread_id: 9 }, { in: "group" }),
  captionMention: said(
    [{ type: "image", source: remote("p2", "image/jpeg"), caption: "@polylogue_test_bot what is it?" }],
    {
      caption: "@polylogue_test_bot what is it?",
      caption_entities: [entity("mention", 0, 19)],
      photo: [file("p1", { width: 90, height: 60 }), file("p2", { width: 900, height: 600 }), file("p3", { width: 320, height: 213 })],
    },
    { in: "group", addressed: true },
  ),
  document: said([{ type: "file", source: remote("d", "application/pdf"), name: "../a.pdf" }], {
    document: file("d", { file_name: "../a.pdf", mime_type: "application/pdf" }),
  }),
  imageAsDocument: said([{ type: "image", source: remote("d", "image/png") }], { document: file("d", { mime_type: "image/png" }) }),
  animation: said([{ type: "video", source: remote("g", "video/mp4") }], {
    animation: file("g", { mime_type: "video/mp4", width: 1, height: 1, duration: 1 }),
    document: file("g", { mime_type: "video/mp4" }),
  }),
  voice: said([{ type: "voice", source: remote("v", "audio/ogg") }], { voice: file("v", { duration: 2, mime_type: "audio/ogg" }) }),
  audio: said([{ type: "audio", source: remote("a", "audio/mpeg"), name: "Nina – Song" }], {
    audio: file("a", { duration: 2, mime_type: "audio/mpeg", performer: "Nina", title: "Song" }),
  }),
  video: said([{ type: "video", source: remote("w", "video/mp4"), caption: "look" }], {
    video: file("w", { width: 1, height: 1, duration: 1, mime_type: "video/mp4" }),
    caption: "look",
  }),
  videoNote: said([{ type: "video", source: remote("n", "video/mp4") }], { video_note: file("n", { length: 1, duration: 1 }) }),
  sticker: said([{ type: "image", source: remote("s", "image/webp"), caption: "😀" }], {
    sticker: file("s", { type: "regular", width: 1, height: 1, is_animated: false, is_video: false, emoji: "😀" }),
  }),
  location: said([{ type: "location", latitude: 52.5, longitude: 13.4 }], { location: { latitude: 52.5, longitude: 13.4 } }),
  venue: said([{ type: "location", latitude: 52.5, longitude: 13.4, title: "Bar, Street 1" }], {
    venue: { location: { latitude: 52.5, longitude: 13.4 }, title: "Bar", address: "Street 1" },
    location: { latitude: 52.5, longitude: 13.4 },
  }),
  contact: said([{ type: "contact", name: "Bo Ek", phone: "+46700000000" }], {
    contact: { phone_number: "+46700000000", first_name: "Bo", last_name: "Ek", user_id: 5 },
  }),
  dice: said(text("🎲 4"), { dice: { emoji: "🎲", value: 4 } }),
  poll: said([{ type: "poll", question: "Where?", options: ["Here", "There"] }], {
    poll: { id: "1", question: "Where?", options: [{ text: "Here" }, { text: "There" }] },
  }),
  oneOddField: said(text("kept"), { text: "kept", sticker: { file_id: 5 }, entities: "none" }),
  serviceMessage: silent("message", { message_id: 12, from: ann, chat: group, date, new_chat_title: "Foes" }),
  businessMessage: silent("business_message", { message_id: 12, from: ann, chat: privateChat, date, text: "hi" }),
  inlinePress: silent("callback_query", { id: "1", from: ann, chat_instance: "1", inline_message_id: "i", data: "x" }),
  gamePress: silent("callback_query", {
    id: "1",
    from: ann,
    chat_instance: "1",
    message: { message_id: 1, chat: privateChat, date },
    game_short_name: "g",
  }),
  botSays: altered(said(text("beep"), { text: "beep", from: { ...bot, id: 99, username: "other_bot" } }), {
    sender: { id: "99", name: "Polylogue", handle: "@other_bot", bot: true, self: false },
  }),
  ownEcho: altered(said(text("mine"), { text: "mine", from: bot }), {
    sender: { id: "123456", name: "Polylogue", handle: "@polylogue_test_bot", bot: true, self: true },
  }),
  anonymousAdministrator: altered(
    said(
      text("quiet"),
      { text: "quiet", from: { id: 1087968824, is_bot: true, first_name: "Group", username: "GroupAnonymousBot" }, sender_chat: group },
      { in: "group" },
    ),
    {
      sender: { id: "-1001234567890", name: "Friends", bot: false, self: false },
    },
  ),
  photoInTopic: altered(
    said(
      [{ type: "image", source: remote("p", "image/jpeg") }],
      {
        message_thread_id: 42,
        is_topic_message: true,
        photo: [file("p", { width: 1, height: 1 })],
        reply_to_message: { message_id: 42, from: bot, chat: group, date, forum_topic_created: { name: "Talk", icon_color: 1 } },
      },
      { in: "group" },
    ),
    { chat: { ...friends, thread: "42" } },
  ),
  channelPost: {
    update: { update_id: 7901, channel_post: { message_id: 3, sender_chat: news, chat: news, date, text: "today" } },
    event: {
      kind: "message",
      key: "7901",
      chat: { id: "-1009876543210", kind: "group", title: "News" },
      sender: { id: "-1009876543210", name: "News", handle: "@newsroom", bot: false, self: false },
      at,
      platformId: "3",
      parts: text("today"),
      addressed: false,
    },
  },
  edit: {
    update: {
      update_id: 7902,
      edited_message: { message_id: 11, from: ann, chat: privateChat, date, edit_date: date + 60, text: "better" },
    },
    event: { kind: "edit", key: "7902", chat: direct, sender, at: at + 60_000, platformId: "11", parts: text("better") },
  },
  press: {
    update: {
      update_id: 7903,
      callback_query: {
        id: "4382bfdwdsb323b2d9",
        from: ann,
        message: { message_id: 12, from: bot, chat: group, date, text: "?", message_thread_id: 42, is_topic_message: true },
        chat_instance: "-1",
        data: "ms_0000000000000000000000:1",
      },
    },
    event: {
      kind: "press",
      key: "7903",
      chat: { ...friends, thread: "42" },
      sender,
      at: samplesReadAt,
      platformId: "12",
      token: "ms_0000000000000000000000:1",
      interaction: "4382bfdwdsb323b2d9",
    },
  },
  pressOnAVanishedMessage: {
    update: {
      update_id: 7904,
      callback_query: { id: "9", from: ann, message: { message_id: 12, chat: privateChat, date: 0 }, chat_instance: "-1", data: "t" },
    },
    event: { kind: "press", key: "7904", chat: direct, sender, at: samplesReadAt, platformId: "12", token: "t", interaction: "9" },
  },
  reaction: {
    update: {
      update_id: 7905,
      message_reaction: {
        chat: group,
        message_id: 12,
        user: ann,
        date,
        old_reaction: [],
        new_reaction: [{ type: "emoji", emoji: "👍" }, { type: "custom_emoji", custom_emoji_id: "537" }, { type: "paid" }],
      },
    },
    event: { kind: "reaction", key: "7905", chat: friends, sender, at, platformId: "12", reactions: ["👍", "537", "paid"] },
  },
  reactionTakenAway: {
    update: {
      update_id: 7906,
      message_reaction: { chat: group, message_id: 12, actor_chat: news, date, old_reaction: [{ type: "paid" }], new_reaction: [] },
    },
    event: {
      kind: "reaction",
      key: "7906",
      chat: friends,
      sender: { id: "-1009876543210", name: "News", handle: "@newsroom", bot: false, self: false },
      at,
      platformId: "12",
      reactions: [],
    },
  },
  blocked: membership(privateChat, direct, { status: "member" }, { status: "kicked", until_date: 0 }, "blocked"),
  unblocked: membership(privateChat, direct, { status: "kicked", until_date: 0 }, { status: "member" }, "joined"),
  added: membership(group, friends, { status: "left" }, { status: "member" }, "joined"),
  removed: membership(group, friends, { status: "administrator" }, { status: "left" }, "left"),
  mutedAway: membership(group, friends, { status: "member" }, { status: "restricted", is_member: false }, "left"),
  promoted: membership(group, friends, { status: "member" }, { status: "administrator" }),
  ofAlbum: {
    update: {
      update_id: 7906,
      message: { message_id: 11, from: ann, chat: group, date, media_group_id: "13400", photo: [{ ...file("p1"), width: 9, height: 9 }] },
    },
    event: {
      kind: "message",
      key: "7906",
      chat: friends,
      sender,
      at,
      platformId: "11",
      parts: [{ type: "image", source: remote("p1", "image/jpeg") }],
      group: "13400",
      addressed: false,
    },
  },
  becameSupergroup: {
    update: {
      update_id: 7907,
      message: { message_id: 13, from: ann, chat: { id: -5, title: "Friends", type: "group" }, date, migrate_to_chat_id: group.id },
    },
    event: { kind: "move", key: "7907", chat: friends, sender, at, from: "-5" },
  },
  wasGroup: {
    update: { update_id: 7908, message: { message_id: 1, from: ann, chat: group, date, migrate_from_chat_id: -5 } },
    event: { kind: "move", key: "7908", chat: friends, sender, at, from: "-5" },
  },
} satisfies Readonly<Record<string, Sample>>;

function altered(sample: Sample, change: { readonly chat?: Chat; readonly sender?: Sender }): Sample {
  return { update: sample.update, event: sample.event && { ...sample.event, ...change } };
}

import type { Chat, PlatformEvent, Sender } from "../../../src/core/event.ts";

/** A payload as Slack sends it, and what an app with the user U0BOT in the workspace T0TEAM makes of it. */
export interface Sample {
  readonly payload: object;
  readonly events: readonly PlatformEvent[];
}

/** The clock's time when the samples are read; it stands in where a payload has no time. */
export const samplesReadAt = 1_790_000_000_000;

const ts = "1789999000.000100";
const at = 1_789_999_000_000;
const ann: Sender = { id: "U0ANN", bot: false, self: false };
const direct: Chat = { id: "D0ANN", kind: "direct" };
const general: Chat = { id: "C0GENERAL", kind: "group" };

let count = 0;

/** The wrapper of https://docs.slack.dev/apis/events-api/#callback-field */
function wrapped(event: object): { payload: object; key: string } {
  const key = `Ev${String(++count).padStart(8, "0")}`;
  const authorizations = [{ enterprise_id: null, team_id: "T0TEAM", user_id: "U0BOT", is_bot: true, is_enterprise_install: false }];
  const wrapper = {
    token: "XXYYZZ",
    team_id: "T0TEAM",
    api_app_id: "A0APP",
    type: "event_callback",
    event_id: key,
    event_time: 1_789_999_000,
  };
  return { payload: { ...wrapper, authed_users: ["U0BOT"], authorizations, event: { event_ts: ts, ...event } }, key };
}

const inDirect = { type: "message", channel: "D0ANN", channel_type: "im", user: "U0ANN", ts, team: "T0TEAM" };
const inChannel = { ...inDirect, channel: "C0GENERAL", channel_type: "channel" };

/** https://docs.slack.dev/reference/events/message */
function said(event: object, expect: object | undefined): Sample {
  const { payload } = wrapped(event);
  const { channel } = event as { channel: string };
  const base = { kind: "message", key: `${channel}:${ts}`, sender: ann, at, platformId: ts };
  return { payload, events: expect === undefined ? [] : [{ ...base, ...expect } as PlatformEvent] };
}

function other(event: object, expect: object | undefined): Sample {
  const { payload, key } = wrapped(event);
  return { payload, events: expect === undefined ? [] : [{ key, ...expect } as PlatformEvent] };
}

const text = (words: string) => [{ type: "text", text: words, markup: "plain" }];
const toDirect = { chat: direct, addressed: true };
const file = { id: "F0PIC", name: "cat.png", title: "cat", mimetype: "image/png", filetype: "png", size: 1234, mode: "hosted" };
const own = { user: "U0BOT", bot_id: "B0BOT", app_id: "A0APP", bot_profile: { id: "B0BOT", app_id: "A0APP", name: "Polylogue" } };

export const samples = {
  direct: said({ ...inDirect, text: "hello" }, { ...toDirect, parts: text("hello") }),
  entities: said(
    { ...inDirect, text: "a &lt;b&gt; &amp;amp; <https://x.test/?a=1&amp;b=2|the page> <https://y.test> <mailto:a@b.test|a@b.test>" },
    { ...toDirect, parts: text("a <b> &amp; the page (https://x.test/?a=1&b=2) https://y.test a@b.test") },
  ),
  specials: said(
    { ...inDirect, text: "<!here> <!subteam^S1|@ops> <#C1|general> <#C2> <@U2|bob> <@U3> <!date^1392734382^{date}|a day>" },
    { ...toDirect, parts: text("@here @ops #general #C2 @bob @U3 a day") },
  ),
  channel: said({ ...inChannel, text: "lunch?" }, { chat: general, addressed: false, parts: text("lunch?") }),
  mention: said(
    { ...inChannel, text: "<@U0BOT> what is this?" },
    { chat: { ...general, thread: ts }, addressed: true, parts: text("@polylogue what is this?") },
  ),
  /** https://docs.slack.dev/reference/events/app_mention: the same message again, without channel_type. */
  appMention: said(
    { type: "app_mention", channel: "C0GENERAL", user: "U0ANN", ts, text: "<@U0BOT> what is this?" },
    { chat: { ...general, thread: ts }, addressed: true, parts: text("@polylogue what is this?") },
  ),
  inThread: said(
    { ...inChannel, text: "and this?", thread_ts: "1789998000.000200", parent_user_id: "U0BOT" },
    { chat: { ...general, thread: "1789998000.000200" }, addressed: false, parts: text("and this?") },
  ),
  threadRoot: said({ ...inDirect, text: "root", thread_ts: ts }, { ...toDirect, parts: text("root") }),
  broadcast: said(
    { ...inChannel, subtype: "thread_broadcast", text: "done", thread_ts: "1789998000.000200", root: {} },
    { chat: { ...general, thread: "1789998000.000200" }, addressed: false, parts: text("done") },
  ),
  groupOfPeople: said(
    { ...inDirect, channel: "G0MANY", channel_type: "mpim", text: "hi" },
    { chat: { id: "G0MANY", kind: "group" }, addressed: false, parts: text("hi") },
  ),
  meMessage: said({ ...inDirect, subtype: "me_message", text: "waves" }, { ...toDirect, parts: text("waves") }),
  file: said(
    { ...inDirect, subtype: "file_share", text: "look", files: [file], upload: false },
    {
      ...toDirect,
      parts: [
        ...text("look"),
        { type: "image", source: { at: "platform", ref: "F0PIC", mediaType: "image/png", size: 1234 }, name: "cat.png" },
      ],
    },
  ),
  voice: said(
    {
      ...inDirect,
      subtype: "file_share",
      text: "",
      files: [{ ...file, mimetype: "audio/webm", subtype: "slack_audio", name: "audio.webm" }],
    },
    {
      ...toDirect,
      parts: [{ type: "voice", source: { at: "platform", ref: "F0PIC", mediaType: "audio/webm", size: 1234 }, name: "audio.webm" }],
    },
  ),
  fileGone: said(
    {
      ...inDirect,
      subtype: "file_share",
      text: "",
      files: [
        { id: "F1", mode: "tombstone" },
        { id: "F2", mode: "hidden_by_limit" },
        { ...file, mode: "external", is_external: true },
      ],
    },
    {
      ...toDirect,
      parts: [
        { type: "file", source: { at: "nowhere", reason: "it was deleted in Slack" } },
        { type: "file", source: { at: "nowhere", reason: "the workspace's plan hides it" } },
        { type: "image", source: { at: "nowhere", reason: "it is kept by another service" }, name: "cat.png" },
      ],
    },
  ),
  anotherBot: said(
    {
      type: "message",
      subtype: "bot_message",
      channel: "C0GENERAL",
      channel_type: "channel",
      ts,
      bot_id: "B0CI",
      username: "ci",
      text: "",
      attachments: [{ fallback: "build 7 failed" }],
    },
    { chat: general, addressed: false, sender: { id: "B0CI", name: "ci", bot: true, self: false }, parts: text("build 7 failed") },
  ),
  ownEcho: said(
    { ...inDirect, ...own, text: "my answer" },
    { ...toDirect, sender: { id: "U0BOT", name: "Polylogue", bot: true, self: true }, parts: text("my answer") },
  ),
  sharedChannel: said(
    { ...inChannel, user: "W0GUEST", user_team: "T1OTHER", source_team: "T1OTHER", text: "hi from outside" },
    { chat: general, addressed: false, sender: { id: "W0GUEST", bot: false, self: false }, parts: text("hi from outside") },
  ),
  joined: said({ ...inChannel, subtype: "channel_join", text: "<@U0ANN> has joined the channel" }, undefined),
  topic: said({ ...inChannel, subtype: "channel_topic", text: "set the topic", topic: "x" }, undefined),
  empty: said({ ...inDirect, text: "" }, undefined),
  /** https://docs.slack.dev/reference/events/message/message_changed */
  edited: other(
    {
      ...inDirect,
      subtype: "message_changed",
      hidden: true,
      ts: "1789999100.000300",
      user: undefined,
      message: { type: "message", user: "U0ANN", text: "hullo", ts, edited: { user: "U0ANN", ts: "1789999050.000000" } },
      previous_message: { type: "message", user: "U0ANN", text: "hello", ts },
    },
    { kind: "edit", chat: direct, sender: ann, at: 1_789_999_050_000, platformId: ts, parts: text("hullo") },
  ),
  unfurled: other(
    {
      ...inDirect,
      subtype: "message_changed",
      message: { user: "U0ANN", text: "<https://x.test>", ts, attachments: [{ fallback: "a page" }] },
      previous_message: { user: "U0ANN", text: "<https://x.test>", ts },
    },
    undefined,
  ),
  /** The root of a thread that still has answers. */
  rootDeleted: other(
    {
      ...inChannel,
      subtype: "message_changed",
      message: { subtype: "tombstone", user: "USLACKBOT", text: "This message was deleted.", ts, thread_ts: ts },
      previous_message: { user: "U0ANN", text: "secret", ts, thread_ts: ts },
    },
    { kind: "delete", chat: general, sender: { id: "C0GENERAL", bot: false, self: false }, at, platformId: ts },
  ),
  /** https://docs.slack.dev/reference/events/message/message_deleted */
  deleted: other(
    {
      ...inChannel,
      subtype: "message_deleted",
      hidden: true,
      ts: "1789999100.000300",
      deleted_ts: ts,
      previous_message: { user: "U0ANN", text: "<@U0BOT> oops", ts },
    },
    { kind: "delete", chat: { ...general, thread: ts }, sender: { id: "C0GENERAL", bot: false, self: false }, at, platformId: ts },
  ),
  /** https://docs.slack.dev/reference/events/reaction_added */
  reaction: other(
    {
      type: "reaction_added",
      user: "U0ANN",
      reaction: "thumbsup",
      item_user: "U0BOT",
      item: { type: "message", channel: "C0GENERAL", ts: "1.000200" },
    },
    { kind: "reaction", chat: general, sender: ann, at, platformId: "1.000200", reactions: [":thumbsup:"] },
  ),
  reactionRemoved: other(
    { type: "reaction_removed", user: "U0ANN", reaction: "thumbsup", item: { type: "message", channel: "D0ANN", ts: "1.000200" } },
    { kind: "reaction", chat: direct, sender: ann, at, platformId: "1.000200", reactions: [] },
  ),
  reactionToFile: other({ type: "reaction_added", user: "U0ANN", reaction: "thumbsup", item: { type: "file", file: "F1" } }, undefined),
  /** https://docs.slack.dev/reference/events/member_joined_channel */
  invited: other(
    { type: "member_joined_channel", user: "U0BOT", channel: "C0GENERAL", channel_type: "C", team: "T0TEAM", inviter: "U0ANN" },
    { kind: "membership", chat: general, sender: { id: "U0ANN", bot: false, self: false }, at, change: "joined" },
  ),
  removed: other(
    { type: "member_left_channel", user: "U0BOT", channel: "C0GENERAL", channel_type: "C", team: "T0TEAM" },
    { kind: "membership", chat: general, sender: { id: "U0BOT", bot: true, self: true }, at, change: "left" },
  ),
  somebodyJoined: other({ type: "member_joined_channel", user: "U0ANN", channel: "C0GENERAL", channel_type: "C" }, undefined),
  homeOpened: other({ type: "app_home_opened", user: "U0ANN", channel: "D0ANN", tab: "messages" }, undefined),
  /** https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
  press: {
    payload: {
      type: "block_actions",
      user: { id: "U0ANN", username: "ann", name: "ann", team_id: "T0TEAM" },
      api_app_id: "A0APP",
      token: "XXYYZZ",
      trigger_id: "12345.98765.abcd2358fdea",
      team: { id: "T0TEAM", domain: "test" },
      channel: { id: "C0GENERAL", name: "general" },
      container: { type: "message", message_ts: ts, channel_id: "C0GENERAL", is_ephemeral: false },
      message: { type: "message", ts, thread_ts: "1789998000.000200", user: "U0BOT", bot_id: "B0BOT", text: "Sure?" },
      actions: [
        {
          type: "button",
          block_id: "b",
          action_id: "x",
          text: { type: "plain_text", text: "Yes" },
          value: "token-1",
          action_ts: "1789999001.500000",
        },
      ],
      response_url: "https://hooks.slack.com/actions/T0TEAM/1/x",
    },
    events: [
      {
        kind: "press",
        key: "12345.98765.abcd2358fdea:0",
        chat: { ...general, thread: "1789998000.000200" },
        sender: { id: "U0ANN", name: "ann", bot: false, self: false },
        at: 1_789_999_001_500,
        token: "token-1",
        platformId: ts,
      },
    ],
  },
  linkPressed: {
    payload: {
      type: "block_actions",
      user: { id: "U0ANN" },
      trigger_id: "1.2.a",
      channel: { id: "D0ANN" },
      message: { ts },
      actions: [{ type: "button", action_id: "x", url: "https://x.test" }],
    },
    events: [],
  },
  /** https://docs.slack.dev/interactivity/implementing-slash-commands */
  command: {
    payload: {
      token: "gIkuvaNzQIHg97ATvDxqgjtO",
      team_id: "T0TEAM",
      team_domain: "test",
      channel_id: "C0GENERAL",
      channel_name: "general",
      user_id: "U0ANN",
      user_name: "ann",
      command: "/ask",
      text: "94070 &lt;b&gt;",
      api_app_id: "A0APP",
      response_url: "https://hooks.slack.com/commands/1234/5678",
      trigger_id: "13345224609.738474920.8088930838d88f008e0",
    },
    events: [
      {
        kind: "message",
        key: "command:13345224609.738474920.8088930838d88f008e0",
        chat: { ...general, title: "#general" },
        sender: { id: "U0ANN", name: "ann", bot: false, self: false },
        at: samplesReadAt,
        platformId: "command:13345224609.738474920.8088930838d88f008e0",
        parts: [{ type: "text", text: "/ask 94070 <b>", markup: "plain" }],
        addressed: true,
      },
    ],
  },
  modal: { payload: { type: "view_submission", view: {} }, events: [] },
} as const satisfies Readonly<Record<string, Sample>>;

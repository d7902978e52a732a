import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { openAccount, systemClock, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform, TestInbox } from "../../../test/contract/channel.ts";
import { description, type RocketChatSimulator, startRocketChatSimulator } from "../../../test/simulators/rocketchat.ts";
import type { WebhookRequest } from "../../core/channel.ts";
import type { Clock } from "../../core/clock.ts";
import type { Chat } from "../../core/event.ts";
import type { FilePart } from "../../core/message.ts";
import rocketchat from "./index.ts";
import type { Settings } from "./settings.ts";

const token = "pat-0123456789-of-the-tests";
const webhookToken = "integration-token-of-the-tests";
const direct: Chat = { id: "direct0000000001", kind: "direct" };
const general: Chat = { id: "GENERAL", kind: "group", title: "room-GENERAL" };
const ann = "ann";
const never = new AbortController().signal;

test("the simulator checks against the published description", { skip: description.missing }, () => {
  const headers = { "content-type": "application/json", "x-auth-token": "t", "x-user-id": "u" };
  const call = { method: "POST", url: "/api/v1/chat.sendMessage", headers };
  assert.match(description.violation({ ...call, body: '{"message":{"msg":"x"}}' }) ?? "", /rid/);
  assert.match(description.violation({ ...call, url: "/api/v1/nowhere", body: "{}" }) ?? "", /no such operation/);
});

const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "calls that break the description of the API"));

interface RocketPlatform extends Platform {
  readonly simulator: RocketChatSimulator;
}

/** Letters that stand for marks, back to what people take them for. */
const marks: Readonly<Record<string, string>> = { "\u2217": "*", "\u223c": "~", "\u02cb": "`", "\u02cd": "_" };
const read = (text: string) => text.replaceAll("\u200b", "").replace(/[\u2217\u223c\u02cb\u02cd]/g, (one) => marks[one] as string);

async function platform(): Promise<RocketPlatform> {
  const simulator = await startRocketChatSimulator();
  simulator.room(direct.id);
  simulator.room(general.id, "c", 5);
  return {
    simulator,
    settings: { server: simulator.url, token, userId: simulator.bot },
    account: { identity: { id: simulator.bot, name: "@polylogue" } },
    chat: direct,
    seen: () => simulator.seen(direct.id).map(({ msg }) => msg),
    read,
    say: (text) => void simulator.say(direct.id, ann, text),
    revoke: () => simulator.revoke(),
    cut: () => simulator.cut(),
    violations: simulator.violations,
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
}

const of = (one: Platform) => (one as RocketPlatform).simulator;
const refuse = (error: string, errorType?: string, status?: number) => (p: Platform) =>
  of(p).arrange({ kind: "refuse", error, ...(errorType ? { errorType } : {}), ...(status ? { status } : {}) });

function posted(more: object = {}): WebhookRequest {
  // https://docs.rocket.chat/docs/outgoing-webhook, and triggerHandler of the server's source
  const body = {
    ...{
      token: webhookToken,
      channel_id: "GENERAL",
      channel_name: "general",
      message_id: "m0000000000000001",
      timestamp: "2026-09-20T10:00:00.000Z",
    },
    ...{ user_id: ann, user_name: "ann", text: "@polylogue are you there?", siteUrl: "https://chat.example.com" },
    ...more,
  };
  return {
    method: "POST",
    url: "/hooks/test-account",
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(body)),
  };
}
const sender = { id: ann, name: "ann", handle: "@ann", bot: false, self: false };
const at = Date.parse("2026-09-20T10:00:00.000Z");

channelContract(rocketchat, {
  platform,
  secrets: [token, webhookToken],
  refusedSettings: {
    "the token is missing": { server: "https://chat.example.com", userId: "u" },
    "the userId is missing": { server: "https://chat.example.com", token },
    "the server is no address": { server: "chat.example.com", token, userId: "u" },
    "a webhook without its token": { server: "https://chat.example.com", token, userId: "u", mode: "webhook" },
  },
  webhookSettings: { mode: "webhook", webhookToken },
  webhookKey: "webhookToken",
  webhooks: {
    "a message": {
      request: posted(),
      expect: [
        {
          kind: "message",
          key: "GENERAL:m0000000000000001",
          at,
          chat: { id: "GENERAL", kind: "group", thread: "m0000000000000001", title: "general" },
          sender,
          platformId: "m0000000000000001",
          parts: [{ type: "text", text: "@polylogue are you there?", markup: "plain" }],
          addressed: true,
        },
      ],
    },
    "a direct one in a thread": {
      request: posted({ channel_name: undefined, tmid: "t1", text: "psst" }),
      expect: [
        {
          kind: "message",
          key: "GENERAL:m0000000000000001",
          at,
          chat: { id: "GENERAL", kind: "direct", thread: "t1" },
          sender,
          platformId: "m0000000000000001",
          parts: [{ type: "text", text: "psst", markup: "plain" }],
          addressed: true,
        },
      ],
    },
    "our own": { request: posted({ user_id: "bot4567890abcdefg" }), expect: [] },
    "an edit, which comes without its time": { request: posted({ isEdited: true }), expect: [] },
    "another token": { request: posted({ token: "x" }), expect: "signature-invalid" },
    "a token cut short": { request: posted({ token: webhookToken.slice(0, -1) }), expect: "signature-invalid" },
    "no token": { request: posted({ token: undefined }), expect: "signature-missing" },
    "no JSON": { request: { ...posted(), body: posted().body.slice(0, 30) }, expect: "body-malformed" },
    "no message": { request: posted({ message_id: undefined }), expect: "payload-unknown" },
    "no post": { request: { ...posted(), method: "GET" }, expect: "method-refused" },
  },
  failures: {
    "429 of the server": { arrange: (p) => of(p).arrange({ kind: "limit", seconds: 2 }), expect: "retry", code: "channel-retry" },
    "a void token is refused": { arrange: (p) => of(p).revoke(), expect: "refused", code: "channel-auth" },
    "who may not speak": { arrange: refuse("error-not-allowed", "error-not-allowed"), expect: "refused", code: "channel-gone" },
    "an archived room": { arrange: refuse("room_is_archived"), expect: "refused", code: "channel-gone" },
    "too long": {
      arrange: refuse("Message size exceeds Message_MaxAllowedSize", "error-message-size-exceeded"),
      expect: "refused",
      code: "channel-permanent",
    },
    "an error without a name": { arrange: refuse("Cannot read properties of undefined"), expect: "refused", code: "channel-permanent" },
    "an error of the server's is unknown": { arrange: refuse("Internal server error", "500", 500), expect: "unknown" },
    "502 is unknown": { arrange: (p) => of(p).arrange({ kind: "proxy", status: 502 }), expect: "unknown" },
    "502 after the effect is unknown": {
      arrange: (p) => of(p).arrange({ kind: "proxy", status: 502, after: true }),
      expect: "unknown",
      seen: 1,
    },
    "an unreadable 200 is unknown": {
      arrange: (p) => of(p).arrange({ kind: "proxy", status: 200, after: true }),
      expect: "unknown",
      seen: 1,
    },
    "a proxy that refuses did nothing": { arrange: (p) => of(p).arrange({ kind: "proxy", status: 407 }), expect: "retry" },
    "cut before the effect is unknown": { arrange: (p) => of(p).arrange({ kind: "cut" }), expect: "unknown" },
    "accepted, then dropped is unknown": { arrange: (p) => of(p).arrange({ kind: "cut", after: true }), expect: "unknown", seen: 1 },
  },
});

/** An account on a fresh simulator, both closed at the end. */
async function withAccount(
  run: (account: TestAccount<Settings>, simulator: RocketChatSimulator) => Promise<void>,
  more: { settings?: object; files?: Record<string, Uint8Array>; clock?: Clock } = {},
): Promise<void> {
  const stand = await platform();
  const { settings, ...options } = more;
  const account = openAccount(rocketchat, { ...(stand.settings as object), ...settings }, { ...stand.account, ...options });
  try {
    await run(account, stand.simulator);
    assert.ok(!account.lines.join().includes(token), "the token is in the log");
  } finally {
    await account.close();
    await stand.close();
  }
}

const until = async (what: () => boolean) => {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("rocketchat: sending", () => {
  test("under the delivery's id, into threads, without previews; a repeat is found whatever the server answers to it", () =>
    withAccount(async (account, simulator) => {
      const root = await rocketchat.send(account, outbound(general, "https://x.test/"), never);
      assert.ok(root.kind === "sent");
      assert.deepEqual(simulator.seen(general.id)[0]?.urls, [{ url: "https://x.test/", ignoreParse: true }]);
      const below = outbound({ ...general, thread: root.receipt }, "below");
      for (let time = 0; time < 3; time++) {
        if (time === 1) simulator.arrange({ kind: "cut", after: true });
        const outcome = await rocketchat.send(account, below, never);
        assert.deepEqual(outcome.kind === "sent" ? outcome.receipt : outcome.kind, time === 1 ? "unknown" : below.delivery);
      }
      assert.deepEqual(
        simulator.seen(general.id).map(({ tmid, msg }) => [tmid, msg]),
        [
          [undefined, "https://x.test/"],
          [root.receipt, "below"],
        ],
      );
      for (const id of ["../me", "", "a/b"]) {
        assert.equal((await rocketchat.send(account, outbound({ id, kind: "group" }, "x"), never)).kind, "refused");
        assert.ok(await rocketchat.delete?.(account, { chat: general, receipt: id }, never));
        assert.ok(await rocketchat.react?.(account, { chat: general, platformId: id, reaction: "👍" }, never));
      }
    }));

  test("a file with its words, which can be fetched again", () =>
    withAccount(
      async (account, simulator) => {
        const source = { at: "store", id: "fl_1" as never, mediaType: "image/png", size: 2 } as const;
        const file: FilePart = { type: "image", source, name: "../a b.png" };
        const sent = await rocketchat.send(account, outbound(direct, "look", { file }), never);
        assert.ok(sent.kind === "sent", JSON.stringify(sent));
        const [message] = simulator.seen(direct.id);
        const [shown] = message?.files ?? [];
        assert.deepEqual([message?._id, message?.msg, shown?.name], [sent.receipt, "look", "a b.png"]);
        const where = await rocketchat.locateFile?.(account, `${shown?._id}/${encodeURIComponent(shown?.name ?? "")}`, never);
        assert.ok(where?.ok);
        const got = await account.http.send(where.value);
        assert.ok(got.ok && Buffer.from(got.value.body).equals(Buffer.from([1, 2])));
        for (const evil of ["../api/v1/me", "a/../b", "a/b/c", "a/b?c"])
          assert.equal((await rocketchat.locateFile?.(account, evil, never))?.ok, false, evil);
        const large = { ...file, source: { ...source, size: 50_000_001 } };
        assert.equal((await rocketchat.send(account, outbound(direct, "", { file: large }), never)).kind, "refused");
        simulator.arrange({ kind: "cut", after: true }, "POST rooms.media/");
        assert.equal((await rocketchat.send(account, outbound(direct, "", { file }), never)).kind, "retry", "nobody saw it");
        simulator.arrange({ kind: "cut", after: true }, "POST rooms.mediaConfirm/");
        assert.equal((await rocketchat.send(account, outbound(direct, "", { file }), never)).kind, "unknown");
      },
      { files: { fl_1: new Uint8Array([1, 2]) } },
    ));

  test("takes back, reacts and types", () =>
    withAccount(async (account, simulator) => {
      const root = await rocketchat.send(account, outbound(direct, "hi"), never);
      assert.ok(root.kind === "sent");
      const platformId = root.receipt;
      const ours = () => Object.keys(simulator.messages.get(platformId)?.reactions ?? {});
      for (const reaction of ["👀", "👀", "❤️"])
        assert.equal(await rocketchat.react?.(account, { chat: direct, platformId, reaction }, never), undefined);
      assert.deepEqual(ours(), [":heart:"]);
      assert.equal(await rocketchat.react?.(account, { chat: direct, platformId }, never), undefined);
      assert.deepEqual(ours(), []);
      for (let time = 0; time < 2; time++)
        assert.equal(await rocketchat.delete?.(account, { chat: direct, receipt: platformId }, never), undefined);
      assert.deepEqual(simulator.seen(direct.id), []);
      const late = await rocketchat.edit?.(account, { ...outbound(direct, "x"), receipt: platformId }, never);
      assert.ok(late?.kind === "refused" && late.code === "channel-permanent");
      await rocketchat.typing?.(account, direct, never);
      assert.ok(simulator.calls.includes("POST method.call/stream-notify-room"));
    }));
});

describe("rocketchat: listening", () => {
  const listening = (account: TestAccount<Settings>, cursor?: string) => {
    const end = new AbortController();
    const inbox = new TestInbox(end, 9_999);
    inbox.cursor = cursor;
    const done = rocketchat.listen?.(account, inbox, end.signal);
    const stop = () => {
      end.abort();
      return done;
    };
    return { inbox, done, stop };
  };
  const messages = (inbox: TestInbox) => inbox.events.flatMap((event) => (event.kind === "message" ? [event] : []));

  test("what is said in rooms: mentions begin a thread, replies are in it, commands are read; of other rooms nothing", () =>
    withAccount(async (account, simulator) => {
      const { inbox, stop } = listening(account);
      await until(() => simulator.hearing === 1);
      simulator.room("elsewhere", "c", 9).member = false;
      simulator.say("elsewhere", ann, "@polylogue not for you");
      const root = simulator.say(general.id, ann, "@polylogue, are you there?");
      simulator.say(general.id, ann, "yes", { tmid: root });
      for (const text of ["@Polylogue /reset", "@all hello", "@polylogue2 hi"]) simulator.say(general.id, ann, text);
      simulator.say(general.id, ann, "", { t: "uj" });
      simulator.room("many", "d", 3);
      simulator.say("many", ann, "we three");
      simulator.say(direct.id, ann, "psst", { bot: { i: "x" } });
      await until(() => messages(inbox).length === 7);
      const [first, second, ...rest] = messages(inbox);
      assert.deepEqual(first, {
        kind: "message",
        key: `GENERAL:${root}`,
        chat: { ...general, thread: root },
        sender: { id: ann, name: "ANN", handle: "@ann", bot: false, self: false },
        at: first?.at,
        platformId: root,
        parts: [{ type: "text", text: "@polylogue, are you there?", markup: "plain" }],
        addressed: true,
      });
      assert.deepEqual([second?.chat.thread, second?.addressed], [root, false]);
      assert.deepEqual(
        rest.map(({ addressed }) => addressed),
        [true, false, false, false, true],
      );
      assert.deepEqual(rest[0]?.parts, [{ type: "text", text: "/reset", markup: "plain" }]);
      assert.deepEqual([rest.at(-2)?.chat.kind, rest.at(-1)?.chat, rest.at(-1)?.sender.bot], ["group", direct, true]);
      assert.equal(await stop(), undefined);
    }));

  test("edits, deletions and files; what is only told again is known; pings are answered", () =>
    withAccount(async (account, simulator) => {
      const { inbox, stop } = listening(account);
      await until(() => simulator.hearing === 1);
      const files = [
        { _id: "f1", name: "a b.png", type: "image/png", size: 3 },
        { _id: "f2", name: "thumb-a b.png", type: "image/png", size: 1, typeGroup: "thumb" },
      ];
      const id = simulator.say(general.id, ann, "@polylogue one", { files });
      await until(() => simulator.hearsDeletions(general.id));
      simulator.change(id, { reactions: { ":+1:": { usernames: ["ann"] } } });
      simulator.change(id, { msg: "@polylogue two" });
      simulator.erase(id);
      await until(() => inbox.events.length === 3);
      assert.deepEqual(
        inbox.events.map(({ kind, chat }) => [kind, chat.thread]),
        [
          ["message", id],
          ["edit", id],
          ["delete", id],
        ],
      );
      const source = { at: "platform", ref: "f1/a%20b.png", mediaType: "image/png", size: 3 };
      assert.deepEqual(messages(inbox)[0]?.parts[1], { type: "image", source, name: "a b.png" });
      simulator.ping("p1");
      simulator.ping();
      await until(() => simulator.pongs.length === 2);
      assert.deepEqual(simulator.pongs, ["p1", undefined]);
      await stop();
    }));

  test("an old message that somebody reacts to is no new one", () =>
    withAccount(async (account, simulator) => {
      const { inbox, stop } = listening(account);
      await until(() => simulator.hearing === 1);
      simulator.say(direct.id, ann, "from last week", { ts: Date.now() - 7 * 86_400_000 });
      simulator.say(direct.id, ann, "new");
      await until(() => messages(inbox).length === 1);
      assert.deepEqual(inbox.texts(), ["new"]);
      await stop();
    }));

  test("what was missed is read over REST, however much, and a limit is waited for", () =>
    withAccount(async (account, simulator) => {
      const first = listening(account);
      await until(() => simulator.hearing === 1);
      const [edited, gone] = ["before", "to be deleted"].map((text) => simulator.say(direct.id, ann, text));
      await until(() => messages(first.inbox).length === 2);
      await first.stop();
      await simulator.cut();
      const wanted = Array.from({ length: 300 }, (_, index) => `word ${index}`);
      for (const text of wanted) simulator.say(direct.id, ann, text);
      simulator.change(edited as string, { msg: "after" });
      simulator.erase(gone as string);
      simulator.arrange({ kind: "limit", seconds: 0 }, "GET chat.syncMessages");
      const second = listening(account, first.inbox.cursor);
      await until(() => second.inbox.events.length >= wanted.length + 2);
      const fresh = second.inbox.events.filter(({ key }) => !first.inbox.events.some((known) => known.key === key));
      assert.deepEqual(
        fresh.flatMap((event) => (event.kind === "message" && event.parts[0]?.type === "text" ? [event.parts[0].text] : [])),
        wanted,
      );
      assert.deepEqual(
        fresh.flatMap((event) => (event.kind === "message" ? [] : [[event.kind, "platformId" in event && event.platformId]])),
        [
          ["edit", edited],
          ["delete", gone],
        ],
      );
      await second.stop();
    }));

  test("a void token is said to be one, at the API and at the socket; a server that falls silent is left", () =>
    withAccount(async (account, simulator) => {
      let fire: () => void = () => {};
      const clock: Clock = {
        ...systemClock,
        after(ms, run) {
          if (ms !== 25_000) return systemClock.after(ms, run);
          fire = run;
          return () => {};
        },
      };
      const { done } = listening({ ...account, clock });
      await until(() => simulator.hearing === 1);
      simulator.deaf = true;
      fire();
      fire();
      assert.equal((await done)?.message, "the socket to Rocket.Chat was silent for 50 s");
      simulator.deaf = false;
      const other = { ...account, http: { ...account.http, send: account.http.send.bind(account.http) } };
      const late = rocketchat.listen?.(other, new TestInbox(new AbortController(), 1), never);
      await until(() => simulator.calls.at(-1) === "GET rooms.get");
      simulator.revoke();
      assert.equal((await late)?.code, "channel-auth");
      assert.equal((await rocketchat.listen?.(account, new TestInbox(new AbortController(), 1), never))?.code, "channel-auth");
    }));
});

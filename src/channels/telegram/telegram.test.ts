import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { openAccount, systemClock, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform, TestInbox } from "../../../test/contract/channel.ts";
import { type Sample, samples, samplesReadAt } from "../../../test/simulators/telegram/samples.ts";
import { readSpec, specMissing, startTelegramSimulator, type TelegramSimulator, tooMany } from "../../../test/simulators/telegram.ts";
import type { Reaction, WebhookRequest } from "../../core/channel.ts";
import type { SendOutcome, ShownPart } from "../../core/delivery.ts";
import type { Chat, PlatformEvent } from "../../core/event.ts";
import type { FilePart } from "../../core/message.ts";
import telegram from "./index.ts";
import type { Settings } from "./settings.ts";

const spec = readSpec();
const person = 4711;
const direct: Chat = { id: String(person), kind: "direct" };
const secret = "s3cret_Of-The_webhook";
const token = "123456:TEST_abcdefghijklmnopqrstuvwxyz-0123456";
const never = new AbortController().signal;

test("the simulator checks against the published description", { skip: specMissing }, () => assert.ok(spec?.methods.sendMessage));

const header = "x-telegram-bot-api-secret-token";

function posted(update: unknown, headers: Record<string, string> = { [header]: secret }): WebhookRequest {
  return { method: "POST", url: "/hooks/test-account", headers, body: Buffer.from(JSON.stringify(update)) };
}

function heard({ event }: Sample): readonly PlatformEvent[] {
  assert.ok(event);
  return [event];
}

const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "calls that break the description of the Bot API"));

interface TelegramPlatform extends Platform {
  readonly simulator: TelegramSimulator;
}

async function platform(): Promise<TelegramPlatform> {
  const simulator = await startTelegramSimulator({ spec });
  simulator.world.chat(person);
  return {
    simulator,
    settings: { token, apiRoot: simulator.url },
    account: { identity: { id: "123456", name: "@polylogue_test_bot" }, clock: { ...systemClock, now: () => samplesReadAt } },
    chat: direct,
    seen: () => simulator.seen(person).map((message) => message.text),
    say: (text) => void simulator.say(person, person, text),
    revoke: () => simulator.revoke(),
    cut: () => simulator.cut(),
    violations: simulator.violations,
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
}

const of = (one: Platform) => (one as TelegramPlatform).simulator;

channelContract(telegram, {
  platform,
  secrets: [token, secret],
  refusedSettings: {
    "the token is missing": {},
    "the mode is unknown": { token, mode: "push" },
    "a webhook has no secret": { token, mode: "webhook" },
    "apiRoot is no address": { token, apiRoot: "telegram" },
  },
  webhookSettings: { mode: "webhook", webhookSecret: secret },
  webhookKey: "webhookSecret",
  webhooks: {
    "a message": { request: posted(samples.text.update), expect: heard(samples.text) },
    "a photo in a topic": { request: posted(samples.photoInTopic.update), expect: heard(samples.photoInTopic) },
    "a press": { request: posted(samples.press.update), expect: heard(samples.press) },
    "a reaction": { request: posted(samples.reaction.update), expect: heard(samples.reaction) },
    "a membership": { request: posted(samples.blocked.update), expect: heard(samples.blocked) },
    "a kind that we don't know": { request: posted({ update_id: 1, chat_boost: { boost: {} } }), expect: [] },
    "no secret": { request: posted(samples.text.update, {}), expect: "signature-missing" },
    "an empty secret": { request: posted(samples.text.update, { [header]: "" }), expect: "signature-missing" },
    "another secret": { request: posted(samples.text.update, { [header]: `${secret}x` }), expect: "signature-invalid" },
    "a secret and its copy": { request: posted(samples.text.update, { [header]: `${secret}, ${secret}` }), expect: "signature-invalid" },
    "no JSON": { request: { ...posted({}), body: Buffer.from("{") }, expect: "body-malformed" },
    "no update": { request: posted({ message: samples.text.update }), expect: "payload-unknown" },
    "another method": { request: { ...posted({}), method: "GET" }, expect: "method-refused" },
  },
  failures: {
    "429 waits as long as Telegram says": { arrange: (p) => of(p).arrange({ what: tooMany(7) }), expect: "retry", code: "channel-retry" },
    "a void token is refused": { arrange: (p) => of(p).revoke(), expect: "refused", code: "channel-auth" },
    "a person who blocked the bot is gone": { arrange: (p) => of(p).people.block(person), expect: "refused", code: "channel-gone" },
    "500 before anything was done is tried again": {
      arrange: (p) => of(p).arrange({ what: { kind: "error", status: 500, description: "Internal Server Error: restart" } }),
      expect: "retry",
      code: "channel-retry",
    },
    "502 of the Bot API is unknown": {
      arrange: (p) => of(p).arrange({ what: { kind: "error", status: 502, description: "Bad Gateway" } }),
      expect: "unknown",
      code: "channel-unknown",
    },
    "502 of a proxy is unknown": { arrange: (p) => of(p).arrange({ what: { kind: "proxy", status: 502 } }), expect: "unknown" },
    "502 of a proxy after the effect is unknown": {
      arrange: (p) => of(p).arrange({ what: { kind: "proxy", status: 502, after: true } }),
      expect: "unknown",
      seen: 1,
    },
    "a proxy that refuses did nothing": { arrange: (p) => of(p).arrange({ what: { kind: "proxy", status: 407 } }), expect: "retry" },
    "an unreadable 200 is unknown": {
      arrange: (p) => of(p).arrange({ what: { kind: "proxy", status: 200, after: true } }),
      expect: "unknown",
      seen: 1,
    },
    "cut before the effect is unknown": { arrange: (p) => of(p).arrange({ what: { kind: "cut" } }), expect: "unknown" },
    "accepted, then dropped is unknown": { arrange: (p) => of(p).arrange({ what: { kind: "drop" } }), expect: "unknown", seen: 1 },
  },
});

/** An account on a fresh simulator, both closed at the end. */
async function withAccount(
  run: (account: TestAccount<Settings>, simulator: TelegramSimulator) => Promise<void>,
  more: { settings?: object; files?: Record<string, Uint8Array>; webhookUrl?: string } = {},
): Promise<void> {
  const stand = await platform();
  const { settings, ...options } = more;
  const account = openAccount(telegram, { ...(stand.settings as object), ...settings }, { ...stand.account, ...options });
  try {
    await run(account, stand.simulator);
    assert.ok(!account.lines.join().includes(token), "the token is in the log");
  } finally {
    await account.close();
    await stand.close();
  }
}

describe("telegram: sending", () => {
  test("names the refusal of a token", () =>
    withAccount(async (account, simulator) => {
      simulator.revoke();
      const result = await telegram.probe(account, never);
      assert.ok(!result.ok);
      assert.equal(result.fault.message, "Telegram refused the token: 401 Unauthorized");
    }));

  test("a token that would change the address is refused without a call", async () => {
    for (const odd of ["123456:../../getMe?x=", "123456:a/b", "evil.example/#:1", "987654", "1:é"]) {
      const unused = () => assert.fail("a call was made");
      const account = openAccount(telegram, { token: odd }, { http: { send: unused, stream: unused } });
      const result = await telegram.probe(account, never);
      assert.ok(!result.ok);
      assert.equal(result.fault.code, "channel-auth");
      assert.ok(!result.fault.message.includes(odd));
      assert.equal((await telegram.send(account, outbound(direct, "x"), never)).kind, "refused");
    }
  });

  test("nobody listens: it was certainly not sent", async () => {
    const simulator = await startTelegramSimulator();
    const { url } = simulator;
    await simulator.close();
    const account = openAccount(telegram, { token, apiRoot: url });
    const outcome = await telegram.send(account, outbound(direct, "hello"), never);
    assert.equal(outcome.kind, "retry");
    assert.ok(!JSON.stringify(outcome).includes(token));
    await account.close();
  });

  test("carries markup, buttons, reply and topic", () =>
    withAccount(async (account, simulator) => {
      const group = -1_001_234_567_890;
      const asked = simulator.say(group, person, "/ask", { thread: 42 });
      const token = `ms_${"0".repeat(22)}`;
      const buttons = [
        [
          { label: "Yes", value: "yes", token: `${token}:0` },
          { label: "Docs", value: "x", url: "https://a.example/", token: `${token}:1` },
        ],
      ];
      const chat: Chat = { id: String(group), thread: "42", kind: "group" };
      const content = { text: "<b>Sure</b> &amp; <i>soon</i>", visible: "Sure & soon", replyTo: String(asked), buttons };
      assert.equal((await telegram.send(account, outbound(chat, "", content), never)).kind, "sent");
      const [seen] = simulator.seen(group);
      assert.ok(seen);
      assert.equal(seen.text, "Sure & soon");
      assert.deepEqual(
        seen.entities.map((entity) => [entity.type, entity.offset, entity.length]),
        [
          ["bold", 0, 4],
          ["italic", 7, 4],
        ],
      );
      assert.deepEqual([seen.thread, seen.replyTo, seen.buttons[0]?.[0]?.text], [42, asked, "Yes"]);
      assert.deepEqual(seen.buttons[0]?.[1], { text: "Docs", url: "https://a.example/" });
    }));

  test("markup that Telegram can't parse is sent once more as it reads", () =>
    withAccount(async (account, simulator) => {
      const content = { text: "<b>unbalanced <table>", visible: "unbalanced <table>" };
      assert.equal((await telegram.send(account, outbound(direct, "", content), never)).kind, "sent");
      assert.deepEqual(
        simulator.seen(person).map((message) => message.text),
        ["unbalanced <table>"],
      );
    }));

  test("too long is refused for good", () =>
    withAccount(async (account) => {
      const outcome = await telegram.send(account, outbound(direct, "x".repeat(4097)), never);
      assert.ok(outcome.kind === "refused");
      assert.equal(outcome.code, "channel-permanent");
    }));

  test("an unknown chat is gone", () =>
    withAccount(async (account) => {
      const outcome = await telegram.send(account, outbound({ id: "99", kind: "direct" }, "hello"), never);
      assert.ok(outcome.kind === "refused");
      assert.equal(outcome.code, "channel-gone");
    }));

  test("follows a group that became a supergroup, for sends and edits", () =>
    withAccount(async (account, simulator) => {
      const next = -1_009_999_999_999;
      simulator.say(-77, person, "hello");
      simulator.people.migrate(-77, next, person);
      const old: Chat = { id: "-77", kind: "group" };
      const sent = await telegram.send(account, outbound(old, "draft"), never);
      assert.ok(sent.kind === "sent");
      const edited = await telegram.edit?.(account, { ...outbound(old, "final"), receipt: sent.receipt }, never);
      assert.equal(edited?.kind, "sent");
      assert.deepEqual(
        simulator.seen(next).map((message) => message.text),
        ["final"],
      );
    }));

  test("what was said in the group isn't in the supergroup: no message there is taken for it", () =>
    withAccount(async (account, simulator) => {
      const next: Chat = { id: "-1009999999999", kind: "group" };
      const old: Chat = { id: "-77", kind: "group" };
      simulator.say(-77, person, "hello");
      const sent = await telegram.send(account, outbound(old, "draft"), never);
      assert.ok(sent.kind === "sent");
      simulator.people.migrate(-77, Number(next.id), person);
      for (let id = 1; id < 9; id++) assert.equal((await telegram.send(account, outbound(next, `new ${id}`), never)).kind, "sent");
      for (const chat of [old, next]) {
        const edited: SendOutcome | undefined = await telegram.edit?.(
          account,
          { ...outbound(chat, "final"), receipt: sent.receipt },
          never,
        );
        assert.deepEqual([edited?.kind, edited?.kind !== "sent" && edited?.code], ["refused", "channel-permanent"]);
        const reaction: Reaction = { chat, platformId: sent.receipt, reaction: "👍" };
        assert.equal((await telegram.react?.(account, reaction, never))?.code, "channel-permanent");
        assert.equal((await telegram.delete?.(account, { chat, receipt: sent.receipt }, never))?.code, "channel-permanent");
        const answer = await telegram.send(account, outbound(chat, "answer", { replyTo: sent.receipt }), never);
        assert.equal(answer.kind, "sent");
      }
      const seen = simulator.seen(Number(next.id));
      assert.equal(seen.length, 10);
      assert.ok(seen.every(({ history, replyTo, reaction }) => history.length === 0 && replyTo === undefined && reaction === undefined));
    }));

  test("429 carries the milliseconds", () =>
    withAccount(async (account, simulator) => {
      simulator.arrange({ what: tooMany(7) });
      const outcome = await telegram.send(account, outbound(direct, "hello"), never);
      assert.ok(outcome.kind === "retry");
      assert.equal(outcome.afterMs, 7000);
    }));

  test("typing and the acknowledgement of a press are best effort", () =>
    withAccount(async (account, simulator) => {
      const buttons = [[{ label: "Go", value: "go", token: `ms_${"0".repeat(22)}:0` }]];
      const sent = await telegram.send(account, outbound(direct, "Go?", { buttons }), never);
      assert.ok(sent.kind === "sent");
      const query = simulator.press(person, person, Number(sent.receipt), "Go");
      const press = {
        kind: "press" as const,
        key: "1",
        chat: direct,
        sender: { id: "1", bot: false, self: false },
        at: 0,
        token: "",
        interaction: query,
      };
      await telegram.acknowledgePress?.(account, press, never);
      assert.equal(simulator.world.queries.get(query), true);
      await telegram.acknowledgePress?.(account, press, never);
      await telegram.typing?.(account, direct, never);
      assert.equal(simulator.entries.filter((entry) => entry.kind === "effect" && entry.method === "sendChatAction").length, 1);
    }));
});

describe("telegram: a message that stands there", () => {
  test("gets one reaction of the bot's, another instead, and none", () =>
    withAccount(async (account, simulator) => {
      const platformId = String(simulator.say(person, person, "well done"));
      const shown = () => simulator.world.chats.get(person)?.messages.get(Number(platformId))?.reaction;
      for (const [reaction, expected] of [["👀"], ["👀"], ["❤️", "❤"], ["❤️‍🔥", "❤‍🔥"]] as const) {
        assert.equal(await telegram.react?.(account, { chat: direct, platformId, reaction }, never), undefined);
        assert.equal(shown(), expected ?? reaction);
      }
      for (let times = 0; times < 2; times++) assert.equal(await telegram.react?.(account, { chat: direct, platformId }, never), undefined);
      assert.equal(shown(), undefined);
      const refused = await telegram.react?.(account, { chat: direct, platformId, reaction: "🦩" }, never);
      assert.deepEqual([refused?.code, /no reaction 🦩/.test(refused?.message ?? "")], ["channel-permanent", true]);
    }));

  test("is taken back, also when it is gone already; not where Telegram refuses", () =>
    withAccount(async (account, simulator) => {
      simulator.say(person, person, "hi");
      const sent = await telegram.send(account, outbound(direct, "wrong"), never);
      assert.ok(sent.kind === "sent");
      for (let times = 0; times < 2; times++)
        assert.equal(await telegram.delete?.(account, { chat: direct, receipt: sent.receipt }, never), undefined);
      assert.deepEqual(simulator.seen(person), []);
      const group = { id: "-1001111111111", kind: "group" } as const;
      const theirs = String(simulator.say(Number(group.id), person, "mine"));
      assert.equal((await telegram.delete?.(account, { chat: group, receipt: theirs }, never))?.code, "channel-permanent");
    }));
});

describe("telegram: files", () => {
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
  const file = (part: Partial<FilePart>, mediaType: string, size: number): FilePart => {
    return { type: "file", source: { at: "store", id: "fl_1" as never, mediaType, size }, ...part };
  };
  const cases: Record<string, { part: FilePart; bytes: Uint8Array; field: string; name?: string }> = {
    "a photo": { part: file({ type: "image", name: "a.jpg" }, "image/jpeg", 7), bytes: jpeg, field: "photo", name: "a.jpg" },
    "a photo that Telegram can't read": {
      part: file({ type: "image" }, "image/png", 3),
      bytes: new Uint8Array(3),
      field: "document",
      name: "image.png",
    },
    "an image of another kind": { part: file({ type: "image" }, "image/svg+xml", 3), bytes: new Uint8Array(3), field: "document" },
    "a voice note": { part: file({ type: "voice" }, "audio/ogg", 3), bytes: new Uint8Array(3), field: "voice" },
    "a video": { part: file({ type: "video" }, "video/mp4", 3), bytes: new Uint8Array(3), field: "video" },
    music: { part: file({ type: "audio" }, "audio/mpeg", 3), bytes: new Uint8Array(3), field: "audio" },
    "a document with a path for a name": {
      part: file({ name: '../../etc/pass"wd\n.pdf' }, "application/pdf", 3),
      bytes: new Uint8Array(3),
      field: "document",
      name: "passwd.pdf",
    },
  };
  for (const [name, { part, bytes, field, name: expected }] of Object.entries(cases)) {
    test(`sends ${name}`, () =>
      withAccount(
        async (account, simulator) => {
          const outcome = await telegram.send(account, outbound(direct, "<b>look</b>", { file: part, visible: "look" }), never);
          assert.equal(outcome.kind, "sent", JSON.stringify(outcome));
          const [seen, ...others] = simulator.seen(person);
          assert.deepEqual([seen?.file?.field, seen?.text, seen?.file?.size, others.length], [field, "look", bytes.length, 0]);
          if (expected) assert.equal(seen?.file?.name, expected);
          assert.deepEqual(simulator.violations, []);
        },
        { files: { fl_1: bytes } },
      ));
  }

  test("an album is one message, taken back whole; what Telegram can't read makes all of it documents", () =>
    withAccount(
      async (account, simulator) => {
        const stored = (id: string, type: FilePart["type"] = "image") =>
          ({ type, source: { at: "store", id: id as never, mediaType: "image/jpeg", size: 7 } }) as const;
        const album = [stored("fl_2"), stored("fl_1")];
        const sent = await telegram.send(
          account,
          outbound(direct, "<b>three</b>", { file: stored("fl_1"), album, visible: "three" }),
          never,
        );
        assert.ok(sent.kind === "sent");
        assert.deepEqual(
          simulator.seen(person).map(({ file, text }) => [file?.field, text]),
          [
            ["photo", "three"],
            ["photo", ""],
            ["photo", ""],
          ],
        );
        assert.equal(await telegram.delete?.(account, { chat: direct, receipt: sent.receipt }, never), undefined);
        assert.deepEqual(simulator.seen(person), []);
        const odd = await telegram.send(account, outbound(direct, "", { file: stored("fl_1"), album: [stored("fl_bad")] }), never);
        assert.equal(odd.kind, "sent", JSON.stringify(odd));
        assert.deepEqual(
          simulator.seen(person).map(({ file }) => file?.field),
          ["document", "document"],
        );
        assert.deepEqual(simulator.violations, []);
      },
      { files: { fl_1: jpeg, fl_2: jpeg, fl_bad: new Uint8Array(7) } },
    ));

  test("places, contacts and polls in Telegram's own form, and in words where it has none for them", () =>
    withAccount(async (account, simulator) => {
      const say = async (shown: ShownPart) => {
        const outcome = await telegram.send(account, outbound(direct, "in words", { visible: "in words", shown }), never);
        assert.equal(outcome.kind, "sent", JSON.stringify(outcome));
        const { shown: seen, text } = simulator.seen(person).at(-1) ?? {};
        return seen ?? text;
      };
      const at = { latitude: 52.5, longitude: 13.4 };
      const poll = { type: "poll", question: "Tea?", options: ["yes", "no"] } as const;
      assert.deepEqual(await say({ type: "location", ...at }), { location: at });
      assert.deepEqual(await say({ type: "location", ...at, title: "Here" }), { venue: { ...at, title: "Here", address: "52.5, 13.4" } });
      assert.deepEqual(await say({ type: "contact", name: "Ada", phone: "+441" }), {
        contact: { first_name: "Ada", phone_number: "+441" },
      });
      assert.equal(await say({ type: "contact", name: "Ada" }), "in words");
      assert.deepEqual(await say({ ...poll, multiple: true }), {
        poll: { question: "Tea?", options: [{ text: "yes" }, { text: "no" }], allows_multiple_answers: true },
      });
      assert.equal(await say({ ...poll, options: ["yes", "x".repeat(101)] }), "in words");
      simulator.world.chat(person).noPolls = true;
      assert.equal(await say(poll), "in words");
      assert.deepEqual(simulator.violations, []);
    }));

  test("what can't be sent is refused before a call", () =>
    withAccount(async (account, simulator) => {
      for (const part of [
        file({}, "application/zip", 60_000_000),
        file({}, "application/zip", 5), // not in the store
        { type: "file" as const, source: { at: "nowhere" as const, reason: "too large" } },
      ]) {
        const outcome = await telegram.send(account, outbound(direct, "", { file: part }), never);
        assert.ok(outcome.kind === "refused");
        assert.equal(outcome.code, "file-refused");
      }
      assert.equal(simulator.calls.size, 0);
    }));

  test("locates what people sent, and the address gives the bytes", () =>
    withAccount(async (account, simulator) => {
      simulator.people.sendFile(person, person, "document", jpeg, { name: "a b.bin", mediaType: "application/octet-stream" });
      const end = new AbortController();
      const inbox = new TestInbox(end, 1);
      await telegram.listen?.(account, inbox, end.signal);
      const [event] = inbox.events;
      assert.ok(event?.kind === "message");
      const [part] = event.parts;
      assert.ok(part?.type === "file" && part.source.at === "platform");
      const located = await telegram.locateFile?.(account, part.source.ref, never);
      assert.ok(located?.ok);
      assert.equal(located.value.trust, "configured", "a self-hosted server in a private network hands out files too");
      const got = await account.http.send(located.value);
      assert.ok(got.ok);
      assert.deepEqual(new Uint8Array(got.value.body), jpeg);
    }));

  test("files beyond the limit, and unknown ones, are refused by name", () =>
    withAccount(async (account, simulator) => {
      simulator.people.sendFile(person, person, "document", jpeg, { claimedSize: 21_000_000 });
      const [id] = simulator.world.files.keys();
      for (const ref of [id as string, "no-such-file"]) {
        const located = await telegram.locateFile?.(account, ref, never);
        assert.ok(located && !located.ok);
        assert.equal(located.fault.code, "file-refused");
      }
    }));
});

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { openAccount, systemClock, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform, TestInbox } from "../../../test/contract/channel.ts";
import {
  ann,
  description,
  group,
  type SignalSimulator,
  type SignalSimulatorOptions,
  startSignalSimulator,
} from "../../../test/simulators/signal.ts";
import type { Clock } from "../../core/clock.ts";
import type { Chat, PlatformEvent } from "../../core/event.ts";
import type { FilePart, Part } from "../../core/message.ts";
import { decode } from "./decode.ts";
import signal from "./index.ts";
import type { Settings } from "./settings.ts";

const never = new AbortController().signal;
const self = "+15550001111";
const direct: Chat = { id: ann.uuid, kind: "direct" };
const inGroup: Chat = { id: group, kind: "group" };
const hurried: Clock = { ...systemClock, after: (ms, run) => systemClock.after(Math.min(ms, 5), run) };

test("the simulator checks against the published description", { skip: description.missing }, () => {
  const headers = { "content-type": "application/json" };
  assert.match(
    description.violation({ method: "POST", url: "/v2/send", headers, body: '{"number":"","recipients":[],"message":"x","mesage":"x"}' }) ??
      "",
    /additional properties/,
  );
});

const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "calls that break the description, or the manual"));

interface SignalPlatform extends Platform {
  readonly simulator: SignalSimulator;
}

async function platform(options: SignalSimulatorOptions): Promise<SignalPlatform> {
  const simulator = await startSignalSimulator(options);
  return {
    simulator,
    settings: simulator.settings,
    account: { clock: hurried },
    chat: direct,
    seen: () => simulator.seen(ann.uuid).map(({ text }) => text),
    say: (text) => void simulator.say(text),
    cut: () => simulator.cut(),
    ...(options.api === "rest" ? { violations: simulator.violations } : {}),
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
}

const of = (one: Platform) => (one as SignalPlatform).simulator;

/** The shape of signal-cli-jsonrpc (5) and of the classes in src/main/java/org/asamk/signal/json, words of ours. */
const envelope = (more: object) => ({
  envelope: {
    ...{ source: ann.number, sourceNumber: ann.number, sourceUuid: ann.uuid, sourceName: "Ann", sourceDevice: 2, timestamp: 1631458508784 },
    ...{ serverReceivedTimestamp: 1631458508900, serverDeliveredTimestamp: 1631458508950, ...more },
  },
  account: self,
});
const said = (message: string | null, more: object = {}) =>
  envelope({
    dataMessage: { timestamp: 1631458508784, message, expiresInSeconds: 0, isExpirationUpdate: false, viewOnce: false, ...more },
  });
const key = `${ann.uuid}:1631458508784:2`;
const base = { key, chat: direct, sender: { id: ann.uuid, name: "Ann", handle: ann.number, bot: false, self: false }, at: 1631458508784 };
const platformId = `1631458508784:${ann.uuid}`;
const message = (parts: readonly Part[], more: object = {}) =>
  ({ ...base, kind: "message", platformId, parts, addressed: true, ...more }) as PlatformEvent;
const words = (text: string): Part => ({ type: "text", text, markup: "plain" });
const groupInfo = { groupId: group, groupName: "Team", revision: 3, type: "DELIVER" };
const team = { id: group, kind: "group", title: "Team" };
const other = "22222222-2222-4222-8222-222222222222";
const file = {
  contentType: "image/png",
  filename: "a.png",
  id: "abc.png",
  size: 3,
  width: 1,
  height: 1,
  caption: null,
  uploadTimestamp: 0,
};

const samples: Readonly<Record<string, readonly [object, PlatformEvent | undefined]>> = {
  "a message": [said("Hello"), message([words("Hello")])],
  "in a group": [said("Hello", { groupInfo }), message([words("Hello")], { chat: team, addressed: false })],
  "a mention of us, and of somebody": [
    said("\ufffc ask \ufffc", {
      groupInfo,
      mentions: [
        { name: "Desk", number: self, uuid: other, start: 0, length: 1 },
        { name: "Bob", number: null, uuid: other, start: 6, length: 1 },
      ],
    }),
    message([words("ask @Bob")], { chat: team }),
  ],
  "a reply to us": [
    said("yes", {
      groupInfo,
      quote: { id: 1631458500000, author: self, authorNumber: self, authorUuid: other, text: "Sure?", attachments: [] },
    }),
    message([words("yes")], { chat: team, replyTo: "1631458500000" }),
  ],
  "a reply to somebody": [
    said("yes", { groupInfo, quote: { id: 1631458500000, author: null, authorNumber: null, authorUuid: other, text: "Sure?" } }),
    message([words("yes")], { chat: team, replyTo: `1631458500000:${other}`, addressed: false }),
  ],
  "an edit": [
    envelope({ editMessage: { targetSentTimestamp: 1631458500000, dataMessage: { timestamp: 1631458508784, message: "Hi" } } }),
    { ...base, kind: "edit", platformId: `1631458500000:${ann.uuid}`, parts: [words("Hi")] },
  ],
  "taken back": [
    said(null, { remoteDelete: { timestamp: 1631458500000 } }),
    { ...base, kind: "delete", platformId: `1631458500000:${ann.uuid}` },
  ],
  "taken away by an admin": [
    said(null, { groupInfo, adminDelete: { targetAuthorUuid: other, targetSentTimestamp: 1631458500000 } }),
    { ...base, chat: team, kind: "delete", platformId: `1631458500000:${other}` } as PlatformEvent,
  ],
  "a reaction to ours": [
    said(null, {
      reaction: { emoji: "👍", targetAuthorNumber: self, targetAuthorUuid: other, targetSentTimestamp: 1631458500000, isRemove: false },
    }),
    { ...base, kind: "reaction", platformId: "1631458500000", reactions: ["👍"] },
  ],
  "a reaction taken away": [
    said(null, { reaction: { emoji: "👍", targetAuthorUuid: other, targetSentTimestamp: 1631458500000, isRemove: true } }),
    { ...base, kind: "reaction", platformId: `1631458500000:${other}`, reactions: [] },
  ],
  "a picture with words, and a voice note": [
    said("look", { attachments: [file, { ...file, id: "v.aac", contentType: "audio/aac", filename: null, isVoiceNote: true }] }),
    message([
      words("look"),
      { type: "image", source: { at: "platform", ref: `abc.png ${ann.uuid}`, mediaType: "image/png", size: 3 }, name: "a.png" },
      { type: "voice", source: { at: "platform", ref: `v.aac ${ann.uuid}`, mediaType: "audio/aac", size: 3 } },
    ]),
  ],
  "a picture to be seen once": [
    said(null, { attachments: [file], viewOnce: true }),
    message([{ type: "image", source: { at: "nowhere", reason: "it was to be seen once" } }]),
  ],
  "a contact, a sticker, a poll": [
    said(null, {
      contacts: [{ name: { given: "Bob", family: "B", nickname: null }, phone: [{ value: "+1555", type: "MOBILE" }] }],
      sticker: { packId: "00", stickerId: 1 },
      pollCreate: { question: "Where?", options: ["here", "there"], allowMultiple: true },
    }),
    message([
      { type: "contact", name: "Bob B", phone: "+1555" },
      words("[sticker]"),
      { type: "poll", question: "Where?", options: ["here", "there"], multiple: true },
    ]),
  ],
  "a number that nobody tells": [
    envelope({ source: ann.uuid, sourceNumber: null, dataMessage: { timestamp: 1631458508784, message: "Hello" } }),
    message([words("Hello")], { sender: { id: ann.uuid, name: "Ann", bot: false, self: false } }),
  ],
  "somebody without a UUID": [envelope({ sourceUuid: null, dataMessage: { timestamp: 1, message: "Hello" } }), undefined],
  "our own words from another device": [
    envelope({ sourceNumber: self, syncMessage: { sentMessage: { destinationUuid: ann.uuid, timestamp: 1, message: "Hello" } } }),
    undefined,
  ],
  typing: [envelope({ typingMessage: { action: "STARTED", timestamp: 1 } }), undefined],
  "a receipt": [envelope({ receiptMessage: { when: 1, isDelivery: true, isRead: false, isViewed: false, timestamps: [1] } }), undefined],
  "a group that changed": [said(null, { groupInfo: { ...groupInfo, type: "UPDATE" } }), undefined],
};

const cases = {
  secrets: ["no secrets"],
  refusedSettings: {
    "the account is missing": {},
    "the account is a name": { account: "desk" },
    "the api is unknown": { account: self, api: "dbus" },
  },
  samples: Object.fromEntries(
    Object.entries(samples).map(([name, [raw, event]]) => {
      const decoded = () => [decode(raw, self)].filter((one) => one !== undefined);
      return [name, { decode: decoded, expect: event ? [event] : [] }];
    }),
  ),
};

for (const receiveMode of ["on-start", "manual"] as const) {
  describe(`signal-cli's daemon, ${receiveMode}`, () => {
    channelContract(signal, {
      ...cases,
      platform: () => platform({ receiveMode }),
      without: ["described"],
      failures: {
        "a limit is waited for": {
          arrange: (p) => of(p).arrange({ kind: "result", type: "RATE_LIMIT_FAILURE", retryAfterSeconds: 7 }),
          expect: "retry",
          code: "channel-retry",
        },
        "a captcha needs a person": {
          arrange: (p) =>
            of(p).arrange({ kind: "result", type: "NETWORK_FAILURE", token: "2fc05128-a86a-4b99", retryAfterSeconds: 86_400 }),
          expect: "refused",
          code: "channel-auth",
        },
        "who isn't registered is gone": { arrange: (p) => void of(p).people.clear(), expect: "refused", code: "channel-gone" },
        "a changed safety number needs a person": {
          arrange: (p) => of(p).arrange({ kind: "result", type: "IDENTITY_FAILURE" }),
          expect: "refused",
          code: "channel-permanent",
        },
        "a network failure may have done it": {
          arrange: (p) => of(p).arrange({ kind: "result", type: "NETWORK_FAILURE" }),
          expect: "unknown",
        },
        "an I/O error may have done it": {
          arrange: (p) => of(p).arrange({ kind: "error", code: -3, message: "Failed to send" }),
          expect: "unknown",
        },
        "the daemon's own error may have done it": {
          arrange: (p) => of(p).arrange({ kind: "error", code: -32603, message: "null" }),
          expect: "unknown",
        },
        "another account is no account": {
          arrange: (p) => of(p).arrange({ kind: "error", code: -32602, message: "Specified account does not exist" }),
          expect: "refused",
          code: "channel-auth",
        },
        "cut before anything was done is unknown": { arrange: (p) => of(p).arrange({ kind: "cut" }), expect: "unknown" },
        "cut after it was done is unknown": { arrange: (p) => of(p).arrange({ kind: "cut", after: true }), expect: "unknown", seen: 1 },
        "503 is unknown": { arrange: (p) => of(p).arrange({ kind: "proxy", status: 503, after: true }), expect: "unknown", seen: 1 },
      },
    });
  });
}

describe("signal-cli-rest-api, normal mode", () => {
  channelContract(signal, {
    ...cases,
    platform: () => platform({ api: "rest", receiveMode: "manual" }),
    failures: {
      "a limit is waited for": {
        arrange: (p) => of(p).arrange({ kind: "error", code: 0, message: "Failed to send message due to rate limiting" }),
        expect: "retry",
        code: "channel-retry",
      },
      "a captcha needs a person": {
        arrange: (p) => of(p).arrange({ kind: "result", type: "", token: "2fc05128-a86a-4b99" }),
        expect: "refused",
        code: "channel-auth",
      },
      "who isn't registered is gone": { arrange: (p) => void of(p).people.clear(), expect: "refused", code: "channel-gone" },
      "words that we don't know are permanent": {
        arrange: (p) => of(p).arrange({ kind: "error", code: 0, message: "Couldn't process request" }),
        expect: "refused",
        code: "channel-permanent",
      },
      "a network failure may have done it": {
        arrange: (p) => of(p).arrange({ kind: "error", code: 0, message: "Failed to send message: Connection closed! (IOException)" }),
        expect: "unknown",
      },
      "cut after it was done is unknown": { arrange: (p) => of(p).arrange({ kind: "cut", after: true }), expect: "unknown", seen: 1 },
    },
  });
});

/** An account on a fresh simulator, both closed at the end. */
async function withAccount(
  options: SignalSimulatorOptions,
  run: (account: TestAccount<Settings>, simulator: SignalSimulator) => Promise<void>,
  files: Readonly<Record<string, Uint8Array>> = {},
): Promise<void> {
  const stand = await platform(options);
  const account = openAccount(signal, stand.settings, { ...stand.account, files });
  try {
    await run(account, stand.simulator);
  } finally {
    await account.close();
    await stand.close();
  }
}

for (const api of ["json-rpc", "rest"] as const) {
  describe(`signal: what both programs do (${api})`, () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const picture = (name: string): FilePart => ({
      type: "image",
      name,
      source: { at: "store", id: "fl_1" as never, mediaType: "image/png", size: 3 },
    });

    test("files go with their words, several in one message, under their names", () =>
      withAccount(
        { api },
        async (account, simulator) => {
          const content = { file: picture("a, b;c.png"), album: [picture("../Bär.png")] };
          assert.equal((await signal.send(account, outbound(inGroup, "look", content), never)).kind, "sent");
          const [seen] = simulator.seen(group);
          assert.equal(seen?.text, "look");
          assert.deepEqual(
            seen.attachments,
            ["a%20bc.png", "B%C3%A4r.png"].map((name) => `data:image/png;filename=${name};base64,AQID`),
          );
        },
        { fl_1: bytes },
      ));

    test("a reply quotes its author; a reaction comes and goes; what is taken back is gone", () =>
      withAccount({ api }, async (account, simulator) => {
        const sent = await signal.send(account, outbound(direct, "Hi", { replyTo: platformId }), never);
        assert.ok(sent.kind === "sent");
        assert.deepEqual(simulator.seen(ann.uuid)[0]?.quote, { timestamp: 1631458508784, author: ann.uuid });
        await signal.react?.(account, { chat: direct, platformId: sent.receipt, reaction: "🎉" }, never);
        await signal.react?.(account, { chat: direct, platformId: sent.receipt }, never);
        assert.deepEqual(simulator.seen(ann.uuid)[0]?.reactions, ["+🎉", "-👍"]);
        assert.equal((await signal.react?.(account, { chat: direct, platformId: "x", reaction: "🎉" }, never))?.code, "channel-permanent");
        assert.equal(await signal.delete?.(account, { chat: direct, receipt: sent.receipt }, never), undefined);
        assert.deepEqual(simulator.seen(ann.uuid), []);
        await signal.typing?.(account, inGroup, never);
      }));

    test("attachments are fetched from the daemon; one that is gone is refused", () =>
      withAccount({ api }, async (account, simulator) => {
        simulator.files.set("abc.png", bytes);
        for (const chat of [ann.uuid, group]) {
          const got = await signal.fetchFile?.(account, `abc.png ${chat}`, never);
          assert.ok(got?.ok);
          assert.deepEqual(Buffer.from(got.value), Buffer.from(bytes));
        }
        assert.equal((await signal.fetchFile?.(account, `gone.png ${ann.uuid}`, never))?.ok, false);
      }));

    test("a group that it left is gone", () =>
      withAccount({ api }, async (account, simulator) => {
        simulator.groups.clear();
        const outcome = await signal.send(account, outbound(inGroup, "Hi"), never);
        assert.ok(outcome.kind === "refused" && outcome.code === "channel-gone", JSON.stringify(outcome));
      }));

    test("probe says that the account isn't there", () =>
      withAccount({ api }, async (account) => {
        const found = await signal.probe({ ...account, settings: { ...account.settings, account: "+15559999999" } }, never);
        assert.ok(!found.ok && found.fault.code === "account-invalid");
      }));

    test("probe says that it is the other program", () =>
      withAccount({ api }, async (account, simulator) => {
        const other = api === "rest" ? "json-rpc" : "rest";
        const found = await signal.probe({ ...account, settings: { ...account.settings, api: other } }, never);
        assert.match(found.ok ? "" : found.fault.message, /^an answer with status 40\d that is not signal-cli/);
        simulator.violations.length = 0;
      }));
  });
}

describe("signal: JSON-RPC", () => {
  test("styles go beside the letters", () =>
    withAccount({}, async (account, simulator) => {
      const content = { text: "*Über 👍* and `x\\*y`", visible: "Über 👍 and x*y" };
      await signal.send(account, outbound(direct, "", content), never);
      const [seen] = simulator.seen(ann.uuid);
      assert.deepEqual([seen?.text, seen?.styles], ["Über 👍 and x*y", ["0:7:BOLD", "12:3:MONOSPACE"]]);
    }));

  test("a captcha is said with how to solve it", () =>
    withAccount({}, async (account, simulator) => {
      simulator.arrange({ kind: "result", type: "NETWORK_FAILURE", token: "2fc05128-a86a-4b99" });
      const outcome = await signal.send(account, outbound(direct, "Hi"), never);
      assert.ok(outcome.kind === "refused");
      assert.match(outcome.message, /signalcaptchas\.org.* submitRateLimitChallenge --challenge 2fc05128-a86a-4b99/);
    }));

  test("a daemon for one account has no list of them", () =>
    withAccount({}, async (account, simulator) => {
      simulator.arrange({ kind: "error", code: -32601, message: "Method not implemented" }, "listAccounts");
      assert.equal((await signal.probe(account, never)).ok, true);
    }));

  test("events that came while nobody listened come again; those from before a restart of the daemon don't", () =>
    withAccount({}, async (account, simulator) => {
      const heard = async (wanted: number, cursor?: string) => {
        const end = new AbortController();
        const inbox = new TestInbox(end, wanted);
        inbox.cursor = cursor;
        assert.equal(await signal.listen?.(account, inbox, end.signal), undefined);
        return inbox;
      };
      simulator.say("a");
      const first = await heard(1);
      simulator.say("b");
      assert.deepEqual((await heard(1, first.cursor)).texts(), ["b"]);
      simulator.say("lost");
      simulator.restart();
      simulator.say("c");
      assert.deepEqual((await heard(1, first.cursor)).texts(), ["c"]);
    }));

  test("poll against a daemon that receives by itself says what to change", () =>
    withAccount({ receiveMode: "manual" }, async (account, simulator) => {
      const message = "Receive command cannot be used if messages are already being received.";
      simulator.arrange({ kind: "error", code: -1, message }, "receive");
      const fault = await signal.listen?.(account, new TestInbox(new AbortController(), 1), never);
      assert.equal(fault?.code, "channel-permanent");
      assert.match(fault.message, /already being received/);
    }));
});

describe("signal-cli-rest-api, json-rpc mode", () => {
  test("its socket pushes; one that ends is a fault that is tried again", () =>
    withAccount({ api: "rest" }, async (hasty, simulator) => {
      const account = { ...hasty, clock: systemClock };
      const end = new AbortController();
      const inbox = new TestInbox(end, 2);
      const listening = signal.listen?.(account, inbox, end.signal);
      while (simulator.connections === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      simulator.say("a");
      await inbox.holds(1);
      simulator.say("b");
      assert.equal(await listening, undefined);
      assert.deepEqual(inbox.texts(), ["a", "b"]);
      while (simulator.connections > 0) await new Promise((resolve) => setTimeout(resolve, 2));
      const again = signal.listen?.(account, new TestInbox(new AbortController(), 1), never);
      while (simulator.connections === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      simulator.cut();
      assert.equal((await again)?.code, "channel-retry");
    }));

  test("what the store refused waits in memory", () =>
    withAccount({ api: "rest" }, async (hasty, simulator) => {
      const account = { ...hasty, clock: systemClock };
      const end = new AbortController();
      const inbox = new TestInbox(end, 1);
      inbox.refuseNext = true;
      const refused = signal.listen?.(account, inbox, end.signal);
      while (simulator.connections === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      simulator.say("a");
      assert.equal((await refused)?.code, "store-unavailable");
      await signal.listen?.(account, inbox, end.signal);
      assert.deepEqual(inbox.texts(), ["a"]);
    }));
});

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { after, describe, test } from "node:test";
import { openAccount, systemClock, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform, TestInbox } from "../../../test/contract/channel.ts";
import { description, startTwilioSimulator, type TwilioSimulator, type TwilioSimulatorOptions } from "../../../test/simulators/twilio.ts";
import type { WebhookRequest } from "../../core/channel.ts";
import type { Clock } from "../../core/clock.ts";
import type { Chat, PlatformEvent } from "../../core/event.ts";
import type { FilePart } from "../../core/message.ts";
import { fetchFile } from "../../http/download.ts";
import twilio from "./index.ts";
import type { Settings } from "./settings.ts";

const never = new AbortController().signal;
const now = Date.parse("2026-11-27T10:00:00Z");
const minute = 60_000;
const sender = "whatsapp:+15550001111";
const authToken = "12345-test-token-of-an-account";
const webhookUrl = "https://gateway.test/hooks/test-account";
const ann: Chat = { id: "whatsapp:+15552223333", kind: "direct" };
const bob: Chat = { id: "+15552224444", kind: "direct" };
const sid = `SM${"0a".repeat(16)}`;
const media = `https://api.twilio.com/2010-04-01/Accounts/ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Messages/${sid}/Media/ME${"1".repeat(32)}`;
const token = `ms_${"0".repeat(22)}`;

test("the simulator checks against the published description", { skip: description.missing }, () => {
  const url = "/2010-04-01/Accounts/ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/Messages.json";
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  assert.match(description.violation({ method: "POST", url, headers, body: "Body=x" }) ?? "", /required property 'To'/);
  assert.match(description.violation({ method: "POST", url, headers, body: "To=x&Bdy=x" }) ?? "", /additional properties/);
});

/** Minutes between two looks at the list are milliseconds. */
const hurried: Clock = { ...systemClock, after: (ms, run) => systemClock.after(Math.min(ms, 5), run) };

const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "calls that break the description of Twilio's API"));

interface TwilioPlatform extends Platform {
  readonly simulator: TwilioSimulator;
}

async function platform(options: TwilioSimulatorOptions = {}): Promise<TwilioPlatform> {
  const simulator = await startTwilioSimulator(options);
  return {
    simulator,
    settings: simulator.settings,
    account: { webhookUrl, clock: hurried },
    chat: ann,
    seen: () => simulator.seen(ann.id).map(({ body }) => body),
    // Long enough ago that it isn't left to a webhook any more.
    say: (text) => void simulator.say(text, { ago: 2.5 * minute }),
    cut: () => simulator.cut(),
    revoke: () => simulator.revoke(),
    violations: simulator.violations,
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
}

const of = (one: Platform) => (one as TwilioPlatform).simulator;

type Form = readonly (readonly [string, string])[] | Readonly<Record<string, string>>;

/** Signed as https://www.twilio.com/docs/usage/webhooks/webhooks-security says. */
function signed(
  form: Form,
  { query = "", secret = authToken, base = webhookUrl }: { query?: string; secret?: string; base?: string } = {},
) {
  const body = new URLSearchParams(form as Record<string, string>);
  const text = [...new Set(body.keys())].sort().flatMap((name) => [...new Set(body.getAll(name))].sort().map((value) => name + value));
  const signature = createHmac("sha1", secret)
    .update(base + query + text.join(""))
    .digest("base64");
  return posted(body.toString(), signature, query);
}

function posted(body: string, signature: string | undefined, query = "", type = "application/x-www-form-urlencoded"): WebhookRequest {
  const headers = { "content-type": type, ...(signature === undefined ? {} : { "x-twilio-signature": signature }) };
  return { method: "POST", url: `/hooks/test-account${query}`, headers, body: Buffer.from(body) };
}

function json(body: string, hash = createHash("sha256").update(body).digest("hex")): WebhookRequest {
  const query = `?bodySHA256=${hash}`;
  const signature = createHmac("sha1", authToken)
    .update(webhookUrl + query)
    .digest("base64");
  return posted(body, signature, query, "application/json");
}

/** The shape of https://www.twilio.com/docs/messaging/guides/webhook-request, words of ours. */
const said = { MessageSid: sid, SmsStatus: "received", AccountSid: "AC0", From: ann.id, To: sender, ProfileName: "Ann", NumMedia: "0" };
const person = { id: ann.id, handle: "+15552223333", name: "Ann", bot: false, self: false };
const base = { key: sid, chat: ann, sender: person, at: now } as const;
const message = { ...base, kind: "message", platformId: sid, addressed: true } as const;
const hello: PlatformEvent = { ...message, parts: [{ type: "text", text: "Hello & good day", markup: "plain" }] };
const helloForm = { ...said, Body: "Hello & good day" };
/** The shape of https://www.twilio.com/docs/messaging/guides/track-outbound-message-status */
const told = { MessageSid: sid, AccountSid: "AC0", From: sender, To: ann.id };
const receipt = (state: "delivered" | "read" | "failed", status: string = state) => {
  return {
    kind: "receipt",
    key: `${sid}:${status}`,
    chat: ann,
    sender: { id: ann.id, bot: false, self: false },
    at: now,
    platformId: sid,
    state,
  } as const;
};

channelContract(twilio, {
  platform,
  webhookAccount: { webhookUrl, clock: { ...systemClock, now: () => now } },
  webhookKey: "authToken",
  secrets: [authToken, Buffer.from(`ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:${authToken}`).toString("base64")],
  refusedSettings: {
    "the credential is missing": { sender },
    "the accountSid is none": { accountSid: "AC1", authToken, sender },
    "the sender is none": { accountSid: `AC${"a".repeat(32)}`, authToken, sender: "somebody" },
  },
  failures: {
    "429 waits as long as Twilio says": {
      arrange: (p) => of(p).arrange({ kind: "limit", seconds: 7 }),
      expect: "retry",
      code: "channel-retry",
    },
    "a full queue is tried again": { arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 21611 }), expect: "retry" },
    "a revoked token is refused": { arrange: (p) => of(p).revoke(), expect: "refused", code: "channel-auth" },
    "a suspended account is refused": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 403, code: 20403 }),
      expect: "refused",
      code: "channel-auth",
    },
    "who said STOP is gone": { arrange: (p) => void of(p).optedOut.add(ann.id), expect: "refused", code: "channel-gone" },
    "no mobile is gone": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 21614 }),
      expect: "refused",
      code: "channel-gone",
    },
    "outside WhatsApp's window takes templates only": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 63016 }),
      expect: "refused",
      code: "window-closed",
    },
    "an unknown error is permanent": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 21999 }),
      expect: "refused",
      code: "channel-permanent",
    },
    "an error of Twilio's own is unknown": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 500, code: 20500 }),
      expect: "unknown",
    },
    "503 is unknown": { arrange: (p) => of(p).arrange({ kind: "proxy", status: 503 }), expect: "unknown", code: "channel-unknown" },
    "an unreadable 201 is unknown": {
      arrange: (p) => of(p).arrange({ kind: "proxy", status: 201, after: true }),
      expect: "unknown",
      seen: 1,
    },
    "a proxy's refusal is tried again": { arrange: (p) => of(p).arrange({ kind: "proxy", status: 407 }), expect: "retry" },
    "cut before anything was done is unknown": { arrange: (p) => of(p).arrange({ kind: "cut" }), expect: "unknown" },
    "cut after it was done is unknown": { arrange: (p) => of(p).arrange({ kind: "cut", after: true }), expect: "unknown", seen: 1 },
  },
  webhooks: {
    "a message": { request: signed(helloForm), expect: [hello] },
    "a message again": { request: signed(helloForm), expect: [hello] },
    "a field that we don't know, twice": {
      request: signed([...Object.entries(helloForm), ["New", "b"], ["New", "a"], ["New", "b"]]),
      expect: [hello],
    },
    "an address with its port": {
      request: signed(helloForm, { base: webhookUrl.replace("gateway.test", "gateway.test:443") }),
      expect: [hello],
    },
    "a reply": {
      request: signed({ ...helloForm, OriginalRepliedMessageSid: `SM${"f".repeat(32)}`, OriginalRepliedMessageSender: sender }),
      expect: [{ ...hello, replyTo: `SM${"f".repeat(32)}` } as PlatformEvent],
    },
    "a picture and a recording": {
      request: signed({
        ...{ ...said, Body: "", NumMedia: "2", MediaUrl0: media, MediaContentType0: "image/jpeg" },
        ...{ MediaUrl1: `${media}2`, MediaContentType1: "audio/ogg" },
      }),
      expect: [
        {
          ...message,
          parts: [
            { type: "image", source: { at: "platform", ref: media, mediaType: "image/jpeg" } },
            { type: "voice", source: { at: "platform", ref: `${media}2`, mediaType: "audio/ogg" } },
          ],
        },
      ],
    },
    "a place": {
      request: signed({
        ...said,
        Body: "",
        Latitude: "37.79",
        Longitude: "-122.39",
        Label: "Office",
        Address: "1 Beale St",
        MessageType: "location",
      }),
      expect: [{ ...message, parts: [{ type: "location", latitude: 37.79, longitude: -122.39, title: "Office, 1 Beale St" }] }],
    },
    "a button of ours": {
      request: signed({
        ...said,
        Body: "Yes",
        ButtonText: "Yes",
        ButtonPayload: `${token}:0`,
        OriginalRepliedMessageSid: sid,
        MessageType: "interactive",
      }),
      expect: [{ ...base, kind: "press", token: `${token}:0`, platformId: sid }],
    },
    "a button of somebody else's template": {
      request: signed({ ...helloForm, ButtonText: "Hello & good day", ButtonPayload: "order-4711" }),
      expect: [hello],
    },
    "STOP, as Twilio understood it": {
      request: signed({ ...said, Body: "arrêt", OptOutType: "STOP" }),
      expect: [{ ...base, kind: "membership", change: "blocked" }],
    },
    START: {
      request: signed({ ...said, Body: "start", OptOutType: "START" }),
      expect: [{ ...base, kind: "membership", change: "joined" }],
    },
    "HELP, which Twilio has answered": { request: signed({ ...said, Body: "help", OptOutType: "HELP" }), expect: [] },
    "stop in WhatsApp is a word": {
      request: signed({ ...said, Body: "stop" }),
      expect: [{ ...message, parts: [{ type: "text", text: "stop", markup: "plain" }] }],
    },
    "nothing that Twilio passes on": { request: signed({ ...said, Body: "", MessageType: "unsupported" }), expect: [] },
    delivered: { request: signed({ ...told, MessageStatus: "delivered" }), expect: [receipt("delivered")] },
    "read, with our own id": {
      request: signed({ ...told, MessageStatus: "read", EventType: "READ" }, { query: "?delivery=dl_0000000000000000000000" }),
      expect: [{ ...receipt("read"), delivery: "dl_0000000000000000000000" as never }],
    },
    undelivered: {
      request: signed({ ...told, MessageStatus: "undelivered", ErrorCode: "30005" }),
      expect: [{ ...receipt("failed", "undelivered"), error: { code: "channel-gone", message: "Twilio says undelivered: 30005" } }],
    },
    "failed outside WhatsApp's window": {
      request: signed({ ...told, MessageStatus: "failed", ErrorCode: "63016", ErrorMessage: "outside the window" }),
      expect: [{ ...receipt("failed"), error: { code: "window-closed", message: "Twilio says failed: 63016 outside the window" } }],
    },
    "on its way": { request: signed({ ...told, MessageStatus: "sent" }), expect: [] },
    "a state that we don't know": { request: signed({ ...told, MessageStatus: "toString" }), expect: [] },
    "JSON, with its hash in the address": { request: json(JSON.stringify({ ...helloForm, NumMedia: 0 })), expect: [hello] },
    "JSON with another hash": { request: json(JSON.stringify(helloForm), "0".repeat(64)), expect: "signature-invalid" },
    "JSON without a hash": {
      request: posted("{}", createHmac("sha1", authToken).update(webhookUrl).digest("base64"), "", "application/json"),
      expect: "signature-invalid",
    },
    "JSON that is cut": { request: json("{"), expect: "body-malformed" },
    "no signature": { request: posted(new URLSearchParams(helloForm).toString(), undefined), expect: "signature-missing" },
    "another token": { request: signed(helloForm, { secret: "another" }), expect: "signature-invalid" },
    "another body": {
      request: { ...signed(helloForm), body: Buffer.from(`${new URLSearchParams(helloForm)}&Body=x`) },
      expect: "signature-invalid",
    },
    "another address": {
      request: { ...signed(helloForm), url: "/hooks/test-account?delivery=dl_0000000000000000000000" },
      expect: "signature-invalid",
    },
    "a signature of another length": { request: posted("", "ab"), expect: "signature-invalid" },
    "no UTF-8": { request: { ...signed({}), body: Buffer.from([0x41, 0xff]) }, expect: "body-malformed" },
    "another number's message": { request: signed({ ...helloForm, To: "+15550009999" }), expect: "payload-unknown" },
    "nothing of Twilio's": { request: signed({ hello: "1" }), expect: "payload-unknown" },
    "by GET": { request: { ...signed(helloForm), method: "GET" }, expect: "method-refused" },
  },
});

/**
 * The vectors of Twilio's own libraries: token, addresses, fields and signatures of
 * https://github.com/twilio/twilio-node/blob/main/spec/validation.spec.js. Their fields are no message's, which is known only behind the signature.
 */
describe("twilio: signatures of Twilio's own tests", () => {
  const call: Form = { CallSid: "CA1234567890ABCDE", Caller: "+14158675309", Digits: "1234", From: "+14158675309", To: "+18005551212" };
  const query = "?foo=1&bar=2";
  const addresses: Form = [
    ["MessagingBinding.Address", "+1415xxxxxxx"],
    ["MessagingBinding.Address", "+1325xxxxxxx"],
  ];
  const several: Form = [
    ["Sid", "CA123"],
    ["SidAccount", "AC123"],
    ["Digits", "5678"],
    ["Digits", "1234"],
    ["Digits", "1234"],
  ];
  const body = '{"property": "value", "boolean": true}';
  const bodyHash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
  const vectors: [name: string, base: string, query: string, form: Form | string, signature: string, fits: boolean][] = [
    ["an address", "https://mycompany.com", query, call, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true],
    ["the wrong signature", "https://mycompany.com", query, call, "WRONG_SIGNATURE", false],
    ["a port of https is left out", "https://mycompany.com:1234", query, call, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true],
    ["a port of http", "http://mycompany.com:1234", query, call, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", true],
    ["the standard port of https", "https://mycompany.com", query, call, "kvajT1Ptam85bY51eRf/AJRuM3w=", true],
    ["the standard port of http", "http://mycompany.com", query, call, "0ZXoZLH/DfblKGATFgpif+LLRf4=", true],
    ["signs in the query", "https://mycompany.com", `${query}&Body=It's+amazing`, call, "dsq4Ehbj6cs+KdTkpF5sSSplOWw=", true],
    ["a name with two values", "https://mycompany.com", query, addresses, "83O6e2vORAoJHUNzJjDWN1jz+BA=", true],
    ["a value twice, a name within a name", "https://mycompany.com", query, several, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", true],
    ["JSON by its hash", "https://mycompany.com", `${query}&bodySHA256=${bodyHash}`, body, "a9nBmqA0ju/hNViExpshrM61xv4=", true],
    ["JSON by its hash alone", "https://mycompany.com", `?bodySHA256=${bodyHash}`, body, "y77kIzt2vzLz71DgmJGsen2scGs=", true],
    ["other JSON", "https://mycompany.com", `?bodySHA256=${bodyHash}`, "{}", "y77kIzt2vzLz71DgmJGsen2scGs=", false],
  ];
  for (const [name, host, search, form, signature, fits] of vectors) {
    test(name, async () => {
      const settings = { accountSid: `AC${"a".repeat(32)}`, authToken: "12345", sender };
      const account = openAccount(twilio, settings, { webhookUrl: `${host}/myapp.php` });
      const request =
        typeof form === "string"
          ? posted(form, signature, search, "application/json")
          : posted(new URLSearchParams(form as Record<string, string>).toString(), signature, search);
      const result = await twilio.webhook?.(account, { ...request, url: `/myapp.php${search}` });
      assert.ok(result && !result.ok);
      assert.equal(result.fault.code, fits ? "payload-unknown" : "signature-invalid");
      await account.close();
    });
  }
});

/** An account on a fresh simulator, both closed at the end. */
async function withAccount(
  run: (account: TestAccount<Settings>, simulator: TwilioSimulator) => Promise<void>,
  { webhook = webhookUrl, ...options }: TwilioSimulatorOptions & { readonly webhook?: string | null } = {},
): Promise<void> {
  const stand = await platform(options);
  const account = openAccount(twilio, stand.settings, webhook === null ? {} : { webhookUrl: webhook });
  try {
    await run(account, stand.simulator);
    assert.ok(!account.lines.join().includes(authToken), "the token is in the log");
  } finally {
    await account.close();
    await stand.close();
  }
}

describe("twilio: sending", () => {
  const buttons = [
    [
      { label: "Yes", value: "yes", token: `${token}:0` },
      { label: "No", value: "no", token: `${token}:1` },
    ],
  ];

  test("names the sender, and where to tell what became of it", () =>
    withAccount(async (account, simulator) => {
      const sent = outbound(ann, "*Hi*", { visible: "Hi" });
      assert.equal((await twilio.send(account, sent, never)).kind, "sent");
      const [seen] = simulator.seen(ann.id);
      assert.equal(seen?.body, "*Hi*");
      assert.equal(seen.callback, `${webhookUrl}?delivery=${sent.delivery}`);
    }));

  test("an SMS has no markup, a Messaging Service chooses the number", () =>
    withAccount(
      async (account, simulator) => {
        assert.equal((await twilio.send(account, outbound(bob, "*Hi*", { visible: "Hi" }), never)).kind, "sent");
        assert.equal(simulator.seen(bob.id)[0]?.body, "Hi");
        assert.equal((await twilio.probe(account, never)).ok, true);
      },
      { sender: `MG${"b".repeat(32)}` },
    ));

  test("the dialect keeps addresses in an SMS, too", () => {
    const link = { type: "link" as const, url: "https://x.test/", children: [{ type: "text" as const, value: "here" }] };
    const tree = {
      type: "root" as const,
      children: [{ type: "paragraph" as const, children: [{ type: "strong" as const, children: [link] }] }],
    };
    assert.deepEqual(twilio.dialect.render(tree), { text: "*here (https://x.test/)*", visible: "here (https://x.test/)" });
  });

  test("WhatsApp shows buttons by a template that is made once", () =>
    withAccount(async (account, simulator) => {
      for (const text of ["Sure?\n\nReally?", "Sure again?"]) {
        const outcome = await twilio.send(account, outbound(ann, text, { buttons }), never);
        assert.equal(outcome.kind, "sent", JSON.stringify(outcome));
      }
      assert.deepEqual(
        simulator.seen(ann.id).map(({ body, buttons: seen }) => [body, ...seen.map(({ title, id }) => [title, id])]),
        ["Sure?\n\nReally?", "Sure again?"].map((body) => [body, ["Yes", `${token}:0`], ["No", `${token}:1`]]),
      );
      // The next process finds it.
      const again = { ...account, settings: { ...account.settings } };
      assert.equal((await twilio.send(again, outbound(ann, "Sure?", { buttons }), never)).kind, "sent");
      assert.equal(simulator.templates.length, 1);
    }));

  test("where a template can't be made or used, the buttons are numbered lines", () =>
    withAccount(async (account, simulator) => {
      const numbered = "Sure?\n1. Yes\n2. No";
      const send = () => twilio.send(account, outbound(ann, "Sure?", { buttons }), never);
      simulator.arrange({ kind: "refuse", status: 403, code: 70051 }, "POST Content");
      assert.equal((await send()).kind, "sent");
      assert.equal((await send()).kind, "sent");
      simulator.templates.length = 0;
      assert.equal((await send()).kind, "sent");
      assert.equal((await send()).kind, "sent");
      await twilio.send(account, outbound(ann, "x".repeat(1_100), { buttons }), never);
      const seen = simulator.seen(ann.id).map(({ body, buttons: shown }) => [body, shown.length]);
      assert.deepEqual(seen, [
        [numbered, 0],
        ["Sure?", 2],
        [numbered, 0],
        ["Sure?", 2],
        [`${"x".repeat(1_100)}\n1. Yes\n2. No`, 0],
      ]);
    }));

  test("a failure before the message leaves it unsent; its own failure isn't tried in another form", () =>
    withAccount(async (account, simulator) => {
      const send = () => twilio.send(account, outbound(ann, "Sure?", { buttons }), never);
      simulator.arrange({ kind: "cut", after: true }, "POST Content");
      assert.equal((await send()).kind, "retry");
      simulator.arrange({ kind: "cut", after: true });
      assert.equal((await send()).kind, "unknown");
      assert.equal(simulator.seen(ann.id).length, 1);
    }));

  test("an SMS has its buttons as numbered lines, within the longest Body", () =>
    withAccount(
      async (account, simulator) => {
        const longest = "x".repeat(twilio.limits.text.max);
        const three = [
          ["Twenty letters of it", "Twenty letters to it", "Twenty letters on it"].map((label) => ({ ...buttons[0]?.[0], label })),
        ];
        assert.equal((await twilio.send(account, outbound(bob, longest, { buttons: three as typeof buttons }), never)).kind, "sent");
        assert.equal(simulator.seen(bob.id)[0]?.body.length, 1_600);
      },
      { sender: "+15550001111" },
    ));

  test("a place is a place in WhatsApp, and words in an SMS", async () => {
    const shown = { type: "location", latitude: 52.5, longitude: -13.4, title: "Here" } as const;
    const content = { shown, visible: "Here: https://osm.test" };
    await withAccount(async (account, simulator) => {
      assert.equal((await twilio.send(account, outbound(ann, "Here: https://osm.test", content), never)).kind, "sent");
      assert.deepEqual(
        simulator.seen(ann.id).map(({ body, place }) => [body, place]),
        [["Here", "geo:52.5,-13.4|Here"]],
      );
    });
    await withAccount(
      async (account, simulator) => {
        await twilio.send(account, outbound(bob, "Here: https://osm.test", content), never);
        assert.deepEqual(
          simulator.seen(bob.id).map(({ body, place }) => [body, place]),
          [["Here: https://osm.test", undefined]],
        );
      },
      { sender: "+15550001111" },
    );
  });

  test("a file goes as a link that Twilio fetches", () =>
    withAccount(async (account, simulator) => {
      const file: FilePart = { type: "image", source: { at: "store", id: "fl_1" as never, mediaType: "image/png", size: 3 } };
      const without = await twilio.send(account, outbound(ann, "", { file }), never);
      assert.ok(without.kind === "refused" && without.code === "file-refused");
      const linked = { ...account, fileUrl: () => "https://gateway.test/files/abc" };
      assert.equal((await twilio.send(linked, outbound(ann, "look", { file }), never)).kind, "sent");
      assert.deepEqual(
        simulator.seen(ann.id).map(({ body, mediaUrl }) => [body, mediaUrl]),
        [["look", "https://gateway.test/files/abc"]],
      );
    }));

  test("says that it types, of a message in WhatsApp only", () =>
    withAccount(async (account, simulator) => {
      const platformId = simulator.say("hi");
      await twilio.typing?.(account, ann, never, { ...hello, platformId } as PlatformEvent);
      await twilio.typing?.(account, bob, never, hello);
      await twilio.typing?.(account, ann, never);
      assert.deepEqual(simulator.calls, ["POST Typing"]);
    }));

  test("probe says what is wrong", () =>
    withAccount(async (account, simulator) => {
      simulator.arrange({ kind: "proxy", status: 200 }, "GET Account");
      assert.equal((await twilio.probe(account, never)).ok, false);
      simulator.revoke();
      const refused = await twilio.probe(account, never);
      assert.ok(!refused.ok);
      assert.equal(refused.fault.message, "Twilio refused the accountSid or authToken: 20003");
    }));
});

describe("twilio: files that people sent", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const photo = { media: [{ type: "image/png", bytes }] };

  test("the credential goes to Twilio's API and no further", () =>
    withAccount(async (account, simulator) => {
      simulator.say("", photo);
      const [inbound] = simulator.messages;
      assert.ok(inbound);
      const located = await twilio.locateFile?.(account, simulator.inbound(inbound).MediaUrl0 ?? "", never);
      assert.ok(located?.ok);
      const got: Uint8Array[] = [];
      for await (const chunk of fetchFile(account.http, located.value, { maxBytes: 10, trust: "configured", redirects: 1 }))
        got.push(chunk);
      assert.deepEqual(Buffer.concat(got), Buffer.from(bytes));
      for (const evil of [
        "https://evil.test/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME0",
        "https://api.twilio.com.evil.test/2010-04-01/Accounts/x",
        "https://evil@api.twilio.com/2010-04-01/Accounts/x",
        "http://api.twilio.com/2010-04-01/Accounts/x",
        "https://api.twilio.com:8443/2010-04-01/Accounts/x",
        "https://api.twilio.com/elsewhere",
        "no address",
      ]) {
        assert.equal((await twilio.locateFile?.(account, evil, never))?.ok, false, evil);
      }
    }));
});

describe("twilio: what came in while nobody answered", () => {
  const listening = async (account: TestAccount<Settings>, wanted: number, cursor?: number) => {
    const end = new AbortController();
    const inbox = new TestInbox(end, wanted);
    if (cursor !== undefined) inbox.cursor = String(cursor);
    const fault = await twilio.listen?.(account, inbox, end.signal);
    return { inbox, fault };
  };

  test("is read from the list, oldest first, page by page, with what hangs on it", () =>
    withAccount(async (account, simulator) => {
      const count = 450;
      for (let index = 0; index < count; index++) simulator.say(`m${index}`, { ago: 9 * minute - index });
      await twilio.send(account, outbound(ann, "ours"), never);
      simulator.say("", { media: [{ type: "image/png", bytes: new Uint8Array([1]) }], ago: 3 * minute });
      const { inbox } = await listening(account, count + 1);
      assert.deepEqual(
        inbox.texts(),
        Array.from({ length: count }, (_, index) => `m${index}`),
      );
      const last = inbox.events.at(-1);
      assert.ok(last?.kind === "message" && last.parts[0]?.type === "image");
      const ref = last.parts[0].source.at === "platform" ? last.parts[0].source.ref : "";
      assert.equal((await twilio.locateFile?.(account, ref, never))?.ok, true);
    }));

  test("days of it are read in pieces; nothing from before the time for which messages are known", () =>
    withAccount(async (account, simulator) => {
      const hour = 60 * minute;
      for (const hours of [24 * 8, 40, 3]) simulator.say(`${hours} hours ago`, { ago: hours * hour });
      const { inbox } = await listening(account, 2, Date.now() - 30 * 24 * hour);
      assert.deepEqual(inbox.texts(), ["40 hours ago", "3 hours ago"]);
    }));

  test("what is younger than two minutes is left to its webhook; without a public address it isn't", async () => {
    for (const [webhook, expected] of [
      [webhookUrl, ["old"]],
      [null, ["old", "new"]],
    ] as const) {
      await withAccount(
        async (account, simulator) => {
          simulator.say("old", { ago: 3 * minute });
          simulator.say("new", { ago: 2_000 });
          const { inbox } = await listening(account, expected.length);
          assert.deepEqual(inbox.texts(), expected);
        },
        { webhook },
      );
    }
  });

  test("a Messaging Service's own messages only, and STOP in an SMS", () =>
    withAccount(
      async (account, simulator) => {
        simulator.say("hi", { from: bob.id, ago: 4 * minute });
        simulator.say("Stop ", { from: bob.id, ago: 3 * minute });
        const { inbox } = await listening(account, 2);
        assert.deepEqual(
          inbox.events.map((event) => [event.kind, event.chat.id, event.kind === "membership" && event.change]),
          [
            ["message", bob.id, false],
            ["membership", bob.id, "blocked"],
          ],
        );
      },
      { sender: `MG${"b".repeat(32)}` },
    ));

  test("a refusal ends the listening with its fault", () =>
    withAccount(async (account, simulator) => {
      simulator.revoke();
      assert.equal((await listening(account, 1)).fault?.code, "channel-auth");
    }));
});

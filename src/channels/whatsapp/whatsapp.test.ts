import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, describe, test } from "node:test";
import { openAccount, systemClock, type TestAccount } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform } from "../../../test/contract/channel.ts";
import { description } from "../../../test/simulators/whatsapp/description.ts";
import { message, type Sample, samples, samplesReadAt, status } from "../../../test/simulators/whatsapp/samples.ts";
import { startWhatsAppSimulator, type WhatsAppSimulator } from "../../../test/simulators/whatsapp.ts";
import type { WebhookRequest } from "../../core/channel.ts";
import type { Chat, PlatformEvent } from "../../core/event.ts";
import type { FileId } from "../../core/ids.ts";
import type { FilePart } from "../../core/message.ts";
import whatsapp from "./index.ts";
import type { Settings } from "./settings.ts";

const ann = "16505551234";
const direct: Chat = { id: ann, kind: "direct" };
const never = new AbortController().signal;

test("the simulator checks against the published description", { skip: description.missing }, () => {
  const call = { method: "POST", url: "/v25.0/1/messages", headers: { "content-type": "application/json" } };
  const body = (more: object) =>
    JSON.stringify({ messaging_product: "whatsapp", recipient_type: "individual", to: "1", type: "text", ...more });
  assert.equal(description.violation({ ...call, body: body({ text: { body: "a" } }) }), undefined);
  assert.match(description.violation({ ...call, body: body({ text: { body: "a" }, more: 1 }) }) ?? "", /must|match/);
  assert.match(description.violation({ ...call, body: body({ text: { bodies: "a" } }) }) ?? "", /must|match/);
});

const violations: string[] = [];
after(() => assert.deepEqual(violations, [], "calls that break the description of the Cloud API"));

interface WhatsAppPlatform extends Platform {
  readonly simulator: WhatsAppSimulator;
}

async function platform(): Promise<WhatsAppPlatform> {
  const simulator = await startWhatsAppSimulator();
  const { accessToken, appSecret, verifyToken, phoneNumberId } = simulator;
  return {
    simulator,
    settings: { accessToken, appSecret, verifyToken, phoneNumberId, apiRoot: simulator.url },
    account: { clock: { ...systemClock, now: () => samplesReadAt } },
    chat: direct,
    seen: () => simulator.seen(ann),
    violations: simulator.violations,
    revoke: () => simulator.revoke(),
    async close() {
      violations.push(...simulator.violations);
      await simulator.close();
    },
  };
}

const of = (one: Platform) => (one as WhatsAppPlatform).simulator;
const appSecret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const token = "EAAG-test_token.0123456789|abcdefghijklmnop";
const word = "a-word-of-ours-4711";

function signed(body: string | Buffer, secret = appSecret): WebhookRequest {
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const headers = { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` };
  return { method: "POST", url: "/hooks/test-account", headers, body: Buffer.from(body) };
}

const posted = (payload: object) => signed(JSON.stringify(payload));
const asked = (query: string): WebhookRequest => ({
  method: "GET",
  url: `/hooks/test-account?${query}`,
  headers: {},
  body: new Uint8Array(),
});
const old = (days: number) => String(Math.floor(samplesReadAt / 1000) - days * 86_400);

channelContract(whatsapp, {
  platform,
  secrets: [token, appSecret, word],
  webhookKey: "appSecret",
  refusedSettings: {
    "the tokens are missing": { phoneNumberId: "106540352242922" },
    "the id is a number with a plus": { accessToken: "x", appSecret: "x", verifyToken: "x", phoneNumberId: "+16505551234" },
  },
  webhooks: {
    ...Object.fromEntries(
      Object.entries<Sample>(samples).map(([name, { payload, events }]) => [name, { request: posted(payload), expect: events }]),
    ),
    "the challenge": { request: asked(`hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${word}`), expect: [] },
    "the challenge with another word": {
      request: asked("hub.mode=subscribe&hub.challenge=1&hub.verify_token=no"),
      expect: "signature-invalid",
    },
    "the challenge without a word": { request: asked("hub.mode=subscribe&hub.challenge=1"), expect: "signature-missing" },
    "a challenge that would be a page": {
      request: asked(`hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=${word}`),
      expect: "payload-unknown",
    },
    "no signature": { request: { ...posted(samples.text.payload), headers: {} }, expect: "signature-missing" },
    "another secret": { request: signed(JSON.stringify(samples.text.payload), `${appSecret}x`), expect: "signature-invalid" },
    "another body": { request: { ...posted(samples.text.payload), body: Buffer.from("{}") }, expect: "signature-invalid" },
    "cut off": {
      request: { ...posted(samples.text.payload), body: posted(samples.text.payload).body.slice(0, 40) },
      expect: "signature-invalid",
    },
    "a signature of another length": {
      request: { ...posted({}), headers: { "x-hub-signature-256": "sha256=ab" } },
      expect: "signature-invalid",
    },
    "what Meta wouldn't repeat any more": {
      request: posted(message({ timestamp: old(8), type: "text", text: { body: "again" } })),
      expect: "signature-stale",
    },
    "what Meta may still repeat": {
      request: posted(status({ status: "read", timestamp: old(7) })),
      expect: [{ ...samples.read.events[0], at: Number(old(7)) * 1000 }],
    },
    "no JSON": { request: signed("{"), expect: "body-malformed" },
    "no UTF-8": { request: signed(Buffer.from([0x7b, 0xff])), expect: "body-malformed" },
    "nothing of WhatsApp's": { request: posted({ object: "page", entry: [] }), expect: "payload-unknown" },
    "another method": { request: { ...posted({}), method: "PUT" }, expect: "method-refused" },
  },
  failures: {
    "the pair's limit waits": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 131056 }),
      expect: "retry",
      code: "channel-retry",
    },
    "the number's limit waits": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 429, code: 130429 }),
      expect: "retry",
      code: "channel-retry",
    },
    "a revoked token is refused": { arrange: (p) => of(p).revoke(), expect: "refused", code: "channel-auth" },
    "a permission that was taken is a person's": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 403, code: 131005 }),
      expect: "refused",
      code: "channel-auth",
    },
    "outside the 24 hours only templates reach them": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 131047 }),
      expect: "refused",
      code: "window-closed",
    },
    "who has no WhatsApp is gone": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 131026 }),
      expect: "refused",
      code: "channel-gone",
    },
    "an error that isn't known is permanent": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 400, code: 131051 }),
      expect: "refused",
      code: "channel-permanent",
    },
    "a failure of Meta's own may have done it": {
      arrange: (p) => of(p).arrange({ kind: "refuse", status: 500, code: 131000 }),
      expect: "unknown",
    },
    "503 is unknown": { arrange: (p) => of(p).arrange({ kind: "proxy", status: 503 }), expect: "unknown", code: "channel-unknown" },
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

async function withAccount(
  run: (account: TestAccount<Settings>, simulator: WhatsAppSimulator) => Promise<void>,
  { settings, files }: { settings?: object; files?: Record<string, Uint8Array> } = {},
): Promise<void> {
  const stand = await platform();
  const account = openAccount(whatsapp, { ...(stand.settings as object), ...settings }, { ...stand.account, ...(files ? { files } : {}) });
  try {
    await run(account, stand.simulator);
    for (const secret of [token, appSecret, word]) assert.ok(!account.lines.join().includes(secret), "a secret is in the log");
  } finally {
    await account.close();
    await stand.close();
  }
}

const row = (...labels: readonly string[]) => [
  labels.map((label, index) => ({ label, value: label, token: `ms_${"0".repeat(22)}:${index}` })),
];
const file = (mediaType: string, more: Partial<FilePart> = {}, size = 4): FilePart => ({
  type: "file",
  source: { at: "store", id: "fl_1" as FileId, mediaType, size },
  ...more,
});
const bytes = { fl_1: Buffer.from("abcd") };

describe("whatsapp: sending", () => {
  const kinds: [name: string, sends: ReturnType<typeof outbound>["content"], body: object][] = [
    ["text without previews", { text: "*a*", visible: "a" }, { type: "text", text: { body: "*a*", preview_url: false } }],
    [
      "up to three buttons",
      { text: "Sure?", visible: "Sure?", buttons: row("Yes", "No") },
      {
        type: "interactive",
        interactive: {
          type: "button",
          body: { text: "Sure?" },
          action: {
            buttons: [
              { type: "reply", reply: { id: `ms_${"0".repeat(22)}:0`, title: "Yes" } },
              { type: "reply", reply: { id: `ms_${"0".repeat(22)}:1`, title: "No" } },
            ],
          },
        },
      },
    ],
    [
      "more are a list",
      { text: "Which?", visible: "Which?", buttons: row("a", "b", "c", "d") },
      {
        type: "interactive",
        interactive: {
          type: "list",
          body: { text: "Which?" },
          action: {
            button: "☰",
            sections: [{ rows: ["a", "b", "c", "d"].map((title, index) => ({ id: `ms_${"0".repeat(22)}:${index}`, title })) }],
          },
        },
      },
    ],
    [
      "a place",
      { text: "", visible: "", shown: { type: "location", latitude: 40.78, longitude: -73.95, title: "Guggenheim" } },
      { type: "location", location: { latitude: "40.78", longitude: "-73.95", name: "Guggenheim" } },
    ],
    [
      "a contact",
      { text: "", visible: "", shown: { type: "contact", name: "Barbara", phone: "+1 650 555 9999" } },
      {
        type: "contacts",
        contacts: [{ name: { formatted_name: "Barbara", first_name: "Barbara" }, phones: [{ phone: "+1 650 555 9999" }] }],
      },
    ],
  ];
  for (const [name, content, body] of kinds) {
    test(name, () =>
      withAccount(async (account, simulator) => {
        const one = outbound(direct, "", content);
        const sent = await whatsapp.send(account, one, never);
        assert.equal(sent.kind, "sent", JSON.stringify([sent, simulator.violations]));
        const { biz_opaque_callback_data: ours, ...json } = simulator.sent[0]?.json ?? {};
        assert.equal(ours, one.delivery);
        assert.deepEqual(json, { messaging_product: "whatsapp", recipient_type: "individual", to: ann, ...body });
      }),
    );
  }

  test("a long text with few buttons is a list, whose text may be longer", () =>
    withAccount(async (account, simulator) => {
      const sent = await whatsapp.send(account, outbound(direct, "x".repeat(4096), { buttons: row("Yes") }), never);
      assert.equal(sent.kind, "sent", JSON.stringify(sent));
      assert.match(JSON.stringify(simulator.sent[0]?.json.interactive), /"type":"list"/);
    }));

  test("who goes by a username is written to by their id; other ids are refused", () =>
    withAccount(async (account, simulator) => {
      const user = "US.13491208655302741918";
      const sent = await whatsapp.send(account, outbound({ id: user, kind: "direct" }, "hi"), never);
      assert.equal(sent.kind, "sent");
      const { to, recipient } = simulator.sent[0]?.json ?? {};
      assert.deepEqual([to, recipient], [undefined, user]);
      const odd = await whatsapp.send(account, outbound({ id: "../me", kind: "direct" }, "hi"), never);
      assert.ok(odd.kind === "refused" && odd.code === "channel-permanent");
    }));

  test("an answer names what it answers", () =>
    withAccount(async (account, simulator) => {
      const id = simulator.say(ann, "hello");
      assert.equal((await whatsapp.send(account, outbound(direct, "hi", { replyTo: id }), never)).kind, "sent");
      assert.deepEqual(simulator.sent[0]?.json.context, { message_id: id });
    }));

  const sends: [name: string, part: FilePart, text: string, body: object][] = [
    ["an image", file("image/png", { type: "image" }), "look", { type: "image", image: { caption: "look" } }],
    ["a voice message", file("audio/ogg; codecs=opus", { type: "voice" }), "", { type: "audio", audio: { voice: true } }],
    ["sound", file("audio/mpeg", { type: "audio" }), "", { type: "audio", audio: {} }],
    ["an .m4a", file("audio/x-m4a", { type: "voice" }), "", { type: "audio", audio: { voice: false } }],
    ["a video", file("video/mp4", { type: "video" }), "see", { type: "video", video: { caption: "see" } }],
    [
      "a document, its name without folders",
      file("application/pdf", { name: "../a\u0000/bill.pdf" }),
      "yours",
      { type: "document", document: { caption: "yours", filename: "bill.pdf" } },
    ],
    ["a file without a name", file("text/plain"), "", { type: "document", document: { filename: "file.plain" } }],
  ];
  for (const [name, part, text, body] of sends) {
    test(`file: ${name}`, () =>
      withAccount(
        async (account, simulator) => {
          const sent = await whatsapp.send(account, outbound(direct, text, { file: part }), never);
          assert.equal(sent.kind, "sent", JSON.stringify([sent, simulator.violations]));
          const [id = "", media] = [...simulator.media][0] ?? [];
          assert.equal(media?.bytes.toString(), "abcd");
          const [kind, fields] = Object.entries(body)[1] as [string, object];
          const { type, [kind]: got } = simulator.sent[0]?.json ?? {};
          assert.deepEqual([type, got], [kind, { id, ...fields }]);
        },
        { files: bytes },
      ));
  }

  test("files: what isn't taken, isn't there or fails is refused before anything is seen", () =>
    withAccount(
      async (account, simulator) => {
        const tries = [
          file("image/gif"),
          file("image/png", {}, 5_000_001),
          { ...file("image/png"), source: { at: "nowhere", reason: "x" } } as FilePart,
        ];
        for (const part of tries) {
          const outcome = await whatsapp.send(account, outbound(direct, "", { file: part }), never);
          assert.ok(outcome.kind === "refused" && outcome.code === "file-refused", JSON.stringify(outcome));
        }
        const gone = file("image/png", { source: { at: "store", id: "fl_2" as FileId, mediaType: "image/png", size: 4 } });
        assert.equal((await whatsapp.send(account, outbound(direct, "", { file: gone }), never)).kind, "refused");
        assert.deepEqual(simulator.sent, []);
      },
      { files: bytes },
    ));

  test("a reaction, and none", () =>
    withAccount(async (account, simulator) => {
      for (const reaction of ["👍", undefined]) {
        const of = { chat: direct, platformId: "wamid.x", ...(reaction ? { reaction } : {}) };
        assert.equal(await whatsapp.react?.(account, of, never), undefined);
      }
      assert.deepEqual(
        simulator.sent.map(({ json }) => json.reaction),
        [
          { message_id: "wamid.x", emoji: "👍" },
          { message_id: "wamid.x", emoji: "" },
        ],
      );
    }));

  for (const readReceipts of [true, false]) {
    test(`typing marks as read${readReceipts ? "" : ", unless that is off"}`, () =>
      withAccount(
        async (account, simulator) => {
          const id = simulator.say(ann, "hello");
          await whatsapp.typing?.(account, direct, never, { ...(samples.text.events[0] as PlatformEvent), key: id });
          assert.deepEqual(simulator.read, readReceipts ? [`${id} typing`] : []);
        },
        { settings: { readReceipts } },
      ));
  }

  test("limits say whom they concern, and how long they last", () =>
    withAccount(async (account, simulator) => {
      simulator.arrange({ kind: "refuse", status: 400, code: 131056 });
      simulator.arrange({ kind: "refuse", status: 429, code: 80007, retryAfter: 7 });
      const pair = await whatsapp.send(account, outbound(direct, "a"), never);
      const whole = await whatsapp.send(account, outbound(direct, "a"), never);
      assert.ok(pair.kind === "retry" && whole.kind === "retry");
      assert.deepEqual([pair.scope, whole.scope, whole.afterMs], ["conversation", "account", 7000]);
    }));
});

describe("whatsapp: the account and its files", () => {
  test("probe names what is wrong", () =>
    withAccount(async (account, simulator) => {
      const found = await whatsapp.probe(account, never);
      assert.deepEqual(found, { ok: true, value: { id: simulator.phoneNumberId, name: "Lucky Shrub, +1 555-078-3881" } });
      const other = await whatsapp.probe({ ...account, settings: { ...account.settings, phoneNumberId: "1234567" } }, never);
      assert.ok(!other.ok && other.fault.code === "account-invalid", JSON.stringify(other));
      const odd = await whatsapp.probe({ ...account, settings: { ...account.settings, accessToken: "a\r\nb: c" } }, never);
      assert.ok(!odd.ok && odd.fault.code === "channel-auth" && !odd.fault.message.includes("\n"));
    }));

  test("the challenge comes back as it is", () =>
    withAccount(async (account) => {
      const result = await whatsapp.webhook?.(account, asked(`hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=${word}`));
      assert.ok(result?.ok);
      assert.deepEqual(result.value.response, { status: 200, headers: { "content-type": "text/plain" }, body: "1158201444" });
    }));

  test("what can't be read is told in the log, and taken", () =>
    withAccount(async (account) => {
      for (const { payload } of [samples.oneOddMessage, samples.otherNumber])
        assert.ok((await whatsapp.webhook?.(account, posted(payload)))?.ok);
      const told = account.lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .map(({ event, problem, number }) => [event, problem ?? number]);
      assert.deepEqual(told, [
        ["webhook-item-unreadable", "type: Invalid input: expected string, received undefined"],
        ["whatsapp-other-number", "999999999"],
      ]);
    }));

  test("an attachment is fetched in two steps, the token going to Meta alone", () =>
    withAccount(async (account, simulator) => {
      simulator.media.set("12345", { type: "image/png", bytes: Buffer.from("png"), name: "x" });
      const found = await whatsapp.locateFile?.(account, "12345", never);
      assert.ok(found?.ok, JSON.stringify(found));
      assert.deepEqual(found.value, {
        method: "GET",
        url: `${simulator.url}/bytes/12345`,
        headers: { authorization: `Bearer ${token}` },
        trust: "configured",
      });
      const got = await account.http.send(found.value);
      assert.ok(got.ok && Buffer.from(got.value.body).toString() === "png");
      for (const ref of ["../me", "999"]) {
        const refused = await whatsapp.locateFile?.(account, ref, never);
        assert.ok(refused && !refused.ok && /file-refused|channel-permanent/.test(refused.fault.code), JSON.stringify(refused));
      }
      Object.defineProperty(simulator, "origin", { value: "https://lookaside.fbsbx.com.example" });
      const elsewhere = await whatsapp.locateFile?.(account, "12345", never);
      assert.ok(elsewhere && !elsewhere.ok && elsewhere.fault.code === "file-refused");
    }));
});

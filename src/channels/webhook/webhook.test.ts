import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { openAccount, systemClock } from "../../../test/contract/account.ts";
import { channelContract, outbound, type Platform } from "../../../test/contract/channel.ts";
import { readMarkdown } from "../../../test/contract/specimen.ts";
import type { WebhookRequest } from "../../core/channel.ts";
import type { Clock } from "../../core/clock.ts";
import type { ErrorCode } from "../../core/errors.ts";
import type { Chat, PlatformEvent } from "../../core/event.ts";
import { newId } from "../../core/ids.ts";
import webhook from "./index.ts";
import { keyOf, sign, verify } from "./signature.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const now = 1_614_265_330_000;
const clock: Clock = { ...systemClock, now: () => now };
const key = keyOf(secret) as Uint8Array;

/** A request as another program would make it, signed by hand. */
function request(
  body: unknown,
  more: { id?: string; seconds?: number; headers?: Record<string, string | undefined> } = {},
): WebhookRequest {
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const { id = "msg_1", seconds = now / 1000 } = more;
  const mac = createHmac("sha256", Buffer.from(secret.slice(6), "base64"))
    .update(`${id}.${seconds}.`)
    .update(bytes)
    .digest("base64");
  const headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": `v1,${mac}`,
  };
  const all = Object.entries({ ...headers, ...more.headers }).filter(([, value]) => value !== undefined);
  return { method: "POST", url: "/hooks/desk", headers: Object.fromEntries(all) as Record<string, string>, body: bytes };
}

const hello = { conversation: "c1", sender: { id: "u1", name: "Ann" }, text: "Hello" };
const chat: Chat = { id: "c1", kind: "direct" };
const sender = { id: "u1", name: "Ann", bot: false, self: false };
const helloEvent: PlatformEvent = {
  kind: "message",
  key: "msg_1",
  chat,
  sender,
  at: now,
  platformId: "msg_1",
  parts: [{ type: "text", text: "Hello", markup: "plain" }],
  addressed: true,
};

/** The other program: takes what is posted to it, checks the signature with another implementation, drops repetitions. */
class Receiver implements Platform {
  readonly chat = chat;
  readonly account = { clock: { ...systemClock } };
  readonly posts: { id: string; body: Record<string, unknown> }[] = [];
  answer: (response: ServerResponse, body: string) => void = (response) => response.writeHead(204).end();
  refusing = false;
  readonly #server = createServer((incoming, response) => void this.#take(incoming, response));

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  get settings() {
    return { secret, deliverTo: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/in` };
  }

  async #take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    try {
      if (this.refusing) throw new Error("another secret");
      new Webhook(secret).verify(body, incoming.headers as Record<string, string>, { jsonParse: false });
    } catch {
      return void response.writeHead(401).end();
    }
    const id = String(incoming.headers["webhook-id"]);
    if (incoming.method === "POST" && !this.posts.some((post) => post.id === id)) this.posts.push({ id, body: JSON.parse(body) });
    this.answer(response, body);
  }

  seen(): string[] {
    return this.posts.map(({ body }) => String(body.text));
  }

  read(text: string): string {
    return readMarkdown(text);
  }

  revoke(): void {
    this.refusing = true;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The answer goes wrong before the message counts as taken. */
const answering =
  (status: number, headers: Record<string, string> = {}) =>
  (platform: Platform) => {
    const receiver = platform as Receiver;
    receiver.answer = (response) => {
      receiver.posts.pop();
      response.writeHead(status, headers).end();
    };
  };

channelContract(webhook, {
  secrets: [secret, secret.slice(6)],
  platform: async () => Object.assign(await Receiver.start(), { account: { clock: systemClock } }),
  webhookKey: "secret",
  webhookAccount: { clock },
  webhooks: {
    "a message": { request: request(hello), expect: [helloEvent] },
    "no signature": { request: request(hello, { headers: { "webhook-signature": undefined } }), expect: "signature-missing" },
    "another body": { request: { ...request(hello), body: Buffer.from("{}") }, expect: "signature-invalid" },
    "301 s old": { request: request(hello, { seconds: now / 1000 - 301 }), expect: "signature-stale" },
    "no JSON": { request: request("{"), expect: "body-malformed" },
  },
  refusedSettings: {
    "there is no secret": { deliverTo: "https://x.example" },
    "the address is no web address": { secret, deliverTo: "file:///etc/passwd" },
  },
  failures: {
    "503 with Retry-After": { arrange: answering(503, { "retry-after": "7" }), expect: "retry", code: "channel-retry" },
    "500": { arrange: answering(500), expect: "retry", code: "channel-retry" },
    "404 may be a deployment under way": { arrange: answering(404), expect: "retry" },
    "410 is for good": { arrange: answering(410), expect: "refused", code: "channel-gone" },
    "400 is for good": { arrange: answering(400), expect: "refused", code: "channel-permanent" },
    "401 needs a person": { arrange: answering(401), expect: "refused", code: "channel-auth" },
    "a redirect isn't followed": {
      arrange: answering(302, { location: "http://127.0.0.1:1/" }),
      expect: "refused",
      code: "channel-permanent",
    },
    "nobody listens": { arrange: (platform) => platform.close(), expect: "retry" },
    "cut after the request": {
      arrange: (platform) => {
        (platform as Receiver).answer = (response) => response.destroy();
      },
      expect: "unknown",
      code: "channel-unknown",
      seen: 1,
    },
  },
});

const receive = async (of: WebhookRequest, settings: object = {}) => {
  const account = openAccount(webhook, { secret, deliverTo: "https://x.example/in", ...settings }, { clock });
  try {
    return await webhook.webhook?.(account, of);
  } finally {
    await account.close();
  }
};
const codeOf = async (of: WebhookRequest, settings?: object) => {
  const result = await receive(of, settings);
  return result?.ok ? "ok" : result?.fault.code;
};

test("a signed message becomes an event whose key is webhook-id", async () => {
  const result = await receive(request(hello));
  assert.ok(result?.ok);
  assert.deepEqual(result.value.events, [helloEvent]);
  assert.equal(result.value.response.status, 202);
});

const corpus = new URL("../../../../shared/corpora/standard-webhooks/vectors.json", import.meta.url);

test("the specification's own vector", { skip: existsSync(corpus) ? false : "the corpora beside the repository are absent" }, () => {
  const { official } = JSON.parse(readFileSync(corpus, "utf8")) as { official: Record<string, string> };
  const headers = {
    "webhook-id": official["webhook-id"] ?? "",
    "webhook-timestamp": official["webhook-timestamp"] ?? "",
    "webhook-signature": official["webhook-signature"] ?? "",
  };
  const body = Buffer.from(official.body ?? "");
  assert.ok(verify([keyOf(official.secret)], { headers, body }, now).ok);
  assert.equal(sign(key, headers["webhook-id"], Number(headers["webhook-timestamp"]), body), headers["webhook-signature"]);
});

test("several signatures, one of them right; a secret without its prefix; a secret that is being changed", async () => {
  const right = request(hello).headers["webhook-signature"];
  const other = `v1,${Buffer.alloc(32).toString("base64")}`;
  for (const signatures of [`${other} ${right}`, `${right} ${other}`, `v2,x ${right}`, `${other}, ${right}`, `v1a,zzz ${right}`]) {
    assert.equal(await codeOf(request(hello, { headers: { "webhook-signature": signatures } })), "ok", signatures);
  }
  assert.equal(await codeOf(request(hello), { secret: secret.slice(6) }), "ok");
  assert.equal(await codeOf(request(hello), { secret: `whsec_${Buffer.alloc(24, 1).toString("base64")}`, previousSecret: secret }), "ok");
});

const right = request(hello).headers["webhook-signature"] as string;
const digest = right.slice(3);
const refusals: [name: string, request: WebhookRequest, code: ErrorCode][] = [
  ["no webhook-id", request(hello, { headers: { "webhook-id": undefined } }), "signature-missing"],
  ["no webhook-timestamp", request(hello, { headers: { "webhook-timestamp": undefined } }), "signature-missing"],
  ["no webhook-signature", request(hello, { headers: { "webhook-signature": undefined } }), "signature-missing"],
  ["empty signature", request(hello, { headers: { "webhook-signature": "" } }), "signature-missing"],
  ["'v1,' alone", request(hello, { headers: { "webhook-signature": "v1," } }), "signature-invalid"],
  ["garbage", request(hello, { headers: { "webhook-signature": "v1,dawfeoifkpqwoekfpqoekf" } }), "signature-invalid"],
  ["cut to 8 characters", request(hello, { headers: { "webhook-signature": right.slice(0, 11) } }), "signature-invalid"],
  [
    "half a digest",
    request(hello, { headers: { "webhook-signature": `v1,${Buffer.from(digest, "base64").subarray(0, 16).toString("base64")}` } }),
    "signature-invalid",
  ],
  ["right digest under v2", request(hello, { headers: { "webhook-signature": `v2,${digest}` } }), "signature-invalid"],
  ["10,000 signatures", request(hello, { headers: { "webhook-signature": `${"v1,xxxx ".repeat(10_000)}${right}` } }), "signature-invalid"],
  ["301 s old", request(hello, { seconds: now / 1000 - 301 }), "signature-stale"],
  ["301 s ahead", request(hello, { seconds: now / 1000 + 301 }), "signature-stale"],
  ["timestamp hello", request(hello, { headers: { "webhook-timestamp": "hello" } }), "signature-stale"],
  ["timestamp 1e309", request(hello, { headers: { "webhook-timestamp": "1e309" } }), "signature-stale"],
  ["timestamp in milliseconds", request(hello, { seconds: now }), "signature-stale"],
  ["negative timestamp", request(hello, { headers: { "webhook-timestamp": `-${now / 1000}` } }), "signature-stale"],
  ["another id than was signed", request(hello, { headers: { "webhook-id": "msg_2" } }), "signature-invalid"],
  ["the same body in another spelling", { ...request(hello), body: Buffer.from(JSON.stringify(hello, null, 1)) }, "signature-invalid"],
  ["GET", { ...request(hello), method: "GET" }, "method-refused"],
];
for (const [name, of, code] of refusals) test(`refused: ${name}`, async () => assert.equal(await codeOf(of), code));

test("exactly 300 s are within the tolerance", async () => {
  assert.equal(await codeOf(request(hello, { seconds: now / 1000 - 300 })), "ok");
  assert.equal(await codeOf(request(hello, { seconds: now / 1000 + 300 })), "ok");
});

for (const broken of ["whsec_", "", "whsec_!!!", "short", undefined]) {
  test(`without a usable secret (${JSON.stringify(broken)}) nothing is accepted, not even what is signed with it`, () => {
    const forged = createHmac("sha256", "")
      .update(`msg_1.${now / 1000}.{}`)
      .digest("base64");
    for (const signature of [`v1,${forged}`, right]) {
      const headers = { ...request("{}").headers, "webhook-signature": signature };
      const result = verify([keyOf(broken)], { headers, body: Buffer.from("{}") }, now);
      assert.equal(!result.ok && result.fault.code, "signature-invalid");
    }
  });
}

test("a signature in another spelling of base64 isn't another event: the key is the id", async () => {
  const spelled = `v1,${digest.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
  assert.equal(await codeOf(request(hello, { headers: { "webhook-signature": spelled } })), spelled === right ? "ok" : "signature-invalid");
  const keys = new Set<string>();
  for (const signatures of [right, `${right} ${right}`]) {
    const result = await receive(request(hello, { headers: { "webhook-signature": signatures } }));
    if (result?.ok) for (const event of result.value.events) keys.add(event.key);
  }
  assert.deepEqual([...keys], ["msg_1"]);
});

const bodies: [name: string, body: string, code: ErrorCode | "ok"][] = [
  ["no JSON", "hello", "body-malformed"],
  ["nothing", "", "body-malformed"],
  ["100,000 levels", "[".repeat(100_000), "body-too-deep"],
  ["__proto__", '{"__proto__":{"admin":true}}', "body-malformed"],
  ["an array", "[]", "payload-unknown"],
  ["null", "null", "payload-unknown"],
  ["no sender", JSON.stringify({ conversation: "c", text: "x" }), "payload-unknown"],
  ["neither text nor parts", JSON.stringify({ conversation: "c", sender: { id: "u" } }), "payload-unknown"],
  ["an id as a number", '{"conversation":9007199254740993,"sender":{"id":"u"},"text":"x"}', "payload-unknown"],
  ["an id of 1e400", '{"conversation":"c","sender":{"id":1e400},"text":"x"}', "payload-unknown"],
  ["an empty id", '{"conversation":"","sender":{"id":"u"},"text":"x"}', "payload-unknown"],
  [
    "a file on the disk",
    '{"conversation":"c","sender":{"id":"u"},"parts":[{"type":"file","url":"file:///etc/passwd"}]}',
    "payload-unknown",
  ],
  ["an unknown type", '{"type":"poll","conversation":"c","sender":{"id":"u"},"text":"x"}', "payload-unknown"],
  ["unknown keys", '{"conversation":"c","sender":{"id":"u","constructor":{"prototype":{"admin":1}}},"text":"x","extra":[1]}', "ok"],
];
for (const [name, body, code] of bodies) {
  test(`body: ${name}`, async () => {
    assert.equal(await codeOf(request(body)), code);
    assert.equal(({} as Record<string, unknown>).admin, undefined);
  });
}

test("a press, an edit, parts and the rest of the fields", async () => {
  const eventOf = async (body: object) => {
    const result = await receive(request(body));
    assert.ok(result?.ok, JSON.stringify(result));
    return result.value.events[0];
  };
  const common = { conversation: "c1", sender: { id: "u1", name: "Ann" } };
  assert.deepEqual(await eventOf({ ...common, type: "press", token: "ms_1:0" }), {
    kind: "press",
    key: "msg_1",
    chat,
    sender,
    at: now,
    token: "ms_1:0",
  });
  const edited = await eventOf({ ...common, type: "edit", id: "77", text: "new" });
  assert.ok(edited?.kind === "edit" && edited.platformId === "77");
  const full = await eventOf({
    ...common,
    kind: "group",
    thread: "t",
    title: "Team",
    id: "78",
    replyTo: "77",
    addressed: false,
    at: "2021-02-25T15:02:00+01:00",
    text: "see",
    parts: [
      { type: "image", url: "https://x.example/a.png", name: "a.png", mediaType: "image/png", size: 3 },
      { type: "location", latitude: 1, longitude: 2 },
    ],
  });
  assert.deepEqual(full, {
    kind: "message",
    key: "msg_1",
    chat: { id: "c1", thread: "t", kind: "group", title: "Team" },
    sender,
    at: Date.UTC(2021, 1, 25, 14, 2),
    platformId: "78",
    parts: [
      { type: "text", text: "see", markup: "plain" },
      { type: "image", source: { at: "platform", ref: "https://x.example/a.png", mediaType: "image/png", size: 3 }, name: "a.png" },
      { type: "location", latitude: 1, longitude: 2 },
    ],
    addressed: false,
    replyTo: "77",
  });
});

test("what we said ourselves and a program posts back is known as ours", async () => {
  const selfOf = async (body: object, id?: string) => {
    const result = await receive(request({ ...hello, ...body }, id === undefined ? {} : { id }));
    assert.ok(result?.ok, JSON.stringify(result));
    return result.value.events[0]?.sender.self;
  };
  const ours = newId("delivery", now);
  assert.equal(await selfOf({ id: ours }), true, "under the id that we gave it");
  assert.equal(await selfOf({}, ours), true, "with the header that we sent");
  assert.equal(await selfOf({ type: "edit", id: ours }), true);
  assert.equal(await selfOf({ sender: { id: "bot", self: true }, id: "theirs-1" }), true, "because it says so");
  assert.equal(await selfOf({ id: "dl_17" }), false);
  assert.equal(await selfOf({ id: "78", replyTo: ours }), false, "a reply to ours is theirs");
  assert.equal(await selfOf({ type: "press", id: ours, token: "ms_1:0", text: undefined }), false, "a button of ours is pressed by them");
});

test("a file's address was chosen by a stranger: only public ones are fetched", async () => {
  const account = openAccount(webhook, { secret, deliverTo: "https://x.example" });
  const found = await webhook.locateFile?.(account, "http://169.254.169.254/x", new AbortController().signal);
  assert.ok(found?.ok && found.value.trust === "public");
  await account.close();
});

test("what is posted out: everything that a receiver needs, the file's bytes included", async () => {
  const receiver = await Receiver.start();
  const bytes = new Uint8Array([1, 2, 3]);
  const account = openAccount(webhook, receiver.settings, { files: { fl_1: bytes } });
  receiver.answer = (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"id":"theirs-1"}');
  const sent = outbound(chat, "**hi**", {
    visible: "hi",
    replyTo: "77",
    buttons: [
      [{ label: "Yes", value: "secret value", token: "ms_1:0" }],
      [{ label: "Docs", value: "v", url: "https://a.example/", token: "ms_1:1" }],
    ],
    file: { type: "image", name: "a.png", source: { at: "store", id: "fl_1" as never, mediaType: "image/png", size: 3 } },
  });
  assert.deepEqual(await webhook.send(account, sent, new AbortController().signal), { kind: "sent", receipt: "theirs-1" });
  assert.deepEqual(receiver.posts, [
    {
      id: sent.delivery,
      body: {
        type: "message",
        id: sent.delivery,
        account: "test-account",
        conversation: "c1",
        replyTo: "77",
        text: "**hi**",
        plain: "hi",
        buttons: [[{ label: "Yes", token: "ms_1:0" }], [{ label: "Docs", url: "https://a.example/" }]],
        file: { type: "image", name: "a.png", mediaType: "image/png", size: 3, data: "AQID" },
      },
    },
  ]);
  await account.close();
  await receiver.close();
});

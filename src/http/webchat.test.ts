import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import { composeTestGateway, quiet } from "../../test/compose.ts";
import { temporaryHome } from "../../test/gateway-process.ts";
import webchat from "../channels/webchat.ts";
import type { HttpSettings } from "../core/configuration.ts";
import { defaultTenant } from "../core/ids.ts";
import type { Provider } from "../core/provider.ts";
import { systemClock } from "../system-clock.ts";
import { startVisit } from "./visit.ts";
import { createWebchat } from "./webchat.ts";

/** Says what it heard, and offers buttons when asked. It waits for `go` where a test wants to look before the end. */
function echo(go: Promise<void> = Promise.resolve()): Provider<never> {
  return {
    kind: "echo",
    name: "Echo",
    settings: undefined as never,
    models: async () => ({ ok: true, value: ["echo"] }),
    async *stream(_account, request) {
      const last = request.messages.at(-1);
      const said = last?.role === "user" ? last.content.map((part) => (part.type === "text" ? part.text : "")).join("") : "";
      yield { type: "text", delta: "You said: " };
      await go;
      yield { type: "text", delta: said === "buttons" ? "pick\n\n```buttons\nYes = yes please\n```" : said };
      yield { type: "end", reason: "stop", usage: { input: 1, cachedInput: 0, output: 1, reported: true } };
    },
  };
}

interface Site {
  readonly url: string;
  ask(path: string, init?: RequestInit & { readonly token?: string; readonly json?: unknown }): Promise<Response>;
  visit(): Promise<string>;
  /** Live events of a visitor as they arrive. */
  listen(
    token: string,
  ): Promise<{ until(type: string): Promise<Record<string, unknown>>; readonly seen: string[]; readonly ended: Promise<void> }>;
  readonly gateway: Awaited<ReturnType<typeof composeTestGateway>>;
}

async function start(t: TestContext, provider = echo(), more: { origins?: string[]; key?: Uint8Array } = {}): Promise<Site> {
  const home = await temporaryHome();
  const gateway = await composeTestGateway({
    home: home.path,
    channels: [webchat as never],
    accounts: {
      web: { channel: "webchat", settings: { title: "Ask us", greeting: "Hi there" } },
      other: { channel: "webchat", settings: {} },
    },
    provider,
  });
  const settings: HttpSettings = { hosts: [], origins: more.origins ?? [], allowPrivate: [], trustedProxies: [] };
  const { store } = gateway;
  const chat = createWebchat({
    ...{ tenant: defaultTenant, gateway: gateway.gateway, store, live: gateway.live, http: () => settings, clock: systemClock, log: quiet },
    settings: (account) => gateway.configuration.accounts.get(account as never)?.settings,
    key: async () => more.key ?? new Uint8Array(32).fill(7),
  });
  const listener = getRequestListener(chat.app.fetch);
  const server = createServer((incoming, outgoing) => {
    startVisit(incoming, settings);
    void listener(incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(async () => {
    chat.close();
    server.closeAllConnections();
    server.close();
    await gateway[Symbol.asyncDispose]();
    await home[Symbol.asyncDispose]();
  });
  const site: Site = {
    url,
    gateway,
    ask(path, { token, json, ...init } = {}) {
      const headers: Record<string, string> = { ...(init.headers as Record<string, string>) };
      if (token !== undefined) headers.authorization = `Bearer ${token}`;
      if (json !== undefined) headers["content-type"] = "application/json";
      return fetch(url + path, {
        method: json === undefined ? "GET" : "POST",
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        ...init,
        headers,
      });
    },
    async visit() {
      return ((await (await site.ask("/chat/web/visit", { method: "POST" })).json()) as { token: string }).token;
    },
    async listen(token) {
      const response = await site.ask("/chat/web/events", { token });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
      const seen: string[] = [];
      const events: { type: string; data: Record<string, unknown> }[] = [];
      let heard = () => {};
      const ended = (async () => {
        let rest = "";
        const utf8 = new TextDecoder();
        for await (const chunk of response.body as ReadableStream<Uint8Array>) {
          const blocks = (rest + utf8.decode(chunk, { stream: true })).split("\n\n");
          rest = blocks.pop() ?? "";
          for (const block of blocks) {
            const type = /^event: (.*)$/m.exec(block)?.[1];
            if (type === undefined) continue;
            assert.match(block, /^id: \d+$/m);
            events.push({ type, data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "") });
            seen.push(type);
          }
          heard();
        }
      })().catch(() => {});
      return {
        seen,
        ended,
        async until(type) {
          for (;;) {
            const at = events.findIndex((event) => event.type === type);
            if (at >= 0) return events.splice(0, at + 1).at(-1)?.data ?? {};
            await new Promise<void>((resolve) => {
              heard = resolve;
            });
          }
        },
      };
    },
  };
  return site;
}

const code = async (response: Response) => ((await response.json()) as { error?: { code: string } }).error?.code;
const post = (site: Site, token: string, id: string, text: string) => site.ask("/chat/web/messages", { token, json: { id, text } });

test("a message is answered, live and in the history; a repeated post is the same message", async (t) => {
  const site = await start(t);
  const token = await site.visit();
  const live = await site.listen(token);
  const first = await post(site, token, "message-1", "hello");
  assert.equal(first.status, 202);
  const { message, duplicate } = (await first.json()) as { message: string; duplicate: boolean };
  assert.equal(duplicate, false);
  const answer = await live.until("delivered");
  const again = (await (await post(site, token, "message-1", "hello")).json()) as { message: string; duplicate: boolean };
  assert.deepEqual([again.message, again.duplicate], [message, true]);
  assert.deepEqual([...new Set(live.seen)], ["message", "turn-start", "turn-text", "turn-end", "delivered"]);
  const { messages } = (await (await site.ask("/chat/web/messages", { token })).json()) as {
    messages: { id: string; direction: string; parts: unknown }[];
  };
  assert.deepEqual(
    messages.map(({ id, direction, parts }) => ({ id, direction, parts })),
    [
      { id: message, direction: "in", parts: [{ type: "text", text: "hello", markup: "plain" }] },
      { id: answer.message, direction: "out", parts: [{ type: "text", text: "You said: hello", markup: "markdown" }] },
    ],
  );
});

test("who comes back in the middle of an answer sees it from its beginning", async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const site = await start(t, echo(promise));
  const token = await site.visit();
  const live = await site.listen(token);
  await post(site, token, "message-1", "hello");
  await live.until("turn-text");
  const late = await site.listen(token);
  assert.equal((await late.until("turn-text")).delta, "You said: ");
  resolve();
  await late.until("delivered");
});

test("buttons show a token instead of their value, and only their own visitor can press them", async (t) => {
  const site = await start(t);
  const token = await site.visit();
  const live = await site.listen(token);
  await post(site, token, "message-1", "buttons");
  await live.until("turn-end");
  const { parts } = (await live.until("message")) as { parts: { type: string; rows?: { label: string; token: string }[][] }[] };
  assert.ok(!JSON.stringify(parts).includes("yes please"));
  const button = parts.find((part) => part.type === "buttons")?.rows?.flat()[0];
  assert.equal(button?.label, "Yes");
  const stranger = await site.visit();
  await post(site, stranger, "message-1", "hello");
  const stolen = await site.ask("/chat/web/press", { token: stranger, json: { id: "press-0001", token: button?.token } });
  assert.deepEqual([stolen.status, await code(stolen)], [404, "not-found"]);
  const pressed = await site.ask("/chat/web/press", { token, json: { id: "press-0001", token: button?.token } });
  assert.equal(pressed.status, 202);
  await live.until("delivered");
  assert.match(JSON.stringify(await live.until("message")), /You said: yes please/);
});

test("a visitor's token opens his own conversation of one account, and nothing can be made of it", async (t) => {
  const site = await start(t);
  const token = await site.visit();
  await post(site, token, "message-1", "secret words");
  const other = await site.visit();
  assert.deepEqual(await (await site.ask("/chat/web/messages", { token: other })).json(), { messages: [] });
  const [account, visitor, at, mac] = token.split(".") as [string, string, string, string];
  const forged = [
    "",
    "x",
    `other.${visitor}.${at}.${mac}`,
    `${account}.vs_${"0".repeat(32)}.${at}.${mac}`,
    `${account}.${visitor}.${Number(at) + 1}.${mac}`,
    `${account}.${visitor}.${at}.${mac.slice(0, 42)}${mac.endsWith("A") ? "E" : "A"}`,
    `${account}.${visitor}.${at}.${mac}.`,
  ];
  for (const bad of forged) {
    const refused = await site.ask("/chat/web/messages", { token: bad });
    assert.deepEqual([refused.status, await code(refused)], [401, "login-required"], bad);
  }
  assert.equal((await site.ask("/chat/other/messages", { token })).status, 401);
  assert.equal((await site.ask("/chat/web/messages")).status, 401);
});

test("the same visitor gets a fresh token", async (t) => {
  const site = await start(t);
  const token = await site.visit();
  const again = (await (await site.ask("/chat/web/visit", { method: "POST", token })).json()) as {
    token: string;
    new: boolean;
    title: string;
    greeting: string;
  };
  assert.equal(again.token.split(".")[1], token.split(".")[1]);
  assert.deepEqual([again.new, again.title, again.greeting], [false, "Ask us", "Hi there"]);
});

test("other sites: only those of http.origins may use it, and may read the answers", async (t) => {
  const site = await start(t, echo(), { origins: ["https://shop.example"] });
  const from = (origin: string, method = "POST") => site.ask("/chat/web/visit", { method, headers: { origin } });
  for (const origin of [
    "https://evil.example",
    "null",
    "https://shop.example.evil.example",
    "http://shop.example",
    "https://shop.example:8443",
  ]) {
    const refused = await from(origin);
    assert.deepEqual([refused.status, refused.headers.get("access-control-allow-origin")], [403, null], origin);
  }
  const allowed = await from("https://shop.example");
  assert.equal(allowed.headers.get("access-control-allow-origin"), "https://shop.example");
  assert.equal(allowed.headers.get("access-control-allow-credentials"), null);
  assert.match(allowed.headers.get("vary") ?? "", /origin/i);
  const preflight = await from("https://shop.example", "OPTIONS");
  assert.deepEqual([preflight.status, preflight.headers.get("access-control-allow-headers")], [204, "authorization, content-type"]);
  assert.equal((await from("https://evil.example", "OPTIONS")).status, 403);
  assert.equal((await from(site.url)).status, 201);
  const refused = await site.ask("/chat/web/messages", { headers: { origin: "https://shop.example" } });
  assert.deepEqual([refused.status, refused.headers.get("access-control-allow-origin")], [401, "https://shop.example"]);
});

const bad: [name: string, init: RequestInit & { json?: unknown }, status: number, code: string][] = [
  ["no JSON", { method: "POST", body: "id=1", headers: { "content-type": "application/x-www-form-urlencoded" } }, 415, "type-unsupported"],
  ["malformed JSON", { method: "POST", body: "{", headers: { "content-type": "application/json" } }, 400, "body-malformed"],
  ["deep JSON", { method: "POST", body: "[".repeat(60_000), headers: { "content-type": "application/json" } }, 400, "body-too-deep"],
  ["too large", { json: { id: "message-1", text: "x".repeat(70_000) } }, 413, "body-too-large"],
  ["too long a text", { json: { id: "message-1", text: "x".repeat(16_001) } }, 400, "request-invalid"],
  ["empty text", { json: { id: "message-1", text: " \n" } }, 400, "request-invalid"],
  ["no id", { json: { text: "x" } }, 400, "request-invalid"],
  ["an id that could be anything", { json: { id: "../../../../etc", text: "x" } }, 400, "request-invalid"],
  ["unknown keys", { json: { id: "message-1", text: "x", sender: "admin" } }, 400, "request-invalid"],
];
test("bad posts are refused by name, and nothing is stored", async (t) => {
  const site = await start(t);
  for (const [name, init, status, expected] of bad) {
    const refused = await site.ask("/chat/web/messages", { ...init, token: await site.visit() });
    assert.deepEqual([refused.status, await code(refused)], [status, expected], name);
  }
  assert.deepEqual(await site.gateway.store.records.conversations(defaultTenant, { limit: 10 }), []);
});

test("unknown accounts and addresses", async (t) => {
  const site = await start(t);
  assert.equal(await code(await site.ask("/chat/nobody/visit", { method: "POST" })), "account-unknown");
  assert.equal((await site.ask("/chat/nobody")).status, 404);
  assert.equal((await site.ask("/chat/web/nothing/here")).status, 404);
});

test("who posts too fast is told how long to wait, and nobody else is", async (t) => {
  const site = await start(t);
  const token = await site.visit();
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++) statuses.push((await post(site, token, `message-${n}x`, "hello")).status);
  assert.deepEqual([statuses[0], statuses.at(-1)], [202, 429]);
  const slowed = await post(site, token, "message-13", "hello");
  assert.equal(await code(slowed), "too-many-attempts");
  assert.ok(Number(slowed.headers.get("retry-after")) >= 1);
  assert.equal((await post(site, await site.visit(), "message-1", "hello")).status, 202);
});

test("a visitor's fifth live stream ends his first", async (t) => {
  const site = await start(t);
  const token = await site.visit();
  const first = await site.listen(token);
  for (let n = 0; n < 4; n++) await site.listen(token);
  await first.ended;
});

test("earlier messages come by pages", async (t) => {
  const site = await start(t);
  const token = await site.visit();
  const live = await site.listen(token);
  for (let n = 0; n < 3; n++) {
    await post(site, token, `message-${n}`, `text ${n}`);
    await live.until("delivered");
  }
  const page = async (query: string) =>
    (await (await site.ask(`/chat/web/messages?${query}`, { token })).json()) as { messages: { id: string }[]; before?: number };
  const newest = await page("limit=4");
  const rest = await page(`limit=4&before=${newest.before}`);
  assert.deepEqual([newest.messages.length, rest.messages.length, rest.before], [4, 2, undefined]);
  assert.equal(new Set([...newest.messages, ...rest.messages].map(({ id }) => id)).size, 6);
  assert.equal((await site.ask("/chat/web/messages?limit=1000", { token })).status, 400);
});

test("an answer that a takeover dropped is never shown", async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const site = await start(t, echo(promise));
  const token = await site.visit();
  const live = await site.listen(token);
  await post(site, token, "message-1", "hello");
  await live.until("turn-text");
  const [conversation] = await site.gateway.store.records.conversations(defaultTenant, { limit: 1 });
  assert.ok(conversation);
  await site.gateway.store.records.setControl(defaultTenant, conversation.id, "human", conversation.controlVersion, "ada", Date.now());
  resolve();
  await live.until("turn-end");
  await site.gateway.gateway.send({
    tenant: defaultTenant,
    to: { conversation: conversation.id },
    parts: [{ type: "text", text: "A person here", markup: "plain" }],
    by: "ada",
  });
  const shown = await live.until("message");
  assert.deepEqual([shown.author, JSON.stringify(shown.parts)], ["operator", '[{"type":"text","text":"A person here","markup":"plain"}]']);
  const { messages } = (await (await site.ask("/chat/web/messages", { token })).json()) as { messages: { author?: string }[] };
  assert.deepEqual(
    messages.map(({ author }) => author),
    [undefined, "operator"],
  );
});

test("the page names nothing but its script; the script may be loaded from anywhere and is cached", async (t) => {
  const site = await start(t);
  const page = await (await site.ask("/chat")).text();
  assert.match(page, /<script src="\/widget\.js" data-account="web" data-mode="page" defer><\/script>/);
  assert.doesNotMatch(page, /<style|\sstyle=|\son\w+=/);
  const script = await site.ask("/widget.js");
  assert.equal(script.headers.get("cross-origin-resource-policy"), "cross-origin");
  assert.equal(script.headers.get("content-encoding"), "gzip", "fetch asks for it and unpacks it");
  const plain = await site.ask("/widget.js", { headers: { "accept-encoding": "gzip;q=0, identity" } });
  assert.equal(plain.headers.get("content-encoding"), null);
  assert.equal(await plain.text(), await script.clone().text());
  const again = await site.ask("/widget.js", { headers: { "if-none-match": script.headers.get("etag") ?? "" } });
  assert.equal(again.status, 304);
});

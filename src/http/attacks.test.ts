import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { type Ask, accountStatus, owner, startTestServer, type TestServer } from "../../test/http-server.ts";
import { fail, ok } from "../core/errors.ts";
import { defaultTenant } from "../core/ids.ts";

let server: TestServer;
let cookie = "";
before(async () => {
  server = await startTestServer({ timeouts: { headersMs: 300, requestMs: 600, idleMs: 2_000, checkMs: 50 } });
  cookie = await server.setup();
  for (const id of ["bot", "flooded"]) server.gateway.accounts.set(id, accountStatus(id));
});
after(() => server[Symbol.asyncDispose]());

/** Sends bytes as they are; answers all that comes back until the connection ends. */
function raw(bytes: string | Buffer, options: { readonly end?: boolean } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.server.port, "127.0.0.1", () => (options.end ? socket.end(bytes) : socket.write(bytes)));
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" || error.code === "EPIPE" ? undefined : reject(error),
    );
  });
}

const login = (more: Ask): Ask => ({ method: "POST", ...more });
const json = { "content-type": "application/json" };

const bodies: readonly (readonly [string, string | Uint8Array, number, string])[] = [
  ["100,000 levels (A15)", "[".repeat(100_000), 400, "body-too-deep"],
  ["an object 5,000 levels deep (A15)", '{"name":'.repeat(5_000), 400, "body-too-deep"],
  ["1 MB of brackets (A15)", "[".repeat(1_048_576), 413, "body-too-large"],
  ["__proto__ (A16)", '{"name":"a","password":"b","__proto__":{"role":"owner"}}', 400, "body-malformed"],
  ["constructor (A16)", '{"name":"a","password":"b","constructor":{"prototype":{"role":"owner"}}}', 400, "request-invalid"],
  ["a role that nobody asked for (A46)", '{"name":"a","password":"b","role":"owner","tenant":"other"}', 400, "request-invalid"],
  ["another type", '{"name":["a"],"password":{"$ne":null}}', 400, "request-invalid"],
  ["a number for a text (A24)", '{"name":9007199254740993,"password":1e400}', 400, "request-invalid"],
  ["no JSON", "name=a&password=b", 400, "body-malformed"],
  ["nothing", "", 400, "body-malformed"],
  ["bytes that aren't UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 400, "body-malformed"],
  ["a lone surrogate in a key", '{"\\ud800":1}', 400, "request-invalid"],
];
for (const [name, body, status, code] of bodies) {
  test(`a body of ${name} is refused`, async () => {
    const answer = await server.ask("/api/login", login({ raw: body, headers: json }));
    assert.deepEqual([answer.status, answer.json.error?.code], [status, code], answer.text);
    assert.equal(({} as { role?: string }).role, undefined);
    assert.ok(answer.text.length < 1_000, "what was sent isn't sent back");
  });
}

const types = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/json garbage",
  "application/jsonp",
  "application/json; charset=utf-16",
  "text/json",
];
for (const type of types) {
  test(`Content-Type ${type} answers 415 (A19, A36)`, async () => {
    const answer = await server.ask("/api/login", login({ raw: JSON.stringify(owner), headers: { "content-type": type } }));
    assert.deepEqual([answer.status, answer.json.error?.code], [415, "type-unsupported"]);
    const pause = await server.ask("/api/accounts/x/pause", { method: "POST", raw: "x", cookie, headers: { "content-type": type } });
    assert.equal(pause.status, 415, "where no body is expected, too");
  });
}

test("a compressed body is refused, not unpacked (A18)", async () => {
  const answer = await server.ask("/api/login", login({ raw: Buffer.alloc(100), headers: { ...json, "content-encoding": "gzip" } }));
  assert.equal(answer.status, 415);
});

test("a body over the limit: announced, or chunked without an announcement; the connection ends (A17)", async () => {
  const announced = await raw("POST /hooks/bot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n\r\n");
  assert.match(announced, /^HTTP\/1\.1 413 [\s\S]*connection: close[\s\S]*body-too-large/i);
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  const chunked = await raw(`POST /hooks/bot HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(60)}`);
  assert.match(chunked, /^HTTP\/1\.1 413 /);
  assert.equal(server.hooked.length, 0);
});

test("a body that ends before its announced length reaches nobody (A17)", async () => {
  await raw("POST /hooks/bot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nshort", { end: true });
  assert.equal(server.hooked.length, 0);
  assert.equal((await server.ask("/livez")).status, 200);
});

const smuggled: readonly (readonly [string, string])[] = [
  ["CL.TE", "POST /hooks/bot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG"],
  ["two lengths", "POST /hooks/bot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"],
  ["TE hidden", "POST /hooks/bot HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"],
  ["bare LF", "GET /livez HTTP/1.1\nHost: localhost\n\n"],
  ["a space before the colon", "GET /livez HTTP/1.1\r\nHost : localhost\r\n\r\n"],
  ["no host", "GET /livez HTTP/1.1\r\n\r\n"],
  ["a folded header", "GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n"],
  ["nonsense", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000"],
];
for (const [name, bytes] of smuggled) {
  test(`${name} answers 400 and the connection ends (A22)`, async () => {
    const answer = await raw(bytes);
    if (name === "a folded header") assert.match(answer, /^(HTTP\/1\.1 400 |$)/);
    else assert.match(answer, /^HTTP\/1\.1 400 /);
  });
}

test("too many or too large headers answer 431 (A61)", async () => {
  assert.match(await raw(`GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: ${"a".repeat(40_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
});

test("500 sockets that send a byte now and then are cut with 408; others are served meanwhile (A21)", async () => {
  const slow = Array.from({ length: 500 }, () => raw("POST /hooks/bot HTTP/1.1\r\nHost: localhost\r\n"));
  const body = raw("POST /hooks/bot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx");
  assert.equal((await server.ask("/livez")).status, 200);
  assert.equal((await server.ask("/api/me", { cookie })).status, 200);
  for (const answer of await Promise.all(slow)) assert.match(answer, /^HTTP\/1\.1 408 /);
  assert.match(await body, /^(HTTP\/1\.1 408 |$)/);
});

const paths: readonly (readonly [string, number])[] = [
  ["/%", 400],
  ["/%c3", 400],
  ["/api/%", 400],
  ["/hooks/%c0%ae%c0%ae", 400], // an overlong way to write ".."
  ["/a%00b", 400],
  ["/hooks/bot%00", 400],
  ["/hooks/", 404],
  ["/hooks/..%2f..%2fetc", 404],
  ["/hooks/bot/more", 404],
  [`/hooks/${"a".repeat(64)}`, 404],
];
for (const [path, status] of paths) {
  test(`the path ${path.slice(0, 30)} answers ${status} (A23)`, async () => {
    assert.equal((await server.ask(path)).status, status);
  });
}
test("an absolute or star form of the address answers 400", async () => {
  for (const target of ["http://attacker.example/api/me", "*", "api/me"]) {
    assert.match(await raw(`OPTIONS ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 400 /, target);
  }
});

test("another site's name in Host answers 421 everywhere but for platforms and probes (A35)", async () => {
  const headers = { host: "attacker.example:8501" };
  for (const path of ["/", "/api/status", "/api/me", "/metrics", "/assets/x.js", "/chat"]) {
    const answer = await server.ask(path, { headers, cookie });
    assert.deepEqual([answer.status, answer.json.error?.code], [421, "host-refused"], path);
  }
  assert.equal((await server.ask("/api/login", login({ body: owner, headers }))).status, 421);
  assert.equal((await server.ask("/livez", { headers })).status, 200);
  assert.equal((await server.ask("/hooks/bot", { method: "POST", headers })).status, 200);
});

test("a change from another site's page answers 403, a read is no change (A36)", async () => {
  for (const headers of [{ origin: "https://attacker.example" }, { "sec-fetch-site": "cross-site" }, { origin: "null" }]) {
    const answer = await server.ask("/api/logout", { method: "POST", cookie, headers });
    assert.deepEqual([answer.status, answer.json.error?.code], [403, "origin-refused"]);
  }
  assert.equal((await server.ask("/api/me", { cookie })).status, 200);
  const wrongMethod = await server.ask("/api/logout", { cookie });
  assert.deepEqual([wrongMethod.status, wrongMethod.headers.allow], [405, "POST"]);
});

test("a webhook that refuses a method names the one that it takes", async () => {
  const { webhook } = server.gateway;
  server.gateway.webhook = async () => fail("method-refused", "updates are posted");
  assert.equal((await server.ask("/hooks/bot")).headers.allow, "POST");
  assert.equal((await server.ask("/hooks/bot", { method: "POST" })).headers.allow, "", "this account takes none");
  server.gateway.webhook = webhook;
});

test("thousands of different headers leave nothing behind (A20)", async () => {
  const measure = async (): Promise<number> => {
    for (let i = 0; i < 500; i++) await server.ask("/livez", { headers: { accept: `type/x${i}`, "user-agent": `agent ${i}` } });
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  await measure();
  const before = await measure();
  assert.ok((await measure()) - before < 20_000_000);
});

test("every answer carries what browsers need to keep to themselves", async () => {
  for (const path of ["/", "/api/me", "/nothing.js", "/readyz"]) {
    const { headers } = await server.ask(path, { cookie });
    assert.match(String(headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/);
    assert.doesNotMatch(String(headers["content-security-policy"]), /unsafe|\*/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.match(String(headers["x-request-id"]), /^rq_[\w-]{12}$/);
    assert.equal(headers["x-powered-by"], undefined);
  }
});

test("a platform's challenge with markup comes back as plain text (A14)", async () => {
  server.gateway.webhook = async () => ok({ status: 200, headers: { "Content-Type": "text/html" }, body: "<script>alert(1)</script>" });
  const answer = await server.ask("/hooks/bot?hub.challenge=%3Cscript%3E");
  assert.equal(answer.headers["content-type"], "text/plain; charset=utf-8");
  assert.equal(answer.headers["x-content-type-options"], "nosniff");
  assert.match(String(answer.headers["content-security-policy"]), /sandbox/);
  server.gateway.webhook = async () => ok({ status: 200 });
});

test("a webhook's bytes, headers and address arrive as they were sent; its answer goes back", async () => {
  server.gateway.webhook = async () => ok({ status: 202, headers: { "x-answer": "yes" }, body: '{"ok":true}' });
  const body = Buffer.from([0, 255, 10, 13, 123]);
  const answer = await server.ask("/hooks/bot?a=1&a=%20", { method: "POST", raw: body, headers: { "X-Signature": "abc", "x-list": "1" } });
  assert.deepEqual([answer.status, answer.headers["x-answer"], answer.text], [202, "yes", '{"ok":true}']);
  const got = server.hooked.at(-1);
  assert.deepEqual([got?.method, got?.url, got?.headers["x-signature"]], ["POST", "/hooks/bot?a=1&a=%20", "abc"]);
  assert.deepEqual(Buffer.from(got?.body ?? []), body);
  server.gateway.webhook = async () => ok({ status: 200 });
});

test("what the gateway says of a webhook becomes the status; a bug tells nothing", async () => {
  const refusals = [
    [() => fail("signature-invalid", "the signature is wrong"), 401, "signature-invalid", "the signature is wrong"],
    [() => fail("account-paused", "paused"), 503, "account-paused", "paused"],
    [() => fail("store-unavailable", "disk full"), 503, "store-unavailable", "disk full"],
    [() => fail("internal", "secret detail"), 500, "internal", "something went wrong inside"],
  ] as const;
  for (const [webhook, status, code, message] of refusals) {
    server.gateway.webhook = async () => webhook();
    const answer = await server.ask("/hooks/bot", { method: "POST" });
    assert.deepEqual([answer.status, answer.json.error?.code, answer.json.error?.message], [status, code, message]);
    assert.equal(answer.headers["retry-after"] !== undefined, status === 503);
  }
  const audit = await server.store.records.auditLog(defaultTenant, { limit: 10 });
  const [noted] = audit.filter(({ action }) => action === "webhook-refuse");
  assert.deepEqual(
    { ...noted?.detail, subject: noted?.subject },
    { subject: "bot", code: "signature-invalid", peer: "127.0.0.1", more: 0 },
  );
  server.gateway.webhook = async () => {
    throw new Error("a bug with a secret detail");
  };
  const bug = await server.ask("/hooks/bot", { method: "POST" });
  assert.equal(bug.status, 500);
  assert.doesNotMatch(bug.text, /detail/);
  assert.ok(server.lines.some((line) => line.includes("secret detail") && line.includes(bug.json.error?.requestId ?? "?")));
  server.gateway.webhook = async () => ok({ status: 200 });
});

test("a flood of refused webhooks is noted, and fills neither log nor audit log", async () => {
  server.gateway.webhook = async () => fail("signature-missing", "no signature");
  const lines = server.lines.length;
  for (let i = 0; i < 200; i++) await server.ask("/hooks/flooded", { method: "POST" });
  const told = server.lines.slice(lines).filter((line) => line.includes("webhook-refuse"));
  const audit = await server.store.records.auditLog(defaultTenant, { limit: 50 });
  assert.deepEqual([told.length, audit.filter(({ subject }) => subject === "flooded").length], [1, 1]);
  server.gateway.webhook = async () => ok({ status: 200 });
});

test("a webhook for nobody is answered without reading it, and noted once for all names", async () => {
  for (let i = 0; i < 50; i++) {
    const answer = await server.ask(`/hooks/made-up-${i}`, { method: "POST", raw: "x".repeat(100_000) });
    assert.deepEqual([answer.status, answer.json.error?.code], [404, "account-unknown"]);
  }
  const audit = await server.store.records.auditLog(defaultTenant, { limit: 200 });
  assert.equal(audit.filter(({ detail }) => detail?.code === "account-unknown").length, 1);
  assert.equal(server.lines.filter((line) => line.includes("made-up-")).length <= 1, true);
});

test("text in headers that breaks lines or steers terminals stays on one log line (A61)", async () => {
  const lines = server.lines.length;
  await server.ask(
    "/api/login",
    login({ body: { name: "a\r\n\u001b[31mforged\u2028", password: "guess guess guess" }, headers: { "user-agent": "x\u0085y\u009b31m" } }),
  );
  for (const line of server.lines.slice(lines)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    assert.doesNotThrow(() => JSON.parse(line));
  }
});

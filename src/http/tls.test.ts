import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type IncomingMessage, request as requestInClear } from "node:http";
import { Agent, request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { connect, type TLSSocket } from "node:tls";
import { startTestServer } from "../../test/http-server.ts";
import { makeCertificate } from "../../test/support/certificate.ts";
import type { Log } from "../core/log.ts";
import { certificateFindings, openTls } from "../ops/certificate.ts";
import { systemClock as clock } from "../system-clock.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
const dayMs = 86_400_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function start(t: TestContext, settings: object = {}) {
  const folder = await mkdtemp(join(tmpdir(), "polylogue-tls-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const files = makeCertificate(folder, "first");
  const opened = await openTls(files, { clock, log, everyMs: 20 });
  if (!opened.ok) throw new Error(opened.fault.message);
  t.after(() => opened.value.stop());
  const on = await startTestServer({ tls: opened.value, configuration: { http: { tls: { ...files, ...settings } } } });
  t.after(() => on[Symbol.asyncDispose]());
  return { folder, files, watch: opened.value, port: on.server.port, url: on.server.url };
}

async function get(port: number, path: string, options: object = {}): Promise<IncomingMessage> {
  const asked = request({ host: "127.0.0.1", port, path, rejectUnauthorized: false, ...options }).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.resume();
  return answer;
}

async function shown(port: number): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; !(await condition()); waited += 20) {
    assert.ok(waited < 5_000, what);
    await pause(20);
  }
}

test("TLS from 1.2 on, with HSTS; plain HTTP gets no answer of ours", async (t) => {
  const { port, url, files } = await start(t);
  assert.equal(url, `https://127.0.0.1:${port}/`);
  const answer = await get(port, "/livez", { ca: await readFile(files.certificate), rejectUnauthorized: true });
  assert.equal(answer.statusCode, 200);
  assert.match(String(answer.headers["strict-transport-security"]), /max-age=\d{8}/);
  assert.equal((await get(port, "/livez", { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" })).statusCode, 200);
  const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
  await assert.rejects(get(port, "/livez", old), /protocol version|ERR_SSL|unsupported/i);
  await assert.rejects(once(requestInClear({ host: "127.0.0.1", port, path: "/livez" }).end(), "response"));
});

test("a renewed certificate counts at once for who comes, and who is connected stays", async (t) => {
  const { folder, port, watch } = await start(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const before = await get(port, "/livez", { agent });
  const socket = before.socket as TLSSocket;
  await once(before, "close");
  makeCertificate(folder, "second");
  await until(async () => (await shown(port)) === "second", "the new one never came");
  const after = await get(port, "/livez", { agent });
  assert.equal(after.statusCode, 200);
  assert.equal(after.socket, socket, "the connection of before");
  assert.deepEqual(watch.findings(), []);
});

test("a certificate that can't be used changes nothing and is a finding, until it is put right", async (t) => {
  const { folder, files, port, watch } = await start(t);
  const good = await readFile(files.key);
  await writeFile(files.key, "-----BEGIN PRIVATE KEY-----\nbroken\n");
  await until(() => watch.findings().length > 0, "no finding");
  assert.deepEqual([watch.findings()[0]?.code, watch.findings()[0]?.severity], ["tls-unusable", "error"]);
  assert.equal(await shown(port), "first");
  const elsewhere = await mkdtemp(join(folder, "other-"));
  await writeFile(files.key, await readFile(makeCertificate(elsewhere, "other").key));
  await pause(100);
  assert.equal(watch.findings()[0]?.code, "tls-unusable", "another certificate's key");
  await writeFile(files.key, good);
  await until(() => watch.findings().length === 0, "the finding stayed");
  assert.equal(await shown(port), "first");
});

test("who asks for TLS and has no usable certificate isn't served without", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "polylogue-tls-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const files = makeCertificate(folder, "first");
  const opened = await openTls({ ...files, key: join(folder, "none.pem") }, { clock, log });
  assert.equal(opened.ok ? undefined : opened.fault.code, "tls-unusable");
});

test("an end that is near is told, and one that is past", () => {
  assert.deepEqual(certificateFindings(20 * dayMs, 0), []);
  assert.deepEqual(certificateFindings(5 * dayMs, 0)[0]?.severity, "warning");
  assert.deepEqual(certificateFindings(5 * dayMs, 6 * dayMs)[0]?.severity, "error");
});

test("http leads to https, but nothing that was sent along does", async (t) => {
  const redirectPort = await freePort();
  const { port } = await start(t, { redirectPort });
  const ask = async (options: object) => {
    const asked = requestInClear({ host: "127.0.0.1", port: redirectPort, ...options }).end();
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    answer.resume();
    return [answer.statusCode, answer.headers.location];
  };
  assert.deepEqual(await ask({ path: "/trace/ev_1?x=1" }), [308, `https://127.0.0.1:${port}/trace/ev_1?x=1`]);
  assert.deepEqual(await ask({ path: "/api/login", method: "POST" }), [403, undefined]);
  assert.deepEqual(await ask({ path: "/", headers: { host: "evil.example" } }), [421, undefined]);
  assert.deepEqual(await ask({ path: "//evil.example/" }), [308, `https://127.0.0.1:${port}//evil.example/`]);
});

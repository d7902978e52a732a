import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { contract } from "../../src/http/contract.ts";
import { packagesFolder } from "../../src/places.ts";
import { setupToken, temporaryHome } from "../gateway-process.ts";
import { makeCertificate } from "../servers/certificate.ts";
import { postgresMissing, startPostgres } from "../servers/postgres.ts";
import { redisMissing, startRedis } from "../servers/redis.ts";
import { startTraceReceiver } from "../simulators/otlp.ts";
import { type Canary, fullConfiguration } from "./secrets/full-configuration.ts";
import { type Leaving, leaks } from "./secrets/leaks.ts";
import { startQuotingServers } from "./secrets/quoting.ts";
import { type WatchedGateway, watchGateway } from "./secrets/watched-gateway.ts";

const password = "a-long-enough-password-1";

/** A visit as the owner: every answer is kept. */
async function visit(gateway: WatchedGateway) {
  const url = (await gateway.url) ?? "";
  assert.notEqual(url, "", JSON.stringify(gateway.written()));
  const answers: Leaving[] = [];
  let cookie = "";
  async function ask(path: string, body?: object, method = body ? "POST" : "GET"): Promise<Response> {
    const headers = { cookie, origin: url, ...(body && { "content-type": "application/json" }) };
    const answer = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await answer.clone().text();
    answers.push({ where: `${method} ${path}`, text: `${JSON.stringify([...answer.headers])} ${text}` });
    return answer;
  }
  const made = await ask("/api/setup", { token: setupToken, name: "Ada", password });
  const known = made.ok ? made : await ask("/api/login", { name: "Ada", password });
  cookie = String(known.headers.get("set-cookie")).split(";")[0] as string;
  assert.notEqual(cookie, "null");
  answers.length = 0;

  /** Everything that can be looked at. */
  async function lookAround(ids: Readonly<Record<string, readonly string[]>>): Promise<void> {
    for (const { method, path } of Object.values(contract)) {
      if (method !== "get" || path === "/api/events") continue;
      const part = /^\/api\/(\w+)\/\{id\}/.exec(path)?.[1];
      const paths = part ? (ids[part] ?? []).map((id) => path.replace("{id}", id)) : path.includes("{") ? [] : [path];
      for (const each of paths) assert.notEqual((await ask(each)).status, 500, each);
    }
    await ask("/metrics");
  }
  return { url, answers, ask, lookAround };
}

test("nothing secret of a full configuration leaves the gateway, whatever goes wrong", { timeout: 180_000 }, async () => {
  await using home = await temporaryHome();
  await using servers = await startQuotingServers(home.path);
  await using receiver = await startTraceReceiver();
  const full = await fullConfiguration(servers, home.path);
  for (const [file, text] of full.files) await writeFile(file, text);
  const own = (where: string): Canary => ({ where, text: `canary-${randomBytes(20).toString("hex")}` });
  const [traces, master] = [own("OTEL_EXPORTER_OTLP_HEADERS"), { where: "POLYLOGUE_MASTER_KEY", text: randomBytes(32).toString("base64") }];
  const canaries = [...full.canaries, traces, master];
  await mkdir(packagesFolder(home.path));
  await symlink(join(import.meta.dirname, "../../node_modules"), join(packagesFolder(home.path), "node_modules"));
  await using gateway = await watchGateway(
    home.path,
    {
      ...full.environment,
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_HEADERS: `authorization=${traces.text}` },
      POLYLOGUE_MASTER_KEY: master.text,
    },
    full.configuration,
  );
  const { url, answers, ask, lookAround } = await visit(gateway);
  for (const [name, value] of full.vault) assert.equal((await ask(`/api/secrets/${name}`, { value }, "PUT")).status, 200);
  const broken = async () => {
    const findings = (await (await ask("/api/findings")).json()) as { code: string; subject: string; message: string }[];
    return findings.filter(({ code }) => /^(secret-missing|account-invalid|config-invalid|provider-invalid)$/.test(code));
  };
  for (const until = performance.now() + 20_000; ; await wait(200)) {
    const list = await broken();
    if (list.length === 0) break;
    assert.ok(performance.now() < until, `the configuration isn't whole: ${JSON.stringify(list)}`);
  }
  const { token, login } = await signInMore(ask);
  answers.length = 0;

  // Strangers' webhooks, wrong and with a right word at the wrong place.
  for (const { id: account } of full.accounts) {
    const [some] = full.canaries.filter(({ where }) => where.startsWith(`accounts.${account.split("-")[0]}.`));
    for (const method of ["GET", "POST"]) {
      const answer = await fetch(
        `${url}/hooks/${account}?hub.mode=subscribe&hub.verify_token=wrong&token=${encodeURIComponent(some?.text ?? "")}`,
        {
          ...{ method, headers: { "content-type": "application/json", authorization: "Bearer wrong" } },
          ...(method === "POST" && { body: JSON.stringify({ token: "wrong" }) }),
        },
      );
      answers.push({ where: `${method} /hooks/${account}`, text: await answer.text() });
    }
  }
  // What operators try.
  await Promise.all(
    full.accounts.map(async ({ id }) => {
      for (const chat of ["100000000000009", "room@localhost", "#room", "a@example.com"])
        await ask(`/api/accounts/${id}/test`, { chat, text: "Is it on?" });
    }),
  );
  // As often as the platforms have ways to refuse and to quote.
  const often = async (path: string, body: object) => {
    for (let n = 0; n < 6; n++) await ask(path, body);
  };
  await Promise.all([
    ...full.accounts.map(({ id, channel, open }) => often("/api/accounts/probe", { channel, settings: open, account: id })),
    ...full.models.map((model) => often("/api/models/test", { model })),
  ]);
  // What a person says: all the models are asked for an answer, and each refuses.
  const visitor = (await (await fetch(`${url}/chat/webchat/visit`, { method: "POST" })).json()) as { token: string };
  const authorization = `Bearer ${visitor.token}`;
  for (const id of ["first-message-1", "second-message-2"]) {
    const headers = { authorization, "content-type": "application/json" };
    const said = await fetch(`${url}/chat/webchat/messages`, { method: "POST", headers, body: JSON.stringify({ id, text: "hello" }) });
    assert.ok(said.ok, await said.text());
    await wait(3_000);
  }
  await wait(4_000);
  const shown = await fetch(`${url}/chat/webchat/messages`, { headers: { authorization } });
  answers.push({ where: "GET /chat/webchat/messages", text: await shown.text() });
  const [conversations, stories] = (await Promise.all(
    ["/api/conversations", "/api/stories"].map(async (path) => (await ask(path)).json()),
  )) as [readonly { id: string }[], readonly { trace: string }[]];
  await lookAround({
    accounts: full.accounts.map(({ id }) => id),
    agents: ["main"],
    conversations: conversations.map(({ id }) => id),
    traces: stories.map(({ trace }) => trace),
  });
  gateway.process.kill("SIGTERM");
  const stopping = performance.now();
  await gateway.ended;
  assert.ok(performance.now() - stopping < 15_000, "what refused holds nothing up");

  const leaving = [...gateway.written(), ...answers, ...receiver.texts.map((text) => ({ where: "a trace", text }))];
  const received = servers.received();
  const asked = full.canaries.filter(({ text }) => leaks([{ where: "", text }], [{ where: "", text: received }]).length > 0);
  assert.ok(
    asked.length > full.canaries.length / 2,
    `only ${asked.length} of ${full.canaries.length} secrets were shown to a platform that quotes them`,
  );
  assert.ok(receiver.texts.length > 0, "traces were sent");
  assert.deepEqual(leaks([...canaries, token, login, { where: "the password", text: password }], leaving), []);
});

test("addresses of the store and of Redis show no password, whatever is wrong with them", {
  skip: postgresMissing() || redisMissing(),
  timeout: 120_000,
}, async () => {
  await using home = await temporaryHome();
  await using database = await startPostgres();
  await using engine = await startRedis();
  const canary = (where: string): Canary => ({ where, text: `canary-${randomBytes(20).toString("hex")}` });
  const [store, redis] = [canary("POLYLOGUE_STORE"), canary("POLYLOGUE_ENGINE")];
  const reached = new URL(await database.database());
  reached.password = store.text;
  const away = Object.assign(new URL(reached), { port: "1" });
  const right = { POLYLOGUE_STORE: reached.href, POLYLOGUE_ENGINE: engine.url.replace("//", `//:${redis.text}@`) };
  const file = join(home.path, "address");
  const starts: readonly (readonly [string, Readonly<Record<string, string>>, "ready" | "ends"])[] = [
    ["a store that isn't there", { ...right, POLYLOGUE_STORE: away.href }, "ends"],
    ["a store of another kind", { POLYLOGUE_STORE: reached.href.replace("postgres", "mysql") }, "ends"],
    ["a store without a port", { POLYLOGUE_STORE: reached.href.replace(/:\d+\//, ":none/") }, "ends"],
    ["a store in a file, and another kind", { POLYLOGUE_STORE_FILE: file }, "ends"],
    ["a Redis of another kind", { ...right, POLYLOGUE_ENGINE: `http://:${redis.text}@localhost` }, "ends"],
    ["a Redis that isn't there", { ...right, POLYLOGUE_ENGINE: `redis://:${redis.text}@127.0.0.1:1` }, "ready"],
    ["a Redis with another password, and a store that goes away", right, "ready"],
  ];
  await writeFile(file, reached.href.replace("postgres", "mysql"));
  engine.ask("CONFIG", "SET", "requirepass", "another");
  for (const [what, environment, expected] of starts) {
    await using gateway = await watchGateway(
      home.path,
      { POLYLOGUE_MASTER_KEY: Buffer.alloc(32, 1).toString("base64"), ...environment },
      { log: { level: "debug" } },
    );
    assert.equal((await gateway.url) === undefined ? "ends" : "ready", expected, `${what}: ${JSON.stringify(gateway.written())}`);
    const leaving: Leaving[] = [];
    if (expected === "ready") {
      const { ask, answers, lookAround } = await visit(gateway);
      // Long enough for a finding to come of it.
      await wait(6_000);
      if (environment === right) await database.stop();
      await Promise.all([ask("/api/findings"), ask("/readyz")]);
      if (environment === right) await database.start();
      await wait(1_000);
      await lookAround({});
      gateway.process.kill("SIGTERM");
      await gateway.ended;
      leaving.push(...answers);
    }
    leaving.push(...gateway.written());
    assert.ok(leaving.some(({ text }) => text.length > 20));
    assert.deepEqual(leaks([store, redis], leaving), [], what);
  }
});

test("the key of TLS is in no word about it", { timeout: 60_000 }, async () => {
  await using home = await temporaryHome();
  const [one, other] = await Promise.all(["one", "other"].map((name) => makeCertificate(home.path, name)));
  assert.ok(one && other);
  const broken = join(home.path, "broken.pem");
  await writeFile(broken, one.key.replace(/\n.*\n-----END/, "\n-----END"));
  const canaries = [one, other].map(({ key }) => ({ where: "http.tls.key", text: key }));
  const keys = [
    [one.keyFile, "ready"],
    [other.keyFile, "ends"],
    [broken, "ends"],
  ] as const;
  for (const [key, expected] of keys) {
    const tls = { certificate: one.certificateFile, key };
    await using gateway = await watchGateway(home.path, {}, { log: { level: "debug" }, http: { tls } });
    assert.equal((await gateway.url) === undefined ? "ends" : "ready", expected, JSON.stringify(gateway.written()));
    gateway.process.kill("SIGTERM");
    await gateway.ended;
    assert.deepEqual(leaks(canaries, gateway.written()), []);
  }
});

/** A token and a login more, as operators have them: the first answer shows each, and nothing afterwards. */
async function signInMore(ask: (path: string, body?: object) => Promise<Response>): Promise<{ token: Canary; login: Canary }> {
  const made = (await (await ask("/api/tokens", { label: "test" })).json()) as { token: string };
  const answer = await ask("/api/login", { name: "Ada", password });
  const cookie = /polylogue=([^;]+)/.exec(String(answer.headers.get("set-cookie")))?.[1] ?? "";
  assert.ok(made.token.length > 20 && cookie.length > 20);
  return { token: { where: "a token", text: made.token }, login: { where: "a login", text: cookie } };
}

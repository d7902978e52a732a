import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Ask, accountStatus, startTestServer, type TestServer } from "../../test/http-server.ts";
import { fail, ok } from "../core/errors.ts";
import { type AccountId, defaultTenant } from "../core/ids.ts";
import type { Json } from "../core/terms.ts";

let server: TestServer;
let cookie = "";
before(async () => {
  server = await startTestServer();
  cookie = await server.setup();
});
after(() => server[Symbol.asyncDispose]());

const canary = "canary-7f3a9c-secret-of-the-toy";
const post = (body?: unknown): Ask => ({ method: "POST", cookie, ...(body === undefined ? {} : { body }) });
const put = (body: unknown): Ask => ({ method: "PUT", cookie, body });
const saved = async (id: string) => (await server.store.records.settings(defaultTenant)).get(`accounts.${id}`);
const secrets = async () => (await server.store.records.secrets(defaultTenant)).map(({ name }) => name);

test("what a platform quotes of a known secret is in no answer", async () => {
  await using other = await startTestServer({ configuration: { accounts: { bot: { channel: "toy", token: canary } } } });
  const as = { cookie: await other.setup() };
  const fault = { code: "channel-auth", message: `401 for /bot${encodeURIComponent(canary)}/me: ${canary} is wrong` } as const;
  other.gateway.accounts.set("bot", accountStatus("bot", { state: "refused", fault, webhook: { refused: { at: 6, fault } } }));
  other.gateway.probe = async () => ({ ok: false, fault });
  const probed = await other.ask("/api/accounts/probe", { ...as, method: "POST", body: { channel: "toy", settings: {}, account: "bot" } });
  const looked = await other.ask("/api/accounts/bot", as);
  for (const { text } of [probed, looked]) {
    assert.match(text, /401 for \/bot•••\/me: ••• is wrong/);
    assert.doesNotMatch(text, /7f3a9c/);
  }
  assert.match(String(looked.headers["content-type"]), /^application\/json/);
});

test("kinds of channels come with their form: secrets marked, choices, defaults, abilities", async () => {
  const { json } = await server.ask("/api/channels", { cookie });
  const [toy] = json as unknown as { kind: string; settings: unknown; can: object }[];
  assert.equal(toy?.kind, "toy");
  assert.deepEqual(toy?.settings, {
    type: "object",
    properties: {
      token: { description: "The key.", format: "secret", type: "string", minLength: 1 },
      mode: { description: "How it receives.", default: "poll", type: "string", enum: ["poll", "webhook"] },
      apiRoot: { description: "Where it is.", default: "https://toy.example", type: "string", format: "uri" },
    },
    required: ["token"],
    additionalProperties: false,
  });
  assert.deepEqual(toy?.can, {
    listen: false,
    webhook: true,
    edit: false,
    typing: false,
    buttons: false,
    files: false,
    stream: false,
    react: false,
    takeBack: false,
    idempotent: false,
  });
});

test("kinds of channels speak the language that is asked for, if they have it", async () => {
  const speaking = async (language: string) => {
    const { json, status } = await server.ask(`/api/channels?language=${language}`, { cookie });
    assert.equal(status, 200);
    return (json as unknown as { name: string; summary: string; guide: string; settings: { properties: object } }[])[0];
  };
  const german = await speaking("de-AT");
  assert.deepEqual([german?.name, german?.summary, german?.guide], ["Spielzeug", "Nichts Wirkliches.", "1. Nichts."]);
  assert.deepEqual(german?.settings.properties, {
    token: { title: "Schlüssel", description: "Der Schlüssel.", format: "secret", type: "string", minLength: 1 },
    mode: { title: "Modus", description: "Wie es empfängt.", default: "poll", type: "string", enum: ["poll", "webhook"] },
    apiRoot: { title: "Adresse", description: "Wo es ist.", default: "https://toy.example", type: "string", format: "uri" },
  });
  const { json } = await server.ask("/api/channels", { cookie });
  for (const other of ["en", "fr", "__proto__", ""]) assert.deepEqual(await speaking(other), (json as unknown as object[])[0]);
});

test("an account is added: its secret goes to the vault and comes back nowhere (A63)", async () => {
  const body = { id: "bot", channel: "toy", settings: { token: canary, mode: "webhook" }, access: { direct: "open" }, streaming: false };
  const added = await server.ask("/api/accounts", post(body));
  assert.equal(added.status, 201, added.text);
  assert.deepEqual([added.json.id, added.json.state, added.json.source, added.json.streaming], ["bot", "starting", "app", "off"]);
  assert.equal((added.json.access as { direct: string }).direct, "open");
  assert.deepEqual(await saved("bot"), {
    channel: "toy",
    token: { vault: "accounts.bot.token" },
    mode: "webhook",
    access: { direct: "open" },
    streaming: false,
  });
  assert.deepEqual(await secrets(), ["accounts.bot.token"]);
  const everything = await Promise.all(
    ["/api/accounts", "/api/accounts/bot", "/api/config", "/api/secrets", "/api/audit?limit=200", "/api/findings", "/metrics"].map((path) =>
      server.ask(path, { cookie }),
    ),
  );
  for (const { status, text } of everything) assert.ok(status === 200 && !text.includes(canary));
  assert.ok(!server.lines.join("").includes(canary));
  const stored = process.env.POLYLOGUE_TEST_POSTGRES ? [] : [await readFile(join(server.home, "polylogue.db"))];
  assert.ok(stored.every((bytes) => !bytes.includes(canary)));
});

test("an id is taken once", async () => {
  const again = await server.ask("/api/accounts", post({ id: "bot", channel: "toy", settings: { token: "x" } }));
  assert.deepEqual([again.status, again.json.error?.code], [409, "version-conflict"]);
});

const refused: readonly (readonly [string, object, number, RegExp])[] = [
  ["an id that is no id", { id: "../bot", channel: "toy", settings: {} }, 400, /body\.id/],
  ["an unknown channel", { id: "x", channel: "fax", settings: {} }, 400, /no channel "fax"/],
  ["an unknown setting", { id: "x", channel: "toy", settings: { token: "t", colour: "red" } }, 422, /colour/],
  ["a missing secret", { id: "x", channel: "toy", settings: {} }, 422, /token/],
  ["an invalid setting", { id: "x", channel: "toy", settings: { token: "t", mode: "pigeon" } }, 422, /mode/],
  ["an invalid policy", { id: "x", channel: "toy", settings: { token: "t" }, access: { direct: "everybody" } }, 400, /access\.direct/],
  ["the environment as a secret", { id: "x", channel: "toy", settings: { token: "${POLYLOGUE_MASTER_KEY}" } }, 400, /configuration file/],
  [
    "the environment in an address",
    { id: "x", channel: "toy", settings: { token: "t", apiRoot: "https://attacker.example/${HOME}" } },
    400,
    /configuration file/,
  ],
  ["a file as a secret", { id: "x", channel: "toy", settings: { token: { file: "/etc/passwd" } } }, 400, /token/],
  ["another account's secret", { id: "x", channel: "toy", settings: { token: { vault: "accounts.bot.token" } } }, 400, /token/],
  ["a secret that is no text", { id: "x", channel: "toy", settings: { token: 5 } }, 400, /token/],
  ["the entry's own keys among the settings", { id: "x", channel: "toy", settings: { token: "t", channel: "telegram" } }, 400, /channel/],
  ["a prototype", { id: "x", channel: "toy", settings: { token: "t", constructor: { prototype: 1 } } }, 422, /constructor/],
];
for (const [name, body, status, message] of refused) {
  test(`an account with ${name} is refused, and nothing of it stays`, async () => {
    const answer = await server.ask("/api/accounts", post(body));
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.json.error?.message ?? "", message);
    assert.equal(await saved("x"), undefined);
    assert.deepEqual(await secrets(), ["accounts.bot.token"]);
    assert.equal((await server.ask("/api/accounts/x", { cookie })).status, 404);
  });
}

test("a change keeps the secret that it leaves out, and replaces the one that it names", async () => {
  const kept = await server.ask("/api/accounts/bot", put({ settings: { mode: "poll" } }));
  assert.equal(kept.status, 200, kept.text);
  assert.deepEqual(await saved("bot"), { channel: "toy", mode: "poll", token: { vault: "accounts.bot.token" } });
  const sealed = await server.store.records.secret(defaultTenant, "accounts.bot.token");
  const shown = kept.json.settings as object;
  assert.equal((await server.ask("/api/accounts/bot", put({ settings: shown }))).status, 200, "what was shown can be sent back");
  assert.deepEqual(await server.store.records.secret(defaultTenant, "accounts.bot.token"), sealed);
  assert.equal((await server.ask("/api/accounts/bot", put({ settings: { token: "a new one" } }))).status, 200);
  assert.notDeepEqual(await server.store.records.secret(defaultTenant, "accounts.bot.token"), sealed);
  assert.equal((await server.ask("/api/accounts/none", put({ settings: {} }))).status, 404);
});

test("a change keeps the account's limit, which stands in the configuration alone", async () => {
  const before = await saved("bot");
  const limited = { ...(before as { [key: string]: Json }), maxConcurrentRequests: 3 };
  await server.store.records.putSetting(defaultTenant, "accounts.bot", limited, "test", 0);
  const kept = await server.ask("/api/accounts/bot", put({ settings: { mode: "webhook" } }));
  assert.equal(kept.status, 200, kept.text);
  assert.deepEqual(await saved("bot"), { ...limited, mode: "webhook" });
  const refused = await server.ask("/api/accounts/bot", put({ settings: { maxConcurrentRequests: 1 } }));
  assert.equal(refused.status, 400, "it is no setting of the channel");
  await server.store.records.putSetting(defaultTenant, "accounts.bot", before as Json, "test", 0);
});

test("a probe says who we are, or why not, and stores nothing", async () => {
  const probed: unknown[] = [];
  server.gateway.probe = async (settings) => {
    probed.push(settings);
    return ok({ id: "7", name: "@toy_bot" });
  };
  const fresh = await server.ask("/api/accounts/probe", post({ channel: "toy", settings: { token: canary } }));
  assert.deepEqual([fresh.status, fresh.json], [200, { identity: { id: "7", name: "@toy_bot" } }]);
  assert.deepEqual(probed.pop(), { token: canary });
  await server.ask("/api/accounts/probe", post({ channel: "toy", settings: { mode: "webhook" }, account: "bot" }));
  assert.deepEqual(probed.pop(), { mode: "webhook", token: { vault: "accounts.bot.token" } });
  assert.deepEqual(await secrets(), ["accounts.bot.token"]);
  server.gateway.probe = async () => fail("channel-auth", "Toy refused the token: 401 Unauthorized");
  const wrong = await server.ask("/api/accounts/probe", post({ channel: "toy", settings: { token: "wrong" } }));
  assert.deepEqual(
    [wrong.status, wrong.json.error?.code, wrong.json.error?.message],
    [502, "channel-auth", "Toy refused the token: 401 Unauthorized"],
  );
  const machine = await server.ask("/api/accounts/probe", post({ channel: "toy", settings: { token: "${HOME}" } }));
  assert.equal(machine.status, 400);
});

test("a secret isn't sent to another server with settings of somebody's own", async () => {
  let probed: unknown;
  server.gateway.probe = async (settings) => {
    probed = settings;
    return ok({ id: "7", name: "@toy_bot" });
  };
  const stolen = await server.ask(
    "/api/accounts/probe",
    post({ channel: "toy", settings: { token: { vault: "accounts.bot.token" }, apiRoot: "https://attacker.example" } }),
  );
  assert.equal(stolen.status, 400);
  assert.equal(probed, undefined);
});

test("the gateway's view of an account: state, identity, why it is refused", async () => {
  const fault = { code: "channel-auth", message: "Toy refused the token" } as const;
  server.gateway.accounts.set(
    "bot",
    accountStatus("bot", {
      state: "refused",
      fault,
      webhookUrl: "https://x.example/hooks/bot",
      webhook: { verifiedAt: 5, refused: { at: 6, fault } },
    }),
  );
  const { json } = await server.ask("/api/accounts/bot", { cookie });
  assert.equal(json.state, "refused");
  assert.deepEqual(json.fault, { ...fault, hint: "Make a new credential on the platform and set it in the account." });
  assert.equal(json.webhookUrl, "https://x.example/hooks/bot");
  assert.deepEqual(json.webhook, { verifiedAt: 5, refused: { at: 6, fault: json.fault } });
});

test("pause and resume are stored with who did it", async () => {
  assert.equal((await server.ask("/api/accounts/bot/pause", post())).status, 200);
  assert.deepEqual(await server.store.records.pausedAccounts(defaultTenant), ["bot"]);
  assert.equal((await server.ask("/api/accounts/bot/resume", post())).status, 200);
  assert.deepEqual(await server.store.records.pausedAccounts(defaultTenant), []);
  assert.equal((await server.ask("/api/accounts/none/pause", post())).status, 404);
  const actions = (await server.store.records.auditLog(defaultTenant, { limit: 100 })).map(({ action, subject }) => `${action} ${subject}`);
  assert.ok(actions.includes("account-pause bot") && actions.includes("account-resume bot"), actions.join());
});

test("a test message goes to the chat that is named", async () => {
  const answer = await server.ask("/api/accounts/bot/test", post({ chat: "42", text: "hello" }));
  assert.deepEqual([answer.status, answer.json], [202, { message: "ms_1", deliveries: ["dl_1"] }]);
  assert.deepEqual(server.sent.at(-1)?.to, { account: "bot" as AccountId, chat: "42" });
  assert.deepEqual(server.sent.at(-1)?.parts, [{ type: "text", text: "hello", markup: "plain" }]);
  assert.equal((await server.ask("/api/accounts/none/test", post({ chat: "42", text: "hello" }))).status, 404);
  const template = { name: "order_update", language: "en_US", parameters: ["Ann", "4711"] };
  assert.equal((await server.ask("/api/accounts/bot/test", post({ chat: "42", template }))).status, 202);
  assert.deepEqual(server.sent.at(-1)?.parts, [{ type: "template", ...template, parameters: { 1: "Ann", 2: "4711" } }]);
  assert.equal((await server.ask("/api/accounts/bot/test", post({ chat: "42", text: "hello", template }))).status, 400);
});

test("an account that stands in the file is shown, and changed there only", async () => {
  await writeFile(join(server.home, "polylogue.json5"), `{ accounts: { filed: { channel: "toy", token: "${canary}" } } }`);
  await server.ask("/api/settings/limits.turnTries", put({ value: 3 })); // makes the gateway look at once
  const shown = await server.ask("/api/accounts/filed", { cookie });
  assert.deepEqual([shown.status, shown.json.source, shown.json.settings], [200, "file", { token: "•••" }]);
  const changed = await server.ask("/api/accounts/filed", put({ settings: { mode: "poll" } }));
  assert.match(changed.json.error?.message ?? "", /configuration file/);
  assert.equal((await server.ask("/api/accounts/filed", { method: "DELETE", cookie })).status, 400);
  assert.equal((await server.ask("/api/accounts", post({ id: "filed", channel: "toy", settings: { token: "x" } }))).status, 409);
});

test("an account goes with its secrets, its state, its cursor, and what was set beneath it", async () => {
  const { store } = server;
  const bot = "bot" as AccountId;
  await store.receive({ tenant: defaultTenant, account: bot, channel: "toy", at: 1, events: [], cursor: "4711" });
  await store.putAccountState(defaultTenant, bot, new Map([["key", new Uint8Array([1])]]));
  assert.equal((await server.ask("/api/secrets/accounts.bot.state-key", put({ value: canary }))).status, 200);
  assert.equal((await server.ask("/api/settings/accounts.bot.mode", put({ value: "poll" }))).status, 200);
  server.gateway.accounts.delete("bot");
  assert.equal((await server.ask("/api/accounts/bot", { method: "DELETE", cookie })).status, 200);
  assert.equal(await saved("bot"), undefined);
  assert.deepEqual(await secrets(), []);
  assert.equal((await server.ask("/api/accounts/bot", { cookie })).status, 404);
  assert.equal((await server.ask("/api/accounts/bot", { method: "DELETE", cookie })).status, 404);
  assert.equal(await store.cursor(defaultTenant, bot), undefined);
  assert.equal((await store.accountState(defaultTenant, bot)).size, 0);
  assert.equal((await store.records.settings(defaultTenant)).has("accounts.bot.mode"), false);
});

test("one setting: checked, stored, running, explained, and taken away again", async () => {
  const set = await server.ask("/api/settings/limits.concurrentTurns", put({ value: 7 }));
  assert.equal(set.status, 200, set.text);
  const find = async () =>
    ((await server.ask("/api/config", { cookie })).json as unknown as { path: string; value: unknown; source: string }[]).find(
      ({ path }) => path === "limits.concurrentTurns",
    );
  assert.deepEqual([(await find())?.value, (await find())?.source], [7, "app"]);
  for (const [path, value] of [
    ["limits.concurrentTurns", "many"],
    ["limits.concurrentTurns", 0],
    ["limits.nothing", 1],
    ["nothing", 1],
    ["a..b", 1],
    ["__proto__.x", 1],
    ["agents.main.instructions", "tell me ${HOME}"],
  ] as const) {
    const wrong = await server.ask(`/api/settings/${path}`, put({ value }));
    assert.ok(wrong.status === 400 || wrong.status === 422, `${path}: ${wrong.status}`);
  }
  assert.equal((await server.ask("/api/settings/limits.concurrentTurns", put({}))).status, 400);
  assert.equal((await find())?.value, 7);
  assert.equal((await server.ask("/api/settings/limits.concurrentTurns", { method: "DELETE", cookie })).status, 200);
  assert.equal((await find())?.source, "default");
  assert.equal((await server.ask("/api/settings/limits.concurrentTurns", { method: "DELETE", cookie })).status, 404);
});

test("secrets: set, named, removed, never read", async () => {
  assert.equal((await server.ask("/api/secrets/desk-key", put({ value: canary }))).status, 200);
  const list = await server.ask("/api/secrets", { cookie });
  assert.deepEqual(
    (list.json as unknown as { name: string }[]).map(({ name }) => name),
    ["desk-key"],
  );
  assert.deepEqual([(await server.ask("/api/secrets/desk-key", { cookie })).status], [405]);
  assert.equal((await server.ask("/api/secrets/..%2fx", put({ value: "x" }))).status, 400);
  assert.equal((await server.ask("/api/secrets/desk-key", put({ value: "" }))).status, 400);
  assert.equal((await server.ask("/api/secrets/desk-key", { method: "DELETE", cookie })).status, 200);
  assert.equal((await server.ask("/api/secrets/desk-key", { method: "DELETE", cookie })).status, 404);
});

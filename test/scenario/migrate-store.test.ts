import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { Stories } from "../../bench/load/stories.ts";
import { openSqliteStore } from "../../src/stores/sqlite.ts";
import { setupToken, startGatewayProcess, type TemporaryHome, temporaryHome } from "../gateway-process.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
import { startTelegramSimulator, type TelegramSimulator } from "../simulators/telegram.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const chat = 4711;
const password = "a-long-enough-password-1";

interface Ran {
  readonly code: number | null;
  readonly json: Record<string, unknown> & { readonly error?: { readonly code: string; readonly message: string } };
}

/** A gateway has worked on a file; everything goes to a database, and another gateway goes on there. */
describe("from a file to a real PostgreSQL", { skip: postgresMissing(), timeout: 300_000 }, () => {
  let server: PostgresServer;
  let telegram: TelegramSimulator;
  let home: TemporaryHome;
  let cookie = "";
  const env = { POLYLOGUE_MASTER_KEY: randomBytes(32).toString("base64") };

  before(async () => {
    [server, telegram, home] = await Promise.all([startPostgres(), startTelegramSimulator({}), temporaryHome()]);
    telegram.world.chat(chat);
    configuration.accounts.bot.apiRoot = telegram.url;
    const secret = polylogue({}, telegram.token, "secrets", "set", "bot-token");
    assert.equal(secret.code, 0, JSON.stringify(secret));
    const gateway = await startGatewayProcess({ home: home.path, env, configuration });
    const owner = { token: setupToken, name: "Ada", password };
    const made = await fetch(`${gateway.url}/api/setup`, {
      ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(owner) },
    });
    cookie = String(made.headers.get("set-cookie")).split(";")[0] as string;
    telegram.say(chat, chat, "say word-1 about the lighthouse");
    telegram.people.sendFile(chat, chat, "document", Buffer.from("what is in it\n"), { caption: "say word-2" });
    await until(() => telegram.seen(chat).length === 2).finally(() => gateway.stop());
    const opened = await openSqliteStore({ file: storeFile(), role: "owner" });
    assert.ok(opened.ok);
    // Enough to be broken off in the middle.
    await new Stories(opened.value, { account: "old", conversations: 100 }).tell(3_000, 50);
    await opened.value.close();
  });
  after(async () => {
    await telegram.close();
    await home[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const storeFile = () => join(home.path, "polylogue.db");
  const heard = () => telegram.seen(chat).flatMap(({ text }) => /word-\d/.exec(text)?.[0] ?? []);

  const configuration = {
    accounts: { bot: { channel: "telegram", token: { vault: "bot-token" }, apiRoot: "", access: { direct: "open" }, streaming: "off" } },
    providers: { demo: { kind: "demo", delayMs: 0 } },
    agents: { main: { instructions: "", models: ["demo/demo"] } },
    routes: [{ agent: "main" }],
  };
  async function until(done: () => boolean): Promise<void> {
    for (let waited = 0; !done(); waited += 50) {
      assert.ok(waited < 30_000, JSON.stringify(telegram.seen(chat)));
      await wait(50);
    }
  }

  const environmentOf = (more: Readonly<Record<string, string>>) => ({
    ...{ PATH: process.env.PATH ?? "", HOME: home.path, POLYLOGUE_HOME: home.path },
    ...env,
    ...more,
  });

  function polylogue(more: Readonly<Record<string, string>>, input: string, ...words: string[]): Ran {
    const { status, stdout } = spawnSync(process.execPath, [main, ...words, "--json"], {
      encoding: "utf8",
      input,
      env: environmentOf(more),
    });
    return { code: status, json: JSON.parse(stdout || "{}") as Ran["json"] };
  }

  async function asked<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client
      .query<Row>(sql)
      .then(({ rows }) => rows)
      .finally(() => client.end());
  }

  test("a dry run says what there is, and writes nothing; what can't be is refused", async () => {
    const url = await server.database();
    assert.match(JSON.stringify(polylogue({}, "", "migrate-store", "--yes").json), /POLYLOGUE_STORE must name/);
    assert.equal(polylogue({ POLYLOGUE_STORE: url }, "", "migrate-store").code, 2);
    const dry = polylogue({ POLYLOGUE_STORE: url }, "", "migrate-store", "--dry-run");
    assert.equal(dry.code, 0, JSON.stringify(dry.json));
    const tables = new Map((dry.json.tables as { name: string; rows: number }[]).map(({ name, rows }) => [name, rows]));
    assert.equal(tables.get("messages"), 6_004);
    assert.deepEqual(dry.json.files, { count: 1, bytes: 14 });
    assert.deepEqual(await asked(url, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"), []);
    const gateway = await startGatewayProcess({ home: home.path, env, configuration });
    const locked = polylogue({ POLYLOGUE_STORE: url }, "", "migrate-store", "--yes");
    assert.equal(locked.json.error?.code, "store-locked");
    await gateway.stop();
    const other = await startGatewayProcess({ home: home.path, env: { ...env, POLYLOGUE_STORE: url }, configuration });
    assert.equal(polylogue({ POLYLOGUE_STORE: url }, "", "migrate-store", "--yes").json.error?.code, "store-locked");
    const owner = { token: setupToken, name: "Eve", password };
    await fetch(`${other.url}/api/setup`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(owner) });
    await other.stop();
    assert.match(String(polylogue({ POLYLOGUE_STORE: url }, "", "migrate-store", "--yes").json.error?.message), /isn't empty/);
  });

  test("killed again and again it goes on, refuses gateways meanwhile, and in the end everything is there and goes on", async () => {
    const url = await server.database();
    const more = { POLYLOGUE_STORE: url };
    for (const share of [0.2, 0.5, 0.9]) {
      const child = spawn(process.execPath, [main, "migrate-store", "--yes"], { env: environmentOf(more), stdio: "ignore" });
      const ended = once(child, "exit");
      const copied = async () => {
        const [row] = await asked<{ rows: string | null }>(url, "SELECT sum(rows) AS rows FROM unfinished_copy").catch(() => []);
        return Number(row?.rows ?? 0);
      };
      while (child.exitCode === null && (await copied()) < share * 30_000) await wait(5);
      child.kill("SIGKILL");
      await ended;
      assert.equal(child.signalCode, "SIGKILL", "it was broken off");
      await assert.rejects(
        startGatewayProcess({ home: home.path, env: { ...env, ...more }, configuration }),
        /store-unfinished|isn't whole/,
      );
    }
    const moved = polylogue(more, "", "migrate-store", "--yes");
    assert.equal(moved.code, 0, JSON.stringify(moved.json));
    assert.equal(moved.json.resumed, true);
    const tables = new Map((moved.json.tables as { name: string; rows: number; sha256: string }[]).map((one) => [one.name, one]));
    assert.equal(tables.get("messages")?.rows, 6_004);
    assert.match(tables.get("ledger")?.sha256 ?? "", /^[0-9a-f]{64}$/);
    assert.ok(Number(moved.json.auditEntries) > 0);
    const [planned] = await asked<{ rows: number }>(url, "SELECT reltuples AS rows FROM pg_class WHERE relname = 'messages'");
    assert.equal(planned?.rows, 6_004, "the database knows how much there is, and plans by it");

    telegram.say(chat, chat, "say word-3");
    const gateway = await startGatewayProcess({ home: home.path, env: { ...env, ...more }, configuration });
    try {
      await until(() => heard().includes("word-3"));
      await wait(500);
      assert.deepEqual(heard(), ["word-1", "word-2", "word-3"], "nothing is answered anew; the token came out of the vault");
      const found = async () => {
        const answer = await fetch(`${gateway.url}/api/search?q=lighthouse`, { headers: { cookie } });
        assert.equal(answer.status, 200, "who was logged in still is");
        return ((await answer.json()) as { hits: unknown[] }).hits.length;
      };
      for (let waited = 0; (await found()) === 0; waited += 200) {
        assert.ok(waited < 30_000, "the index of the search is made anew");
        await wait(200);
      }
      const [held] = await asked<{ message: string; id: string }>(
        url,
        "SELECT m.id AS message, f.id FROM files f JOIN messages m ON m.seq = f.message",
      );
      const attached = await fetch(`${gateway.url}/api/messages/${held?.message}/files/${held?.id}`, { headers: { cookie } });
      assert.equal(await attached.text(), "what is in it\n");
    } finally {
      await gateway.stop();
    }
  });

  test("a row that was changed in the database is found", async () => {
    const url = await server.database();
    const more = { POLYLOGUE_STORE: url };
    const child = spawn(process.execPath, [main, "migrate-store", "--yes"], { env: environmentOf(more), stdio: "ignore" });
    const ended = once(child, "exit");
    const change = "UPDATE messages SET at = at + 1 WHERE seq = 17";
    while ((await asked(url, "SELECT 1 FROM messages WHERE seq = 17").catch(() => [])).length === 0) await wait(5);
    child.kill("SIGKILL");
    await ended;
    await asked(url, change);
    const differs = polylogue(more, "", "migrate-store", "--yes");
    assert.equal(differs.json.error?.code, "store-differs");
    assert.match(String(differs.json.error?.message), /table messages/);
    await assert.rejects(startGatewayProcess({ home: home.path, env: { ...env, ...more }, configuration }), /store-unfinished|isn't whole/);
  });

  test("and back into a file: refused while a gateway runs, begun anew after a kill, and then a gateway goes on there", async () => {
    const url = await server.database();
    const more = { POLYLOGUE_STORE: url };
    const there = polylogue(more, "", "migrate-store", "--yes");
    assert.equal(there.code, 0, JSON.stringify(there.json));
    await using other = await temporaryHome();
    const file = join(other.path, "polylogue.db");
    const back = ["migrate-store", "--to-file", file];
    assert.match(String(polylogue({}, "", ...back, "--yes").json.error?.message), /POLYLOGUE_STORE must name/);
    assert.equal(polylogue(more, "", ...back, "--from", file, "--yes").code, 2);

    const gateway = await startGatewayProcess({ home: home.path, env: { ...env, ...more }, configuration });
    telegram.say(chat, chat, "say word-4");
    await until(() => heard().includes("word-4"));
    assert.equal(polylogue(more, "", ...back, "--dry-run").json.error?.code, "store-locked");
    await gateway.stop();

    const dry = polylogue(more, "", ...back, "--dry-run");
    assert.equal(dry.code, 0, JSON.stringify(dry.json));
    assert.deepEqual(dry.json.files, { count: 1, bytes: 14 });
    assert.deepEqual(await readdir(other.path), [], "a dry run writes nothing");

    const child = spawn(process.execPath, [main, ...back, "--yes"], { env: environmentOf(more), stdio: "ignore" });
    const ended = once(child, "exit");
    while (child.exitCode === null && !existsSync(`${file}.unfinished`)) await wait(5);
    child.kill("SIGKILL");
    await ended;
    assert.equal(child.signalCode, "SIGKILL", "it was broken off");
    assert.equal(existsSync(file), false, "what isn't whole has no name");

    const taken = polylogue(more, "", ...back, "--yes");
    assert.equal(taken.code, 0, JSON.stringify(taken.json));
    const sums = (ran: Ran) => new Map((ran.json.tables as { name: string; sha256: string }[]).map(({ name, sha256 }) => [name, sha256]));
    assert.equal(sums(taken).get("agent_versions"), sums(there).get("agent_versions"), "what nobody touched is the same in all three");
    assert.ok(Number(taken.json.auditEntries) > 0);
    assert.deepEqual(
      (await readdir(other.path)).sort(),
      ["files", "polylogue.db"].concat(existsSync(`${file}.owner`) ? "polylogue.db.owner" : []),
    );
    assert.match(String(polylogue(more, "", ...back, "--yes").json.error?.message), /is a store already/);

    await using backups = await temporaryHome();
    const backup = join(backups.path, "one");
    assert.equal(polylogue(more, "", "backup", backup).code, 0);
    const empty = await server.database();
    const full = polylogue(more, "", "restore", "--dry-run", backup);
    assert.match(String(full.json.error?.message), /isn't empty/, "what is there would be lost");
    assert.equal(polylogue({ POLYLOGUE_STORE: empty }, "", "restore", "--dry-run", backup).json.restored, false);
    assert.deepEqual(await asked(empty, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"), []);

    telegram.say(chat, chat, "say word-5");
    const last = await startGatewayProcess({ home: other.path, env, configuration });
    try {
      await until(() => heard().includes("word-5"));
      assert.deepEqual(heard().slice(-2), ["word-4", "word-5"], "nothing is answered anew; the token came out of the vault");
      const opened = new DatabaseSync(file, { readOnly: true });
      const held = opened.prepare("SELECT m.id AS message, f.id FROM files f JOIN messages m ON m.seq = f.message").get();
      opened.close();
      const attached = await fetch(`${last.url}/api/messages/${held?.message}/files/${held?.id}`, { headers: { cookie } });
      assert.equal(await attached.text(), "what is in it\n", "who was logged in still is, and attachments came along");
      for (let waited = 0; ; waited += 200) {
        const answer = await fetch(`${last.url}/api/search?q=lighthouse`, { headers: { cookie } });
        if (((await answer.json()) as { hits: unknown[] }).hits.length > 0) break;
        assert.ok(waited < 30_000, "the index of the search is made anew");
        await wait(200);
      }
    } finally {
      await last.stop();
    }
  });
});

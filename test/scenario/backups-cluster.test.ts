import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Stories } from "../../bench/load/stories.ts";
import { defaultTenant, type FileId } from "../../src/core/ids.ts";
import { openFileStore } from "../../src/stores/files.ts";
import { openPostgresStore } from "../../src/stores/postgres.ts";
import { setupToken, temporaryHome } from "../gateway-process.ts";
import { freePorts } from "../servers/ports.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
import { type RedisServer, redisMissing, startRedis } from "../servers/redis.ts";
import { openPostgres } from "../support/postgres-store.ts";
import { type SupervisedReplica, superviseReplica } from "./cluster/replica.ts";

interface Backup {
  readonly id: string;
  readonly automatic: boolean;
  readonly gateway?: string;
}

describe("backups of a store in a real PostgreSQL", { skip: postgresMissing(), timeout: 300_000 }, () => {
  let database: PostgresServer;
  before(async () => {
    database = await startPostgres();
  });
  after(() => database[Symbol.asyncDispose]());

  test("nothing in one is half, however much is written meanwhile", async (t) => {
    await using home = await temporaryHome();
    const store = await openPostgres(await database.database(), "owner");
    t.after(() => store.close());
    const stories = new Stories(store, { account: "old", conversations: 40 });
    await stories.tell(400, 20);
    const attached = [Buffer.alloc(600_001, "attached "), Buffer.alloc(0)];
    const kept = await Promise.all(attached.map((bytes) => store.files?.put(defaultTenant, Readable.from([bytes]), bytes.byteLength)));
    let going = true;
    const traffic = (async () => {
      while (going) await stories.tell(20, 20);
    })();
    const before = stories.made;
    const file = join(home.path, "copy.db");
    const { messages } = await store.records.backup(file, join(home.path, "files"));
    const meanwhile = stories.made - before;
    going = false;
    await traffic;
    assert.ok(meanwhile > 20, `only ${meanwhile} stories meanwhile`);
    const files = openFileStore(join(home.path, "files"));
    for (const [n, { id } = { id: "" as FileId }] of kept.entries()) {
      assert.ok(
        Buffer.from(await files.read(defaultTenant, id)).equals(attached[n] as Buffer),
        "attachments come in the folder of a file's store",
      );
    }
    const copy = new DatabaseSync(file, { readOnly: true });
    t.after(() => copy.close());
    const one = (sql: string) => Number(Object.values(copy.prepare(sql).get() ?? {})[0]);
    assert.ok(messages >= 800, `${messages} messages`);
    assert.equal(one("SELECT count(*) FROM messages"), messages, "what is counted in the same transaction as it is written");
    assert.equal(one("SELECT count(*) FROM events e WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.seq = e.message)"), 0);
    const unanswered = "NOT EXISTS (SELECT 1 FROM messages m WHERE m.seq = e.answer)";
    assert.equal(one(`SELECT count(*) FROM events e WHERE state = 'done' AND ${unanswered}`), 0, "a turn and its answer come together");
    const unsent = "NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.trace = e.id)";
    assert.equal(one(`SELECT count(*) FROM events e WHERE state = 'done' AND ${unsent}`), 0, "and so do its deliveries");
    assert.equal(one("SELECT count(*) FROM messages m WHERE NOT EXISTS (SELECT 1 FROM conversations c WHERE c.id = m.conversation)"), 0);
  });

  test("what can't be written is said, and leaves nothing", async (t) => {
    await using home = await temporaryHome();
    const url = await database.database();
    const store = await openPostgres(url, "owner");
    t.after(() => store.close());
    await writeFile(join(home.path, "a-file"), "");
    const within = join(home.path, "a-file", "folder");
    await assert.rejects(store.records.backup(join(within, "copy"), join(within, "files")), /can't be written/);
    assert.deepEqual(await readdir(home.path), ["a-file"]);
    const nobody = await openPostgresStore({ url, role: "guest" });
    assert.ok(nobody.ok);
    t.after(() => nobody.value.close());
    await assert.rejects(nobody.value.records.backup(join(home.path, "copy"), join(home.path, "files")), /Nobody said/);
  });
});

describe("backups of two gateways", { skip: postgresMissing() || redisMissing(), timeout: 600_000 }, () => {
  let database: PostgresServer;
  let engine: RedisServer;
  before(async () => {
    [database, engine] = await Promise.all([startPostgres(), startRedis()]);
  });
  after(() => Promise.all([database[Symbol.asyncDispose](), engine[Symbol.asyncDispose]()]));

  async function two(t: { after(work: () => Promise<unknown>): void }, env: Readonly<Record<string, string>>) {
    const configuration = { backups: { everyHours: 24 }, providers: { demo: { kind: "demo" } } };
    const store = await database.database();
    const ports = await freePorts(2);
    const replicas: SupervisedReplica[] = [];
    // The first one leads.
    for (const [n, port] of ports.entries()) {
      replicas.push(await superviseReplica({ name: `r${n}`, port, store, engine: engine.url, configuration, env }));
    }
    t.after(() => Promise.all(replicas.map((replica) => replica[Symbol.asyncDispose]())));
    const owner = { token: setupToken, name: "Ada", password: "a-long-enough-password-1" };
    let cookie = "";
    const ask = (n: number, path: string, method = "GET", body?: object) => {
      const origin = `http://127.0.0.1:${replicas[n]?.port}`;
      const headers = { cookie, "content-type": "application/json", origin };
      return fetch(`${origin}/api/${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    };
    cookie = String((await ask(0, "setup", "POST", owner)).headers.get("set-cookie")).split(";")[0] as string;
    const list = async (n: number) => (await (await ask(n, "backups")).json()) as Backup[];
    const codes = async (n: number) => ((await (await ask(n, "findings")).json()) as { code: string }[]).map(({ code }) => code);
    return { replicas, ask, list, codes };
  }

  async function until<Value>(what: string, look: () => Promise<Value | undefined | false>): Promise<Value> {
    for (const late = performance.now() + 120_000; ; await wait(500)) {
      const found = await look();
      if (found) return found;
      assert.ok(performance.now() < late, what);
    }
  }

  test("with one folder for both, one makes what is due, and any lists, checks, hands out and removes it", async (t) => {
    await using folder = await temporaryHome();
    const { replicas, ask, list, codes } = await two(t, { POLYLOGUE_BACKUPS: folder.path });
    assert.deepEqual(await (await ask(1, "backups/place")).json(), { folder: folder.path, apart: false });
    const first = await until("the one that is due", async () => (await list(1)).find(({ automatic }) => automatic));
    assert.equal(first.gateway, undefined);
    // The one that takes over finds that there is one.
    await replicas[0]?.kill();
    await replicas[0]?.ready();
    await wait(70_000);
    assert.deepEqual(
      (await list(0)).filter(({ automatic }) => automatic).map(({ id }) => id),
      [first.id],
      "once among both, and in time",
    );
    assert.equal((await ask(0, `backups/${first.id}/check`, "POST", {})).status, 200);
    const tar = Buffer.from(await (await ask(1, `backups/${first.id}/download`)).arrayBuffer());
    assert.ok(tar.includes("manifest.json") && tar.includes("SQLite format 3"));
    const both = await Promise.all([ask(0, "backups", "POST", {}), ask(1, "backups", "POST", {})]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [201, 503], "one at a time among all");
    assert.ok(!(await codes(0)).includes("backup-apart"));
    assert.equal((await ask(1, `backups/${first.id}`, "DELETE")).status, 200);
    assert.equal((await list(0)).length, 1);
    assert.equal((await readdir(folder.path)).length, 1);
  });

  test("with a folder each, every gateway says whose it shows", async (t) => {
    const { ask, list, codes } = await two(t, {});
    const made = (await (await ask(1, "backups", "POST", {})).json()) as Backup;
    assert.equal(made.gateway, "r1");
    assert.equal(((await (await ask(0, "backups/place")).json()) as { apart: boolean }).apart, true);
    assert.deepEqual(
      (await list(1)).map(({ id, gateway }) => [id, gateway]),
      [[made.id, "r1"]],
    );
    assert.ok((await list(0)).every(({ id }) => id !== made.id));
    const elsewhere = await ask(0, `backups/${made.id}/check`, "POST", {});
    assert.equal(elsewhere.status, 404);
    assert.match(await elsewhere.text(), /no such backup at the gateway r0; each has its own/);
    await until("the finding", async () => (await codes(0)).includes("backup-apart"));
  });
});

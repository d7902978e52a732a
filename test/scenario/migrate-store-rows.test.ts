import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { Stories } from "../../bench/load/stories.ts";
import type { PlatformEvent } from "../../src/core/event.ts";
import { type AccountId, defaultTenant } from "../../src/core/ids.ts";
import { textPart } from "../../src/core/message.ts";
import type { MovedTable } from "../../src/core/moved.ts";
import type { Store } from "../../src/core/store.ts";
import { moveStore } from "../../src/moving/move-store.ts";
import { takeStore } from "../../src/moving/take-store.ts";
import { openFileStore } from "../../src/stores/files.ts";
import { clientOf } from "../../src/stores/postgres/connection.ts";
import { openSqliteStore } from "../../src/stores/sqlite.ts";
import { type TemporaryHome, temporaryHome } from "../gateway-process.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
import { openPostgres } from "../support/postgres-store.ts";

const texts = ["é\u{1F600}", '{"a":"\\u0000"}', "x\0y", "~\uFFFF", '"\\,{}NULL'];
const integers = [2n ** 62n, 0n, -(2n ** 53n) - 3n, 1n];
const reals = [0.1 + 0.2, -0, 1e-300, 1e21, 5];

describe("rows on their way to a real PostgreSQL", { skip: postgresMissing() }, () => {
  let server: PostgresServer;
  const homes: TemporaryHome[] = [];
  before(async () => {
    server = await startPostgres();
  });
  after(async () => {
    for (const home of homes) await home[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  /** A store in a file that `write` has worked on. */
  async function sourceOf(write: (store: Store) => Promise<unknown>) {
    const home = await temporaryHome();
    homes.push(home);
    const file = join(home.path, "polylogue.db");
    const opened = await openSqliteStore({ file, role: "owner" });
    assert.ok(opened.ok);
    await write(opened.value);
    await opened.value.close();
    return { file, move: (url: string) => moveStore({ file, url, dryRun: false, files: openFileStore(home.path), tell: () => {} }) };
  }

  test("every table takes what a file can hold, and has the same checksum", async () => {
    const { file, move } = await sourceOf((store) => new Stories(store, { account: "old", conversations: 5 }).tell(20, 1));
    const filled = fill(file);
    const url = await server.database();
    const moved = await move(url);
    assert.ok(moved.ok, JSON.stringify(moved));
    const rows = new Map(moved.value.tables.map((table) => [table.name, table.rows]));
    assert.ok(filled.size > 30, `only ${[...filled.keys()]} took anything`);
    for (const [name, count] of filled) assert.ok((rows.get(name) ?? 0) >= count, name);

    const [seen, back, again] = [join(dirname(file), "dry.db"), join(dirname(file), "back.db"), join(dirname(file), "again.db")];
    const counted = await takeStore({ url, file: seen, filesFolder: `${seen}.files`, dryRun: true, tell: () => {} });
    assert.deepEqual(counted.ok && rowsOf(counted.value.tables), rowsOf(moved.value.tables));
    assert.equal(existsSync(seen), false);
    const taken = await takeStore({ url, file: back, filesFolder: `${back}.files`, dryRun: false, tell: () => {} });
    assert.ok(taken.ok, JSON.stringify(taken));
    // `finish` has marked the index of the search as one to be made anew.
    const kept = ({ name }: MovedTable) => name !== "search";
    assert.deepEqual(taken.value.tables.filter(kept), moved.value.tables.filter(kept), "the same counts and checksums, there and back");
    // Read anew, by who has never seen the database: what differs is what only gateways that share a store have.
    const onward = await moveStore({
      ...{ file: back, url: await server.database(), dryRun: false, files: openFileStore(`${back}.files`), tell: () => {} },
    });
    assert.ok(onward.ok, JSON.stringify(onward));
    const alone = ({ name }: MovedTable) => !["search", "owner", "replicas", "account_owners"].includes(name);
    assert.deepEqual(onward.value.tables.filter(alone), moved.value.tables.filter(alone));
    const refused = await takeStore({ url, file: back, filesFolder: `${again}.files`, dryRun: false, tell: () => {} });
    assert.match(JSON.stringify(refused), /request-invalid.*is a store already/);
  });

  test("a database that gateways work on isn't taken; a schema that is unknown is none to copy", async () => {
    const home = await temporaryHome();
    homes.push(home);
    const url = await server.database();
    const take = () =>
      takeStore({ url, file: join(home.path, "polylogue.db"), filesFolder: join(home.path, "files"), dryRun: false, tell: () => {} });
    assert.match(JSON.stringify(await take()), /not-found/);
    const store = await openPostgres(url, "owner");
    try {
      assert.match(JSON.stringify(await take()), /store-locked/);
    } finally {
      await store.close();
    }
    const client = clientOf(url, "test");
    await client.connect();
    await client.query("UPDATE schema_version SET version = version + 1");
    assert.match(JSON.stringify(await take()), /store-too-new/);
    await client.end();
    assert.deepEqual(
      (await readdir(home.path)).filter((name) => !name.endsWith(".owner")),
      [],
      "nothing is left half",
    );
  });

  test("keys with U+0000 stand elsewhere in the database's order, and are the same rows", async () => {
    const keys = ["k\0a", "k!", "k\0b", "kz", "k\0", "k"];
    const { move } = await sourceOf((store) =>
      store.receive({ tenant: defaultTenant, account: "a" as AccountId, channel: "webhook", at: Date.now(), events: keys.map(eventOf) }),
    );
    const moved = await move(await server.database());
    assert.ok(moved.ok, JSON.stringify(moved));
    assert.equal(moved.value.tables.find(({ name }) => name === "dedupe")?.rows, keys.length);
  });

  test("what waits is done there, in order, before what comes", async () => {
    const { move } = await sourceOf((store) => new Stories(store, { account: "old", conversations: 5 }).leave(10));
    const url = await server.database();
    assert.ok((await move(url)).ok);
    const store = await openPostgres(url, "owner");
    try {
      const [first] = await store.receive({
        ...{ tenant: defaultTenant, account: "old" as AccountId, channel: "webhook", at: Date.now() },
        events: [{ ...eventOf("new"), chat: { id: "chat-0", kind: "direct" } }],
      });
      assert.ok(first?.conversation);
      const oldest = await store.nextEvent(first.conversation);
      assert.match(JSON.stringify(oldest), /#0#/);
    } finally {
      await store.close();
    }
  });

  test("a database that others work on is left alone", async () => {
    const { move } = await sourceOf(async () => {});
    const url = await server.database();
    const store = await openPostgres(url, "owner");
    const refused = await move(url).finally(() => store.close());
    assert.equal(!refused.ok && refused.fault.code, "store-locked");
  });
});

function rowsOf(tables: readonly MovedTable[]) {
  return tables.map(({ name, rows }) => [name, rows]);
}

function eventOf(key: string): PlatformEvent {
  return {
    ...{ kind: "message", key, chat: { id: `chat-${key}`, kind: "direct" }, at: Date.now(), platformId: key, addressed: true },
    ...{ sender: { id: `sender-${key}`, bot: false, self: false }, parts: [textPart(`hello \0 ${key}`)] },
  };
}

/** Puts rows of the strangest cells into every table that takes them, and says how many each took. */
function fill(file: string): ReadonlyMap<string, number> {
  const database = new DatabaseSync(file);
  const made = new Map<string, number>();
  const tables = database.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search_words%' AND name NOT IN ('stored_files', 'file_chunks')",
  );
  for (const { name } of tables.all() as { name: string }[]) {
    const columns = database.prepare(`PRAGMA table_info("${name}")`).all() as { name: string; type: string }[];
    const insert = database.prepare(`INSERT INTO "${name}" VALUES (${columns.map(() => "?")})`);
    insert.setReadBigInts(true);
    for (let n = 0; n < 40; n++) {
      try {
        insert.run(...columns.map(({ type }) => cellOf(type, n)));
        made.set(name, (made.get(name) ?? 0) + 1);
      } catch (thrown) {
        // The table has rules of its own, or that key already.
        if ((thrown as { code?: string }).code !== "ERR_SQLITE_ERROR") throw thrown;
      }
    }
  }
  database.close();
  return made;
}

function cellOf(type: string, n: number): bigint | number | string | Uint8Array {
  if (type === "INTEGER") return (integers[n % integers.length] ?? 0n) + BigInt(n % 4 === 1 ? n % 2 : n);
  if (type === "REAL") return reals[n % reals.length] ?? 0;
  if (type === "BLOB") return Uint8Array.of(0, 255, n);
  return `${texts[n % texts.length]}${n}`;
}

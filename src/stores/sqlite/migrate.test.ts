import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { migrate } from "./migrate.ts";

const folder = new URL("../sql/", import.meta.url);

/** A store as an older version left it. */
async function storeBefore(file: string, before: string): Promise<DatabaseSync> {
  const database = new DatabaseSync(file);
  for (const name of (await readdir(folder)).sort()) if (name < before) database.exec(await readFile(new URL(name, folder), "utf8"));
  database.exec(`PRAGMA user_version = ${Number(before.slice(0, 4)) - 1}`);
  return database;
}

test("0026: who wrote before is known to have written", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "polylogue-migrate-"));
  t.after(() => rm(home, { recursive: true }));
  using database = await storeBefore(join(home, "store.db"), "0026.sql");
  const add = database.prepare(
    "INSERT INTO conversations (id, tenant, account, channel, chat, thread, kind) VALUES (?, 't', 'a', 'c', ?, '', 'direct')",
  );
  const say = database.prepare(`
    INSERT INTO messages (seq, tenant, id, conversation, trace, direction, parts, at) VALUES (?1, 't', 'ms' || ?1, ?2, 'x', ?3, '[]', ?4)`);
  for (const id of ["one", "two", "silent"]) add.run(id, id);
  for (const [index, row] of [
    ["one", "in", 5],
    ["one", "in", 7],
    ["one", "out", 9],
    ["two", "in", 3],
    ["silent", "out", 4],
  ].entries())
    say.run(index + 1, ...(row as [string, string, number]));
  assert.ok(migrate(database).ok);
  const rows = database.prepare("SELECT id, heard_at AS at FROM conversations ORDER BY id").all();
  assert.deepEqual(
    rows.map(({ id, at }) => [id, at]),
    [
      ["one", 7],
      ["silent", null],
      ["two", 3],
    ],
  );
});

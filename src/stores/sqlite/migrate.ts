import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { fail, ok, type Result } from "../../core/errors.ts";

const folder = new URL("../sql/", import.meta.url);

/**
 * Brings the schema up to date: the numbered files that `user_version` doesn't count yet, each in a transaction that
 * starts by asking again, because another process may be doing the same. Fails with `store-too-new`.
 */
export function migrate(database: DatabaseSync): Result<void> {
  const steps = readdirSync(folder)
    .filter((name) => /^\d{4}\.sql$/.test(name))
    .sort();
  const newest = Number(steps.at(-1)?.slice(0, 4) ?? 0);
  if (version(database) > newest) {
    return fail("store-too-new", `The store has schema ${version(database)}, this version knows ${newest} at most.`);
  }
  for (const name of steps) {
    const number = Number(name.slice(0, 4));
    if (version(database) >= number) continue;
    database.exec("BEGIN IMMEDIATE");
    try {
      if (version(database) < number) database.exec(`${readFileSync(new URL(name, folder), "utf8")}; PRAGMA user_version = ${number}`);
      database.exec("COMMIT");
    } catch (thrown) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw thrown;
    }
  }
  return ok(undefined);
}

function version(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version);
}

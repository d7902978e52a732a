import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../../src/core/store.ts";
import { openSqliteStore } from "../../src/stores/sqlite.ts";
import type { Open } from "../contract/store/fixture.ts";

export async function openSqlite(file: string, role: "owner" | "guest"): Promise<Store> {
  const result = await openSqliteStore({ file, role });
  assert.ok(result.ok, `it opens: ${JSON.stringify(result)}`);
  return result.value;
}

/** Installations of the embedded store for the contract; `wrap` puts something before each process's store. */
export function sqliteInstallations(wrap: (store: Store) => Store = (store) => store): Open {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), "store-contract-"));
    const file = join(folder, "store.sqlite");
    const stores: Store[] = [];
    const open = async (file: string, role: "owner" | "guest") => {
      const store = await openSqlite(file, role);
      stores.push(store);
      return wrap(store);
    };
    const store = await open(file, "owner");
    return {
      store,
      guest: () => open(file, "guest"),
      async crash() {
        // What is on disk at this moment is what a killed process leaves. Another process copies it: closing the files in
        // this one would drop the locks that it holds on them.
        const copy = join(folder, `crashed-${stores.length}`);
        execFileSync("cp", [file, copy]);
        execFileSync("cp", [`${file}-wal`, `${copy}-wal`]);
        return open(copy, "owner");
      },
      async close() {
        for (const one of stores) await one.close();
        rmSync(folder, { recursive: true });
      },
    };
  };
}

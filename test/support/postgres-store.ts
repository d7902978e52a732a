import assert from "node:assert/strict";
import type { Store } from "../../src/core/store.ts";
import { backUp } from "../../src/moving/back-up.ts";
import { openPostgresStore } from "../../src/stores/postgres.ts";
import type { Open } from "../contract/store/fixture.ts";
import type { PostgresServer } from "../servers/postgres.ts";

export async function openPostgres(url: string, role: "owner" | "guest"): Promise<Store> {
  const result = await openPostgresStore({ url, role, backup: (file, filesFolder) => backUp({ url, file, filesFolder }) });
  assert.ok(result.ok, `it opens: ${JSON.stringify(result)}`);
  return result.value;
}

/** Installations of the store in PostgreSQL for the contract, a database each. */
export function postgresInstallations(server: () => PostgresServer): Open {
  return async () => {
    const url = await server().database();
    const stores: Store[] = [];
    const open = async (role: "owner" | "guest") => {
      const store = await openPostgres(url, role);
      stores.push(store);
      return store;
    };
    const store = await open("owner");
    return {
      store,
      guest: () => open("guest"),
      async crash() {
        await server().cut(url);
        return open("owner");
      },
      async close() {
        for (const one of stores) await one.close();
      },
    };
  };
}

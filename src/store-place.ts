import { existsSync, readFileSync } from "node:fs";
import type { Environment } from "./config/sources.ts";
import { type Fault, fail, ok, type Result } from "./core/errors.ts";
import type { Store } from "./core/store.ts";
import { storeFile } from "./places.ts";

/** See SqliteOptions. */
interface Told {
  readonly onFatal?: (fault: Fault) => void;
  readonly onCommit?: (ms: number) => void;
  /** See PostgresOptions. */
  readonly shared?: { readonly name: string; readonly version: string } | undefined;
}

/** Where the store is: a file of the data folder, or a PostgreSQL database. */
export interface StorePlace {
  /** For people: a file, or the database's address without its password. */
  readonly shown: string;
  /** Absent: it is no file of ours. */
  readonly file?: string;
  /** Of a database. */
  readonly url?: string;
  /** Whether there is one yet, as far as that can be known without opening it. */
  exists(): boolean;
  /** See SqliteOptions.role. */
  open(role: "owner" | "guest", told?: Told): Promise<Result<Store>>;
  /** Whether a gateway has it at this moment. */
  hasOwner(): Promise<boolean>;
}

/**
 * By `POLYLOGUE_STORE`, an address (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS), or
 * `POLYLOGUE_STORE_FILE`, a file that holds one, as secrets are mounted; without them in the data folder. It stands in the
 * environment as the address that the gateway listens on does: what the app sets is in the store itself.
 */
export function storePlace(home: string, environment: Environment): Result<StorePlace> {
  const address = addressIn(environment);
  if (!address.ok) return address;
  if (address.value === undefined) return ok(filePlace(storeFile(home)));
  return URL.canParse(address.value) && /^postgres(?:ql)?:\/\//.test(address.value)
    ? ok(databasePlace(address.value))
    : fail("config-invalid", "POLYLOGUE_STORE isn't an address like postgres://user:password@host:5432/database.");
}

function addressIn(environment: Environment): Result<string | undefined> {
  const { POLYLOGUE_STORE: address, POLYLOGUE_STORE_FILE: file } = environment;
  if (address || !file) return ok(address || undefined);
  try {
    return ok(readFileSync(file, "utf8").trim());
  } catch (thrown) {
    const { code = "unknown error" } = thrown as NodeJS.ErrnoException;
    return fail("config-invalid", `POLYLOGUE_STORE_FILE names a file that can't be read (${code}).`);
  }
}

export function filePlace(file: string): StorePlace {
  return {
    shown: file,
    file,
    exists: () => existsSync(file),
    async open(role, told) {
      const { openSqliteStore } = await import("./stores/sqlite.ts");
      const { shared: _, ...heard } = told ?? {};
      return openSqliteStore({ file, role, ...heard });
    },
    async hasOwner() {
      const { hasOwner } = await import("./stores/sqlite/owner.ts");
      return hasOwner(`${file}.owner`);
    },
  };
}

function databasePlace(url: string): StorePlace {
  const shown = new URL(url);
  shown.password = "";
  shown.search = "";
  return {
    shown: shown.href,
    url,
    exists: () => true,
    async open(role, told) {
      const { openPostgresStore } = await import("./stores/postgres.ts");
      return openPostgresStore({
        ...{ url, role, ...told },
        async backup(file, filesFolder) {
          const { backUp } = await import("./moving/back-up.ts");
          return backUp({ url, file, filesFolder });
        },
      });
    },
    async hasOwner() {
      const { hasOwner } = await import("./stores/postgres.ts");
      return hasOwner(url);
    },
  };
}

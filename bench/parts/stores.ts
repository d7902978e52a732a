import type { Store } from "../../src/core/store.ts";
import { storeFile } from "../../src/places.ts";
import { openSqliteStore } from "../../src/stores/sqlite.ts";

/** Opens a data folder's store as a gateway would, works on it, and closes it. */
export async function withStore<Found>(home: string, work: (store: Store) => Promise<Found>): Promise<Found> {
  const opened = await openSqliteStore({ file: storeFile(home), role: "owner" });
  if (!opened.ok) throw new Error(opened.fault.message, { cause: opened.fault.cause });
  try {
    return await work(opened.value);
  } finally {
    await opened.value.close();
  }
}

import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fail, ok, type Result } from "../../core/errors.ts";
import { failureOf, makePrivate } from "./database.ts";

export interface Ownership {
  readonly epoch: number;
  release(): void;
}

/**
 * Takes the data folder for this process: an exclusive transaction on a small database of its own, held until the end.
 * The lock is the operating system's, so a killed process leaves nothing behind. Fails with `store-locked`.
 */
export function takeOwnership(store: DatabaseSync, lockFile: string): Result<Ownership> {
  const locked = lockFolder(lockFile);
  if (!locked.ok) return locked;
  const { release } = locked.value;
  try {
    const row = store.prepare("UPDATE owner SET epoch = epoch + 1 WHERE one = 1 RETURNING epoch").get();
    return ok({ epoch: Number(row?.epoch), release });
  } catch (thrown) {
    release();
    throw thrown;
  }
}

/** Keeps every gateway out while nothing is to change there. */
export function lockFolder(lockFile: string): Result<{ release(): void }> {
  makePrivate(lockFile);
  const lock = new DatabaseSync(lockFile, { timeout: 0 });
  try {
    lock.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    return ok({ release: () => lock.close() });
  } catch (thrown) {
    lock.close();
    if (failureOf(thrown) !== "busy") throw thrown;
    return fail("store-locked", `Another gateway runs on this data folder: it holds ${lockFile}.`);
  }
}

/** Whether a gateway holds the data folder at this moment. Takes nothing and makes nothing. */
export function hasOwner(lockFile: string): boolean {
  if (!existsSync(lockFile)) return false;
  const lock = new DatabaseSync(lockFile, { timeout: 0, readOnly: true });
  try {
    lock.exec("BEGIN");
    lock.prepare("SELECT count(*) FROM sqlite_schema").get();
    return false;
  } catch (thrown) {
    if (failureOf(thrown) !== "busy") throw thrown;
    return true;
  } finally {
    lock.close();
  }
}

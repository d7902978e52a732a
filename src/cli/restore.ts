import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { configurationFile } from "../config/disk.ts";
import { type Fault, fail, ok, type Result } from "../core/errors.ts";
import { exists, filesIn, type Manifest, syncFolder } from "../ops/backup.ts";
import { createVault } from "../vault/vault.ts";
import type { CliDoor } from "./door.ts";
import { tenant } from "./open.ts";

export interface Prepared {
  /** Where the backup's copy lies, inside the data folder. */
  readonly draft: string;
  readonly messages: number;
  readonly conversations: number;
  /** Why the backup's secrets don't open with the master key that is here. */
  readonly vault?: Fault;
  discard(): Promise<void>;
}

/** Copies the backup into the data folder under another name and opens the copy; the backup itself is never touched. */
export async function prepare(
  door: CliDoor,
  { manifest, path }: { readonly manifest: Manifest; readonly path: string },
): Promise<Result<Prepared>> {
  const draft = join(door.home, `restore-${stamp(door)}`);
  const discard = () => rm(draft, { recursive: true, force: true });
  try {
    for (const file of manifest.files) {
      const target = join(draft, file.path);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await copyFile(join(path, file.path), target);
    }
    const opened = await door.openStore(join(draft, manifest.store));
    if (!opened.ok) {
      await discard();
      return fail(opened.fault.code, `The backup's store doesn't open: ${opened.fault.message}`, opened.fault);
    }
    const store = opened.value;
    try {
      const { messages, conversations } = await store.records.counts(tenant);
      const { brokenAt } = await store.records.verifyAudit(tenant);
      if (brokenAt !== undefined) {
        await discard();
        return fail("request-invalid", `The backup's audit log was changed from outside: entry ${brokenAt} doesn't fit the one before.`);
      }
      const vault = await createVault({ ...door, tenant, records: store.records }).check();
      return ok({ draft, messages, conversations, discard, ...(!vault.ok && { vault: vault.fault }) });
    } finally {
      await store.close();
    }
  } catch (thrown) {
    await discard();
    const { code } = thrown as NodeJS.ErrnoException;
    if (code) return fail("store-unavailable", `The backup can't be copied into ${door.home} (${code}).`, thrown);
    throw thrown;
  }
}

/**
 * Moves what is there aside, then the backup in; renames on one disk. When it dies in the middle nothing is lost: the old
 * data is whole in `before-restore-…`, the new in `restore-…`. Resolves with where the old data is.
 */
export async function replace(door: CliDoor, { draft }: Prepared): Promise<Result<string>> {
  const { home, storeFile, filesFolder } = door;
  const aside = join(home, `before-restore-${stamp(door)}`);
  const configuration = configurationFile(home);
  try {
    await mkdir(aside, { mode: 0o700 });
    const restored = new Set((await filesIn(draft)).map((file) => file.split(/[/\\]/)[0] as string));
    const old = [
      storeFile,
      `${storeFile}-wal`,
      `${storeFile}-shm`,
      filesFolder,
      ...(restored.has(basename(configuration)) ? [configuration] : []),
    ];
    for (const path of old) if (await exists(path)) await rename(path, join(aside, basename(path)));
    for (const name of restored) await rename(join(draft, name), join(home, name));
    await syncFolder(home);
    await rm(draft, { recursive: true, force: true });
    return ok(aside);
  } catch (thrown) {
    return fail(
      "store-unavailable",
      `Restoring stopped (${(thrown as NodeJS.ErrnoException).code ?? "unknown error"}): the old data is in ${aside}, the new in ${draft}.`,
      thrown,
    );
  }
}

/**
 * Copies the prepared backup into the empty database that the store is in (see `moveStore`), then its configuration file in place. A call
 * that was broken off is gone on with by the next one with the same backup. Resolves with where the old configuration is, if there was one.
 */
export async function fillDatabase(door: CliDoor, { draft }: Prepared, store: string): Promise<Result<string | undefined>> {
  const moved = await door.moveStore({ file: join(draft, store), dryRun: false, tell: () => {} });
  if (!moved.ok) return moved;
  const configuration = configurationFile(door.home);
  const restored = join(draft, basename(configuration));
  try {
    if (!(await exists(restored))) return ok(undefined);
    const aside = join(door.home, `before-restore-${stamp(door)}`);
    const old = await exists(configuration);
    if (old) {
      await mkdir(aside, { mode: 0o700 });
      await rename(configuration, join(aside, basename(configuration)));
    }
    await rename(restored, configuration);
    await syncFolder(door.home);
    return ok(old ? aside : undefined);
  } catch (thrown) {
    return fail(
      "store-unavailable",
      `The store is in the database, but the backup's ${basename(configuration)} can't be put in place (${(thrown as NodeJS.ErrnoException).code ?? "unknown error"}).`,
      thrown,
    );
  }
}

function stamp({ clock }: CliDoor): string {
  return new Date(clock.now()).toISOString().replace(/[:.]/g, "-");
}

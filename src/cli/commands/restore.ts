import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { readBackup } from "../../ops/backup.ts";
import { unpack } from "../../ops/backup-tar.ts";
import type { CliDoor } from "../door.ts";
import { done, type Outcome, refuse, refused } from "../outcome.ts";
import { fillDatabase, prepare, replace } from "../restore.ts";
import type { Run } from "../run.ts";

interface RestoreOptions {
  readonly dryRun?: boolean | undefined;
  readonly yes?: boolean;
}

export function restoreCommand(program: Command, run: Run): void {
  program
    .command("restore")
    .description(
      "bring a backup back; what is in the data folder now is kept aside. Where POLYLOGUE_STORE names a database, that has to be empty",
    )
    .argument("<backup>", "a folder that `polylogue backup` made, or the tar file of one")
    .option("--dry-run", "check the backup and say what would happen")
    .option("--yes", "do it")
    .action((folder: string, options: RestoreOptions) => run((door) => restore(door, folder, options)));
}

async function restore(door: CliDoor, folder: string, { dryRun, yes }: RestoreOptions): Promise<Outcome> {
  if (dryRun === yes) return refuse("usage", "Say --dry-run to look, or --yes to do it.", "A dry run changes nothing.");
  if (yes && (await door.gatewayRuns()))
    return refuse("store-locked", `A gateway runs on ${door.home}.`, "Stop it first: it would go on writing into what is replaced.");
  const packed = (await stat(folder).catch(() => undefined))?.isFile() ?? false;
  const unpacked = join(door.home, `restore-tar-${door.clock.now()}`);
  try {
    if (!packed) return await bring(door, folder, { dryRun });
    await mkdir(door.home, { recursive: true, mode: 0o700 });
    const files = await unpack(folder, unpacked);
    return files.ok ? await bring(door, unpacked, { dryRun }) : refused(files.fault, "Nothing was changed.");
  } finally {
    if (packed) await rm(unpacked, { recursive: true, force: true });
  }
}

async function bring(door: CliDoor, folder: string, { dryRun }: Pick<RestoreOptions, "dryRun">): Promise<Outcome> {
  const backup = await readBackup(folder);
  if (!backup.ok) return refused(backup.fault, "Nothing was changed. Name a backup that `polylogue backup` made and nobody touched since.");
  const prepared = await prepare(door, backup.value);
  if (!prepared.ok) return refused(prepared.fault);
  const { messages, conversations, vault } = prepared.value;
  const { createdAt, version } = backup.value.manifest;
  const facts = { createdAt, version, messages, conversations, secretsOpen: vault === undefined };
  const about = `The backup of ${createdAt} (version ${version}) holds ${messages} messages in ${conversations} conversations.`;
  const locked = vault ? [`! Its secrets don't open here: ${vault.message}`] : [];
  const { store } = backup.value.manifest;
  if (dryRun) {
    const possible = door.store.file
      ? undefined
      : await door.moveStore({ file: join(prepared.value.draft, store), dryRun, tell: () => {} });
    await prepared.value.discard();
    if (possible?.ok === false) return refused(possible.fault, "Nothing was changed.");
    return done({ ...facts, restored: false }, [`${about} It is sound. Nothing was changed.`, ...locked].join("\n"));
  }
  if (!door.store.file) {
    const filled = await fillDatabase(door, prepared.value, store);
    await prepared.value.discard();
    if (!filled.ok) return refused(filled.fault);
    const before = filled.value;
    return done(
      { ...facts, restored: true, ...(before !== undefined && { before }) },
      [
        `${about} It is in ${door.store.shown}, with the same counts and checksums.`,
        ...locked,
        ...(before === undefined ? [] : [`The configuration file that was there before is in ${before}.`]),
      ].join("\n"),
    );
  }
  const replaced = await replace(door, prepared.value);
  if (!replaced.ok) return refused(replaced.fault);
  return done(
    { ...facts, restored: true, before: replaced.value },
    [`${about} It is in place.`, ...locked, `What was there before is in ${replaced.value}.`].join("\n"),
  );
}

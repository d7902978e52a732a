import { resolve } from "node:path";
import type { Command } from "commander";
import { fail, ok, type Result } from "../../core/errors.ts";
import type { Moved, MoveProgress } from "../../core/moved.ts";
import type { CommandDoor } from "../door.ts";
import { tenant } from "../open.ts";
import { done, type Outcome, refuse, refused, table } from "../outcome.ts";
import type { Run } from "../run.ts";

interface Options {
  readonly from?: string;
  readonly toFile?: string | true;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export function migrateStoreCommand(program: Command, run: Run): void {
  program
    .command("migrate-store")
    .description(
      "copy the store in a file, with its attachments, into the empty PostgreSQL database that POLYLOGUE_STORE names, or from there into a file",
    )
    .option("--from <file>", "another file than the data folder's")
    .option("--to-file [file]", "the way back: from the database into a new file, the data folder's or another")
    .option("--dry-run", "say what would be copied; changes nothing")
    .option("--yes", "do it; called again, it goes on where it was broken off; into a file it begins anew")
    .action((options: Options) => run((door) => move(door, options)));
}

async function move(door: CommandDoor, { from, toFile, dryRun = false, yes = false }: Options): Promise<Outcome> {
  if (dryRun === yes) return refuse("usage", "Say --dry-run to look, or --yes to do it.", "A dry run changes nothing.");
  if (toFile === undefined) return moveOver(door, from ?? door.storeFile, dryRun);
  if (from !== undefined) return refuse("usage", "--from names a file that is read, --to-file one that is made: say one of them.");
  return takeBack(door, toFile === true ? door.storeFile : resolve(toFile), dryRun);
}

async function moveOver(door: CommandDoor, file: string, dryRun: boolean): Promise<Outcome> {
  const moved = await door.moveStore({ file, dryRun, tell: progressTo(door) });
  if (!moved.ok) return refused(moved.fault);
  const facts = factsOf(moved.value, file, door.store.shown, dryRun);
  if (dryRun) return done(facts, [`${file} holds:`, rowsOf(moved.value), "Nothing was changed."].join("\n"));
  const audit = await auditOf(door);
  if (!audit.ok) return refused(audit.fault);
  const entries = audit.value;
  const lines = [
    rowsOf(moved.value),
    `All of ${file} is in ${door.store.shown}, with the same counts and checksums; the audit log holds together (${entries} entries).`,
    "Start the gateway with the same POLYLOGUE_STORE and master key. It makes the index of the search anew. The file stays as it is: put it away.",
  ];
  return done({ ...facts, auditEntries: entries }, lines.join("\n"));
}

async function takeBack(door: CommandDoor, file: string, dryRun: boolean): Promise<Outcome> {
  const taken = await door.takeStore({ file, dryRun, tell: progressTo(door) });
  if (!taken.ok) return refused(taken.fault, "Nothing was changed.");
  const facts = factsOf(taken.value, door.store.shown, file, dryRun);
  if (dryRun) return done(facts, [`${door.store.shown} holds:`, rowsOf(taken.value), "Nothing was changed."].join("\n"));
  const audit = await auditOf(door, file);
  if (!audit.ok) return refused(audit.fault);
  const lines = [
    rowsOf(taken.value),
    `All of ${door.store.shown} is in ${file}, with the same counts and checksums; the audit log holds together (${audit.value} entries).`,
    "Start one gateway on that data folder, without POLYLOGUE_STORE and POLYLOGUE_ENGINE, and with the same master key. It makes the index of the search anew. The database stays as it is: start nothing on it any more.",
  ];
  return done({ ...facts, auditEntries: audit.value }, lines.join("\n"));
}

function factsOf({ tables, files, resumed }: Moved, from: string, to: string, dryRun: boolean) {
  return { from, to, moved: !dryRun, tables: tables.map((one) => ({ ...one })), files: { ...files }, resumed };
}

/** How many entries the audit log has that came over. */
async function auditOf(door: CommandDoor, file?: string): Promise<Result<number>> {
  const opened = await door.openStore(file);
  if (!opened.ok) return opened;
  const { entries, brokenAt } = await opened.value.records.verifyAudit(tenant).finally(() => opened.value.close());
  if (brokenAt === undefined) return ok(entries);
  return fail(
    "request-invalid",
    `All is moved, but the audit log was changed from outside before: entry ${brokenAt} doesn't fit the one before.`,
  );
}

/** For who waits at a terminal: a line a second. */
function progressTo({ terminal, clock }: CommandDoor): (progress: MoveProgress) => void {
  let next = clock.elapsed() + 1_000;
  return ({ doing, what, rows, of }) => {
    if (!terminal.interactive || clock.elapsed() < next) return;
    next = clock.elapsed() + 1_000;
    terminal.err(`${doing} ${what}: ${rows} of ${of}\n`);
  };
}

function rowsOf({ tables, files }: Moved): string {
  const held = tables.filter(({ rows }) => rows > 0);
  return table([
    ...held.map(({ name, rows, sha256 }) => [name, String(rows), sha256.slice(0, 16)]),
    ["attachments", String(files.count), `${Math.ceil(files.bytes / 2 ** 20)} MB`],
  ]);
}

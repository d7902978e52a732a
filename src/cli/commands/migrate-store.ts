import type { Command } from "commander";
import type { Moved, MoveProgress } from "../../core/moved.ts";
import type { CommandDoor } from "../door.ts";
import { tenant } from "../open.ts";
import { done, type Outcome, refuse, refused, table } from "../outcome.ts";
import type { Run } from "../run.ts";

interface Options {
  readonly from?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export function migrateStoreCommand(program: Command, run: Run): void {
  program
    .command("migrate-store")
    .description("copy the store in a file, with its attachments, into the empty PostgreSQL database that POLYLOGUE_STORE names")
    .option("--from <file>", "another file than the data folder's")
    .option("--dry-run", "say what would be copied; changes nothing")
    .option("--yes", "do it; called again, it goes on where it was broken off")
    .action((options: Options) => run((door) => move(door, options)));
}

async function move(door: CommandDoor, { from, dryRun = false, yes = false }: Options): Promise<Outcome> {
  if (dryRun === yes) return refuse("usage", "Say --dry-run to look, or --yes to do it.", "A dry run changes nothing.");
  const file = from ?? door.storeFile;
  const moved = await door.moveStore({ file, dryRun, tell: progressTo(door) });
  if (!moved.ok) return refused(moved.fault);
  const { tables, files, resumed } = moved.value;
  const facts = {
    from: file,
    to: door.store.shown,
    moved: !dryRun,
    tables: tables.map((one) => ({ ...one })),
    files: { ...files },
    resumed,
  };
  if (dryRun) return done(facts, [`${file} holds:`, rowsOf(moved.value), "Nothing was changed."].join("\n"));
  const opened = await door.openStore();
  if (!opened.ok) return refused(opened.fault);
  const { entries, brokenAt } = await opened.value.records.verifyAudit(tenant).finally(() => opened.value.close());
  if (brokenAt !== undefined) {
    return refuse(
      "request-invalid",
      `All is moved, but the audit log was changed from outside before: entry ${brokenAt} doesn't fit the one before.`,
    );
  }
  const lines = [
    rowsOf(moved.value),
    `All of ${file} is in ${door.store.shown}, with the same counts and checksums; the audit log holds together (${entries} entries).`,
    "Start the gateway with the same POLYLOGUE_STORE and master key. It makes the index of the search anew. The file stays as it is: put it away.",
  ];
  return done({ ...facts, auditEntries: entries }, lines.join("\n"));
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

import { rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SaidFinding } from "../core/finding.ts";
import { say } from "../core/say.ts";
import { parseFile, unreadable } from "./file.ts";
import { createNotes } from "./notes.ts";
import { readText } from "./read.ts";
import type { FileSource } from "./sources.ts";

const lastGoodRuns = say`the last good one keeps running`;

export function configurationFile(home: string): string {
  return join(home, "polylogue.json5");
}

/** A copy of the file as it was when it could last be read: what runs when a start finds it broken. */
export function lastGoodFile(home: string): string {
  return join(home, "polylogue.last-good.json5");
}

export interface DiskRead {
  readonly file?: FileSource;
  readonly problem?: SaidFinding;
}

/**
 * The configuration file, or the last good one with what is wrong about the newer. `before` is what this process runs
 * on: with it a file that has gone counts as broken, without it as meant.
 */
export async function readConfigurationFile(home: string, before?: FileSource): Promise<DiskRead> {
  const name = configurationFile(home);
  const read = await readText(name);
  if (read.ok) {
    const file = { name, text: read.text };
    const parsed = parseFile(file, createNotes());
    if (parsed.ok) return { file };
    const lastGood = before ?? (await kept(home));
    return lastGood ? { file: lastGood, problem: unreadable(name, parsed, lastGoodRuns) } : { file };
  }
  if (read.absent && !before) return {};
  const lastGood = before ?? (await kept(home));
  const instead = lastGood ? lastGoodRuns : say`the defaults and what the web app and the CLI set run without it`;
  const problem = unreadable(name, read, instead);
  return lastGood ? { file: lastGood, problem } : { problem };
}

/** Keeps a good file for the next start. Failure to do so harms nothing now. */
export async function keepLastGood(home: string, file: FileSource | undefined): Promise<void> {
  const path = lastGoodFile(home);
  if (!file) return void (await rm(path, { force: true }).catch(() => {}));
  const there = await readText(path);
  if (there.ok && there.text === file.text) return;
  try {
    await writeFile(`${path}.new`, file.text, { mode: 0o600 });
    await rename(`${path}.new`, path);
  } catch {
    // A full or read-only disk shows itself where it matters: in the store.
  }
}

/** Differs whenever the file was written, replaced, or came or went. */
export async function fileMark(path: string): Promise<string> {
  try {
    const about = await stat(path, { bigint: true });
    return `${about.ino} ${about.size} ${about.mtimeNs} ${about.ctimeNs}`;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code ?? "unknown";
  }
}

async function kept(home: string): Promise<FileSource | undefined> {
  const path = lastGoodFile(home);
  const read = await readText(path);
  return read.ok ? { name: path, text: read.text } : undefined;
}

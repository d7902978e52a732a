import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../../../src/stores/sqlite.ts";
import { Disk, type Fate, fates } from "./disk.ts";
import { type Noted, type Recording, record } from "./record.ts";
import { readTrace } from "./trace.ts";

export interface PowerLossOptions {
  readonly messages: number;
  readonly cuts: number;
  readonly seed: number;
  /** A build that is wrong on purpose. */
  readonly broken?: "no-fsync";
  readonly tell?: (cuts: number) => void;
}

export interface PowerLossVerdict {
  readonly cuts: number;
  /** Acknowledged while the run went on. */
  readonly acknowledged: number;
  /** Acknowledgements that the cuts had to honour, all cuts together. */
  readonly owed: number;
  /** Writes that no sync had covered, all cuts together: without any the images would show nothing. */
  readonly loose: number;
  /** Checkpoints that the trace went through: syncs of the database itself. */
  readonly checkpoints: number;
  /** `<message> at <line>/<fate>`: its 2xx was noted before the cut, and the image hasn't got it. */
  readonly lost: readonly string[];
  /** Delivered before the cut, and the image knows of no attempt. */
  readonly unintended: readonly string[];
  /** Images that don't open, or whose pages don't fit together. */
  readonly damaged: readonly string[];
}

const database = "polylogue.db";
/** Images of runs up to here fit into the 64 MB that containers have in memory: a reader flushes again and again. */
const fewMessages = 2_000;

/** One run of the real gateway, cut at many points; what each could have left on a disk is read by a new gateway's store. */
export async function losePower(options: PowerLossOptions): Promise<PowerLossVerdict> {
  const work = await mkdtemp(join(tmpdir(), "polylogue-power-"));
  try {
    const home = join(work, "home");
    await mkdir(home);
    const recording = await record(home, work, options);
    return await judge(recording, basename(home), options);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function judge(recording: Recording, folder: string, options: PowerLossOptions): Promise<PowerLossVerdict> {
  const trace = await readTrace(recording.trace);
  const disk = new Disk(trace, folder, [database, `${database}-wal`]);
  const random = seeded(options.seed);
  const imagesIn = options.messages <= fewMessages && existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const lines = Array.from({ length: options.cuts }, () => Math.floor(random() * trace.times.length)).sort((a, b) => a - b);
  const lost: string[] = [];
  const unintended: string[] = [];
  const damaged: string[] = [];
  let owed = 0;
  let loose = 0;
  for (const [index, line] of lines.entries()) {
    const fate = fates[index % fates.length] as Fate;
    const image = await mkdtemp(join(imagesIn, "polylogue-power-image-"));
    loose += disk.cut(line, fate, random, image);
    const ms = (trace.times[line] as number) * 1_000;
    const before = (noted: readonly Noted[]) => noted.filter(({ at }) => at < ms).map(({ id }) => id);
    const known = await readImage(join(image, database));
    const place = `at line ${line}/${fate}`;
    if (typeof known === "string") damaged.push(`${place}: ${known}`);
    else {
      const due = before(recording.acknowledged);
      owed += due.length;
      lost.push(...due.filter((id) => !known.messages.has(id)).map((id) => `${id} ${place}`));
      unintended.push(
        ...before(recording.delivered)
          .filter((id) => !known.attempts.has(id))
          .map((id) => `${id} ${place}`),
      );
    }
    await rm(image, { recursive: true });
    options.tell?.(index + 1);
  }
  const checkpoints = trace.calls.filter(({ kind, file }) => kind === "sync" && file === database).length;
  return { cuts: lines.length, acknowledged: recording.acknowledged.length, owed, loose, checkpoints, lost, unintended, damaged };
}

/** What a gateway that starts on the image finds: messages by the platform's id, deliveries whose attempt was stored. */
async function readImage(file: string): Promise<{ messages: Set<string>; attempts: Set<string> } | string> {
  const opened = await openSqliteStore({ file, role: "owner" });
  if (!opened.ok) return opened.fault.message;
  const reader = new DatabaseSync(file, { readOnly: true });
  try {
    const { integrity_check: state } = reader.prepare("PRAGMA integrity_check").get() as { integrity_check: string };
    if (state !== "ok") return state;
    const messages = reader
      .prepare(
        `SELECT d.key FROM dedupe d JOIN events e ON e.id = d.event JOIN messages m ON m.seq = e.message AND m.parts LIKE '%message ' || d.key || '"%'`,
      )
      .all();
    const attempts = reader.prepare("SELECT id FROM deliveries WHERE attempts > 0").all();
    return { messages: new Set(messages.map(({ key }) => String(key))), attempts: new Set(attempts.map(({ id }) => String(id))) };
  } finally {
    reader.close();
    await opened.value.close();
  }
}

/** Mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Call, Trace } from "./trace.ts";

/**
 * What the disk did with writes that no sync had covered when the power went: none reached it, all did, some did, or some
 * sectors of some did.
 */
export const fates = ["none", "all", "some", "torn"] as const;
export type Fate = (typeof fates)[number];

const sectorBytes = 512;

/** Rebuilds what a disk may hold after the power went at a line of the trace. Cuts are to be asked for in growing order. */
export class Disk {
  readonly #trace: Trace;
  readonly #folder: string;
  readonly #files: readonly TracedFile[];

  /** `folder`: the name of the folder that the files are in, whose sync makes names durable. */
  constructor(trace: Trace, folder: string, files: readonly string[]) {
    this.#trace = trace;
    this.#folder = folder;
    this.#files = files.map(
      (name) =>
        new TracedFile(
          name,
          trace.calls.filter((call) => call.file === name),
        ),
    );
  }

  /** Writes the image into a folder; resolves with how many writes no sync had covered. */
  cut(line: number, fate: Fate, random: () => number, into: string): number {
    const named = coveredUntil(
      this.#trace.calls.filter(({ file }) => file === this.#folder),
      line,
    );
    let loose = 0;
    for (const file of this.#files) {
      const { bytes, pending } = file.at(line, named, fate, random);
      if (bytes) writeFileSync(join(into, file.name), bytes);
      loose += pending;
    }
    return loose;
  }
}

/** The begin of the last sync that was over at this line: what had ended by then is on the disk. */
function coveredUntil(calls: readonly Call[], line: number): number {
  return calls.reduce((latest, { kind, begun, ended }) => (kind === "sync" && ended <= line ? Math.max(latest, begun) : latest), -1);
}

class TracedFile {
  readonly name: string;
  readonly #changes: readonly Call[];
  readonly #syncs: readonly Call[];
  readonly #names: readonly Call[];
  readonly #durable = new Content();
  #done = 0;

  constructor(name: string, calls: readonly Call[]) {
    this.name = name;
    this.#changes = calls.filter(({ kind }) => kind === "write" || kind === "truncate");
    this.#syncs = calls.filter(({ kind }) => kind === "sync");
    this.#names = calls.filter(({ kind }) => kind === "create" || kind === "unlink");
  }

  at(line: number, namedUntil: number, fate: Fate, random: () => number): { readonly bytes?: Buffer; readonly pending: number } {
    if (!this.#isNamed(line, namedUntil, fate, random)) return { pending: 0 };
    const covered = coveredUntil(this.#syncs, line);
    for (; (this.#changes[this.#done]?.ended ?? Number.POSITIVE_INFINITY) <= covered; this.#done++) {
      this.#durable.apply(this.#changes[this.#done] as Call);
    }
    const pending = this.#changes.slice(this.#done).filter(({ begun }) => begun <= line);
    const content = this.#durable.copy();
    for (const change of pending) {
      if (fate === "all" || (fate === "some" && random() < 0.5)) content.apply(change);
      else if (fate === "torn") for (const part of sectorsOf(change)) if (random() < 0.6) content.apply(part);
    }
    return { bytes: content.bytes, pending: pending.length };
  }

  /** A name that the folder's sync didn't cover may be there or not; the trace begins with an empty folder. */
  #isNamed(line: number, namedUntil: number, fate: Fate, random: () => number): boolean {
    let there = false;
    for (const { kind, begun, ended } of this.#names) {
      const certain = ended <= namedUntil;
      if (begun <= line && (certain || fate === "all" || (fate !== "none" && random() < 0.5))) there = kind === "create";
    }
    return there;
  }
}

/** A file's bytes; what lies between them is zero. */
class Content {
  #room: Buffer = Buffer.alloc(0);
  #size = 0;

  get bytes(): Buffer {
    return this.#room.subarray(0, this.#size);
  }

  copy(): Content {
    const made = new Content();
    made.#room = Buffer.from(this.bytes);
    made.#size = this.#size;
    return made;
  }

  apply(change: Call): void {
    if (change.kind === "truncate") {
      if (change.size < this.#size) this.#room.fill(0, change.size, this.#size);
      this.#grow(change.size);
      this.#size = change.size;
    } else if (change.kind === "write") {
      const end = change.offset + change.bytes.length;
      this.#grow(end);
      change.bytes.copy(this.#room, change.offset);
      this.#size = Math.max(this.#size, end);
    }
  }

  #grow(size: number): void {
    if (size <= this.#room.length) return;
    const room = Buffer.alloc(size * 2);
    this.bytes.copy(room);
    this.#room = room;
  }
}

/** A disk writes whole sectors, and no more than that at once. */
function sectorsOf(change: Call): readonly Call[] {
  if (change.kind !== "write") return [change];
  const parts: Call[] = [];
  for (let from = 0; from < change.bytes.length; ) {
    const at = change.offset + from;
    const to = Math.min(change.bytes.length, from + sectorBytes - (at % sectorBytes));
    parts.push({ ...change, offset: at, bytes: change.bytes.subarray(from, to) });
    from = to;
  }
  return parts;
}

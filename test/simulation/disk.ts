import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommitTiming, openSqliteStore } from "../../src/stores/sqlite.ts";
import type { Random } from "./random.ts";
import type { Owner, Scheduler } from "./scheduler.ts";

/** In memory where the machine has a folder for that: nothing here needs to outlive its seed. */
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** An empty installation, made once: each seed starts with a copy. */
export async function emptyStore(): Promise<Buffer> {
  const folder = mkdtempSync(join(memory, "polylogue-empty-"));
  try {
    const file = join(folder, "store.sqlite");
    const opened = await openSqliteStore({ file, role: "owner" });
    if (!opened.ok) throw new Error(opened.fault.message);
    await opened.value.close();
    return readFileSync(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The disk under the store: its real files, and what of them a crash leaves. SQLite appends to its WAL; the gateway's
 * flush, here a task of the scheduler, says how much of it is certainly there. A killed process leaves all that was
 * written, a power cut what was flushed and as much of the rest as the kernel happened to have written.
 */
export class Disk {
  readonly folder: string;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #lying: boolean;
  #image = 0;
  #durable = 0;
  #full = false;
  /** What the store that runs now waits for. */
  #waiting = new Set<() => void>();

  /** A `lying` disk says that it has flushed, and hasn't. */
  constructor(empty: Buffer, scheduler: Scheduler, random: Random, lying: boolean) {
    this.folder = mkdtempSync(join(memory, "polylogue-seed-"));
    this.#scheduler = scheduler;
    this.#random = random;
    this.#lying = lying;
    writeFileSync(this.file, empty);
  }

  get file(): string {
    return join(this.folder, `store-${this.#image}.sqlite`);
  }

  /** The store that has just been opened on `file` has flushed what it wrote so far. */
  opened(): void {
    this.#durable = this.#written();
  }

  /** It has no room for what is committed next. */
  fill(): void {
    this.#full = true;
  }

  timing(owner: Owner): CommitTiming {
    const waiting = new Set<() => void>();
    this.#waiting = waiting;
    const later = (label: string, run: () => void) => {
      const once = () => {
        if (waiting.delete(once)) run();
      };
      waiting.add(once);
      this.#scheduler.add(owner, label, once);
    };
    return {
      gather: (run) => later("commit", run),
      room: () => {
        const full = this.#full;
        this.#full = false;
        // https://www.sqlite.org/rescode.html#full
        if (full) throw Object.assign(new Error("database or disk is full"), { errcode: 13 });
      },
      flush: (done) => {
        const written = this.#written();
        later("flush", () => {
          if (!this.#lying) this.#durable = Math.max(this.#durable, written);
          done(null);
        });
      },
    };
  }

  /**
   * What the next store finds. The dead one's files stay behind, where it may do what it waited for: the function that is
   * given back lets it, so that it can be closed.
   */
  crash(cut: "power" | "process"): () => void {
    const from = this.file;
    const written = this.#written();
    this.#image++;
    copyFileSync(from, this.file);
    if (written > 0) {
      const left = cut === "process" ? written : this.#random.between(Math.min(this.#durable, written), written);
      writeFileSync(`${this.file}-wal`, readFileSync(`${from}-wal`).subarray(0, left));
    }
    const waiting = this.#waiting;
    return () => {
      while (waiting.size > 0) for (const run of [...waiting]) run();
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #written(): number {
    return statSync(`${this.file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }
}

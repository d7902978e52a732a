import { closeSync, fdatasync, openSync, write } from "node:fs";
import { setImmediate as tick } from "node:timers/promises";
import { promisify } from "node:util";

const append = promisify(write);
const sync = promisify(fdatasync);

/** Milliseconds since 1970, with fractions, that never go back within this process. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** A witness's own log, one JSON object a line, on disk. What one turn of the event loop brings shares one fsync. */
export class Journal {
  readonly #file: number;
  #lines: string[] = [];
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  /** Resolves when the line is on disk: only then may anybody be told of it. */
  note(line: object): Promise<void> {
    this.#lines.push(JSON.stringify(line));
    if (!this.#next) {
      this.#next = this.#last.then(() => tick()).then(() => this.#flush());
      this.#last = this.#next;
    }
    return this.#next;
  }

  async close(): Promise<void> {
    await this.#last;
    closeSync(this.#file);
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(`${this.#lines.join("\n")}\n`);
    this.#lines = [];
    this.#next = undefined;
    for (let written = 0; written < bytes.length; ) written += (await append(this.#file, bytes, written)).bytesWritten;
    await sync(this.#file);
  }
}

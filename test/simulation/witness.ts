import { createHash } from "node:crypto";

/** A promise that was broken, and how it showed. */
export interface Breach {
  readonly promise: string;
  readonly what: string;
  readonly step: number;
}

/** Our ids are random, also in a simulation: `dl_01hq…` is told as `dl_3`, the third delivery that was spoken of. */
const ids = /\b(cv|ev|ms|tn|mc|dl|fl)_[0-9a-z]{22}\b/g;

/** Sees everything that happens outside of the gateway and at its doors, in order. */
export class Witness {
  readonly breaches: Breach[] = [];
  readonly lines: string[] = [];
  readonly #keep: boolean;
  readonly #hash = createHash("sha256");
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #step: () => number;
  #moments = 0;

  constructor(keep: boolean, step: () => number) {
    this.#keep = keep;
    this.#step = step;
  }

  /** A number that is greater than all before it: what happened first has the smaller one. */
  moment(): number {
    return ++this.#moments;
  }

  tell(line: string): void {
    const named = this.named(line);
    this.#hash.update(named).update("\n");
    if (this.#keep) this.lines.push(named);
  }

  blame(promise: string, what: string): void {
    const breach = { promise, what: this.named(what), step: this.#step() };
    this.breaches.push(breach);
    this.tell(`BROKEN ${promise}: ${what}`);
  }

  /** The same for two runs of a seed exactly when the same happened in both. */
  hash(): string {
    return this.#hash.copy().digest("hex");
  }

  named(line: string): string {
    return line.replace(ids, (id, kind: string) => {
      const known = this.#names.get(id);
      if (known) return known;
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      this.#names.set(id, `${kind}_${count}`);
      return `${kind}_${count}`;
    });
  }
}

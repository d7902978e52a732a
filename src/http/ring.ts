import type { LiveEvent } from "../core/live.ts";

export interface Numbered {
  readonly n: number;
  readonly event: LiveEvent;
}

/** The newest live events of a tenant, so that a window that was away for a moment misses nothing. */
export class Ring {
  readonly #items: (Numbered | undefined)[];
  #next = 1;

  constructor(size: number) {
    this.#items = new Array(size).fill(undefined);
  }

  add(event: LiveEvent): Numbered {
    const item = { n: this.#next++, event };
    this.#items[item.n % this.#items.length] = item;
    return item;
  }

  get last(): number {
    return this.#next - 1;
  }

  /** Everything after `n`, or nothing when some of it is gone or `n` never was. */
  after(n: number): readonly Numbered[] | undefined {
    if (n > this.last || n < 0) return undefined;
    if (this.last - n > this.#items.length) return undefined;
    return Array.from({ length: this.last - n }, (_, index) => this.#items[(n + 1 + index) % this.#items.length] as Numbered);
  }
}

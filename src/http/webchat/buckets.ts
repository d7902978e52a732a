import type { Clock } from "../../core/clock.ts";

/** Token buckets by name: each holds `burst` at most and gets `perSecond` back. Memory is bounded; the longest idle goes. */
export class Buckets {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #most: number;
  /** In the order of last use. */
  readonly #filled = new Map<string, { left: number; at: number }>();

  constructor(clock: Pick<Clock, "elapsed">, limits: { readonly burst: number; readonly perSecond: number; readonly most?: number }) {
    this.#clock = clock;
    this.#burst = limits.burst;
    this.#perSecond = limits.perSecond;
    this.#most = limits.most ?? 50_000;
  }

  /** Takes one; otherwise the milliseconds until there is one. */
  take(name: string): { readonly waitMs: number } {
    const now = this.#clock.elapsed();
    const known = this.#filled.get(name);
    const left = known ? Math.min(this.#burst, known.left + ((now - known.at) / 1000) * this.#perSecond) : this.#burst;
    this.#filled.delete(name);
    this.#filled.set(name, { left: left >= 1 ? left - 1 : left, at: now });
    if (this.#filled.size > this.#most) this.#filled.delete(this.#filled.keys().next().value as string);
    return { waitMs: left >= 1 ? 0 : ((1 - left) / this.#perSecond) * 1000 };
  }
}

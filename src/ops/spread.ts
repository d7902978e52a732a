/** How much wider each step is than the one before: a figure is off by a twentieth at most. */
const growth = 1.1;
const steps = 200;

/** How durations of up to some 50 hours are spread, in milliseconds: how many fell into each of steps that grow. */
export class Spread {
  readonly #counts = new Uint32Array(steps);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(ms: number): void {
    const step = ms <= 1 ? 0 : Math.min(steps - 1, Math.ceil(Math.log(ms) / Math.log(growth)));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#total += 1;
  }

  addAll(other: Spread): void {
    for (const [step, count] of other.#counts.entries()) this.#counts[step] = (this.#counts[step] ?? 0) + count;
    this.#total += other.#total;
  }

  /** What so large a share of them took at most; nothing while there is none. */
  quantile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    let left = Math.max(1, Math.ceil(this.#total * share));
    const step = this.#counts.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return Math.round(growth ** (step - 0.5));
  }
}

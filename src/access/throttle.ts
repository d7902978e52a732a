import type { Hearsay } from "../core/bus.ts";
import type { Clock } from "../core/clock.ts";

/** So many at once, then as many again over `windowMs`, evenly. */
export interface ThrottleRule {
  readonly limit: number;
  readonly windowMs: number;
}

/** What another gateway took, or gave back. */
export interface AttemptNews {
  readonly buckets: readonly (readonly [key: string, rule: ThrottleRule])[];
  readonly by: 1 | -1;
}

interface Level {
  filled: number;
  at: number;
}

const maxKeys = 20_000;

/**
 * Leaky buckets by key, in memory. What is taken before the attempt is given back when it succeeds, so that attempts
 * running side by side count too. When there are too many keys the oldest is forgotten. Gateways that share a store tell each
 * other what they take: whose words don't get through counts for itself.
 */
export class Throttle {
  readonly #clock: Clock;
  readonly #others: Hearsay<AttemptNews> | undefined;
  readonly #levels = new Map<string, Level>();

  constructor(clock: Clock, others?: Hearsay<AttemptNews>) {
    this.#clock = clock;
    this.#others = others;
    others?.hear(({ buckets, by }) => this.#add(buckets, by));
  }

  /** Takes one from every bucket and answers 0, or from none and answers the milliseconds to wait. */
  take(buckets: ReadonlyMap<string, ThrottleRule>): number {
    let wait = 0;
    for (const [key, rule] of buckets) {
      const over = this.#level(key, rule) + 1 - rule.limit;
      if (over > 1e-9) wait = Math.max(wait, Math.ceil((over * rule.windowMs) / rule.limit));
    }
    if (wait > 0) return wait;
    this.#add(buckets, 1);
    this.#others?.tell({ buckets: [...buckets], by: 1 });
    return 0;
  }

  giveBack(buckets: ReadonlyMap<string, ThrottleRule>): void {
    this.#add(buckets, -1);
    this.#others?.tell({ buckets: [...buckets], by: -1 });
  }

  #add(buckets: Iterable<readonly [string, ThrottleRule]>, by: 1 | -1): void {
    for (const [key, rule] of buckets) this.#set(key, this.#level(key, rule) + by);
  }

  #level(key: string, rule: ThrottleRule): number {
    const known = this.#levels.get(key);
    if (!known) return 0;
    return Math.max(0, known.filled - ((this.#clock.elapsed() - known.at) * rule.limit) / rule.windowMs);
  }

  #set(key: string, filled: number): void {
    this.#levels.delete(key);
    if (filled <= 0) return;
    this.#levels.set(key, { filled, at: this.#clock.elapsed() });
    if (this.#levels.size > maxKeys) {
      for (const oldest of this.#levels.keys()) {
        this.#levels.delete(oldest);
        break;
      }
    }
  }
}

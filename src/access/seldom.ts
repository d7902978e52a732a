import type { Clock } from "../core/clock.ts";

const everyMs = 60_000;
const maxKeys = 1_000;

/**
 * For what strangers can cause as often as they like: the first of a kind in a minute is told, with how many were kept
 * back since the last one.
 */
export class Seldom {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, { toldAt: number; kept: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The number kept back so far when it may be told, or nothing. */
  tell(kind: string): number | undefined {
    const now = this.#clock.elapsed();
    const known = this.#kinds.get(kind);
    if (known && now - known.toldAt < everyMs) {
      known.kept++;
      return undefined;
    }
    this.#kinds.delete(kind);
    this.#kinds.set(kind, { toldAt: now, kept: 0 });
    if (this.#kinds.size > maxKeys) this.#kinds.delete(this.#kinds.keys().next().value as string);
    return known?.kept ?? 0;
  }
}

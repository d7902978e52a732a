/** Milliseconds, or what else is counted, below which so much of all lies. */
export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface Counts {
  readonly acknowledged: number;
  readonly delivered: number;
  /** Acknowledged and never answered. */
  readonly missing: number;
  readonly repeated: number;
  readonly outOfOrder: number;
  /** Answers to nothing that was sent, or that aren't whole. */
  readonly unasked: number;
  /** Webhooks that got no 2xx. */
  readonly refused: number;
}

/** What a slice of load came to. */
export interface LoadFigures extends Counts {
  readonly seconds: number;
  /** Answers that arrived within the slice, per second of it. */
  readonly perSecond: number;
  /**
   * Milliseconds to the acknowledgement, and to the answer's arrival. With a rate they count from the moment at which the
   * message was due, not from when it could be sent: a target that stalls doesn't hide what waits meanwhile.
   */
  readonly acknowledgeMs: Quantiles;
  readonly answerMs: Quantiles;
  /** How late the load itself was, waiting for busy connections left out. It is part of the two above. */
  readonly lateMs: Quantiles;
}

/**
 * Holds what was sent against what came back: each message once, in order in its conversation. Message n belongs to
 * conversation n modulo `conversations`; the numbers of a conversation grow.
 */
export class Tally {
  readonly #conversations: number;
  /** Until the message is both acknowledged and answered, in whatever order. */
  readonly #dueAt = new Map<number, number>();
  readonly #seen = new Set<number>();
  readonly #lastOf = new Map<number, number>();
  readonly #waiting = new Set<number>();
  #refused = 0;
  #repeated = 0;
  #outOfOrder = 0;
  #unasked = 0;
  #acknowledged = 0;
  #acknowledge: number[] = [];
  #answer: { ms: number; at: number }[] = [];
  #late: number[] = [];
  #before: Counts = this.counts();

  constructor(conversations: number) {
    this.#conversations = conversations;
  }

  /** `at`: when the load got to it. */
  sent(n: number, dueAt: number, at: number): void {
    this.#dueAt.set(n, dueAt);
    this.#late.push(at - dueAt);
  }

  acknowledged(n: number, at: number): void {
    this.#acknowledged++;
    this.#acknowledge.push(at - (this.#dueAt.get(n) as number));
    if (this.#seen.has(n)) this.#dueAt.delete(n);
    else this.#waiting.add(n);
  }

  refused(): void {
    this.#refused++;
  }

  /** An answer has arrived; `n` is negative when it names no message, or isn't whole. */
  delivered(n: number, at: number): void {
    if (this.#seen.has(n)) {
      this.#repeated++;
      return;
    }
    const dueAt = this.#dueAt.get(n);
    if (dueAt === undefined) {
      this.#unasked++;
      return;
    }
    this.#seen.add(n);
    if (this.#waiting.delete(n)) this.#dueAt.delete(n);
    this.#answer.push({ ms: at - dueAt, at });
    const conversation = n % this.#conversations;
    const last = this.#lastOf.get(conversation) ?? -1;
    if (last > n) this.#outOfOrder++;
    else this.#lastOf.set(conversation, n);
  }

  /** Acknowledged, and not answered yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Since the beginning. */
  counts(): Counts {
    return {
      acknowledged: this.#acknowledged,
      delivered: this.#seen.size,
      missing: this.#waiting.size,
      repeated: this.#repeated,
      outOfOrder: this.#outOfOrder,
      unasked: this.#unasked,
      refused: this.#refused,
    };
  }

  /** What was counted since the last take; `from` and `to` bound the time in which answers count for the rate. */
  take(from: number, to: number): LoadFigures {
    const now = this.counts();
    const names = Object.keys(now) as (keyof Counts)[];
    const counts = Object.fromEntries(names.map((name) => [name, now[name] - this.#before[name]])) as unknown as Counts;
    const seconds = (to - from) / 1000;
    const figures = {
      ...counts,
      seconds,
      perSecond: this.#answer.filter(({ at }) => at >= from && at <= to).length / seconds,
      acknowledgeMs: quantiles(this.#acknowledge),
      answerMs: quantiles(this.#answer.map(({ ms }) => ms)),
      lateMs: quantiles(this.#late),
    };
    this.#before = now;
    this.#acknowledge = [];
    this.#answer = [];
    this.#late = [];
    return figures;
  }
}

/** Why a run says nothing, or nothing at all when every message was answered once and in order. */
export function faultsOf({ missing, repeated, outOfOrder, unasked, refused }: Counts): string | undefined {
  const faults = Object.entries({ missing, repeated, "out of order": outOfOrder, unasked, refused }).filter(([, count]) => count !== 0);
  return faults.length === 0 ? undefined : faults.map(([name, count]) => `${count} ${name}`).join(", ");
}

export function quantiles(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number) => Math.round((sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * q) - 1)] ?? 0) * 100) / 100;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

import type { Clock } from "../core/clock.ts";
import type { TenantId, TraceId } from "../core/ids.ts";
import type { LedgerEntry, Stage } from "../core/ledger.ts";
import type { Live } from "../core/live.ts";
import type { Records } from "../core/records.ts";
import type { Instant } from "../core/terms.ts";
import { Spread } from "./spread.ts";

const secondMs = 1000;
const minuteMs = 60_000;
/** Minutes that are remembered. */
const minutesKept = 60;
/** Messages on their way whose beginning is remembered; of more, the oldest aren't timed. */
const mostUnderWay = 20_000;
/** Ledger rows that are looked at after a start, the newest, and how many at a time: the path goes on in between. */
const mostRows = 100_000;
const rowsAtOnce = 2_000;

/** Stages by which a message, or its answer, came to a bad end. */
const bad: ReadonlySet<Stage> = new Set(["turn-fail", "delivery-fail", "delivery-dead", "delivery-unknown"]);
/** Stages after which nothing is to be timed any more. */
const last: ReadonlySet<Stage> = new Set([
  "ignored",
  "joined",
  "turn-fail",
  "turn-cancel",
  "delivery-fail",
  "delivery-dead",
  "delivery-drop",
]);

interface Minute {
  /** Minutes since 1970. */
  readonly minute: number;
  received: number;
  errors: number;
  readonly answered: Spread;
  readonly models: Spread;
}

/** How it went in the last hour. */
export interface Pulse {
  /** Messages received within the last 60 seconds. */
  readonly perMinute: number;
  /** Minute by minute, the oldest first; the last is the one that is going on. */
  readonly minutes: readonly { readonly received: number; readonly errors: number }[];
  readonly errors: number;
  /** Milliseconds from a message's receipt to the first delivery of its answer, over `count` answers. */
  readonly latency: Quantiles & { readonly count: number };
  /** Milliseconds of those that were spent waiting for models. */
  readonly models: Quantiles;
}

interface Quantiles {
  readonly p50?: number;
  readonly p95?: number;
}

export interface PulseWatch {
  look(): Pulse;
  /** Reads the last hour of before the start out of the store: the newest entries, as far as they reach. */
  fill(records: Pick<Records, "recentEntries">): Promise<void>;
  stop(): void;
}

/** Feels the pulse by the live ledger: in memory, some hundred kilobytes, nothing per message. */
export function watchPulse({ tenant, live, clock }: { readonly tenant: TenantId; readonly live: Live; readonly clock: Clock }): PulseWatch {
  const startedAt = clock.now();
  const minutes: (Minute | undefined)[] = Array(minutesKept);
  /** By the second of the minute: which second, and how many were received in it. */
  const seconds = new Float64Array(60);
  const inSecond = new Uint32Array(60);
  const underWay = new Map<TraceId, { readonly at: Instant; models: number }>();
  const stop = live.subscribe(tenant, ["ledger"], ({ entry }) => count(entry));

  /** Nothing for what is too old to be counted. */
  function minuteOf(at: Instant): Minute | undefined {
    const minute = Math.floor(at / minuteMs);
    const place = minute % minutesKept;
    const known = minutes[place];
    if (known?.minute === minute) return known;
    if (known && known.minute > minute) return undefined;
    const fresh = { minute, received: 0, errors: 0, answered: new Spread(), models: new Spread() };
    minutes[place] = fresh;
    return fresh;
  }

  function receive(trace: TraceId, at: Instant): void {
    const into = minuteOf(at);
    if (into) into.received += 1;
    const second = Math.floor(at / secondMs);
    const place = second % 60;
    if (seconds[place] !== second) {
      seconds[place] = second;
      inSecond[place] = 0;
    }
    inSecond[place] = (inSecond[place] ?? 0) + 1;
    underWay.set(trace, { at, models: 0 });
    if (underWay.size > mostUnderWay) underWay.delete(underWay.keys().next().value as TraceId);
  }

  function count({ stage, trace, at, detail }: LedgerEntry): void {
    if (stage === "received") {
      receive(trace, at);
      return;
    }
    const into = minuteOf(at);
    if (into && bad.has(stage)) into.errors += 1;
    const begun = underWay.get(trace);
    if (!begun) return;
    if (stage === "model-end" || stage === "model-fail") begun.models += typeof detail?.ms === "number" ? detail.ms : 0;
    else if (stage === "delivery-sent") {
      into?.answered.add(Math.max(0, at - begun.at));
      into?.models.add(begun.models);
      underWay.delete(trace);
    } else if (last.has(stage)) underWay.delete(trace);
  }

  return {
    look() {
      const now = clock.now();
      const current = Math.floor(now / minuteMs);
      const shown = Array.from({ length: minutesKept }, (_, index) => {
        const minute = current - minutesKept + 1 + index;
        const known = minutes[minute % minutesKept];
        return known?.minute === minute ? known : undefined;
      });
      const [answered, models] = [new Spread(), new Spread()];
      for (const minute of shown) {
        if (!minute) continue;
        answered.addAll(minute.answered);
        models.addAll(minute.models);
      }
      const since = Math.floor(now / secondMs) - 60;
      return {
        perMinute: inSecond.reduce((sum, received, place) => sum + ((seconds[place] ?? 0) > since ? received : 0), 0),
        minutes: shown.map((minute) => ({ received: minute?.received ?? 0, errors: minute?.errors ?? 0 })),
        errors: shown.reduce((sum, minute) => sum + (minute?.errors ?? 0), 0),
        latency: { ...quantiles(answered), count: answered.total },
        models: quantiles(models),
      };
    },
    async fill(records) {
      const since = startedAt - minutesKept * minuteMs;
      const found: LedgerEntry[] = [];
      for (let before: number | undefined; found.length < mostRows; ) {
        const page = await records.recentEntries(tenant, { limit: rowsAtOnce, ...(before !== undefined && { before }) });
        // What came since is counted as it came.
        found.push(...page.filter(({ at }) => at < startedAt));
        before = page.at(-1)?.seq;
        if (page.length < rowsAtOnce || (page.at(-1)?.at ?? 0) < since) break;
        await new Promise((resolve) => setImmediate(resolve));
      }
      for (const entry of found.toReversed()) if (entry.at >= since) count(entry);
    },
    stop,
  };
}

function quantiles(spread: Spread): Quantiles {
  const [p50, p95] = [spread.quantile(0.5), spread.quantile(0.95)];
  return { ...(p50 !== undefined && { p50 }), ...(p95 !== undefined && { p95 }) };
}

import { type Effort, pair, type RateFigures } from "../figures.ts";
import type { Quantiles } from "../load/tally.ts";
import { alternate, runSlice, type Slice, withBoth } from "./slice.ts";

/** So many that hardly a message waits for one: how many a platform opens isn't the gateway's limit. */
const connections = 512;

/**
 * An open loop: so many messages a second, whatever the target does, each timed from the moment it was due. Model and
 * platform answer at once, so all of it is the gateway's (and the load's own lateness, which is told).
 */
export function measureLatency(effort: Effort): Promise<readonly RateFigures[]> {
  return withBoth({ connections }, async (both) => {
    for (const side of ["yardstick", "gateway"] as const) await runSlice(side, both[side], { seconds: effort.warmSeconds });
    const found: RateFigures[] = [];
    for (const rate of effort.rates) {
      const runs = await alternate(both, Math.max(1, effort.rounds - 2), { seconds: effort.seconds, rate });
      found.push(figuresOf(rate, runs.gateway, runs.yardstick));
    }
    return found;
  });
}

function figuresOf(rate: number, gateway: readonly Slice[], yardstick: readonly Slice[]): RateFigures {
  const three = (pick: (slice: Slice) => Quantiles) => {
    const of = (which: "p50" | "p95" | "p99") =>
      pair(
        gateway.map((slice) => pick(slice)[which]),
        yardstick.map((slice) => pick(slice)[which]),
      );
    return { p50: of("p50"), p95: of("p95"), p99: of("p99") };
  };
  return {
    rate,
    acknowledge: three(({ acknowledgeMs }) => acknowledgeMs),
    answer: three(({ answerMs }) => answerMs),
    lateMs: Math.max(...[...gateway, ...yardstick].map(({ lateMs }) => lateMs.p99)),
  };
}

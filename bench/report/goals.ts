import type { Results } from "../figures.ts";
import { count, milliseconds, ratio, round } from "./format.ts";

export interface Goal {
  readonly what: string;
  readonly goal: string;
  /** Absent while it hasn't been measured. */
  readonly found?: string;
  readonly reached?: boolean;
}

interface Bound {
  readonly value: number;
  readonly least?: number;
  readonly most?: number;
  readonly shown: string;
}

const atLeast = (value: number, least: number, shown: string): Bound => ({ value, least, shown });
const atMost = (value: number, most: number, shown: string): Bound => ({ value, most, shown });
const holds = ({ value, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }: Bound) => value >= least && value <= most;

function judge(what: string, goal: string, bounds: readonly (Bound | undefined)[]): Goal {
  const measured = bounds.filter((bound) => bound !== undefined);
  if (measured.length < bounds.length) return { what, goal };
  return { what, goal, found: measured.map(({ shown }) => shown).join("; "), reached: measured.every(holds) };
}

/** The figures that the design asks for on two cores, each against what was found. */
export function goals(results: Results): readonly Goal[] {
  const { path, http, latency, memory, partial, recovery, growth, install } = results;
  const at = (rate: number) => latency?.found.find((one) => one.rate === rate);
  const largest = growth?.found.at(-1);
  const [half, two] = [at(500), at(2000)];
  return [
    judge("whole path, model in the process", "≥4,000 messages/s, ≥0.6 × the yardstick", [
      path && atLeast(path.found.perSecond.gateway.median, 4000, `${count(path.found.perSecond.gateway.median)} messages/s`),
      path && atLeast(path.found.perSecond.ratio.median, 0.6, `${ratio(path.found.perSecond.ratio.median)} ×`),
    ]),
    judge("whole path, model streaming over HTTP", "≥2,000 messages/s, ≥0.5 × the yardstick", [
      http && atLeast(http.found.perSecond.gateway.median, 2000, `${count(http.found.perSecond.gateway.median)} messages/s`),
      http && atLeast(http.found.perSecond.ratio.median, 0.5, `${ratio(http.found.perSecond.ratio.median)} ×`),
    ]),
    judge("webhook acknowledged, at 500/s", "p99 ≤20 ms", [half && p99(half.acknowledge.p99.gateway.median, 20)]),
    judge("webhook acknowledged, at 2,000/s", "p99 ≤60 ms", [two && p99(two.acknowledge.p99.gateway.median, 60)]),
    judge("latency that the gateway adds, at 500/s", "p50 ≤3 ms, p99 ≤20 ms", [
      half && atMost(half.answer.p50.gateway.median, 3, `p50 ${milliseconds(half.answer.p50.gateway.median)}`),
      half && p99(half.answer.p99.gateway.median, 20),
    ]),
    judge("first visible words after the model's first", "≤200 ms", [
      partial && atMost(partial.found.max, 200, `${milliseconds(partial.found.max)} at most`),
    ]),
    judge("start to ready (installed), empty store", "≤0.8 s", [
      install && atMost(install.found.readyMs.median, 800, milliseconds(install.found.readyMs.median)),
    ]),
    judge("start to ready, 100,000 pending", "≤2 s", [
      recovery && atMost(recovery.found.readyMs.median, 2000, milliseconds(recovery.found.readyMs.median)),
    ]),
    judge("memory at rest", "≤110 MB", [memory && atMost(memory.found.restMb, 110, `${round(memory.found.restMb)} MB`)]),
    judge("memory under 500 streaming turns", "≤300 MB", [
      memory && atMost(memory.found.streamingMb, 300, `${round(memory.found.streamingMb)} MB`),
    ]),
    judge("CPU per message, 10⁶ stored messages and 10⁵ conversations", "≤1.15 × that of the smallest store", [
      largest && atMost(largest.ratio.median, 1.15, `${ratio(largest.ratio.median)} ×`),
    ]),
    judge("production install", "≤120 MB without Node, ≤120 packages", [
      install && atMost(install.found.mbWithoutNode, 120, `${round(install.found.mbWithoutNode)} MB`),
      install && atMost(install.found.packages, 120, `${install.found.packages} packages`),
    ]),
  ];
}

function p99(value: number, most: number): Bound {
  return atMost(value, most, `p99 ${milliseconds(value)}`);
}

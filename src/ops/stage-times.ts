import type { TraceId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { Instant, Json } from "../core/terms.ts";
import { Counter, Histogram, type Sample } from "./prometheus.ts";

/** Messages and deliveries on their way whose beginning is remembered; of more, the oldest aren't timed. */
const mostUnderWay = 20_000;

/** Seconds: from what a gateway adds to what a long turn takes. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export interface StageTimes {
  count(entry: LedgerEntry, channel: string): void;
  samples(): Sample[];
}

/**
 * How long the stages of messages took, and what models were asked for, by what the ledger tells: nothing on the path knows
 * of it. Labels are what the configuration names; ids of people and conversations never are.
 */
export function watchStageTimes(): StageTimes {
  const seconds = new Histogram("polylogue_stage_seconds", "How long the stages of messages took.", ["stage", "channel"], bounds);
  const calls = new Histogram("polylogue_model_call_seconds", "How long calls of models took.", ["model", "outcome"], bounds);
  const tokens = new Counter("polylogue_model_tokens_total", "Tokens of models; input includes cached_input.", ["model", "kind"]);
  const cost = new Counter("polylogue_model_cost_usd_total", "What calls of models cost, where prices are known.", ["model"]);
  const messages = new Map<TraceId, { readonly at: Instant; turnAt?: Instant; answered?: true }>();
  const deliveries = new Map<string, Instant>();

  function time(stage: string, channel: string, ms: number): void {
    // A clock that was set back took no time.
    seconds.add([stage, channel], Math.max(0, ms) / 1000);
  }

  function countCall(detail: Detail, outcome: string, channel: string): void {
    const model = `${detail.provider}/${detail.model}`;
    const ms = numberOf(detail.ms);
    calls.add([model, outcome], ms / 1000);
    time("model", channel, ms);
    tokens.add([model, "input"], numberOf(detail.input));
    tokens.add([model, "cached_input"], numberOf(detail.cachedInput));
    tokens.add([model, "output"], numberOf(detail.output));
    cost.add([model], numberOf(detail.usd));
  }

  function endTurn(trace: TraceId, at: Instant, channel: string): void {
    const message = messages.get(trace);
    if (message?.turnAt === undefined) return;
    time("turn", channel, at - message.turnAt);
    delete message.turnAt;
  }

  return {
    count({ stage, trace, at, detail = {} }, channel) {
      switch (stage) {
        case "received":
          remember(messages, trace, { at });
          break;
        case "turn-start": {
          const message = messages.get(trace);
          if (!message) break;
          if (detail.try === 1) time("wait", channel, at - message.at);
          message.turnAt = at;
          break;
        }
        case "model-end":
        case "model-fail":
          countCall(detail, stage === "model-end" ? "done" : "failed", channel);
          break;
        case "tool":
          if (typeof detail.ms === "number") time("tool", channel, detail.ms);
          break;
        case "turn-done":
        case "turn-retry":
          endTurn(trace, at, channel);
          break;
        case "turn-fail":
        case "turn-cancel":
          endTurn(trace, at, channel);
          messages.delete(trace);
          break;
        case "ignored":
        case "joined":
          messages.delete(trace);
          break;
        case "delivery-start":
          remember(deliveries, String(detail.delivery), at);
          break;
        case "delivery-sent":
        case "delivery-retry":
        case "delivery-unknown":
        case "delivery-fail":
        case "delivery-dead": {
          const begun = deliveries.get(String(detail.delivery));
          if (begun !== undefined) time("delivery", channel, at - begun);
          deliveries.delete(String(detail.delivery));
          const message = messages.get(trace);
          if (stage !== "delivery-sent" || !message || message.answered) break;
          time("answer", channel, at - message.at);
          // A draft is sent while its turn still runs.
          message.answered = true;
          if (message.turnAt === undefined) messages.delete(trace);
          break;
        }
      }
    },
    samples: () => [seconds, calls, tokens, cost].flatMap((each) => each.samples()),
  };
}

type Detail = { readonly [key: string]: Json };

function numberOf(value: Json | undefined): number {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && number > 0 && Number.isFinite(number) ? number : 0;
}

function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  map.set(key, value);
  if (map.size > mostUnderWay) map.delete(map.keys().next().value as Key);
}

import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import type { TenantId, TraceId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { Live } from "../core/live.ts";
import type { Instant, Json } from "../core/terms.ts";
import type { Span, SpanSender } from "./otlp.ts";

/** Messages under way of which is remembered where they stand; of more, the oldest end where they are. */
const mostUnderWay = 20_000;
const sendEveryMs = 1_000;

interface UnderWay {
  readonly traceId: string;
  readonly spanId: string;
  readonly trace: TraceId;
  readonly at: Instant;
  readonly channel: string;
  readonly conversation: string | undefined;
  agent?: string;
  turn?: { readonly spanId: string; readonly at: Instant };
  readonly deliveries: Map<string, Instant | undefined>;
  lastAt: Instant;
  over: boolean;
  error?: string | undefined;
}

export interface Traces {
  /** Sends what there is, and ends. */
  stop(): Promise<void>;
}

export interface TracesParts {
  readonly tenant: TenantId;
  readonly live: Live;
  /** Of gateways that share a store, all hear of every stage, and one sends. */
  readonly leads: () => boolean;
  readonly clock: Clock;
  readonly sender: SpanSender;
  readonly share: number;
}

/**
 * Each message as a trace of OpenTelemetry, by what the ledger tells: the path knows nothing of it. Names are those of the
 * conventions for generative AI (https://opentelemetry.io/docs/specs/semconv/gen-ai/). The ledger holds no word that anybody
 * said, so no span does.
 */
export function watchTraces({ tenant, live, leads, clock, sender, share }: TracesParts): Traces {
  const messages = new Map<TraceId, UnderWay>();
  const stopListening = live.subscribe(tenant, ["ledger"], ({ entry, conversation }) => {
    if (leads()) count(entry, conversation);
  });
  let sending: Promise<void> = Promise.resolve();
  let stopped = false;
  let cancel = clock.after(sendEveryMs, beat);

  function beat(): void {
    sending = flush().then(() => {
      if (!stopped) cancel = clock.after(sendEveryMs, beat);
    });
  }

  /** A message is over when a look finds it so: what ends together with its turn comes in any order. */
  function flush(): Promise<void> {
    for (const message of messages.values()) if (message.over && message.deliveries.size === 0) end(message);
    return sender.send();
  }

  function end(message: UnderWay): void {
    const { traceId, spanId, trace, at, lastAt, channel, conversation, error } = message;
    messages.delete(trace);
    const attributes = { "polylogue.trace": trace, "polylogue.channel": channel, "gen_ai.conversation.id": conversation };
    sender.add({ traceId, spanId, name: `receive ${channel}`, kind: "consumer", start: at, end: lastAt, attributes, error });
  }

  function child(message: UnderWay, span: Omit<Span, "traceId" | "spanId" | "parentSpanId">, parent = message.turn?.spanId): void {
    sender.add({ traceId: message.traceId, spanId: newSpanId(), parentSpanId: parent ?? message.spanId, ...span });
  }

  function begin({ trace, at, detail }: LedgerEntry, conversation: string | undefined): void {
    // The same message has the same id everywhere, so that it can be looked up by ours: `polylogue.trace`.
    const digest = createHash("sha256").update(trace).digest("hex");
    if (Number.parseInt(digest.slice(32, 40), 16) / 2 ** 32 >= share) return;
    const channel = typeof detail?.channel === "string" ? detail.channel : "unknown";
    messages.set(trace, {
      ...{ traceId: digest.slice(0, 32), spanId: newSpanId(), trace, at, lastAt: at, channel, conversation },
      ...{ deliveries: new Map(), over: false },
    });
    if (messages.size > mostUnderWay) end(messages.values().next().value as UnderWay);
  }

  function endTurn(message: UnderWay, at: Instant, error?: string): void {
    const { turn, agent = "unknown" } = message;
    if (!turn) return;
    delete message.turn;
    sender.add({
      ...{ traceId: message.traceId, spanId: turn.spanId, parentSpanId: message.spanId },
      ...{ name: `invoke_agent ${agent}`, kind: "internal", start: turn.at, end: at, error },
      attributes: {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": agent,
        "gen_ai.conversation.id": message.conversation,
      },
    });
  }

  function callModel(message: UnderWay, at: Instant, detail: Detail, error?: string): void {
    const { provider, model, input, cachedInput, output, usd, purpose = "answer" } = detail;
    const operation = purpose === "embed" ? "embeddings" : "chat";
    child(message, {
      ...{ name: `${operation} ${text(model)}`, kind: "client", start: at - (number(detail.ms) ?? 0), end: at, error },
      attributes: {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": text(provider),
        "gen_ai.request.model": text(model),
        "gen_ai.usage.input_tokens": number(input),
        "gen_ai.usage.output_tokens": number(output),
        "gen_ai.usage.cache_read.input_tokens": number(cachedInput),
        "polylogue.cost.usd": number(usd),
        "polylogue.purpose": text(purpose),
      },
    });
  }

  function runTool(message: UnderWay, at: Instant, detail: Detail, error?: string): void {
    child(message, {
      ...{ name: `execute_tool ${text(detail.name)}`, kind: "internal", start: at - (number(detail.ms) ?? 0), end: at, error },
      attributes: {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": text(detail.name),
        "gen_ai.tool.call.id": text(detail.call),
      },
    });
  }

  function endDelivery(message: UnderWay, { at, stage, reason, detail }: LedgerEntry): void {
    const id = text(detail?.delivery);
    const start = message.deliveries.get(id);
    const again = stage === "delivery-retry";
    // It stays under way until it is settled.
    if (again) message.deliveries.set(id, undefined);
    else message.deliveries.delete(id);
    if (start === undefined) return;
    const error = stage === "delivery-sent" ? undefined : (reason ?? stage);
    const attributes = { "polylogue.delivery": id, "polylogue.attempt": number(detail?.attempt) };
    child(message, { name: `send ${message.channel}`, kind: "producer", start, end: at, attributes, error }, message.spanId);
    if (error && !again) message.error = error;
  }

  function count(entry: LedgerEntry, conversation: string | undefined): void {
    const { stage, trace, at, reason, detail = {} } = entry;
    if (stage === "received") begin(entry, conversation);
    const message = messages.get(trace);
    if (!message) return;
    message.lastAt = Math.max(message.lastAt, at);
    switch (stage) {
      case "routed":
        message.agent = text(detail.agent);
        break;
      case "turn-start":
        message.turn = { spanId: newSpanId(), at };
        break;
      case "model-end":
      case "model-fail":
        callModel(message, at, detail, stage === "model-fail" ? (reason ?? stage) : undefined);
        break;
      case "tool":
        if (detail.ms !== undefined) runTool(message, at, detail, reason);
        break;
      case "turn-retry":
        endTurn(message, at, reason ?? stage);
        break;
      case "turn-fail":
        message.error = reason ?? stage;
        endTurn(message, at, message.error);
        message.over = true;
        break;
      case "turn-done":
      case "turn-cancel":
      case "ignored":
      case "joined":
        endTurn(message, at);
        message.over = true;
        break;
      case "delivery-queued":
        message.deliveries.set(text(detail.delivery), undefined);
        break;
      case "delivery-start":
        message.deliveries.set(text(detail.delivery), at);
        break;
      case "delivery-retry":
      case "delivery-sent":
      case "delivery-unknown":
      case "delivery-fail":
      case "delivery-dead":
      case "delivery-drop":
        endDelivery(message, entry);
        break;
    }
  }

  return {
    async stop() {
      stopped = true;
      stopListening();
      cancel();
      await sending;
      for (const message of messages.values()) end(message);
      await sender.send();
    },
  };
}

type Detail = { readonly [key: string]: Json };

const newSpanId = () => randomBytes(8).toString("hex");
const text = (value: Json | undefined) => (typeof value === "string" ? value : String(value ?? "unknown"));
const number = (value: Json | undefined) => (typeof value === "number" ? value : undefined);

import type { Clock } from "../core/clock.ts";
import type { HttpClient } from "../core/http.ts";
import type { Log } from "../core/log.ts";

/** What happened from when to when, as OpenTelemetry knows it. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly attributes: Readonly<Record<string, string | number | boolean | undefined>>;
  /** The error's code, if it ended with one. */
  readonly error?: string | undefined;
}

export type SpanKind = keyof typeof kinds;
const kinds = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** Spans that wait at most; of more, the oldest are dropped. */
const mostWaiting = 10_000;
const mostAtOnce = 500;
const timeoutMs = 10_000;

export interface SpanSender {
  add(span: Span): void;
  /** Sends what waits. A receiver that can't take it now gets it with the next call; one that refuses it, never. */
  send(): Promise<void>;
}

export interface SpanSenderParts {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly target: TraceTarget;
  readonly version: string;
}

export interface TraceTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly service: string;
  /** Which share of the messages, from 0 to 1. */
  readonly share: number;
}

/**
 * By the variables that every OpenTelemetry program knows; nothing when none names a receiver.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function traceTarget(environment: Readonly<Record<string, string | undefined>>): TraceTarget | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own } = environment;
  if (environment.OTEL_SDK_DISABLED === "true" || environment.OTEL_TRACES_EXPORTER === "none") return undefined;
  const url = own || (base && `${base.replace(/\/+$/, "")}/v1/traces`);
  if (!url || !/^https?:$/.test(URL.parse(url)?.protocol ?? "")) return undefined;
  const share = Number(environment.OTEL_TRACES_SAMPLER_ARG ?? "1");
  const sampled = environment.OTEL_TRACES_SAMPLER?.endsWith("traceidratio") && share >= 0 && share < 1;
  return {
    url,
    headers: listOf(environment.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? environment.OTEL_EXPORTER_OTLP_HEADERS ?? ""),
    service: environment.OTEL_SERVICE_NAME || "polylogue",
    share: environment.OTEL_TRACES_SAMPLER?.endsWith("always_off") ? 0 : sampled ? share : 1,
  };
}

/** `name=value,name=value`, percent-encoded. */
function listOf(text: string): Record<string, string> {
  const pairs = text.split(",").flatMap((pair) => {
    const [, name, value] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? [];
    return name && value !== undefined ? [[name.toLowerCase(), plain(value.trim())] as const] : [];
  });
  return Object.fromEntries(pairs);
}

function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** OTLP over HTTP, as JSON: https://opentelemetry.io/docs/specs/otlp/#otlphttp */
export function createSpanSender({ http, clock, log, target, version }: SpanSenderParts): SpanSender {
  let waiting: Span[] = [];
  let dropped = 0;
  let notBefore = 0;
  let failing = false;
  const resource = { attributes: attributesOf({ "service.name": target.service, "service.version": version }) };

  function bodyOf(spans: readonly Span[]): string {
    return JSON.stringify({
      resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "polylogue", version }, spans: spans.map(spanOf) }] }],
    });
  }

  return {
    add(span) {
      waiting.push(span);
      if (waiting.length <= mostWaiting) return;
      waiting = waiting.slice(mostAtOnce);
      dropped += mostAtOnce;
    },
    async send() {
      while (waiting.length > 0 && clock.elapsed() >= notBefore) {
        const spans = waiting.slice(0, mostAtOnce);
        const { url } = target;
        const headers = { ...target.headers, "content-type": "application/json" };
        const answer = await http.send({ method: "POST", url, headers, body: bodyOf(spans), timeoutMs, maxBytes: 65_536 });
        const status = answer.ok ? answer.value.status : undefined;
        // These alone say "later": https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
        const later = status === undefined || [429, 502, 503, 504].includes(status);
        const taken = status !== undefined && status >= 200 && status < 300;
        if (!taken && !failing) log.warn("traces-refuse", { status, ...(!answer.ok && { cause: answer.fault.message }), dropped });
        if (taken && failing) log.info("traces-sent-again", { dropped });
        failing = !taken;
        if (later) {
          const seconds = answer.ok ? Number(answer.value.headers["retry-after"]) : Number.NaN;
          notBefore = clock.elapsed() + Math.min(60, seconds > 0 ? seconds : 5) * 1000;
          return;
        }
        const sent = new Set(spans);
        waiting = waiting.filter((span) => !sent.has(span));
      }
    },
  };
}

function spanOf({ traceId, spanId, parentSpanId, name, kind, start, end, attributes, error }: Span) {
  return {
    traceId,
    spanId,
    ...(parentSpanId && { parentSpanId }),
    name,
    kind: kinds[kind],
    startTimeUnixNano: nanos(start),
    // A clock that was set back.
    endTimeUnixNano: nanos(Math.max(start, end)),
    attributes: attributesOf({ ...attributes, ...(error && { "error.type": error }) }),
    status: error ? { code: 2 } : {},
  };
}

/** Past what a number can hold exactly. */
function nanos(ms: number): string {
  return `${Math.round(ms)}000000`;
}

function attributesOf(attributes: Span["attributes"]) {
  return Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: anyValue(value) }]));
}

function anyValue(value: string | number | boolean) {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

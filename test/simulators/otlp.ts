import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const hex = (bytes: number) => z.string().regex(new RegExp(`^(?!0+$)[0-9a-f]{${bytes * 2}}$`));
const nanos = z.string().regex(/^[1-9]\d{18}$/);
/** An int64 is a string in protobuf's JSON, an enum a number in OTLP's. */
const value = z.union([
  z.strictObject({ stringValue: z.string() }),
  z.strictObject({ boolValue: z.boolean() }),
  z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
  z.strictObject({ doubleValue: z.number() }),
]);
const attributes = z.array(z.strictObject({ key: z.string().min(1), value }));
const span = z.strictObject({
  traceId: hex(16),
  spanId: hex(8),
  parentSpanId: hex(8).optional(),
  name: z.string().min(1),
  kind: z.int().min(1).max(5),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes,
  status: z.strictObject({ code: z.int().min(0).max(2).optional() }),
});
/** `ExportTraceServiceRequest` as JSON, unknown fields refused: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
const body = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(z.strictObject({ scope: z.strictObject({ name: z.string(), version: z.string() }), spans: z.array(span) })),
    }),
  ),
});

type Received = z.infer<typeof span>;

export interface ReceivedSpan extends Omit<Received, "attributes"> {
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface TraceReceiver extends AsyncDisposable {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** What stood in the bodies, as it came. */
  readonly texts: readonly string[];
  readonly headers: readonly Readonly<Record<string, unknown>>[];
  /** What it refused, and why. */
  readonly refused: readonly string[];
  /** Answers the next requests with these statuses. */
  readonly next: number[];
}

/** An OpenTelemetry collector: takes what the protocol allows and nothing else. */
export async function startTraceReceiver(): Promise<TraceReceiver> {
  const [spans, texts, headers, refused, next]: [ReceivedSpan[], string[], object[], string[], number[]] = [[], [], [], [], []];
  const server = createServer(async (incoming, outgoing) => {
    const text = Buffer.concat(await incoming.toArray()).toString("utf8");
    const status = next.shift();
    if (status !== undefined) return outgoing.writeHead(status, { "retry-after": "1" }).end();
    const refuse = (why: string) => {
      refused.push(why);
      outgoing.writeHead(400).end();
    };
    if (incoming.method !== "POST" || incoming.url !== "/v1/traces") return refuse(`${incoming.method} ${incoming.url}`);
    if (incoming.headers["content-type"] !== "application/json") return refuse(`content-type ${incoming.headers["content-type"]}`);
    const parsed = body.safeParse(JSON.parse(text));
    if (!parsed.success) return refuse(z.prettifyError(parsed.error));
    texts.push(text);
    headers.push(incoming.headers);
    for (const { scopeSpans } of parsed.data.resourceSpans)
      for (const scope of scopeSpans)
        for (const each of scope.spans) {
          const pairs = each.attributes.map(({ key, value }) => [key, Object.values(value)[0]]);
          spans.push({ ...each, attributes: Object.fromEntries(pairs) });
        }
    outgoing.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ spans, texts, headers: headers as Readonly<Record<string, unknown>>[], refused, next },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

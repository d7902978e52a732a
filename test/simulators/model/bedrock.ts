import { EventStreamCodec } from "@smithy/eventstream-codec";
import { type Body, type Format, invalid, isObject, unknownKey } from "./format.ts";

/** Bedrock's ConverseStream: frames of AWS's event stream. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */
const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
);

export const bedrock: Format = {
  name: "bedrock",
  path: /^\/bedrock\/model\/[^/]+\/converse-stream$/,

  check(headers, body, key) {
    if (key !== undefined && headers.authorization !== `Bearer ${key}`) return { status: 403, type: "", message: "Authentication failed" };
    const stray = unknownKey(body, [
      "messages",
      "system",
      "inferenceConfig",
      "toolConfig",
      "additionalModelRequestFields",
      "additionalModelResponseFieldPaths",
    ]);
    if (stray) return invalid(`extraneous key [${stray}] is not permitted`);
    if (!Array.isArray(body.messages) || body.messages.length === 0) return invalid("The messages field is required");
    let role = "";
    for (const message of body.messages as unknown[]) {
      if (!isObject(message) || !["user", "assistant"].includes(String(message.role))) return invalid("role must be user or assistant");
      if (message.role === role) return invalid("Roles must alternate between user and assistant");
      if (!Array.isArray(message.content) || message.content.length === 0) return invalid("The content field is empty");
      role = String(message.role);
    }
    return undefined;
  },

  read(body) {
    const last = (body.messages as Body[]).findLast(({ role }) => role === "user");
    const content = (last?.content ?? []) as Body[];
    const results = content.flatMap((part) =>
      isObject(part.toolResult) ? [((part.toolResult.content as Body[])[0]?.text ?? "") as string] : [],
    );
    const config = body.toolConfig as { tools?: { toolSpec: { name: string } }[] } | undefined;
    return {
      words: content.flatMap((part) => (typeof part.text === "string" ? [part.text] : [])).join("\n"),
      images: content.filter((part) => isObject(part.image)).length,
      results,
      tools: (config?.tools ?? []).flatMap((tool) => (tool.toolSpec ? [tool.toolSpec.name] : [])),
    };
  },

  refusal: ({ message }) => JSON.stringify({ message }),
  errorEvent: ({ type, message }) =>
    JSON.stringify({
      exception: type === "rate_limit_error" ? "throttlingException" : "serviceUnavailableException",
      payload: { message },
    }),

  encode(event) {
    const { exception, type, payload } = readEvent(event);
    const headers =
      exception === undefined
        ? { ":message-type": "event", ":event-type": type }
        : { ":message-type": "exception", ":exception-type": exception };
    const named = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, { type: "string" as const, value: String(value) }]),
    );
    return Buffer.from(
      codec.encode({ headers: named, body: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)) }),
    );
  },

  events(plan) {
    const events = [event("messageStart", { role: "assistant" })];
    let index = 0;
    for (const words of plan.reasoning)
      events.push(event("contentBlockDelta", { contentBlockIndex: index, delta: { reasoningContent: { text: words } } }));
    if (plan.reasoning.length > 0) events.push(event("contentBlockStop", { contentBlockIndex: index++ }));
    for (const text of plan.text) events.push(event("contentBlockDelta", { contentBlockIndex: index, delta: { text } }));
    if (plan.text.length > 0) events.push(event("contentBlockStop", { contentBlockIndex: index++ }));
    for (const { id: toolUseId, name, input } of plan.calls) {
      events.push(event("contentBlockStart", { contentBlockIndex: index, start: { toolUse: { toolUseId, name } } }));
      for (let at = 0; at < input.length; at += 4) {
        events.push(event("contentBlockDelta", { contentBlockIndex: index, delta: { toolUse: { input: input.slice(at, at + 4) } } }));
      }
      events.push(event("contentBlockStop", { contentBlockIndex: index++ }));
    }
    const stopReason = { stop: "end_turn", length: "max_tokens", "tool-calls": "tool_use", filter: "content_filtered" }[plan.end];
    events.push(event("messageStop", { stopReason }));
    const { input, cachedInput, output } = plan.usage;
    const usage = {
      inputTokens: input - cachedInput,
      outputTokens: output,
      totalTokens: input + output,
      cacheReadInputTokens: cachedInput,
    };
    events.push(event("metadata", { usage, metrics: { latencyMs: 1 } }));
    return events;
  },
};

function event(type: string, payload: Body): string {
  return JSON.stringify({ type, payload });
}

/** What is no event of ours is a frame that holds half of one. */
function readEvent(written: string): { readonly type?: string; readonly exception?: string; readonly payload: unknown } {
  try {
    return JSON.parse(written) as { type: string; payload: unknown };
  } catch {
    return { type: "contentBlockDelta", payload: '{"delta": {"text": "half' };
  }
}

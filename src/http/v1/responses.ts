import { z } from "zod";
import type { Completion } from "../../core/calls.ts";
import { ok } from "../../core/errors.ts";
import type { EndReason, ModelContent, ModelMessage, ToolCall, Usage } from "../../core/provider.ts";
import { describe, imageOf, invalid, parameters, type Result, readBy, refuseUnsupported, type Said, toolName } from "./request.ts";
import type { Format, Heard, Sent } from "./stream.ts";

/** Responses, without the state that OpenAI keeps for them: https://platform.openai.com/docs/api-reference/responses */
const part = z.discriminatedUnion("type", [
  z.looseObject({ type: z.enum(["input_text", "output_text"]), text: z.string() }),
  z.looseObject({ type: z.literal("input_image"), image_url: z.string() }),
]);
const content = z.union([z.string(), z.array(part)]);
const output = z.union([z.string(), z.array(z.looseObject({ type: z.literal("input_text"), text: z.string() }))]);
const item = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("message").optional(), role: z.enum(["user", "assistant", "system", "developer"]), content }),
  z.looseObject({ type: z.literal("function_call"), call_id: z.string().min(1), name: toolName, arguments: z.string() }),
  z.looseObject({ type: z.literal("function_call_output"), call_id: z.string().min(1), output }),
  z.looseObject({ type: z.literal("reasoning") }),
]);

export const ResponsesRequest = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  tools: z
    .array(
      z.looseObject({ type: z.literal("function"), name: toolName, description: z.string().nullish(), parameters: parameters.nullish() }),
    )
    .max(128)
    .nullish(),
  tool_choice: z.json().nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});
type ResponsesRequest = z.infer<typeof ResponsesRequest>;

/** Nothing is kept of a response here, so that nothing can go on from it. */
const unsupported = {
  previous_response_id: () => false,
  conversation: () => false,
  background: (value: unknown) => value === false,
  store: (value: unknown) => value === false,
  prompt: () => false,
  tool_choice: (value: unknown) => value === "auto" || value === "none",
  text: (value: unknown) => ((value as { format?: { type?: unknown } }).format?.type ?? "text") === "text",
};

export function readResponses(body: unknown): Result<{ readonly request: ResponsesRequest; readonly said: Said }> {
  const read = readBy(ResponsesRequest, body);
  if (!read.ok) return read;
  const request = read.value;
  const refused = refuseUnsupported(request, unsupported);
  if (!refused.ok) return refused;
  const instructions = request.instructions ? [request.instructions] : [];
  const messages: ModelMessage[] = [];
  const called = new Map<string, string>();
  const items: readonly z.infer<typeof item>[] =
    typeof request.input === "string" ? [{ role: "user", content: request.input }] : request.input;
  for (const [index, one] of items.entries()) {
    const at = `input.${index}`;
    switch (one.type) {
      case undefined:
      case "message": {
        const read = contentOf(one.content, `${at}.content`);
        if (!read.ok) return read;
        const words = read.value.map((part) => (part.type === "text" ? part.text : "")).join("\n");
        if (one.role === "user") messages.push({ role: "user", content: read.value });
        else if (one.role === "assistant") messages.push({ role: "assistant", text: words });
        else instructions.push(words);
        break;
      }
      case "function_call": {
        const call: ToolCall = { id: one.call_id, name: one.name, input: one.arguments };
        called.set(call.id, call.name);
        const last = messages.at(-1);
        if (last?.role === "assistant") messages[messages.length - 1] = { ...last, toolCalls: [...(last.toolCalls ?? []), call] };
        else messages.push({ role: "assistant", text: "", toolCalls: [call] });
        break;
      }
      case "function_call_output": {
        const name = called.get(one.call_id);
        if (name === undefined) return invalid(`${at}.call_id`, "No function call before it has this id.");
        const result = typeof one.output === "string" ? one.output : one.output.map(({ text }) => text).join("\n");
        messages.push({ role: "tool", callId: one.call_id, name, result, failed: false });
        break;
      }
      case "reasoning":
        // Of another model's thoughts nothing can be made; the words that came of them stand beside.
        break;
    }
  }
  if (messages.length === 0) return invalid("input", "There is nothing to answer: no message of a user.");
  const tools =
    request.tool_choice === "none"
      ? []
      : (request.tools ?? []).map(({ name, description, parameters }) => describe(name, description, parameters));
  const maxOutputTokens = request.max_output_tokens ?? undefined;
  return ok({ request, said: { instructions, messages, tools, maxOutputTokens, temperature: request.temperature ?? undefined } });
}

function contentOf(content: string | readonly z.infer<typeof part>[], param: string): Result<readonly ModelContent[]> {
  if (typeof content === "string") return ok([{ type: "text", text: content }]);
  const parts: ModelContent[] = [];
  for (const [index, one] of content.entries()) {
    if (one.type !== "input_image") parts.push({ type: "text", text: one.text });
    else {
      const image = imageOf(one.image_url, `${param}.${index}.image_url`);
      if (!image.ok) return image;
      parts.push(image.value);
    }
  }
  return ok(parts);
}

interface End {
  readonly reason: EndReason;
  readonly usage: Usage;
}

/** Whether the answer is whole, and why not. */
function stateOf(reason: EndReason) {
  if (reason === "length") return { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } } as const;
  if (reason === "filter") return { status: "incomplete", incomplete_details: { reason: "content_filter" } } as const;
  return { status: "completed", incomplete_details: null } as const;
}

function usageOf({ input, cachedInput, output }: Usage) {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cachedInput },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  };
}

export function responsesFormat({ id, model, at }: Heard, request: ResponsesRequest): Format {
  const head = {
    ...{ id: `resp_${id}`, object: "response", created_at: Math.floor(at / 1_000), model },
    ...{
      instructions: request.instructions ?? null,
      metadata: request.metadata ?? {},
      parallel_tool_calls: true,
      previous_response_id: null,
    },
    ...{ tool_choice: request.tool_choice ?? "auto", tools: request.tools ?? [], temperature: request.temperature ?? null, top_p: null },
    ...{ max_output_tokens: request.max_output_tokens ?? null, store: false, background: false, text: { format: { type: "text" } } },
  };
  const messageOf = (text: string, status: "completed" | "in_progress") => ({
    ...{ id: `msg_${id}`, type: "message", role: "assistant", status },
    content: status === "completed" ? [{ type: "output_text", text, annotations: [], logprobs: [] }] : [],
  });
  const callOf = ({ id: call_id, name, input }: ToolCall, n: number, status: "completed" | "in_progress") => ({
    ...{ id: `fc_${id}${n}`, type: "function_call", call_id, name, status },
    arguments: status === "completed" ? input : "",
  });

  let sequence = 0;
  let text: string | undefined;
  const output: object[] = [];
  const event = (type: string, more: object): Sent => ({ event: type, data: { type, sequence_number: sequence++, ...more } });
  const place = () => ({ item_id: `msg_${id}`, output_index: output.length, content_index: 0 });
  const now = (status: string, more: object = {}) => ({
    response: { ...head, status, error: null, incomplete_details: null, output: [...output], usage: null, ...more },
  });

  /** Text and function calls are items of their own: the one that runs is ended before another begins. */
  function endText(): Sent[] {
    if (text === undefined) return [];
    const part = { type: "output_text", text, annotations: [], logprobs: [] };
    const item = messageOf(text, "completed");
    const sent = [
      event("response.output_text.done", { ...place(), text, logprobs: [] }),
      event("response.content_part.done", { ...place(), part }),
      event("response.output_item.done", { output_index: output.length, item }),
    ];
    output.push(item);
    text = undefined;
    return sent;
  }

  return {
    whole({ text, toolCalls, reason, usage }: Completion) {
      const items = [...(text ? [messageOf(text, "completed")] : []), ...toolCalls.map((call, n) => callOf(call, n, "completed"))];
      return { ...head, ...stateOf(reason), error: null, output: items, usage: usageOf(usage) };
    },
    begin: () => [event("response.created", now("in_progress")), event("response.in_progress", now("in_progress"))],
    text(delta) {
      const sent: Sent[] = [];
      if (text === undefined) {
        text = "";
        sent.push(event("response.output_item.added", { output_index: output.length, item: messageOf("", "in_progress") }));
        sent.push(
          event("response.content_part.added", { ...place(), part: { type: "output_text", text: "", annotations: [], logprobs: [] } }),
        );
      }
      text += delta;
      return [...sent, event("response.output_text.delta", { ...place(), delta, logprobs: [] })];
    },
    call(call) {
      const sent = endText();
      const n = output.length;
      const item = callOf(call, n, "completed");
      const at = { item_id: item.id, output_index: n };
      sent.push(
        event("response.output_item.added", { output_index: n, item: callOf(call, n, "in_progress") }),
        event("response.function_call_arguments.delta", { ...at, delta: call.input }),
        event("response.function_call_arguments.done", { ...at, name: call.name, arguments: call.input }),
        event("response.output_item.done", { output_index: n, item }),
      );
      output.push(item);
      return sent;
    },
    end({ reason, usage }: End) {
      const ended = endText();
      const { status, incomplete_details } = stateOf(reason);
      return [...ended, event(`response.${status}`, now(status, { incomplete_details, usage: usageOf(usage) }))];
    },
    fail(error) {
      return [...endText(), event("response.failed", now("failed", { error: { code: error.code, message: error.message } }))];
    },
  };
}

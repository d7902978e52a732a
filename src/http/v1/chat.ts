import { z } from "zod";
import type { Completion } from "../../core/calls.ts";
import { ok } from "../../core/errors.ts";
import type { EndReason, ModelContent, ModelMessage, ToolCall, ToolDescription, Usage } from "../../core/provider.ts";
import { describe, imageOf, invalid, parameters, type Result, readBy, refuseUnsupported, type Said, toolName } from "./request.ts";
import type { Format, Heard } from "./stream.ts";

/** Chat Completions: https://platform.openai.com/docs/api-reference/chat */
const text = z.looseObject({ type: z.literal("text"), text: z.string() });
const userPart = z.discriminatedUnion("type", [
  text,
  z.looseObject({ type: z.literal("image_url"), image_url: z.looseObject({ url: z.string() }) }),
  z.looseObject({ type: z.literal("input_audio"), input_audio: z.looseObject({ data: z.base64(), format: z.enum(["wav", "mp3"]) }) }),
]);
const words = z.union([z.string(), z.array(text)]);
const message = z.discriminatedUnion("role", [
  z.looseObject({ role: z.enum(["system", "developer"]), content: words }),
  z.looseObject({ role: z.literal("user"), content: z.union([z.string(), z.array(userPart).min(1)]) }),
  z.looseObject({
    role: z.literal("assistant"),
    content: words.nullish(),
    tool_calls: z
      .array(
        z.looseObject({
          id: z.string().min(1),
          type: z.literal("function"),
          function: z.looseObject({ name: toolName, arguments: z.string() }),
        }),
      )
      .nullish(),
  }),
  z.looseObject({ role: z.literal("tool"), tool_call_id: z.string().min(1), content: words }),
]);

export const ChatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z
    .array(
      z.looseObject({
        type: z.literal("function"),
        function: z.looseObject({ name: toolName, description: z.string().nullish(), parameters: parameters.nullish() }),
      }),
    )
    .max(128)
    .nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
});
type ChatRequest = z.infer<typeof ChatRequest>;

/** What would change the answer's meaning, and only stands for itself at these values. */
const unsupported = {
  n: (value: unknown) => value === 1,
  logprobs: (value: unknown) => value === false,
  response_format: (value: unknown) => (value as { type?: unknown }).type === "text",
  tool_choice: (value: unknown) => value === "auto" || value === "none",
  stop: (value: unknown) => Array.isArray(value) && value.length === 0,
  modalities: (value: unknown) => Array.isArray(value) && value.every((one) => one === "text"),
  audio: () => false,
  functions: () => false,
  store: (value: unknown) => value === false,
  web_search_options: () => false,
};

export function readChat(body: unknown): Result<{ readonly request: ChatRequest; readonly said: Said }> {
  const read = readBy(ChatRequest, body);
  if (!read.ok) return read;
  const request = read.value;
  const refused = refuseUnsupported(request, unsupported);
  if (!refused.ok) return refused;
  const instructions: string[] = [];
  const messages: ModelMessage[] = [];
  const called = new Map<string, string>();
  for (const [index, message] of request.messages.entries()) {
    const at = `messages.${index}`;
    switch (message.role) {
      case "system":
      case "developer":
        instructions.push(wordsOf(message.content));
        break;
      case "user": {
        const content = contentOf(message.content, `${at}.content`);
        if (!content.ok) return content;
        messages.push({ role: "user", content: content.value });
        break;
      }
      case "assistant": {
        const toolCalls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: input } }): ToolCall => ({ id, name, input }));
        for (const { id, name } of toolCalls) called.set(id, name);
        messages.push({ role: "assistant", text: wordsOf(message.content ?? ""), ...(toolCalls.length > 0 && { toolCalls }) });
        break;
      }
      case "tool": {
        const name = called.get(message.tool_call_id);
        if (name === undefined) return invalid(`${at}.tool_call_id`, "No tool call of an assistant message before it has this id.");
        messages.push({ role: "tool", callId: message.tool_call_id, name, result: wordsOf(message.content), failed: false });
      }
    }
  }
  if (messages.length === 0) return invalid("messages", "There is nothing to answer: no message of a user.");
  const tools = request.tool_choice === "none" ? [] : (request.tools ?? []).map(toolOf);
  const maxOutputTokens = request.max_completion_tokens ?? request.max_tokens ?? undefined;
  return ok({ request, said: { instructions, messages, tools, maxOutputTokens, temperature: request.temperature ?? undefined } });
}

function toolOf({ function: { name, description, parameters } }: NonNullable<ChatRequest["tools"]>[number]): ToolDescription {
  return describe(name, description, parameters);
}

function wordsOf(content: z.infer<typeof words>): string {
  return typeof content === "string" ? content : content.map(({ text }) => text).join("\n");
}

function contentOf(content: string | readonly z.infer<typeof userPart>[], param: string): Result<readonly ModelContent[]> {
  if (typeof content === "string") return ok([{ type: "text", text: content }]);
  const parts: ModelContent[] = [];
  for (const [index, part] of content.entries()) {
    if (part.type === "text") parts.push({ type: "text", text: part.text });
    else if (part.type === "input_audio") {
      const { data, format } = part.input_audio;
      parts.push({ type: "audio", mediaType: format === "mp3" ? "audio/mpeg" : "audio/wav", data: Buffer.from(data, "base64") });
    } else {
      const image = imageOf(part.image_url.url, `${param}.${index}.image_url.url`);
      if (!image.ok) return image;
      parts.push(image.value);
    }
  }
  return ok(parts);
}

const finishes: { readonly [reason in EndReason]: string } = {
  ...{ stop: "stop", "tool-calls": "tool_calls", length: "length", filter: "content_filter" },
};

function usageOf({ input, cachedInput, output }: Usage) {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cachedInput },
  };
}

function callOf({ id, name, input }: ToolCall) {
  return { id, type: "function", function: { name, arguments: input } };
}

/** `includeUsage`: a last chunk with what it used. */
export function chatFormat({ id, model, at, includeUsage }: Heard & { readonly includeUsage: boolean }): Format {
  const head = { id: `chatcmpl-${id}`, created: Math.floor(at / 1_000), model };
  const chunk = (delta: object, finish: string | null = null) => ({
    data: {
      ...{ ...head, object: "chat.completion.chunk" },
      choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }],
      ...(includeUsage && { usage: null }),
    },
  });
  let calls = 0;
  return {
    whole({ text, toolCalls, reason, usage }: Completion) {
      const tool_calls = toolCalls.map(callOf);
      const message = { role: "assistant", content: text || null, refusal: null, ...(tool_calls.length > 0 && { tool_calls }) };
      return {
        ...{ ...head, object: "chat.completion" },
        choices: [{ index: 0, message, logprobs: null, finish_reason: finishes[reason] }],
        usage: usageOf(usage),
      };
    },
    begin: () => [chunk({ role: "assistant", content: "" })],
    text: (delta) => [chunk({ content: delta })],
    call: (call) => [chunk({ tool_calls: [{ index: calls++, ...callOf(call) }] })],
    end: ({ reason, usage }) => [
      chunk({}, finishes[reason]),
      ...(includeUsage ? [{ data: { ...head, object: "chat.completion.chunk", choices: [], usage: usageOf(usage) } }] : []),
      { data: "[DONE]" },
    ],
    fail: (error) => [{ data: { error } }],
  };
}

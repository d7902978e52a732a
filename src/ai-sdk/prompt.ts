import type { LanguageModelV4FunctionTool, LanguageModelV4Message } from "@ai-sdk/provider";
import { unheard } from "../core/model-http.ts";
import type { ModelMessage, ModelRequest, ToolDescription } from "../core/provider.ts";

/** A request in the words of the AI SDK's provider interface. */
export function promptOf({ instructions, messages }: ModelRequest, hears: boolean): LanguageModelV4Message[] {
  const prompt: LanguageModelV4Message[] = [];
  for (const message of messages) {
    const next = messageOf(message, hears);
    const last = prompt.at(-1);
    // The results of all calls of one answer stand in one message.
    if (next.role === "tool" && last?.role === "tool") last.content.push(...next.content);
    else if (next.content.length > 0) prompt.push(next);
  }
  return instructions ? [{ role: "system", content: instructions }, ...prompt] : prompt;
}

function messageOf(message: ModelMessage, hears: boolean): LanguageModelV4Message {
  if (message.role === "tool") {
    const output = { type: message.failed ? ("error-text" as const) : ("text" as const), value: message.result };
    return { role: "tool", content: [{ type: "tool-result", toolCallId: message.callId, toolName: message.name, output }] };
  }
  if (message.role === "assistant") {
    const calls = (message.toolCalls ?? []).map(({ id, name, input }) => ({
      type: "tool-call" as const,
      toolCallId: id,
      toolName: name,
      input: objectOf(input),
    }));
    return { role: "assistant", content: [...(message.text.trim() ? [{ type: "text" as const, text: message.text }] : []), ...calls] };
  }
  return {
    role: "user",
    content: message.content.map((part) => {
      if (part.type === "text") return { type: "text", text: part.text };
      if (part.type === "audio" && !hears) return { type: "text", text: unheard };
      return { type: "file", mediaType: part.mediaType, data: { type: "data", data: part.data } };
    }),
  };
}

export function toolsOf(tools: readonly ToolDescription[]): LanguageModelV4FunctionTool[] {
  return tools.map(({ name, description, parameters }) => ({ type: "function", name, description, inputSchema: parameters }));
}

function objectOf(input: string): object {
  try {
    const value: unknown = JSON.parse(input);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

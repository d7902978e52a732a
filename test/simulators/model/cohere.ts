import { type Body, type Format, invalid, isObject, unknownKey } from "./format.ts";

const known =
  "model messages stream tools tool_choice max_tokens temperature p k seed stop_sequences response_format thinking documents".split(" ");

/** Cohere's chat, version 2: https://docs.cohere.com/v2/reference/chat-stream */
export const cohere: Format = {
  name: "cohere",
  path: /^\/cohere\/v2\/chat$/,

  check(headers, body, key) {
    if (key !== undefined && headers.authorization !== `Bearer ${key}`) return { status: 401, type: "", message: "invalid api token" };
    const stray = unknownKey(body, known);
    if (stray) return invalid(`unknown field: parameter '${stray}' is not a valid field`);
    if (typeof body.model !== "string" || body.model === "") return invalid("model is required");
    if (body.stream !== true) return invalid("this simulator only streams");
    if (!Array.isArray(body.messages) || body.messages.length === 0) return invalid("messages must have at least 1 element");
    for (const message of body.messages as unknown[]) {
      if (!isObject(message) || !["system", "user", "assistant", "tool"].includes(String(message.role)))
        return invalid("invalid role in 'messages'");
      if (message.role === "tool" && typeof message.tool_call_id !== "string") return invalid("tool_call_id is required");
    }
    if (body.tools !== undefined && (!Array.isArray(body.tools) || body.tools.length === 0))
      return invalid("tools must have at least 1 element");
    return undefined;
  },

  read(body) {
    const messages = body.messages as Body[];
    const results: string[] = [];
    for (let i = messages.length - 1; messages[i]?.role === "tool"; i--) results.unshift(wordsOf(messages[i]?.content));
    const content = messages.findLast(({ role }) => role === "user")?.content;
    const images = Array.isArray(content) ? (content as Body[]).filter(({ type }) => type === "image_url").length : 0;
    const tools = ((body.tools ?? []) as { function: { name: string } }[]).map((tool) => tool.function.name);
    return { words: wordsOf(content), images, results, tools };
  },

  refusal: ({ message }) => JSON.stringify({ id: "simulated", message }),
  errorEvent: () => event({ type: "message-end", delta: { finish_reason: "ERROR", usage: usageOf(0, 0) } }),

  events(plan) {
    const events = [event({ type: "message-start", id: "simulated", delta: { message: { role: "assistant" } } })];
    const block = (index: number, type: "text" | "thinking", words: readonly string[]) => {
      if (words.length === 0) return;
      events.push(event({ type: "content-start", index, delta: { message: { content: { type, [type]: "" } } } }));
      for (const one of words) events.push(event({ type: "content-delta", index, delta: { message: { content: { [type]: one } } } }));
      events.push(event({ type: "content-end", index }));
    };
    block(0, "thinking", plan.reasoning);
    if (plan.calls.length > 0) events.push(event({ type: "tool-plan-delta", delta: { message: { tool_plan: plan.text.join("") } } }));
    else block(1, "text", plan.text);
    for (const { id, name, input } of plan.calls) {
      events.push(
        event({ type: "tool-call-start", delta: { message: { tool_calls: { id, type: "function", function: { name, arguments: "" } } } } }),
      );
      for (let at = 0; at < input.length; at += 4) {
        events.push(
          event({ type: "tool-call-delta", delta: { message: { tool_calls: { function: { arguments: input.slice(at, at + 4) } } } } }),
        );
      }
      events.push(event({ type: "tool-call-end" }));
    }
    const finish_reason = { stop: "COMPLETE", length: "MAX_TOKENS", "tool-calls": "TOOL_CALL", filter: "ERROR" }[plan.end];
    events.push(event({ type: "message-end", delta: { finish_reason, usage: usageOf(plan.usage.input, plan.usage.output) } }));
    return events;
  },
};

function usageOf(input_tokens: number, output_tokens: number): Body {
  return { billed_units: { input_tokens, output_tokens }, tokens: { input_tokens, output_tokens } };
}

function event(value: Body): string {
  return `event: ${String(value.type)}\ndata: ${JSON.stringify(value)}\n\n`;
}

function wordsOf(content: unknown): string {
  if (!Array.isArray(content)) return String(content ?? "");
  return (content as Body[]).flatMap((part) => (part.type === "text" ? [String(part.text)] : [])).join("\n");
}

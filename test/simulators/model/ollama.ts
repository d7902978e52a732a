import { type Body, type Complaint, checkDataUrl, type Format, invalid, isObject, unknownKey } from "./format.ts";

/** Ollama's own chat: lines of JSON. https://github.com/ollama/ollama/blob/main/docs/api.md */
export const ollama: Format = {
  name: "ollama",
  path: /^\/api\/chat$/,

  check(headers, body, key) {
    if (key !== undefined && headers.authorization !== `Bearer ${key}`) return { status: 401, type: "", message: "unauthorized" };
    const stray = unknownKey(body, ["model", "messages", "stream", "tools", "options", "think", "format", "keep_alive"]);
    if (stray) return invalid(`json: unknown field "${stray}"`);
    if (typeof body.model !== "string" || body.model === "") return invalid("model is required");
    if (body.stream !== true) return invalid("this simulator only streams");
    const { options = {} } = body;
    if (!isObject(options) || unknownKey(options, ["num_predict", "num_ctx", "temperature"])) return invalid("invalid option provided");
    return checkMessages(body.messages) ?? checkTools(body.tools);
  },

  read(body) {
    const messages = body.messages as Body[];
    const results: string[] = [];
    for (let i = messages.length - 1; messages[i]?.role === "tool"; i--) results.unshift(String(messages[i]?.content));
    const last = messages.findLast(({ role }) => role === "user");
    const tools = ((body.tools ?? []) as { function: { name: string } }[]).map((tool) => tool.function.name);
    return { words: String(last?.content ?? ""), images: Array.isArray(last?.images) ? last.images.length : 0, results, tools };
  },

  refusal: ({ message }) => JSON.stringify({ error: message }),
  errorEvent: ({ message }) => `${JSON.stringify({ error: message })}\n`,

  events(plan, model) {
    const line = (message: Body, more: Body = {}) =>
      `${JSON.stringify({ model, created_at: "2026-11-26T12:00:00.000Z", message: { role: "assistant", ...message }, done: false, ...more })}\n`;
    const events = plan.reasoning.map((thinking) => line({ content: "", thinking }));
    events.push(...plan.text.map((content) => line({ content })));
    for (const { name, input } of plan.calls) {
      events.push(line({ content: "", tool_calls: [{ function: { name, arguments: JSON.parse(input) as unknown } }] }));
    }
    const counts = plan.without.usage ? {} : { prompt_eval_count: plan.usage.input, eval_count: plan.usage.output };
    events.push(
      line({ content: "" }, { done: true, done_reason: plan.end === "length" ? "length" : "stop", total_duration: 1, ...counts }),
    );
    return events;
  },
};

function checkMessages(messages: unknown): Complaint | undefined {
  if (!Array.isArray(messages)) return invalid("messages must be a list");
  for (const message of messages as unknown[]) {
    if (!isObject(message) || typeof message.content !== "string") return invalid("json: cannot unmarshal content into a string");
    if (!["system", "user", "assistant", "tool"].includes(String(message.role))) return invalid("invalid role");
    for (const image of (message.images ?? []) as unknown[]) if (!checkDataUrl(String(image))) return invalid("illegal base64 data");
    for (const call of (message.tool_calls ?? []) as Body[]) {
      if (!isObject(call.function) || !isObject(call.function.arguments)) return invalid("json: cannot unmarshal arguments into an object");
    }
    if (message.role === "tool" && typeof message.tool_name !== "string") return invalid("tool_name is missing");
  }
  return undefined;
}

function checkTools(tools: unknown): Complaint | undefined {
  if (tools === undefined) return undefined;
  if (!Array.isArray(tools) || tools.length === 0) return invalid("tools must be a list");
  const fine = (tools as unknown[]).every(
    (tool) => isObject(tool) && tool.type === "function" && isObject(tool.function) && isObject(tool.function.parameters),
  );
  return fine ? undefined : invalid("invalid tool");
}

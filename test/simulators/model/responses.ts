import { type Body, type Complaint, checkDataUrl, type Format, invalid, isObject, unknownKey } from "./format.ts";
import { openai } from "./openai.ts";

const known = "model input instructions stream store tools tool_choice max_output_tokens temperature top_p user include".split(" ");

/** OpenAI's Responses: https://developers.openai.com/api/reference/resources/responses */
export const responses: Format = {
  name: "responses",
  path: /^\/v1\/responses$/,

  check(headers, body, key) {
    if (key !== undefined && headers.authorization !== `Bearer ${key}`)
      return { status: 401, type: "invalid_request_error", code: "invalid_api_key", message: "Incorrect API key provided." };
    const stray = unknownKey(body, known);
    if (stray) return invalid(`Unknown parameter: '${stray}'.`);
    if (typeof body.model !== "string" || body.model === "") return invalid("Missing required parameter: 'model'.");
    if (body.stream !== true) return invalid("this simulator only streams");
    const { tools, input } = body;
    if (tools !== undefined && !Array.isArray(tools)) return invalid("Invalid type for 'tools'.");
    for (const tool of (tools ?? []) as unknown[]) {
      if (!isObject(tool) || tool.type !== "function" || !/^[a-zA-Z0-9_-]{1,64}$/.test(String(tool.name)))
        return invalid("Invalid 'tools'.");
      if (!isObject(tool.parameters) || tool.parameters.type !== "object") return invalid("Invalid schema for function.");
    }
    if (!Array.isArray(input) || input.length === 0) return invalid("Invalid 'input'.");
    return checkItems(input as Body[]);
  },

  read(body) {
    const items = body.input as Body[];
    const results: string[] = [];
    for (let i = items.length - 1; items[i]?.type === "function_call_output"; i--) results.unshift(String(items[i]?.output));
    const parts = partsOf(items.findLast(({ role }) => role === "user")?.content);
    return {
      words: parts.flatMap((part) => (part.type === "input_text" ? [String(part.text)] : [])).join("\n"),
      images: parts.filter(({ type }) => type === "input_image").length,
      results,
      tools: ((body.tools ?? []) as Body[]).map(({ name }) => String(name)),
    };
  },

  refusal: (complaint) => openai.refusal(complaint),
  errorEvent: ({ code, type, message }) =>
    event("error", { code: type === "rate_limit_error" ? "rate_limit_exceeded" : (code ?? type), message, param: null }),

  events(plan, model) {
    const { input, cachedInput, output } = plan.usage;
    const whole = { id: "resp_simulated", object: "response", created_at: 1_790_000_000, model, error: null, incomplete_details: null };
    const events = [
      event("response.created", { response: { ...whole, status: "in_progress", output: [], usage: null } }),
      event("response.in_progress", { response: { ...whole, status: "in_progress", output: [], usage: null } }),
    ];
    const items: Body[] = [];
    const item = (start: Body, done: Body, within: (at: Body) => string[]) => {
      const at = { output_index: items.length, item_id: done.id };
      events.push(event("response.output_item.added", { output_index: items.length, item: start }), ...within(at));
      events.push(event("response.output_item.done", { output_index: items.length, item: done }));
      items.push(done);
    };
    if (plan.reasoning.length > 0) {
      const text = plan.reasoning.join("");
      const reasoning = { id: "rs_1", type: "reasoning", status: "completed", summary: [{ type: "summary_text", text }] };
      item({ ...reasoning, status: "in_progress", summary: [] }, reasoning, (at) => [
        event("response.reasoning_summary_part.added", { ...at, summary_index: 0, part: { type: "summary_text", text: "" } }),
        ...plan.reasoning.map((delta) => event("response.reasoning_summary_text.delta", { ...at, summary_index: 0, delta })),
        event("response.reasoning_summary_text.done", { ...at, summary_index: 0, text }),
      ]);
    }
    if (plan.text.length > 0) {
      const text = plan.text.join("");
      const part = { type: "output_text", text, annotations: [], logprobs: [] };
      const message = { id: "msg_1", type: "message", status: "completed", role: "assistant", content: [part] };
      item({ ...message, status: "in_progress", content: [] }, message, (at) => [
        event("response.content_part.added", { ...at, content_index: 0, part: { ...part, text: "" } }),
        ...plan.text.map((delta) => event("response.output_text.delta", { ...at, content_index: 0, delta, logprobs: [] })),
        event("response.output_text.done", { ...at, content_index: 0, text, logprobs: [] }),
        event("response.content_part.done", { ...at, content_index: 0, part }),
      ]);
    }
    for (const { id, name, input: given } of plan.calls) {
      const call = { id: `fc_${id}`, type: "function_call", status: "completed", call_id: id, name, arguments: given };
      item({ ...call, status: "in_progress", arguments: "" }, call, (at) => [
        ...(given.match(/.{1,4}/gs) ?? []).map((delta) => event("response.function_call_arguments.delta", { ...at, delta })),
        event("response.function_call_arguments.done", { ...at, name, arguments: given }),
      ]);
    }
    const cut = { length: "max_output_tokens", filter: "content_filter" }[plan.end as "length" | "filter"];
    const usage = {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cachedInput },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + output,
    };
    const status = cut ? "incomplete" : "completed";
    const end = {
      ...whole,
      status,
      incomplete_details: cut ? { reason: cut } : null,
      output: items,
      usage: plan.without.usage ? null : usage,
    };
    events.push(event(`response.${status}`, { response: end }));
    return events.map((text, n) => text.replace(`"sequence_number":0`, `"sequence_number":${n}`));
  },
};

function event(type: string, value: Body): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: 0, ...value })}\n\n`;
}

function partsOf(content: unknown): Body[] {
  return typeof content === "string" ? [{ type: "input_text", text: content }] : ((content ?? []) as Body[]);
}

function checkItems(items: readonly Body[]): Complaint | undefined {
  const open = new Set<unknown>();
  for (const [n, item] of items.entries()) {
    if (item.type === "function_call") {
      if (typeof item.call_id !== "string" || typeof item.arguments !== "string") return invalid(`Invalid 'input[${n}]'.`);
      open.add(item.call_id);
    } else if (item.type === "function_call_output") {
      if (!open.delete(item.call_id)) return invalid(`No tool call found for function call output with call_id ${String(item.call_id)}.`);
      if (typeof item.output !== "string") return invalid(`Invalid 'input[${n}].output'.`);
    } else {
      const wrong = checkMessage(item, n);
      if (wrong) return wrong;
    }
  }
  return open.size > 0 ? invalid(`No tool output found for function call ${[...open].join(", ")}.`) : undefined;
}

function checkMessage({ role, content }: Body, n: number): Complaint | undefined {
  if (!["user", "assistant", "system", "developer"].includes(String(role))) return invalid(`Invalid value: 'input[${n}].role'.`);
  for (const part of partsOf(content)) {
    const text = role === "assistant" ? "output_text" : "input_text";
    if ((part.type === text || typeof content === "string") && typeof part.text === "string") continue;
    const data = /^data:image\/(?:png|jpeg|gif|webp);base64,(.+)$/.exec(String(part.image_url))?.[1];
    if (role === "user" && part.type === "input_image" && data && checkDataUrl(data)) continue;
    return invalid(`Invalid value: 'input[${n}].content'.`);
  }
  return undefined;
}

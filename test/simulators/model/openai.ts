import { type Body, type Complaint, checkDataUrl, type Format, invalid, isObject, unknownKey } from "./format.ts";

const known =
  "model messages stream stream_options tools tool_choice max_tokens max_completion_tokens temperature top_p stop seed user".split(" ");

/** Chat Completions: https://developers.openai.com/api/reference/resources/chat */
export const openai: Format = {
  name: "openai",
  path: /^\/v1\/chat\/completions$/,

  check(headers, body, key) {
    if (key !== undefined && headers.authorization !== `Bearer ${key}`) {
      return {
        status: 401,
        type: "invalid_request_error",
        code: "invalid_api_key",
        message: `Incorrect API key provided: ${String(headers.authorization).slice(7)}.`,
      };
    }
    const stray = unknownKey(body, known);
    if (stray) return invalid(`Unrecognized request argument supplied: ${stray}`);
    if (typeof body.model !== "string" || body.model === "") return invalid("you must provide a model parameter");
    if (body.stream !== true) return invalid("this simulator only streams");
    if (body.temperature !== undefined && typeof body.temperature !== "number") return invalid("temperature must be a number");
    for (const name of ["max_tokens", "max_completion_tokens"]) {
      if (body[name] !== undefined && (!Number.isInteger(body[name]) || (body[name] as number) < 1))
        return invalid(`${name} must be a positive integer`);
    }
    return checkTools(body.tools) ?? checkMessages(body.messages);
  },

  read(body) {
    const messages = body.messages as Body[];
    const results: string[] = [];
    for (let i = messages.length - 1; messages[i]?.role === "tool"; i--) results.unshift(String(messages[i]?.content));
    const content = messages.findLast(({ role }) => role === "user")?.content;
    const parts = Array.isArray(content) ? (content as Body[]) : [{ type: "text", text: content }];
    return {
      words: parts.flatMap((part) => (part.type === "text" ? [String(part.text)] : [])).join("\n"),
      images: parts.filter((part) => part.type === "image_url").length,
      results,
      tools: ((body.tools ?? []) as { function: { name: string } }[]).map((tool) => tool.function.name),
    };
  },

  refusal: ({ type, code, message }) => JSON.stringify({ error: { message, type, param: null, code: code ?? null } }),
  errorEvent: ({ type, code, message }) => event({ error: { message, type, param: null, code: code ?? null } }),

  events(plan, model) {
    const chunk = (delta: unknown, finish: string | null = null) =>
      event({
        ...head(model),
        choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
        ...(plan.without.usage ? {} : { usage: null }),
      });
    const reasons = { stop: "stop", length: "length", "tool-calls": "tool_calls", filter: "content_filter" };
    const events = [chunk({ role: "assistant", content: "", refusal: null })];
    for (const words of plan.reasoning) events.push(chunk({ reasoning_content: words }));
    for (const words of plan.text) events.push(chunk({ content: words }));
    events.push(...callChunks(plan.calls, plan.without.index).map((fragment) => chunk({ tool_calls: [fragment] })));
    events.push(chunk({}, reasons[plan.end]));
    const { input, cachedInput, output } = plan.usage;
    const usage = {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: cachedInput },
    };
    if (!plan.without.usage) events.push(event({ ...head(model), choices: [], usage }));
    if (!plan.without.done) events.push("data: [DONE]\n\n");
    return events;
  },
};

function head(model: string): Body {
  return { id: "chatcmpl-simulated", object: "chat.completion.chunk", created: 1_790_000_000, model, system_fingerprint: null };
}

function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** Begun one after the other, then their arguments in turns: whoever joins fragments by order alone mixes them up. */
function callChunks(calls: readonly { id: string; name: string; input: string }[], withoutIndex: boolean): unknown[] {
  if (withoutIndex) return calls.map(({ id, name, input }) => ({ id, type: "function", function: { name, arguments: input } }));
  const chunks: unknown[] = calls.map(({ id, name }, index) => ({ index, id, type: "function", function: { name, arguments: "" } }));
  const longest = Math.max(0, ...calls.map(({ input }) => input.length));
  for (let at = 0; at < longest; at += 4) {
    for (const [index, { input }] of calls.entries()) {
      if (at < input.length) chunks.push({ index, function: { arguments: input.slice(at, at + 4) } });
    }
  }
  return chunks;
}

function checkTools(tools: unknown): Complaint | undefined {
  if (tools === undefined) return undefined;
  if (!Array.isArray(tools) || tools.length === 0) return invalid("[] is too short - 'tools'");
  for (const tool of tools as unknown[]) {
    const described = isObject(tool) && tool.type === "function" && isObject(tool.function) ? tool.function : undefined;
    if (!described || !/^[a-zA-Z0-9_-]{1,64}$/.test(String(described.name))) return invalid("Invalid 'tools[0].function.name'");
    if (unknownKey(described, ["name", "description", "parameters", "strict"])) return invalid("Unknown parameter in tools[0].function");
    if (!isObject(described.parameters) || described.parameters.type !== "object") return invalid("schema must be of type object");
  }
  return undefined;
}

function checkMessages(messages: unknown): Complaint | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return invalid("[] is too short - 'messages'");
  let open = new Set<unknown>();
  for (const [n, message] of (messages as unknown[]).entries()) {
    if (!isObject(message)) return invalid(`messages[${n}] must be an object`);
    const role = message.role;
    if (role === "tool") {
      if (!open.delete(message.tool_call_id))
        return invalid("messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.");
      if (typeof message.content !== "string") return invalid(`messages[${n}].content must be a string`);
      continue;
    }
    if (open.size > 0)
      return invalid("An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.");
    if (role === "assistant") {
      const calls = message.tool_calls;
      if (calls !== undefined && (!Array.isArray(calls) || calls.length === 0))
        return invalid(`[] is too short - 'messages.${n}.tool_calls'`);
      if (calls === undefined && typeof message.content !== "string") return invalid(`messages[${n}].content must be a string`);
      for (const call of (calls ?? []) as Body[]) {
        const called = call.function;
        if (call.type !== "function" || !isObject(called) || typeof called.arguments !== "string")
          return invalid(`messages[${n}].tool_calls is invalid`);
      }
      open = new Set(((calls ?? []) as Body[]).map(({ id }) => id));
    } else if (role === "user") {
      const wrong = checkContent(message.content, n);
      if (wrong) return wrong;
    } else if (role !== "system" && role !== "developer")
      return invalid(
        `Invalid value: '${String(role)}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
      );
    else if (typeof message.content !== "string") return invalid(`messages[${n}].content must be a string`);
  }
  return open.size > 0 ? invalid("tool calls without results at the end") : undefined;
}

function checkContent(content: unknown, n: number): Complaint | undefined {
  if (typeof content === "string") return undefined;
  if (!Array.isArray(content) || content.length === 0) return invalid(`messages[${n}].content must be a string or a list`);
  for (const part of content as Body[]) {
    if (part.type === "text" && typeof part.text === "string") continue;
    const sound = part.type === "input_audio" && isObject(part.input_audio) ? part.input_audio : undefined;
    if (sound && /^(?:wav|mp3)$/.test(String(sound.format)) && checkDataUrl(String(sound.data))) continue;
    const url = part.type === "image_url" && isObject(part.image_url) ? String(part.image_url.url) : "";
    const data = /^data:image\/(?:png|jpeg|gif|webp);base64,(.+)$/.exec(url)?.[1];
    if (!data || !checkDataUrl(data)) return invalid(`messages[${n}]: invalid content part`);
  }
  return undefined;
}

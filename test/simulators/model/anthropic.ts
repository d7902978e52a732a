import { type Body, type Complaint, checkDataUrl, type Format, invalid, isObject, unknownKey } from "./format.ts";

const known = "model messages max_tokens stream system tools tool_choice temperature top_p top_k stop_sequences metadata".split(" ");

/** The Messages API: https://platform.claude.com/docs/en/api/messages */
export const anthropic: Format = {
  name: "anthropic",
  path: /^\/v1\/messages$/,

  check(headers, body, key) {
    if (key !== undefined && headers["x-api-key"] !== key)
      return { status: 401, type: "authentication_error", message: "invalid x-api-key" };
    if (headers["anthropic-version"] !== "2023-06-01") return invalid("anthropic-version: header is required");
    const stray = unknownKey(body, known);
    if (stray) return invalid(`${stray}: Extra inputs are not permitted`);
    if (typeof body.model !== "string" || body.model === "") return invalid("model: Field required");
    if (!Number.isInteger(body.max_tokens) || (body.max_tokens as number) < 1) return invalid("max_tokens: Field required");
    if (body.stream !== true) return invalid("this simulator only streams");
    if (body.system !== undefined && (typeof body.system !== "string" || body.system === ""))
      return invalid("system: text content blocks must be non-empty");
    return checkTools(body.tools) ?? checkMessages(body.messages);
  },

  read(body) {
    const users = (body.messages as Body[]).filter(({ role }) => role === "user");
    const last = blocks(users.at(-1)?.content);
    const results = last.filter((block) => block.type === "tool_result").map((block) => String(block.content));
    const spoken = blocks(users.findLast((message) => blocks(message.content).some(({ type }) => type !== "tool_result"))?.content);
    return {
      words: spoken.flatMap((block) => (block.type === "text" ? [String(block.text)] : [])).join("\n"),
      images: spoken.filter(({ type }) => type === "image").length,
      results,
      tools: ((body.tools ?? []) as Body[]).map(({ name }) => String(name)),
    };
  },

  refusal: ({ type, message }) => JSON.stringify({ type: "error", error: { type, message }, request_id: "req_simulated" }),
  errorEvent: ({ type, message }) => event("error", { error: { type, message } }),

  events(plan, model) {
    const { input, cachedInput, output } = plan.usage;
    const written = cachedInput > 0 ? 1 : 0;
    const usage = {
      input_tokens: input - cachedInput - written,
      cache_creation_input_tokens: written,
      cache_read_input_tokens: cachedInput,
      output_tokens: 1,
    };
    const message = {
      id: "msg_simulated",
      type: "message",
      role: "assistant",
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    };
    const events = [event("message_start", { message }), event("ping", {})];
    let index = 0;
    const block = (start: Body, deltas: readonly Body[]) => {
      events.push(event("content_block_start", { index, content_block: start }));
      for (const delta of deltas) events.push(event("content_block_delta", { index, delta }));
      events.push(event("content_block_stop", { index }));
      index++;
    };
    if (plan.reasoning.length > 0) {
      const thoughts = plan.reasoning.map((thinking) => ({ type: "thinking_delta", thinking }));
      block({ type: "thinking", thinking: "", signature: "" }, [...thoughts, { type: "signature_delta", signature: "c2ln" }]);
    }
    if (plan.text.length > 0)
      block(
        { type: "text", text: "" },
        plan.text.map((text) => ({ type: "text_delta", text })),
      );
    for (const { id, name, input } of plan.calls) {
      const pieces = ["", ...(input.match(/.{1,4}/gs) ?? [])].map((partial_json) => ({ type: "input_json_delta", partial_json }));
      block({ type: "tool_use", id, name, input: {} }, pieces);
    }
    const reasons = { stop: "end_turn", length: "max_tokens", "tool-calls": "tool_use", filter: "refusal" };
    const ended = { delta: { stop_reason: reasons[plan.end], stop_sequence: null }, usage: { output_tokens: output } };
    events.push(event("message_delta", ended));
    if (!plan.without.done) events.push(event("message_stop", {}));
    return events;
  },
};

function event(type: string, value: Body): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`;
}

function blocks(content: unknown): Body[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : ((content ?? []) as Body[]);
}

function checkTools(tools: unknown): Complaint | undefined {
  if (tools === undefined) return undefined;
  if (!Array.isArray(tools)) return invalid("tools: Input should be a valid list");
  for (const [n, tool] of (tools as unknown[]).entries()) {
    if (!isObject(tool) || !/^[a-zA-Z0-9_-]{1,128}$/.test(String(tool.name)))
      return invalid(`tools.${n}.name: String should match pattern`);
    const stray = unknownKey(tool, ["name", "description", "input_schema", "type", "cache_control", "strict"]);
    if (stray) return invalid(`tools.${n}.${stray}: Extra inputs are not permitted`);
    if (!isObject(tool.input_schema) || tool.input_schema.type !== "object") return invalid(`tools.${n}.input_schema.type: Field required`);
  }
  return undefined;
}

function checkMessages(messages: unknown): Complaint | undefined {
  if (!Array.isArray(messages) || messages.length === 0) return invalid("messages: at least one message is required");
  let open = new Set<unknown>();
  for (const [n, message] of (messages as unknown[]).entries()) {
    if (!isObject(message) || unknownKey(message, ["role", "content"])) return invalid(`messages.${n}: Extra inputs are not permitted`);
    const role = message.role;
    if (role !== "user" && role !== "assistant")
      return invalid(`messages: Unexpected role "${String(role)}". The Messages API accepts a top-level system parameter.`);
    if (n === 0 && role !== "user") return invalid('messages: first message must use the "user" role');
    const content = blocks(message.content);
    if (content.length === 0) return invalid(`messages.${n}: all messages must have non-empty content`);
    if (role === "assistant" && open.size > 0) return missing(n, open);
    const results = content.filter(({ type }) => type === "tool_result").length;
    for (const [m, block] of content.entries()) {
      const wrong = checkBlock(block, role, open, `messages.${n}.content.${m}`);
      if (wrong) return wrong;
      if (block.type === "tool_result" && m >= results) return invalid(`messages.${n}: tool_result blocks must come first`);
    }
    if (role === "user" && open.size > 0) return missing(n, open);
    open = role === "assistant" ? new Set(content.filter(({ type }) => type === "tool_use").map(({ id }) => id)) : new Set();
  }
  return open.size > 0 ? missing(messages.length, open) : undefined;
}

function missing(n: number, ids: ReadonlySet<unknown>): Complaint {
  return invalid(`messages.${n}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${[...ids].join(", ")}.`);
}

/** Takes the ids of answered calls out of `open`. */
function checkBlock(block: Body, role: string, open: Set<unknown>, at: string): Complaint | undefined {
  switch (block.type) {
    case "text":
      if (typeof block.text !== "string" || block.text.trim() === "") return invalid(`${at}: text content blocks must be non-empty`);
      return role === "assistant" && /\s$/.test(block.text)
        ? invalid(`${at}: final assistant content cannot end with trailing whitespace`)
        : undefined;
    case "image": {
      const source = block.source;
      if (role !== "user" || !isObject(source) || source.type !== "base64") return invalid(`${at}.image.source: invalid`);
      if (!/^image\/(?:png|jpeg|gif|webp)$/.test(String(source.media_type)))
        return invalid(`${at}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`);
      return checkDataUrl(String(source.data)) ? undefined : invalid(`${at}.image.source.base64: invalid base64 data`);
    }
    case "tool_use":
      if (role !== "assistant" || !isObject(block.input)) return invalid(`${at}.tool_use.input: Input should be a valid dictionary`);
      return /^[a-zA-Z0-9_-]+$/.test(String(block.id))
        ? undefined
        : invalid(`${at}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
    case "tool_result":
      if (role !== "user" || !open.delete(block.tool_use_id))
        return invalid(`${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(block.tool_use_id)}.`);
      return typeof block.content === "string" ? undefined : invalid(`${at}.tool_result.content: Input should be a valid string`);
    default:
      return invalid(`${at}: Input tag '${String(block.type)}' found using 'type' does not match any of the expected tags`);
  }
}

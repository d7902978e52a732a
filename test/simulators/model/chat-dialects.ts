import type { Body, Format } from "./format.ts";
import { openai } from "./openai.ts";

/** Those who speak Chat Completions with an accent of their own, each under a path of its own. */
export const dialects: readonly Format[] = [
  /** Usage comes as `x_groq` in the last chunk, thoughts as `reasoning`: https://console.groq.com/docs/api-reference */
  dialect("groq", (chunk) => {
    if (isUsage(chunk)) return { ...chunk, choices: [], usage: undefined, x_groq: { id: "req_simulated", usage: chunk.usage } };
    return renamed(chunk, "reasoning_content", "reasoning");
  }),
  /** What was cached has a name of its own: https://api-docs.deepseek.com/guides/kv_cache */
  dialect("deepseek", (chunk) => {
    if (!isUsage(chunk)) return chunk;
    const { prompt_tokens_details: details, ...usage } = chunk.usage as Body;
    const hit = (details as { cached_tokens: number }).cached_tokens;
    return { ...chunk, usage: { ...usage, prompt_cache_hit_tokens: hit, prompt_cache_miss_tokens: Number(usage.prompt_tokens) - hit } };
  }),
  /** A chunk always has its choice, and thoughts are a kind of content: https://docs.mistral.ai/capabilities/reasoning */
  dialect("mistral", (chunk) => {
    if (isUsage(chunk)) return { ...chunk, choices: [{ index: 0, delta: { content: "" }, finish_reason: null }] };
    const thought = deltaOf(chunk)?.reasoning_content;
    if (typeof thought !== "string") return { ...chunk, usage: undefined };
    const content = [{ type: "thinking", thinking: [{ type: "text", text: thought }] }];
    return { ...chunk, usage: undefined, choices: [{ index: 0, delta: { content }, finish_reason: null }] };
  }),
  /** https://openrouter.ai/docs/api-reference/overview */
  dialect("router", (chunk) => renamed(chunk, "reasoning_content", "reasoning")),
  /** The key has a header of its own: https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle */
  {
    ...dialect("azure", (chunk) => chunk),
    check: (headers, body, key) => openai.check({ ...headers, authorization: `Bearer ${String(headers["api-key"])}` }, body, key),
  },
];

function dialect(prefix: string, dress: (chunk: Body) => Body): Format {
  return {
    ...openai,
    path: new RegExp(`^/${prefix}/v1/chat/completions$`),
    check: (headers, body, key) => openai.check(headers, prefix === "mistral" ? withImageObjects(body) : body, key),
    events: (plan, model) =>
      openai.events(plan, model).map((event) => {
        if (!event.startsWith("data: {")) return event;
        return `data: ${JSON.stringify(dress(JSON.parse(event.slice(6)) as Body))}\n\n`;
      }),
  };
}

function isUsage({ usage }: Body): boolean {
  return typeof usage === "object" && usage !== null;
}

function deltaOf(chunk: Body): Body | undefined {
  return (chunk.choices as { delta: Body }[])[0]?.delta;
}

function renamed(chunk: Body, from: string, to: string): Body {
  const { [from]: value, ...rest } = deltaOf(chunk) ?? {};
  if (value === undefined) return chunk;
  return { ...chunk, choices: [{ index: 0, delta: { ...rest, [to]: value }, finish_reason: null }] };
}

/** Mistral takes the address of an image also as it is: https://docs.mistral.ai/capabilities/vision */
function withImageObjects(body: Body): Body {
  if (!Array.isArray(body.messages)) return body;
  const messages = (body.messages as Body[]).map((message) => {
    if (!Array.isArray(message.content)) return message;
    const content = (message.content as Body[]).map((part) =>
      typeof part.image_url === "string" ? { ...part, image_url: { url: part.image_url } } : part,
    );
    return { ...message, content };
  });
  return { ...body, messages };
}

import { z } from "zod";
import { ok, type Result } from "../core/errors.ts";
import { fetchJson, type Who } from "../core/model-http.ts";
import type { ProviderAccount } from "../core/provider.ts";

/** A number, or nothing where there is something else. */
const count = z.int().positive().optional().catch(undefined);

/**
 * A model in the list of a server that speaks OpenAI's format. What room it has stands under names of the servers' own:
 * `max_model_len` of vLLM (vllm/entrypoints/openai, ModelCard), `context_length` of OpenRouter (https://openrouter.ai/docs/api/api-reference/models/get-models),
 * `context_window` of Groq (https://console.groq.com/docs/models), `max_context_length` of Mistral (https://docs.mistral.ai/api/endpoint/models),
 * `meta` of llama.cpp (https://github.com/ggml-org/llama.cpp/tree/master/tools/server).
 */
const card = z.object({
  id: z.string(),
  aliases: z.array(z.string()).optional().catch(undefined),
  max_model_len: count,
  context_length: count,
  context_window: count,
  max_context_length: count,
  top_provider: z.object({ context_length: count }).optional().catch(undefined),
  meta: z.object({ n_ctx: count, n_ctx_train: count }).optional().catch(undefined),
});
type Card = z.infer<typeof card>;
const list = z.object({ data: z.array(card) });

/** https://lmstudio.ai/docs/developer/rest/endpoints */
const studioList = z.object({ data: z.array(z.object({ id: z.string(), loaded_context_length: count, max_context_length: count })) });
const props = z.object({ default_generation_settings: z.object({ n_ctx: count }) });

interface Server {
  readonly http: ProviderAccount["http"];
  readonly baseUrl: string;
  readonly headers: Record<string, string>;
  readonly who: Who;
}

/** The tokens of one call of these models, as far as the server tells. */
export async function chatContexts(
  { http, baseUrl, headers, who }: Server,
  models: readonly string[],
  signal: AbortSignal,
): Promise<Result<ReadonlyMap<string, number>>> {
  /** `own`: where a server's own API stands, beside the one of OpenAI's format. */
  const at = (path: string, own = false) => {
    const url = new URL(baseUrl);
    const folder = url.pathname.replace(/\/+$/, "");
    url.pathname = `${own ? folder.replace(/\/v1$/, "") : folder}/${path}`;
    return { method: "GET", url: url.href, headers, signal } as const;
  };
  const listed = await fetchJson(http, at("models"), list, who);
  if (!listed.ok) return listed;
  const cards = listed.value.data;
  const found = new Map<string, number>();
  for (const model of models) {
    const known = cardOf(cards, model);
    const tokens = known && (known.meta ? await llamaContext(known) : contextOf(known));
    if (tokens !== undefined) found.set(model, tokens);
  }
  // LM Studio tells it in a list of its own only.
  if (found.size > 0 || cards.length === 0 || cards.some((one) => contextOf(one) !== undefined)) return ok(found);
  const studio = await fetchJson(http, at("api/v0/models", true), studioList, who);
  for (const { id, loaded_context_length, max_context_length } of studio.ok ? studio.value.data : []) {
    const tokens = loaded_context_length ?? max_context_length;
    if (models.includes(id) && tokens !== undefined) found.set(id, tokens);
  }
  return ok(found);

  /** What one call gets there is less than what the model was trained with, where the server was started so. */
  async function llamaContext({ meta }: Card): Promise<number | undefined> {
    if (meta?.n_ctx !== undefined) return meta.n_ctx;
    const told = await fetchJson(http, at("props", true), props, who);
    return (told.ok ? told.value.default_generation_settings.n_ctx : undefined) ?? meta?.n_ctx_train;
  }
}

/** llama.cpp answers with the one model that it has, whatever name it is asked by. */
function cardOf(cards: readonly Card[], model: string): Card | undefined {
  const named = cards.find(({ id, aliases }) => id === model || aliases?.includes(model));
  return named ?? (cards.length === 1 && cards[0]?.meta ? cards[0] : undefined);
}

function contextOf({ max_model_len, context_length, context_window, max_context_length, top_provider }: Card): number | undefined {
  return max_model_len ?? top_provider?.context_length ?? context_length ?? context_window ?? max_context_length;
}

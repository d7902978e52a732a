import type { Medium } from "../core/provider.ts";

/**
 * What families of models read besides text, by their names, whoever serves them. The operator's `providers.<name>.models` goes
 * first; of a name that isn't here nobody knows anything, and nothing is shown to it.
 * Sources: https://platform.openai.com/docs/models https://docs.claude.com/en/docs/about-claude/models/overview
 * https://ai.google.dev/gemini-api/docs/models https://docs.mistral.ai/getting-started/models https://docs.x.ai/docs/models
 * https://ollama.com/search?c=vision
 */
const families: readonly (readonly [RegExp, readonly Medium[]])[] = [
  [/^demo$/, ["image"]],
  [/^gpt-audio|^gpt-4o(-mini)?-audio|^voxtral/, ["audio"]],
  [/^o[13]-(mini|preview)|^gpt-oss/, []],
  [/^(chatgpt-4o|gpt-4o|gpt-4\.1|gpt-4-turbo|gpt-[5-9]|o[134])/, ["image"]],
  [/^claude-(2|instant)/, []],
  [/^claude|^anthropic\.claude/, ["image"]],
  [/^gemini/, ["image", "audio"]],
  [/^grok-([4-9]|2-vision)/, ["image"]],
  [/^(pixtral|mistral-(small|medium|large)-(latest|2[5-9]|3))/, ["image"]],
  [/^(gemma-?3n)/, ["image", "audio"]],
  [/^(gemma-?[34]|llama-?4|llava|bakllava|minicpm-v|moondream)/, ["image"]],
  [/vision|[-.\d]vl(\b|[-:])|-4v/, ["image"]],
];

export function familyReads(model: string): readonly Medium[] {
  // `meta-llama/llama-4-scout`, `us.anthropic.claude-…`, `models/gemini-…`
  const name =
    model
      .toLowerCase()
      .split("/")
      .at(-1)
      ?.replace(/^(us|eu|apac|global)\./, "") ?? "";
  return families.find(([family]) => family.test(name))?.[1] ?? [];
}

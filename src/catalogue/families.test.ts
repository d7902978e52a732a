import assert from "node:assert/strict";
import { test } from "node:test";
import { familyReads } from "./families.ts";

test("what a model reads, by its name, whoever serves it", () => {
  const reads: { readonly [model: string]: string } = {
    ...{ "gpt-5.1-mini": "image", "gpt-4o": "image", "gpt-4o-audio-preview": "audio", "o3-mini": "", o3: "image", "gpt-3.5-turbo": "" },
    ...{ "openai/gpt-4.1": "image", "openai/gpt-oss-120b": "", "claude-sonnet-4-5": "image", "claude-2.1": "" },
    ...{ "us.anthropic.claude-sonnet-4-5-20250929-v1:0": "image", "anthropic/claude-haiku-4.5": "image" },
    ...{ "models/gemini-2.5-flash": "image,audio", "google/gemini-3-pro": "image,audio", "gemma3:12b": "image", "gemma-2-9b": "" },
    ...{ "meta-llama/llama-4-scout-17b-16e-instruct": "image", "llama3.2-vision:11b": "image", "llama3.1": "", llava: "image" },
    ...{ "qwen2.5vl:7b": "image", "Qwen/Qwen3-VL-8B": "image", "qwen3:8b": "", "pixtral-large-latest": "image", "deepseek-chat": "" },
    ...{ "grok-4-fast": "image", "grok-3": "", "my-fine-tuned-model": "" },
  };
  for (const [model, expected] of Object.entries(reads)) assert.equal(familyReads(model).join(), expected, model);
});

import { z } from "zod";
import type { Embeddings } from "../../core/provider.ts";
import { type Result, readBy, refuseUnsupported } from "./request.ts";

/** https://platform.openai.com/docs/api-reference/embeddings */
const EmbeddingsRequest = z.looseObject({
  model: z.string().min(1),
  input: z.union(
    [
      z
        .string()
        .min(1)
        .transform((text) => [text]),
      z.array(z.string().min(1)).min(1).max(2_048),
    ],
    "a text, or a list of texts",
  ),
  encoding_format: z.enum(["float", "base64"]).nullish(),
});

export function readEmbeddings(body: unknown): Result<z.output<typeof EmbeddingsRequest>> {
  const read = readBy(EmbeddingsRequest, body);
  if (!read.ok) return read;
  const refused = refuseUnsupported(read.value, { dimensions: () => false });
  return refused.ok ? read : refused;
}

/** The official clients ask for base64: little-endian 32-bit floats. */
export function showEmbeddings({ vectors, usage }: Embeddings, model: string, format: "float" | "base64"): object {
  const data = vectors.map((vector, index) => {
    return {
      object: "embedding",
      index,
      embedding: format === "float" ? vector : Buffer.from(new Float32Array(vector).buffer).toString("base64"),
    };
  });
  return { object: "list", data, model, usage: { prompt_tokens: usage.input, total_tokens: usage.input } };
}

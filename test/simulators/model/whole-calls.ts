import { type Body, type Complaint, invalid, isObject } from "./format.ts";

/** Calls whose answer comes whole: embeddings and transcription, as OpenAI answers them. */
export interface WholeCall {
  readonly model: string;
  readonly body: Body;
  readonly answer: Body | Complaint;
}

const dimensions = 16;

/** Nothing when the path is another one. https://developers.openai.com/api/reference/resources/embeddings …/audio */
export async function wholeCall(path: string, type: string, bytes: Buffer): Promise<WholeCall | undefined> {
  if (path === "/api/embed") return embeddings(bytes, true);
  if (path.endsWith("/v1/embeddings")) return embeddings(bytes);
  if (path.endsWith("/v1/audio/transcriptions")) return transcription(type, bytes);
  return undefined;
}

function embeddings(bytes: Buffer, ollama = false): WholeCall {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString());
  } catch {
    body = undefined;
  }
  if (!isObject(body)) return { model: "", body: {}, answer: invalid("We could not parse the JSON body of your request.") };
  const model = String(body.model);
  const texts = typeof body.input === "string" ? [body.input] : body.input;
  if (!Array.isArray(texts) || texts.length === 0 || texts.some((text) => typeof text !== "string" || text === ""))
    return { model, body, answer: invalid("'$.input' is invalid.") };
  const spoken = texts as string[];
  const data = spoken.map((text, index) => ({ object: "embedding", index, embedding: vectorOf(text) })).reverse();
  if (ollama)
    return { model, body, answer: { model, embeddings: spoken.map(vectorOf), prompt_eval_count: spoken.join(" ").split(/\s+/).length } };
  const prompt_tokens = spoken.join(" ").split(/\s+/).length;
  return { model, body, answer: { object: "list", data, model, usage: { prompt_tokens, total_tokens: prompt_tokens } } };
}

/** The share of each word's place: texts with words in common lie close to each other. */
function vectorOf(text: string): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const place = [...word].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % dimensions, 7);
    vector[place] = (vector[place] ?? 0) + 1;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

async function transcription(type: string, bytes: Buffer): Promise<WholeCall> {
  const form = await new Response(new Uint8Array(bytes), { headers: { "content-type": type } }).formData().catch(() => undefined);
  const file = form?.get("file");
  const model = String(form?.get("model") ?? "");
  if (!(file instanceof File) || model === "") return { model, body: {}, answer: invalid("file and model are required") };
  const body = { model, name: file.name, type: file.type, size: file.size, language: form?.get("language") };
  if (!/\.(?:flac|mp3|mp4|mpeg|mpga|m4a|ogg|wav|webm)$/.test(file.name)) return { model, body, answer: invalid("Invalid file format.") };
  const usage = { type: "tokens", input_tokens: 14, output_tokens: 4, total_tokens: 18 };
  return { model, body, answer: { text: `${file.size} bytes of ${file.type}`, usage } };
}

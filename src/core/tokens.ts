/**
 * About how many tokens a text is, cheaply: 4 letters of English each, less of scripts that take more bytes. Measured against
 * OpenAI's o200k: 0.5 (JSON) to 2.5 (Russian) of what it counts; see docs/decisions.
 */
export function roughTokens(text: string): number {
  return Math.ceil(text.length / 4 + (Buffer.byteLength(text) - text.length) * 0.35);
}

/** Counts as a model does, or nearly: with a tokenizer. */
export type CountTokens = (text: string) => number;

import type { CountTokens } from "../core/tokens.ts";

/** A word without an end is merged in quadratic time: a longer text is counted in pieces, a token or two too many. */
const pieceLength = 1_000;

/** What looks like a model's own marks is text like any other. */
const plainText = { disallowedSpecial: new Set<string>() };

/** Reading it in takes a quarter of a second and 70 MB: only whoever comes near a limit needs it. */
let loading: Promise<CountTokens> | undefined;

/**
 * OpenAI's o200k encoding (https://github.com/openai/tiktoken). Other vendors' differ by some percent; what their usage says
 * corrects that.
 */
export function loadTokenizer(): Promise<CountTokens> {
  loading ??= import("gpt-tokenizer/encoding/o200k_base").then(({ countTokens }) => (text) => {
    let tokens = 0;
    for (let at = 0; at < text.length; at += pieceLength) tokens += countTokens(text.slice(at, at + pieceLength), plainText);
    return tokens;
  });
  return loading;
}

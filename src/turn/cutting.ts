import { type Part, plainText, textPart } from "../core/message.ts";
import type { ModelMessage } from "../core/provider.ts";
import type { CountTokens } from "../core/tokens.ts";

/** Tokens that a message's frame costs. */
export const frame = 4;
/** What an image or a minute of speech comes to, about. */
const mediumTokens = 1_000;

export function tokensOf(messages: readonly ModelMessage[], count: CountTokens): number {
  return messages.reduce((sum, message) => sum + frame + tokensOfOne(message, count), 0);
}

function tokensOfOne(message: ModelMessage, count: CountTokens): number {
  switch (message.role) {
    case "user":
      return message.content.reduce((sum, part) => sum + (part.type === "text" ? count(part.text) : mediumTokens), 0);
    case "assistant":
      return (message.toolCalls ?? []).reduce((sum, { input }) => sum + frame + count(input), count(message.text));
    case "tool":
      return count(message.result);
  }
}

/** Characters of a result that are left when there is no room for all of it. */
const shortResult = 1_500;

/** Results of tools, the oldest first, until it all fits; each stays with its call, and says that it was shortened. */
export function shortenResults(
  said: readonly ModelMessage[],
  room: number,
  count: CountTokens,
): { readonly said: readonly ModelMessage[]; readonly results: number } {
  const shortened = [...said];
  let tokens = tokensOf(said, count);
  let results = 0;
  for (const [index, message] of said.entries()) {
    if (tokens <= room) break;
    if (message.role !== "tool" || message.result.length <= shortResult * 1.2) continue;
    const left = message.result.length - shortResult;
    const result = `${message.result.slice(0, shortResult).toWellFormed()}\n[… ${left} characters of this result were left out: there is no room for them]`;
    tokens -= count(message.result) - count(result);
    shortened[index] = { ...message, result };
    results += 1;
  }
  return { said: shortened, results };
}

/** Shorter ones are left whole: what was cut is a document, not a question. */
const wholeText = 300;

/** The middle of the long texts is left out, and that is said in their place: so that about `room` tokens of `size` are left. */
export function cutMiddle(
  input: readonly (readonly Part[])[],
  room: number,
  size: number,
): { readonly input: readonly (readonly Part[])[]; readonly characters: number } {
  const long = input.flat().filter((part): part is Extract<Part, { type: "text" }> => part.type === "text" && part.text.length > wholeText);
  const all = input.flat().reduce((sum, part) => sum + plainText([part]).length, 0);
  const cuttable = long.reduce((sum, { text }) => sum + text.length, 0);
  const toCut = Math.min(cuttable - long.length * wholeText, Math.ceil(all * (1 - room / size)));
  if (toCut <= 0) return { input, characters: 0 };
  let characters = 0;
  const cut = (part: Part): Part => {
    if (part.type !== "text" || part.text.length <= wholeText) return part;
    const keep = Math.max(wholeText, Math.floor(part.text.length - (toCut * part.text.length) / cuttable));
    const head = Math.ceil((keep * 2) / 3);
    const left = part.text.length - keep;
    characters += left;
    const note = `\n[… ${left} characters were left out here: it is too long]\n`;
    return textPart(`${part.text.slice(0, head)}${note}${part.text.slice(part.text.length - (keep - head))}`.toWellFormed(), part.markup);
  };
  return { input: input.map((parts) => parts.map(cut)), characters };
}

import { words } from "./words.ts";

/**
 * Makes seen what a text hides: letters out of tag characters, turned runs, bytes in variation selectors, control
 * characters. Whoever decides about a message must see what a model or a program may read in it. Flags, emoji, and the
 * marks that Arabic and Hebrew need stay as they are.
 */
export function showHidden(text: string): string {
  if (!suspicious.test(text)) return text;
  return text
    .replace(flagOrTags, (run) => (run.startsWith("\u{1F3F4}") ? run : words.messages.hidden(lettersOf(run))))
    .replace(selectors, (run, ideograph: string | undefined) => (ideograph && [...run].length === 2 ? run : words.messages.hidden("")))
    .replace(turning, (char) => words.messages.hidden(`U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const suspicious = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u{E0000}-\u{E01EF}]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const turning = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;
/** A whole flag (https://www.unicode.org/reports/tr51/#valid-emoji-tag-sequences), or a run of tags without one. */
const flagOrTags = /\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{1,32}\u{E007F}|[\u{E0000}-\u{E007F}]+/gu;
const selectors = /(\p{Ideographic})?[\u{E0100}-\u{E01EF}]+/gu;

function lettersOf(tags: string): string {
  return [...tags]
    .map((tag) => (tag.codePointAt(0) ?? 0) - 0xe0000)
    .map((code) => (code >= 0x20 && code < 0x7f ? String.fromCodePoint(code) : ""))
    .join("");
}

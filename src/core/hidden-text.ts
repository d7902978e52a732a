/**
 * Characters that make a reader see something else than what is there. Stored text stays as it came, byte for byte;
 * they are neutralised where text is shown: in what leaves for a platform (`parseMarkdown`, `plainTree`, labels and
 * names in the outbox) and in what a window gets (the web chat's routes).
 *
 * - Bidi embeddings, overrides and isolates (U+202A–202E, U+2066–2069; https://trojansource.codes): replaced by U+FFFD,
 *   so that a reader sees that something was there and no offset moves. The marks U+200E, U+200F and U+061C stay: they
 *   are what Arabic and Hebrew text needs, and they can't turn a run of text around.
 * - Tag characters (U+E0000–E007F): taken out, except in a flag (U+1F3F4 … U+E007F), their only use
 *   (https://www.unicode.org/reports/tr51/#valid-emoji-tag-sequences).
 * - Variation selectors 17–256 (U+E0100–E01EF) that follow no ideograph, and every one but the first: taken out. In a
 *   row they carry any bytes unseen.
 * - Control characters but tab and line feed, and lone surrogates: replaced by U+FFFD. CR LF and CR become LF.
 */
export function neutralise(text: string): string {
  if (!suspicious.test(text)) return text;
  return text
    .toWellFormed()
    .replace(/\r\n?/g, "\n")
    .replace(turning, "\uFFFD")
    .replace(flagOrTags, (run) => (run.startsWith("\u{1F3F4}") && run !== "\u{1F3F4}" ? run : ""))
    .replace(selectors, (run, ideograph: string | undefined) => (ideograph ? run.slice(0, ideograph.length + 2) : ""));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const suspicious = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it replaces
const turning = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;
/** A whole flag of at most 32 tags, or a run of tags without one; the flag's base alone is no tag and stays. */
const flagOrTags = /\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{1,32}\u{E007F}|[\u{E0000}-\u{E007F}]+/gu;
const selectors = /(\p{Ideographic})?[\u{E0100}-\u{E01EF}]+/gu;

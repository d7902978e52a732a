/**
 * What a person wrote themselves: the mail without the one it answers, and without a signature behind `-- `
 * (https://www.rfc-editor.org/rfc/rfc3676#section-4.3). Quotes that are answered in between stay, for they say what is meant.
 * When nothing would be left, all of it stays. Linear in the text's length.
 */
export function withoutQuoted(text: string): string {
  const all = text
    .replace(/\r\n?/g, "\n")
    .split("\n")
    .map((line) => line.trimEnd());
  const written = trimEnd(withoutSignature(withoutTail(withoutOriginal(all))));
  return (written.some((line) => line !== "") ? written : all)
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** Names of From, Sent, To and Subject as programs write them above a mail that they don't mark with `>`. */
const fromNames = /^[*_]{0,2}(?:from|von|de|da|van|från|fra|od|от|lähettäjä|gönderen|差出人|发件人)\s?[*_]{0,2}\s?[::]\s?/iu;
const otherNames =
  /^[*_]{0,2}(?:sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|date|à|objet|enviado|fecha|para|asunto|inviato|data|a|oggetto|verzonden|aan|onderwerp|skickat|till|ämne|sendt|til|emne|wysłano|do|temat|отправлено|кому|тема)\s?[*_]{0,2}\s?[::]\s?/iu;

/** "-----Original Message-----" in any language, or a block of header lines: from there on it is the mail before. */
function withoutOriginal(lines: readonly string[]): readonly string[] {
  const at = lines.findIndex((line, index) => isDivider(line, lines[index + 1]) || isHeaderBlock(lines, index));
  if (at < 0) return lines;
  const above = trimEnd(lines.slice(0, at));
  return /^[_-]{5,}$/.test(above.at(-1) ?? "") ? above.slice(0, -1) : above;
}

function isDivider(line: string, next: string | undefined): boolean {
  return line.length < 80 && /^-{4,}\s?\p{L}[\p{L}'’ ]{2,40}-{4,}$/u.test(line) && next !== undefined;
}

function isHeaderBlock(lines: readonly string[], at: number): boolean {
  if (!fromNames.test(lines[at] as string)) return false;
  return lines.slice(at + 1, at + 6).filter((line) => otherNames.test(line)).length >= 2;
}

/** The quote that a mail ends with, and the line above it that says whose it is ("On Monday Ada wrote:"). */
function withoutTail(lines: readonly string[]): readonly string[] {
  let end = lines.length;
  while (end > 0 && (lines[end - 1] === "" || lines[end - 1]?.startsWith(">"))) end--;
  const kept = lines.slice(0, end);
  if (end === trimEnd(lines).length) return lines;
  return withoutAttribution(kept);
}

/** At most three lines, the last of which ends in a colon; one of them names an address or has a number in it (a date). */
function withoutAttribution(lines: readonly string[]): readonly string[] {
  if (!/[::]$/.test(lines.at(-1) ?? "")) return lines;
  let from = lines.length - 1;
  while (from > lines.length - 3 && lines[from - 1]) from--;
  for (let at = lines.length - 1; at >= from; at--) {
    const words = lines.slice(at).join(" ");
    // The shortest that is whole: it begins with a capital, or with the date itself.
    if (/[@\d]/.test(words) && /^[\p{Lu}\p{Lo}\d"]/u.test(words)) return trimEnd(lines.slice(0, at));
  }
  return lines;
}

function withoutSignature(lines: readonly string[]): readonly string[] {
  const at = lines.indexOf("--");
  const above = at < 0 ? lines : lines.slice(0, at);
  const last = trimEnd(above);
  const sentFrom = /^(?:sent from my |get outlook for |von meinem .{1,30} gesendet|envoyé de mon |enviado desde mi )/i;
  return (last.at(-1)?.length ?? 0) < 80 && sentFrom.test(last.at(-1) ?? "") ? last.slice(0, -1) : above;
}

function trimEnd(lines: readonly string[]): readonly string[] {
  let end = lines.length;
  while (end > 0 && lines[end - 1] === "") end--;
  return end === lines.length ? lines : lines.slice(0, end);
}

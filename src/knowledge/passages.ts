/** A piece of a document, under the headings that it stands below. */
export interface Piece {
  /** `Travel › Trains`; empty above the first heading. */
  readonly heading: string;
  readonly text: string;
}

/** Characters of a passage: a few paragraphs, of which a model can read several. */
const longest = 1_200;

const fence = /^ {0,3}(`{3,}|~{3,})/;
const atxHeading = /^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$/;

/**
 * Cuts a text at its headings (Markdown's `#`), and what stands below one at paragraphs, so that each piece has at most about
 * 1,200 characters. A paragraph that is longer is cut between sentences; a block of code stays with its paragraph.
 */
export function piecesOf(document: string): readonly Piece[] {
  const headings: string[] = [];
  const pieces: Piece[] = [];
  let lines: string[] = [];
  let open: string | undefined;

  const end = () => {
    const heading = headings.filter(Boolean).join(" › ");
    for (const text of packed(paragraphsOf(lines))) pieces.push({ heading, text });
    lines = [];
  };

  for (const line of withoutFrontMatter(document).split(/\r\n?|\n/)) {
    const mark = fence.exec(line)?.[1];
    if (mark) open = open === undefined ? mark : mark[0] === open[0] && mark.length >= open.length ? undefined : open;
    const heading = open === undefined && !mark ? atxHeading.exec(line) : undefined;
    if (!heading) {
      lines.push(line);
      continue;
    }
    end();
    const [, { length: level } = "", title = ""] = heading;
    headings.length = Math.min(headings.length, level - 1);
    headings[level - 1] = title;
  }
  end();
  return pieces;
}

function withoutFrontMatter(document: string): string {
  return document.replace(/^\uFEFF/, "").replace(/^---\r?\n[\s\S]{0,20000}?\r?\n---[ \t]*(\r?\n|$)/, "");
}

/** What blank lines set apart; those inside a block of code don't. */
function paragraphsOf(lines: readonly string[]): readonly string[] {
  const paragraphs: string[] = [];
  const current: string[] = [];
  let open = false;
  for (const line of lines) {
    if (fence.test(line)) open = !open;
    if (line.trim() !== "" || open) current.push(line);
    else if (current.length > 0) paragraphs.push(current.splice(0).join("\n"));
  }
  if (current.length > 0) paragraphs.push(current.join("\n"));
  return paragraphs;
}

/** As many together as fit. */
function packed(paragraphs: readonly string[]): readonly string[] {
  const packs: string[] = [];
  for (const part of paragraphs.flatMap(cut)) {
    const last = packs.at(-1);
    if (last !== undefined && last.length + part.length + 2 <= longest) packs[packs.length - 1] = `${last}\n\n${part}`;
    else packs.push(part);
  }
  return packs;
}

const sentences = new Intl.Segmenter("und", { granularity: "sentence" });

function cut(paragraph: string): readonly string[] {
  if (paragraph.length <= longest) return [paragraph];
  const parts: string[] = [];
  for (const { segment } of sentences.segment(paragraph)) {
    for (const piece of segment.length <= longest ? [segment] : chopped(segment)) {
      const last = parts.at(-1);
      if (last !== undefined && last.length + piece.length <= longest) parts[parts.length - 1] = last + piece;
      else parts.push(piece);
    }
  }
  return parts.map((part) => part.trim()).filter(Boolean);
}

/** No language has such sentences: a table, a log, something encoded. */
function chopped(text: string): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const space = text.lastIndexOf(" ", at + longest);
    const end = at + longest >= text.length ? text.length : space > at ? space + 1 : at + longest;
    parts.push(text.slice(at, end).toWellFormed());
    at = end;
  }
  return parts;
}

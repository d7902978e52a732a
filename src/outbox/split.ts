import type { Root, RootContent } from "mdast";
import type { Dialect, Rendered, TextLimit } from "../core/dialect.ts";
import { words as lettersOf, tableBlocks } from "../core/table-text.ts";
import { type Run, runOf, slice, stripped } from "./slice.ts";

/**
 * Cuts a tree into pieces that each fit the limit when rendered, at the end of a block if one is near the limit, else
 * of a line, a sentence, a word, a grapheme; a grapheme that is longer than the limit is cut between code points.
 * The pieces' letters are the whole's, in order; only blanks and line ends at a cut are dropped (in code one line end).
 */
export function split(root: Root, dialect: Dialect, limit: TextLimit): Rendered[] {
  return [...pieces(root, dialect, limit)];
}

export function* pieces(root: Root, dialect: Dialect, limit: TextLimit): Generator<Rendered> {
  const whole = dialect.render(root);
  if (holds(limit, whole)) {
    if (whole.visible.trim() !== "") yield whole;
    return;
  }
  let tree = cuttable(root);
  let run = runOf(tree);
  let guess = limit.max;
  for (let skip = skipBlanks(run, 0); skip < run.letters.length; ) {
    if (skip > 0) {
      tree = slice(tree, skip, run.letters.length);
      run = within(run, skip, run.letters.length);
    }
    const piece = nextPiece(tree, run, guess, dialect, limit);
    if (piece.rendered.visible.trim() !== "") yield piece.rendered;
    guess = piece.next;
    skip = skipBlanks(run, piece.next);
  }
}

function holds(limit: TextLimit, rendered: Rendered): boolean {
  return lengthOf(rendered, limit) <= limit.max && (limit.lines === undefined || rendered.text.split("\n").length <= limit.lines);
}

export function lengthOf(rendered: Rendered, limit: TextLimit): number {
  const text = limit.counts === "sent" ? rendered.text : rendered.visible;
  switch (limit.unit) {
    case "utf16":
      return text.length;
    case "byte":
      return Buffer.byteLength(text);
    case "code-point": {
      let count = 0;
      for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count++;
      return count;
    }
  }
}

const lookahead = 64;

/** Tables as text, whose rows can be cut like lines, and bare addresses without their link, which would be cut with them. */
function cuttable(root: Root): Root {
  const lower = (node: RootContent): RootContent[] => {
    if (node.type === "table") return tableBlocks(node).flatMap(lower);
    if (node.type === "link" && lettersOf(node.children) === node.url) return [{ type: "text", value: node.url }];
    return "children" in node ? [{ ...node, children: node.children.flatMap(lower) } as RootContent] : [node];
  };
  return { type: "root", children: root.children.flatMap(lower) };
}

/** The same run with positions that begin at `from`. */
function within(run: Run, from: number, to: number): Run {
  return {
    letters: run.letters.slice(from, to),
    seams: run.seams.filter((seam) => seam.at > from && seam.at <= to).map((seam) => ({ ...seam, at: seam.at - from })),
    code: run.code.filter((code) => code.to > from && code.from < to).map((code) => ({ from: code.from - from, to: code.to - from })),
  };
}

function nextPiece(tree: Root, run: Run, guess: number, dialect: Dialect, limit: TextLimit): { rendered: Rendered; next: number } {
  const render = (to: number) => dialect.render(slice(tree, 0, trimEnd(run, to)));
  const fits = (to: number) => holds(limit, render(to));
  const size = run.letters.length;
  // How many letters fit depends on their marks: start from the last piece's, so that little is rendered in vain.
  let most = 0;
  let high = Math.min(size, guess + lookahead);
  while (fits(high)) {
    most = high;
    if (high === size) return { rendered: render(size), next: size };
    high = Math.min(size, high * 2);
  }
  for (high--; most < high; ) {
    const middle = Math.ceil((most + high) / 2);
    if (fits(middle)) most = middle;
    else high = middle - 1;
  }
  const to = most === 0 ? 0 : bestCut(run, most);
  if (to > 0 && fits(to)) return { rendered: render(to), next: to };
  if (most === 0) {
    // Not one letter fits with its marks on: the marks must go.
    const letters = stripped(slice(tree, 0, Math.min(size, limit.max * 2)));
    const end = runOf(letters).letters.length;
    if (dialect.render(letters).text !== dialect.render(slice(tree, 0, end)).text) {
      return nextPiece(letters, { letters: run.letters.slice(0, end), seams: [], code: [] }, guess, dialect, limit);
    }
  }
  const one = wholeCodePoint(run.letters, Math.max(most, 1));
  return { rendered: dialect.render(slice(tree, 0, one)), next: one };
}

/** The best place at or before `most`; a place far before it would leave a stump, so each kind has its reach. */
function bestCut(run: Run, most: number): number {
  const near = Math.floor(most * 0.4);
  const blocks = run.seams.filter((seam) => seam.at <= most && seam.at >= near && !seam.afterHeading);
  const block = blocks.findLast((seam) => seam.kind === "block")?.at ?? -1;
  if (block > 0) return block;
  const paragraph = lastIndexIn(run.letters, "\n\n", near, most);
  if (paragraph > 0) return paragraph;
  const item = blocks.at(-1)?.at ?? -1;
  const line = lastIndexIn(run.letters, "\n", near, most);
  if (Math.max(item, line) > 0) return Math.max(item, line);
  const text = run.letters.slice(0, most + lookahead);
  return lastBoundary(text, most, near, sentences) || lastBoundary(text, most, Math.floor(most * 0.7), words) || grapheme(text, most);
}

function lastIndexIn(text: string, mark: string, from: number, to: number): number {
  const at = text.lastIndexOf(mark, to);
  return at >= from ? at : -1;
}

const sentences = new Intl.Segmenter("und", { granularity: "sentence" });
const words = new Intl.Segmenter("und", { granularity: "word" });
const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

function lastBoundary(text: string, most: number, near: number, segmenter: Intl.Segmenter): number {
  // Segmenting from the nearest line end or blank keeps the work small and the boundaries right.
  const start = Math.max(0, text.lastIndexOf("\n", near) + 1);
  let best = 0;
  for (const { index } of segmenter.segment(text.slice(start))) {
    if (start + index > most) break;
    best = start + index;
  }
  const whole = best > 0 && graphemes.segment(text.slice(start)).containing(best - start)?.index === best - start;
  return whole && best >= near && isBreakable(text, best) ? best : 0;
}

/** Between two words there is a cut only at a blank, or where the script writes none; never inside `foo.bar`. */
function isBreakable(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 2), at);
  const after = text.slice(at, at + 2);
  return (
    /\s$/.test(before) ||
    /^\s/.test(after) ||
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u.test(
      before + after,
    )
  );
}

function grapheme(text: string, most: number): number {
  const start = blankBefore(text, most);
  let best = start;
  for (const { index } of graphemes.segment(text.slice(start))) {
    if (start + index > most) break;
    best = start + index;
  }
  return best > 0 ? best : wholeCodePoint(text, most);
}

function blankBefore(text: string, most: number): number {
  for (let at = most; at > 0; at--) if (text[at - 1] === " " || text[at - 1] === "\n") return at - 1;
  return 0;
}

/** Not between the two halves of a surrogate pair: before it, or behind it where nothing would be left. */
function wholeCodePoint(text: string, at: number): number {
  const inside = at > 0 && at < text.length && isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at));
  if (!inside) return at;
  return at > 1 ? at - 1 : at + 1;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

/** Blanks before a cut aren't sent; in code only the one line end is dropped. */
function trimEnd(run: Run, to: number): number {
  let end = to;
  while (end > 0 && isBlank(run.letters[end - 1]) && !inCode(run, end - 1)) end--;
  return end;
}

function skipBlanks(run: Run, from: number): number {
  if (inCode(run, from)) return run.letters[from] === "\n" && !run.code.some((code) => code.from === from) ? from + 1 : from;
  let at = from;
  while (at < run.letters.length && isBlank(run.letters[at]) && !inCode(run, at)) at++;
  return at;
}

function inCode(run: Run, at: number): boolean {
  return run.code.some((code) => at >= code.from && at < code.to);
}

function isBlank(letter: string | undefined): boolean {
  return letter === " " || letter === "\n" || letter === "\t";
}

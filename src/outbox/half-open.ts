/**
 * Markdown that is still being written, so that its end reads as it will once it is complete: open fences are closed by
 * the parser; here open marks are closed, and what can't be shown yet (half a link, the head of a table, a lone marker)
 * is shown as its words or held back until more of it is there. Pure; linear in the last block.
 */
export function closeHalfOpen(markdown: string): string {
  const { start, fence } = lastBlock(markdown);
  const before = markdown.slice(0, start);
  let block = markdown.slice(start);
  if (fence !== undefined) {
    // A closing fence that is half there would show as code.
    return before + block.replace(new RegExp(`\\n[ \\t]*\\${fence}{1,2}$`), "");
  }
  block = withoutLoneMarker(block);
  if (/^[ \t]*\|/.test(block) && !/\n[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\n/.test(block)) return before;
  // The last line of a table comes when its row is whole.
  if (/^[ \t]*\|/.test(block)) return before + block.replace(/\n[^\n]+$/, "\n");
  const line = lastItem(block);
  return before + block.slice(0, line) + closeInline(block.slice(line));
}

/** A last line may be only the beginning of a mark: `-`, `1.`, `##`, `>`, `**`, `---`, `- [`, or the first ticks of a fence. */
function withoutLoneMarker(block: string): string {
  const end = block.lastIndexOf("\n");
  const line = block.slice(end + 1);
  return line.length < 40 && line.trim() !== "" && /^[ \t>]*(?:[-+*#~`=_|]+|\d+[.)]?|[-+*] \[[ xX]?\]?)?[ \t]*$/.test(line)
    ? block.slice(0, Math.max(0, end))
    : block;
}

/** Where the last block (what stands after the last blank line) begins, and its fence when it is open code. */
function lastBlock(markdown: string): { start: number; fence?: string } {
  let start = 0;
  let open: { mark: string; at: number } | undefined;
  const lines = /([^\n]*)(?:\n|$)/g;
  for (let match = lines.exec(markdown); match !== null && match.index < markdown.length; match = lines.exec(markdown)) {
    const line = match[1] as string;
    const fence = /^(?:[ \t]|>|[-+*][ \t]|\d+[.)][ \t])*(`{3,}|~{3,})([^\n]*)$/.exec(line);
    if (open === undefined) {
      if (line.trim() === "") start = lines.lastIndex;
      else if (fence !== null && !(fence[1]?.startsWith("`") && fence[2]?.includes("`")))
        open = { mark: fence[1] as string, at: match.index };
    } else if (fence?.[1]?.startsWith(open.mark) && fence[2]?.trim() === "") {
      open = undefined;
      start = lines.lastIndex;
    }
  }
  return open === undefined ? { start: Math.min(start, markdown.length) } : { start: open.at, fence: open.mark[0] as string };
}

/** Marks don't reach over list items, headings and quotes. */
function lastItem(block: string): number {
  let at = 0;
  for (const { index } of block.matchAll(/^[ \t>]*(?:[-+*]|\d+[.)]|#{1,6}|>)[ \t]/gm)) at = index;
  return at;
}

interface OpenMark {
  readonly mark: string;
  /** Where it stands in the output. */
  readonly at: number;
}

function closeInline(text: string): string {
  const open: OpenMark[] = [];
  /** Positions of unmatched `[` in the output. */
  const brackets: number[] = [];
  let out = "";
  for (let at = 0; at < text.length; ) {
    const letter = text[at] as string;
    const run = marks.includes(letter) ? runLength(text, at, letter) : 1;
    if (letter === "\\") {
      if (at + 1 === text.length) break;
      out += text.slice(at, at + 2);
      at += 2;
    } else if (letter === "`") {
      const close = closingTicks(text, at + run, run);
      if (close < 0) return finish(out + openCode(text.slice(at + run), run), open, brackets);
      out += text.slice(at, close + run);
      at = close + run;
    } else if (letter === "*" || letter === "_" || letter === "~") {
      const last = open.at(-1);
      // Half a closing mark at the very end: the other half is on its way.
      if (at + run === text.length && last?.mark[0] === letter && run < last.mark.length) break;
      delimiter(text, at, run, open, out.length);
      out += text.slice(at, at + run);
      at += run;
    } else if (letter === "[") {
      brackets.push(out.length);
      out += "[";
      at++;
    } else if (letter === "]" && brackets.length > 0) {
      const from = brackets.pop() as number;
      const target = at + 1 === text.length ? -1 : text[at + 1] === "(" ? targetEnd(text, at + 2) : at + 1;
      if (target < 0) {
        // The address is still on its way: its words can be read already.
        const image = out[from - 1] === "!" ? 1 : 0;
        return finish(out.slice(0, from - image) + out.slice(from + 1), open, brackets);
      }
      out += text.slice(at, target);
      at = target;
    } else if (letter === "<" && /^<[a-z/!][^\s>]*$/i.test(text.slice(at))) {
      break;
    } else {
      out += letter;
      at++;
    }
  }
  return finish(out, open, brackets);
}

const marks = "`*_~";

function finish(text: string, open: readonly OpenMark[], brackets: readonly number[]): string {
  let out = text;
  for (const at of [...brackets].reverse()) {
    const image = out[at - 1] === "!" ? 1 : 0;
    out = out.slice(0, at - image) + out.slice(at + 1);
  }
  let closers = "";
  for (const { mark, at } of [...open].reverse()) {
    const shift = brackets.filter((bracket) => bracket < at).length;
    const inside = out.slice(at - shift + mark.length).trim();
    // Nothing stands behind it yet: it may just as well not be there.
    if (inside === "") out = out.slice(0, at - shift);
    else closers += mark;
  }
  return closers === "" ? out : out.trimEnd() + closers;
}

function runLength(text: string, at: number, letter: string): number {
  let end = at + 1;
  while (text[end] === letter) end++;
  return end - at;
}

function closingTicks(text: string, from: number, length: number): number {
  for (let at = text.indexOf("`", from); at >= 0; at = text.indexOf("`", at)) {
    const run = runLength(text, at, "`");
    if (run === length) return at;
    at += run;
  }
  return -1;
}

function openCode(inside: string, length: number): string {
  const words = inside.replace(/`+$/, "").trimEnd();
  const ticks = "`".repeat(length);
  return words.trim() === "" ? "" : ticks + words + ticks;
}

/** A run of delimiters opens or closes, by what stands on its sides (CommonMark's flanking rule in short). */
function delimiter(text: string, at: number, run: number, open: OpenMark[], out: number): void {
  const letter = text[at] as string;
  if (letter === "~" && run !== 2) return;
  const before = at === 0 || /\s/.test(text[at - 1] as string);
  const after = at + run >= text.length ? "end" : /\s/.test(text[at + run] as string) ? "blank" : "word";
  const word = /[\p{L}\p{N}]/u;
  if (letter === "_" && word.test(text[at - 1] ?? "") && word.test(text[at + run] ?? "")) return;
  let left = run;
  if (!before) {
    for (let last = open.at(-1); last !== undefined && left >= last.mark.length && last.mark[0] === letter; last = open.at(-1)) {
      left -= last.mark.length;
      open.pop();
    }
  }
  if (left === 0 || after === "blank" || left > 3) return;
  if (after === "end" && !before && left < run) return;
  if (left === 3) open.push({ mark: letter.repeat(2), at: out + run - 3 }, { mark: letter, at: out + run - 1 });
  else open.push({ mark: letter.repeat(left), at: out + run - left });
}

/** Behind the `)` of an inline link's address, -1 when it isn't there yet. */
function targetEnd(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    const letter = text[at];
    if (letter === "\\") at++;
    else if (letter === "(") depth++;
    else if (letter === ")" && --depth === 0) return at + 1;
  }
  return -1;
}

/**
 * Markdown that is still being written, so that its end reads as it will once it is complete. Two steps, both pure and
 * linear: `withoutLooseEnd` holds back what can't be read yet whatever stands before it; `closeHalfOpen` closes marks and
 * unfinished links in the words of the block that the text breaks off in (`parseMarkdown` finds that block).
 */

/**
 * Without what only the next letters can explain: the beginning of a mark at a line's start (`-`, `1.`, `##`, ` ``` `, a
 * table's second line), half an entity, half a grapheme.
 */
export function withoutLooseEnd(markdown: string): string {
  let text = wholeGraphemes(markdown);
  text = text.replace(/&(?:#[xX]?[\da-fA-F]{0,7}|[A-Za-z][A-Za-z\d]{0,31})?$/, "");
  const start = text.lastIndexOf("\n") + 1;
  const line = text.slice(start);
  if (line.length < 200 && line.trim() !== "" && loneMarker.test(line)) return text.slice(0, start);
  // A definition of a link is never shown; what looks like one waits for what makes it another thing.
  const fresh = start === 0 || /\n[ \t]*\n$/.test(text.slice(0, start)) || definition.test(lineBefore(text, start));
  return fresh && definition.test(line) ? text.slice(0, start) : text;
}

const loneMarker = /^[ \t>]*(?:[-+*#~`=_|:> \t]+|\d+[.)]?|(?:[-+*]|\d+[.)]) \[[ xX]?\]?)[ \t]*$/;
const definition = /^ {0,3}\[[^\]\n]*(?:\](?::.*)?)?$/;

function lineBefore(text: string, start: number): string {
  return text.slice(text.lastIndexOf("\n", start - 2) + 1, Math.max(0, start - 1));
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });
/** UTF-16 units in which the last grapheme is looked for. */
const reach = 256;

/**
 * The last grapheme waits for the next letter where it is of a kind that letters are added to: emoji, flags, what bears
 * marks. Most other letters could get one too, but hardly ever do.
 */
function wholeGraphemes(markdown: string): string {
  const text = markdown.replace(/[\ud800-\udbff]$/, "");
  if (!growing.test(text.slice(-2))) return text;
  const tail = text.slice(-reach);
  let last = 0;
  for (const { index } of graphemes.segment(tail)) last = index;
  // A Latin letter was shown before anybody knew of its mark.
  return /[\0-\x7f]/.test(tail.charAt(last)) ? text : text.slice(0, text.length - tail.length + last);
}

const growing =
  /(?:[\p{M}\p{Regional_Indicator}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Join_C}\u1100-\u11ff\u{e0020}-\u{e007f}]|(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])\p{Lo})$/u;

/** The words of an unended block: open marks are closed, of half a link its words are shown, a table's head waits for its rows. */
export function closeHalfOpen(words: string): string {
  return closeInline(withoutTableHead(words)).trimEnd();
}

/** Its first line is told from other text only by its second, which `withoutLooseEnd` holds back until it is whole. */
function withoutTableHead(words: string): string {
  const start = words.trimEnd().lastIndexOf("\n") + 1;
  return /^[ \t]*\|/.test(words.slice(start)) ? words.slice(0, start) : words;
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
      // A line's end may follow that makes it a break.
      if (text.slice(at + 1).trim() === "") break;
      out += text.slice(at, at + 2);
      at += 2;
    } else if (letter === "`") {
      const close = closingTicks(text, at + run, run);
      if (close < 0) return finish(out + openCode(text.slice(at + run), run), open, brackets);
      out += text.slice(at, close + run);
      at = close + run;
    } else if (letter === "*" || letter === "_" || letter === "~") {
      // At the very end it may be half a mark, and what is open is closed anyway.
      if (at + run === text.length) break;
      delimiter(text, at, run, open, out.length);
      out += text.slice(at, at + run);
      at += run;
    } else if (letter === "[") {
      if (!wordEnd.test(out.slice(-2))) brackets.push(out.length);
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
    } else if (letter === "<" && /^<(?:[a-z/!][^\s>]*)?$/i.test(text.slice(at))) {
      break;
    } else {
      out += letter;
      at++;
    }
  }
  return finish(out, open, brackets);
}

const marks = "`*_~";
/** The end of a word in a script that writes blanks between words: there an index (`a[0]`) or a sign (`2*3`) is likelier than a mark. */
const wordEnd =
  /(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{N}]$/u;
const wordStart =
  /^(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{N}]/u;

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
  const words = inside.replace(/[`\s]+$/, "");
  const ticks = "`".repeat(length);
  return words.trim() === "" ? "" : ticks + words + ticks;
}

/** A run of delimiters opens or closes, by what stands on its sides: https://spec.commonmark.org/0.31.2/#delimiter-run */
function delimiter(text: string, at: number, run: number, open: OpenMark[], out: number): void {
  const letter = text[at] as string;
  if (letter === "~" && run !== 2) return;
  const before = text.slice(Math.max(0, at - 2), at);
  const after = text.slice(at + run, at + run + 2);
  const spaceBefore = before === "" || /\s$/.test(before);
  const spaceAfter = /^\s/.test(after);
  const signBefore = /[\p{P}\p{S}]$/u.test(before);
  const signAfter = /^[\p{P}\p{S}]/u.test(after);
  const left = !spaceAfter && (!signAfter || spaceBefore || signBefore);
  const right = !spaceBefore && (!signBefore || spaceAfter || signAfter);
  let rest = run;
  if (letter === "_" ? right && (!left || signAfter) : right) {
    for (let last = open.findLastIndex(({ mark }) => mark[0] === letter); last >= 0; ) {
      const { mark } = open[last] as OpenMark;
      if (rest < mark.length) break;
      rest -= mark.length;
      // What was opened inside it and never closed is no mark.
      open.length = last;
      last = open.findLastIndex((one) => one.mark[0] === letter);
    }
  }
  const opens = letter === "_" ? left && (!right || signBefore) : left && !(wordEnd.test(before) && wordStart.test(after));
  if (rest === 0 || !opens || rest > 3) return;
  if (rest === 3) open.push({ mark: letter.repeat(2), at: out + run - 3 }, { mark: letter, at: out + run - 1 });
  else open.push({ mark: letter.repeat(rest), at: out + run - rest });
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

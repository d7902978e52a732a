/** A text, or an element that `dom.ts` knows how to make. */
export type Tree = string | Branch | Leaf;
interface Branch {
  readonly tag: "p" | "strong" | "em" | "del" | "span" | "blockquote" | "ul" | "tr" | "th" | "td" | "heading" | "ol" | "li" | "a";
  readonly children: readonly Tree[];
  /** Of a heading, 1 to 6. */
  readonly level?: number;
  /** Of an `ol`. */
  readonly start?: number;
  /** Of an `li` that is a task. */
  readonly checked?: boolean;
  /** Of an `a`: http, https, mailto or tel. */
  readonly href?: string;
  /** Of an `a`: it leads to a picture, and its words say what is on it. */
  readonly image?: boolean;
}
type Leaf =
  | { readonly tag: "br" | "hr" }
  | { readonly tag: "code" | "pre"; readonly text: string }
  | { readonly tag: "table"; readonly head: Branch; readonly rows: readonly Branch[] };

/**
 * Markdown as a small tree: CommonMark's and GFM's common part, enough for what assistants write. Pure; its time grows
 * with the text, whatever the text is. What isn't understood stays as it was written.
 */
export function parseMarkdown(text: string, draft = false): Tree[] {
  if (text.length > longest) return [{ tag: "p", children: [text] }];
  return parseBlocks(text.replace(/\r\n?/g, "\n").split("\n"), 0, draft);
}

const longest = 100_000;
const deepest = 6;

const fence = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;
const heading = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/;
const rule = /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/;
const quote = /^ {0,3}>/;
const item = /^( {0,3})([-*+]|\d{1,9}[.)])(?:[ \t]|$)/;
const underlined = /^ {0,3}(=+|-+)[ \t]*$/;
const tableRule = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

function parseBlocks(lines: readonly string[], depth: number, draft: boolean): Tree[] {
  const nodes: Tree[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    if (line.trim() === "") at++;
    else if (fence.test(line)) at = readFence(lines, at, nodes);
    else if (heading.test(line)) at = readHeading(lines, at, nodes, draft);
    else if (rule.test(line)) {
      nodes.push({ tag: "hr" });
      at++;
    } else if (quote.test(line)) at = readQuote(lines, at, nodes, depth, draft);
    else if (item.test(line)) at = readList(lines, at, nodes, depth, draft);
    else if (line.includes("|") && tableRule.test(lines[at + 1] ?? "") && (lines[at + 1] ?? "").includes("-"))
      at = readTable(lines, at, nodes);
    else at = readParagraph(lines, at, nodes, draft);
  }
  return nodes;
}

function readFence(lines: readonly string[], from: number, nodes: Tree[]): number {
  const mark = fence.exec(lines[from] ?? "")?.[1] ?? "";
  let at = from + 1;
  while (at < lines.length && !isClosing(lines[at] ?? "", mark)) at++;
  nodes.push({ tag: "pre", text: lines.slice(from + 1, at).join("\n") });
  return at + 1;
}

function isClosing(line: string, mark: string): boolean {
  const close = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line);
  return close?.[1]?.startsWith(mark) ?? false;
}

function readHeading(lines: readonly string[], at: number, nodes: Tree[], draft: boolean): number {
  const [, marks = "", words = ""] = heading.exec(lines[at] ?? "") ?? [];
  nodes.push({
    tag: "heading",
    level: marks.length,
    children: parseInline(words.replace(/(?:^|[ \t])#+[ \t]*$/, ""), isLast(lines, at + 1, draft)),
  });
  return at + 1;
}

function readQuote(lines: readonly string[], from: number, nodes: Tree[], depth: number, draft: boolean): number {
  let at = from;
  const inner: string[] = [];
  for (let line = lines[at]; line !== undefined; line = lines[++at]) {
    if (!quote.test(line) && (line.trim() === "" || startsBlock(line))) break;
    inner.push(line.replace(/^ {0,3}> ?/, ""));
  }
  const last = isLast(lines, at, draft);
  nodes.push(
    depth < deepest ? { tag: "blockquote", children: parseBlocks(inner, depth + 1, last) } : { tag: "p", children: [inner.join("\n")] },
  );
  return at;
}

function readList(lines: readonly string[], from: number, nodes: Tree[], depth: number, draft: boolean): number {
  const firstMark = item.exec(lines[from] ?? "")?.[2] ?? "";
  const ordered = /\d/.test(firstMark);
  const kind = firstMark.at(-1);
  const items: string[][] = [];
  let at = from;
  for (let first = lines[at]; first !== undefined; first = lines[at]) {
    const match = item.exec(first);
    if (match === null || match[2]?.at(-1) !== kind || rule.test(first)) break;
    const indent = match[0].trimEnd().length + 1;
    const inner = [first.slice(match[0].trimEnd().length).replace(/^[ \t]/, "")];
    for (let line = lines[++at]; line !== undefined; line = lines[++at]) {
      const blank = line.trim() === "";
      if (!blank && leading(line) < Math.min(indent, 2) && (inner.at(-1) === "" || startsBlock(line))) break;
      inner.push(blank ? "" : line.slice(Math.min(leading(line), indent)));
    }
    items.push(inner);
  }
  const last = isLast(lines, at, draft);
  const children = items.map((inner, index) => listItem(inner, depth, last && index === items.length - 1));
  nodes.push({ tag: ordered ? "ol" : "ul", children, ...(ordered ? { start: Number.parseInt(firstMark, 10) } : {}) });
  return at;
}

function listItem(lines: readonly string[], depth: number, draft: boolean): Branch {
  const [first = "", ...others] = lines;
  const box = /^\[([ xX])\][ \t]+/.exec(first);
  const inner = box === null ? lines : [first.slice(box[0].length), ...others];
  const blocks: Tree[] = depth < deepest ? parseBlocks(inner, depth + 1, draft) : [{ tag: "p", children: [inner.join("\n")] }];
  return { tag: "li", children: blocks.flatMap(unwrapFirst), ...(box === null ? {} : { checked: box[1] !== " " }) };
}

/** The words of an item stand in it without a paragraph. */
function unwrapFirst(block: Tree, index: number): readonly Tree[] {
  return index === 0 && typeof block !== "string" && block.tag === "p" ? block.children : [block];
}

function leading(line: string): number {
  return (/^[ \t]*/.exec(line)?.[0] ?? "").replaceAll("\t", "    ").length;
}

function readTable(lines: readonly string[], from: number, nodes: Tree[]): number {
  const head = cells(lines[from] ?? "");
  let at = from + 2;
  const rows: string[][] = [];
  for (let line = lines[at]; line !== undefined && line.trim() !== "" && !startsBlock(line); line = lines[++at]) {
    rows.push(cells(line).slice(0, head.length));
  }
  const row = (tag: "th" | "td", texts: readonly string[]): Branch => ({
    tag: "tr",
    children: texts.map((text) => ({ tag, children: parseInline(text, false) })),
  });
  nodes.push({ tag: "table", head: row("th", head), rows: rows.map((texts) => row("td", texts)) });
  return at;
}

function cells(line: string): string[] {
  const inner = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function readParagraph(lines: readonly string[], from: number, nodes: Tree[], draft: boolean): number {
  let at = from + 1;
  for (let line = lines[at]; line !== undefined && line.trim() !== "" && !startsBlock(line) && !underlined.test(line); ) line = lines[++at];
  const underline = underlined.exec(lines[at] ?? "");
  const words = lines
    .slice(from, at)
    .map((line) => line.replace(/^[ \t]+/, ""))
    .join("\n")
    .trimEnd();
  const end = underline === null ? at : at + 1;
  const children = parseInline(words, isLast(lines, end, draft));
  nodes.push(underline === null ? { tag: "p", children } : { tag: "heading", level: underline[1]?.startsWith("=") ? 1 : 2, children });
  return end;
}

function startsBlock(line: string): boolean {
  return fence.test(line) || heading.test(line) || rule.test(line) || quote.test(line) || item.test(line);
}

/** Whether what stands before `at` is the end of a text that is still being written. */
function isLast(lines: readonly string[], at: number, draft: boolean): boolean {
  return draft && lines.slice(at, at + 2).every((line) => line.trim() === "") && at >= lines.length - 2;
}

const tags: Readonly<Record<string, "strong" | "em" | "del">> = { "**": "strong", __: "strong", "*": "em", _: "em", "~~": "del" };
const special =
  /\\[!-/:-@[-`{-~]|\\\n| {2,}\n|\n|`+|!?\[|<(?:https?:\/\/|mailto:)[^\s<>]+>|<br ?\/?>|https?:\/\/[^\s<>]+|\*\*|__|~~|[*_]|&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[\da-f]{1,6});/gi;
const link = /^!?\[((?:[^[\]\\]|\\.)*)\]\([ \t]*<?((?:[^\s<>()\\]|\\.|\([^\s<>()]*\))*)>?(?:[ \t]+"[^"]*"|[ \t]+'[^']*')?[ \t]*\)/;

/** Text with its marks. In a draft, a mark that is open at the end is taken as closed there. */
export function parseInline(text: string, draft: boolean, depth = 0): Tree[] {
  const out: Tree[] = [];
  /** Marks that have no closing one further on: nobody looks for it again. */
  const unclosed = new Set<string>();
  const add = (node: Tree) => {
    const last = out.at(-1);
    if (typeof node === "string" && typeof last === "string") out[out.length - 1] = last + node;
    else if (node !== "") out.push(node);
  };
  let at = 0;
  for (;;) {
    special.lastIndex = at;
    const match = special.exec(text);
    if (match === null) break;
    add(text.slice(at, match.index));
    at = match.index;
    const mark = match[0];
    const read = readMark(text, at, mark, { draft, depth, unclosed });
    for (const node of read.nodes) add(node);
    at = read.end;
  }
  add(text.slice(at));
  return out;
}

interface Reading {
  readonly draft: boolean;
  readonly depth: number;
  readonly unclosed: Set<string>;
}

/** What was read, and where reading goes on. */
interface Read {
  readonly nodes: readonly Tree[];
  readonly end: number;
}

function readMark(text: string, at: number, mark: string, state: Reading): Read {
  const end = at + mark.length;
  if (mark === "\n" || mark === "\\\n" || /^ +\n$/.test(mark) || /^<br/i.test(mark)) return { nodes: [{ tag: "br" }], end };
  if (mark[0] === "\\") return { nodes: [mark.slice(1)], end };
  if (mark[0] === "&") return { nodes: [entity(mark)], end };
  if (mark[0] === "`") return readCode(text, at, mark, state);
  if (mark === "[" || mark === "![") return readLink(text, at, mark, state);
  if (mark[0] === "<") return { nodes: [anchor(mark.slice(1, -1), [mark.slice(1, -1)])], end };
  if (/^https?:/i.test(mark)) return readAddress(mark, at);
  return readMarked(text, at, mark, state);
}

function readCode(text: string, at: number, mark: string, { draft, unclosed }: Reading): Read {
  const end = at + mark.length;
  let close = unclosed.has(mark) ? -1 : text.indexOf(mark, end);
  while (close >= 0 && (text[close + mark.length] === "`" || text[close - 1] === "`")) {
    while (text[close] === "`") close++;
    close = text.indexOf(mark, close);
  }
  if (close < 0) unclosed.add(mark);
  if (close < 0 && !draft) return { nodes: [mark], end };
  const inner = (close < 0 ? text.slice(end).replace(/`+$/, "") : text.slice(end, close)).replaceAll("\n", " ");
  const words = /^ .*[^ ].* $/.test(inner) ? inner.slice(1, -1) : inner;
  return { nodes: words === "" ? [] : [{ tag: "code", text: words }], end: close < 0 ? text.length : close + mark.length };
}

function readLink(text: string, at: number, mark: string, { draft, depth }: Reading): Read {
  const match = link.exec(text.slice(at, at + 4_000));
  if (match !== null && depth < deepest) {
    const [whole, label = "", url = ""] = match;
    const words = parseInline(label, false, depth + 1);
    const address = url.replace(/\\([!-/:-@[-`{-~])/g, "$1");
    const node = anchor(address, words.length > 0 ? words : [address]);
    return { nodes: [mark === "![" ? { ...node, image: true } : node], end: at + whole.length };
  }
  // The rest of the address is on its way: its words can be read already.
  const half = draft && /^!?\[([^[\]]*)(?:\](?:\([^\s()]*)?)?$/.exec(text.slice(at));
  if (half) return { nodes: parseInline(half[1] ?? "", true, depth + 1), end: text.length };
  return { nodes: [mark], end: at + mark.length };
}

function readAddress(mark: string, at: number): Read {
  let url = mark.replace(/[.,:;!?'"*_~]+$/, "");
  if (url.endsWith(")") && !url.includes("(")) url = url.slice(0, -1);
  return { nodes: [anchor(url, [url])], end: at + url.length };
}

/** Only addresses that may be followed become links; an image too, since loading it would tell its server who reads. */
function anchor(url: string, children: readonly Tree[]): Branch {
  if (/^(?:https?:\/\/|mailto:|tel:)[^\s]/i.test(url)) return { tag: "a", href: url, children };
  return { tag: "span", children: children[0] === url ? children : [...children, ` (${url})`] };
}

function readMarked(text: string, at: number, mark: string, state: Reading): Read {
  const end = at + mark.length;
  const nothing = { nodes: [mark], end };
  const before = text[at - 1] ?? " ";
  const after = text[end] ?? " ";
  if (state.depth >= deepest || (mark[0] === "_" && /[\p{L}\p{N}]/u.test(before))) return nothing;
  if (end === text.length && state.draft) return { nodes: [], end };
  if (/\s/.test(after)) return nothing;
  const close = state.unclosed.has(mark) ? -1 : closing(text, end, mark);
  if (close < 0) state.unclosed.add(mark);
  if (close < 0 && !state.draft) return nothing;
  const inner = close < 0 ? text.slice(end).replace(/[*_~]+$/, "") : text.slice(end, close);
  const children = parseInline(inner, state.draft && close < 0, state.depth + 1);
  return { nodes: [{ tag: tags[mark] ?? "span", children }], end: close < 0 ? text.length : close + mark.length };
}

function closing(text: string, from: number, mark: string): number {
  for (let at = text.indexOf(mark, from + 1); at >= 0; at = text.indexOf(mark, at + 1)) {
    const run = runAt(text, at, mark.charAt(0));
    const fits = mark.length === 2 ? run >= 2 : run !== 2;
    const inWord = mark[0] === "_" && /[\p{L}\p{N}]/u.test(text[at + run] ?? " ");
    // Of three marks the inner one comes first.
    if (fits && !/\s/.test(text[at - 1] ?? " ") && text[at - 1] !== "\\" && !inWord) return run >= 3 ? at + run - mark.length : at;
    at += run - 1;
  }
  return -1;
}

function runAt(text: string, at: number, letter: string): number {
  let end = at;
  while (text[end] === letter) end++;
  return end - at;
}

function entity(mark: string): string {
  const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };
  const name = mark.slice(1, -1).toLowerCase();
  const known = named[name];
  if (known !== undefined) return known;
  const code = name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) && !isTurning(code) ? String.fromCodePoint(code) : "\ufffd";
}

/** Controls, and what turns text round: the server neutralises them in text, an entity could bring them back. */
function isTurning(code: number): boolean {
  return (
    (code < 32 && code !== 10 && code !== 9) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    (code >= 0xe0000 && code <= 0xe01ef)
  );
}

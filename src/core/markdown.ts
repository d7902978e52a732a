import MarkdownIt from "markdown-it";
import type { Paragraph, Root, RootContent } from "mdast";
import { neutralise } from "./hidden-text.ts";
import { treeOf } from "./markdown-tree.ts";

declare module "mdast" {
  interface RootData {
    /** The Markdown that this tree is, when nothing in it had to be changed. */
    source?: string;
  }
}

/**
 * CommonMark with GFM's tables, strike-through, task lists and bare addresses, as a tree that is safe to show, out of few
 * kinds of nodes: paragraph, heading, thematicBreak, blockquote, list, listItem, code, table, tableRow, tableCell; text,
 * emphasis, strong, delete, inlineCode, break, link.
 *
 * - References are resolved; an image is a link (fetching it would tell its server who reads what); a link that isn't
 *   http, https, mailto, tel or tg is text; HTML is text, but `<br>` is a break; hidden characters are neutralised.
 * - Line ends in a paragraph stay line ends: in chats people mean them.
 * - Never throws. Time and depth are bounded: text longer than `longest` and text with more containers inside each other
 *   than the parser keeps is taken as plain text, so that nothing of it is lost.
 *
 * `unended` is for a source that is still being written: it gets the Markdown inside the paragraph or heading that the
 * source breaks off in, and gives what to read instead; a table's last row is left out until its line ends.
 */
export function parseMarkdown(source: string, unended?: (words: string) => string): Root {
  if (!mayBeMarkup.test(source) && neutralise(source) === source) return justParagraphs(source);
  if (source.length > longest || isTooDeep(source)) return plainTree(source);
  const growing: Growing = { unended, changed: false };
  return treeOf(parser.parse(source, { growing }), source, growing.changed);
}

/**
 * Where the last of the blocks begins (paragraph, list, table, code …): all before it is finished, and reads the same by
 * itself. 0 where the source is one block, or may still turn out to be one.
 */
export function lastBlockStart(source: string): number {
  if (source.length > longest || isTooDeep(source) || !/\n[ \t]*\n/.test(source)) return 0;
  const last = parser.parse(source, {}).findLast(({ level, nesting, map }) => level === 0 && nesting >= 0 && map);
  let at = 0;
  for (let line = last?.map?.[0] ?? 0; line > 0; line--) at = source.indexOf("\n", at) + 1;
  // The first letters may be a list's marker, or a rule's: then it goes with what stands before it.
  return source.slice(at).trim().length < 4 ? 0 : at;
}

/** Text as it stands, without any markup. */
export function plainTree(text: string): Root {
  const value = neutralise(text);
  return { type: "root", children: value.trim() === "" ? [] : [{ type: "paragraph", children: [{ type: "text", value }] }] };
}

/** UTF-16 units of Markdown that are parsed; the slowest known text of that length takes a quarter of a second. */
export const longest = 65_536;

/** Raw HTML stays text. Only addresses with a scheme are linked: bare names (`readme.md`) are mostly no hosts. */
const parser = new MarkdownIt({ html: false, linkify: true, maxNesting: 100 });
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
// The parser would show an address decoded; a reader must see what it is.
parser.normalizeLinkText = (url) => url;

interface Growing {
  readonly unended: ((words: string) => string) | undefined;
  changed: boolean;
}

// Between blocks and their words: what is open at the end is known then, and its words aren't read yet.
parser.core.ruler.after("block", "unended", ({ src, tokens, env }) => {
  const growing = env.growing as Growing | undefined;
  const at = tokens.findLastIndex(({ nesting }) => nesting === 0);
  const last = tokens[at];
  if (!growing?.unended || last?.type !== "inline") return;
  const inside = tokens[at - 1]?.type;
  if (inside === "td_open" && !src.endsWith("\n")) {
    const row = tokens.findLastIndex(({ type }) => type === "tr_open");
    tokens.splice(row, tokens.findLastIndex(({ type }) => type === "tr_close") + 1 - row);
    growing.changed = true;
  }
  const ended = inside === "heading_open" ? (last.map?.[0] ?? 0) < src.split("\n").length - 1 : /\n[ \t>]*\n[ \t>]*$/.test(src);
  if (ended || (inside !== "paragraph_open" && inside !== "heading_open")) return;
  const words = growing.unended(last.content);
  growing.changed ||= words !== last.content;
  last.content = words;
});

/** Anything that could be other than paragraphs of text, or whose blanks aren't plain ones. Most short answers have none of it. */
const mayBeMarkup = /[\\`*_[\]<~|\0]|[^\S \t\n]|^[ \t]*(?:[-+=>]|(?:#+|\d+[.)])(?:[ \t]|$))|^(?: {4}| {0,3}\t)| {2}$|\/\/|mailto:|&#?\w/im;

function justParagraphs(source: string): Root {
  const children: RootContent[] = [];
  for (const block of source.split(/\n(?:[ \t]*\n)+/)) {
    const value = block.replace(/^[ \t]+|[ \t]+$/gm, "").trim();
    if (value !== "") children.push({ type: "paragraph", children: [{ type: "text", value }] } satisfies Paragraph);
  }
  return { type: "root", children, data: { source } };
}

/** Quotes and list items inside each other, on one line and by indentation. The parser drops what is deeper than 100. */
const containers = 16;

function isTooDeep(source: string): boolean {
  for (const { 0: prefix, index } of source.matchAll(/^[ \t]*(?:(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]*)+/gm)) {
    if ((prefix.match(/[>\-+*]|\d+/g)?.length ?? 0) > containers && !isRule(source, index)) return true;
    const indent = /^[ \t]*/.exec(prefix)?.[0].replaceAll("\t", "    ").length ?? 0;
    if (indent > containers * 4) return true;
  }
  return false;
}

/** A line of dashes with blanks between them looks like lists inside each other. */
function isRule(source: string, from: number): boolean {
  const end = source.indexOf("\n", from);
  return /^[ \t]*([-*_])(?:[ \t]*\1)+[ \t]*$/.test(source.slice(from, end < 0 ? undefined : end));
}

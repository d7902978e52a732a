import type { Token } from "markdown-it";
import type { List, ListItem, PhrasingContent, Root, RootContent, TableCell, TableRow } from "mdast";
import { neutralise } from "./hidden-text.ts";

/** Marks inside each other that are kept; what is deeper loses its mark, not its words. */
const deepest = 12;

/** Builds the tree that `parseMarkdown` promises from the parser's tokens. `changed`: they aren't quite the source's. */
export function treeOf(tokens: readonly Token[], source: string, changed = false): Root {
  const work: Work = { changed };
  const children = blocks(tokens, { at: 0 }, work) as RootContent[];
  return { type: "root", children, ...(work.changed ? {} : { data: { source } }) };
}

interface Work {
  /** Something is no longer what the source says. */
  changed: boolean;
}

type Block = RootContent;

/** Reads blocks up to the token that closes their parent. Its depth is the parser's `maxNesting` at most. */
function blocks(tokens: readonly Token[], cursor: { at: number }, work: Work): Block[] {
  const out: Block[] = [];
  for (let token = tokens[cursor.at]; token !== undefined && token.nesting >= 0; token = tokens[cursor.at]) {
    cursor.at++;
    const made = token.nesting === 1 ? container(token, tokens, cursor, work) : leaf(token, work);
    if (made !== undefined) out.push(made);
  }
  cursor.at++;
  return out;
}

function leaf(token: Token, work: Work): Block | undefined {
  switch (token.type) {
    case "hr":
      return { type: "thematicBreak" };
    case "fence":
    case "code_block": {
      const lang = /^[\w+#.-]{1,32}/.exec(token.info)?.[0];
      return { type: "code", value: clean(token.content.replace(/\n$/, ""), work), ...(lang === undefined ? {} : { lang }) };
    }
    // Inline content stands in a paragraph of its own only where the parser hides the paragraph (tight lists).
    case "inline":
      return paragraph(token, work);
    default:
      return undefined;
  }
}

function container(open: Token, tokens: readonly Token[], cursor: { at: number }, work: Work): Block | undefined {
  switch (open.type) {
    case "paragraph_open":
    case "heading_open": {
      const children = inline(tokens[cursor.at]?.children ?? [], work);
      cursor.at += 2;
      if (children.length === 0) return undefined;
      if (open.type === "paragraph_open") return { type: "paragraph", children };
      return { type: "heading", depth: Number(open.tag.slice(1)) as 1 | 2 | 3 | 4 | 5 | 6, children };
    }
    case "blockquote_open": {
      const children = blocks(tokens, cursor, work);
      return children.length === 0 ? undefined : ({ type: "blockquote", children } as Block);
    }
    case "bullet_list_open":
    case "ordered_list_open":
      return list(open, blocks(tokens, cursor, work));
    case "list_item_open":
      return listItem(blocks(tokens, cursor, work));
    case "table_open":
      return { type: "table", children: blocks(tokens, cursor, work).flatMap(rowsOf) };
    case "tr_open":
      return { type: "tableRow", children: blocks(tokens, cursor, work) as unknown as TableCell[] };
    case "th_open":
    case "td_open": {
      const children = inline(tokens[cursor.at]?.children ?? [], work);
      cursor.at += 2;
      return { type: "tableCell", children };
    }
    default:
      // thead and tbody: only their rows matter.
      return { type: "blockquote", children: blocks(tokens, cursor, work) } as Block;
  }
}

function rowsOf(part: Block): TableRow[] {
  return part.type === "blockquote" ? (part.children as unknown as TableRow[]) : [];
}

function paragraph(token: Token, work: Work): Block | undefined {
  const children = inline(token.children ?? [], work);
  return children.length === 0 ? undefined : { type: "paragraph", children };
}

function list(open: Token, items: Block[]): List {
  const ordered = open.type === "ordered_list_open";
  const children = items.filter((item) => item.type === "listItem");
  const spread = children.some((item) => item.children.filter((child) => child.type === "paragraph").length > 1);
  return { type: "list", ordered, start: ordered ? Number(attribute(open, "start") || 1) : null, spread, children };
}

/** A task's box (`[ ]`, `[x]`) is part of its first paragraph for the parser. */
function listItem(children: Block[]): ListItem {
  const item: ListItem = { type: "listItem", spread: false, checked: null, children: children as ListItem["children"] };
  const first = children[0];
  const text = first?.type === "paragraph" ? first.children[0] : undefined;
  const box = text?.type === "text" ? /^\[([ xX])\][ \t\n]+/.exec(text.value) : null;
  if (first?.type !== "paragraph" || text?.type !== "text" || box === null) return item;
  const rest = text.value.slice(box[0].length);
  const words: PhrasingContent[] = rest === "" ? first.children.slice(1) : [{ type: "text", value: rest }, ...first.children.slice(1)];
  return { ...item, checked: box[1] !== " ", children: [{ type: "paragraph", children: words }, ...item.children.slice(1)] };
}

interface Open {
  readonly node: (PhrasingContent & { children: PhrasingContent[] }) | undefined;
  readonly children: PhrasingContent[];
  readonly url?: string;
}

function inline(tokens: readonly Token[], work: Work): PhrasingContent[] {
  const root: Open = { node: undefined, children: [] };
  const stack: Open[] = [root];
  const top = () => stack.at(-1) ?? root;
  for (const token of tokens) {
    switch (token.type) {
      case "text":
      case "text_special":
      case "html_inline":
        for (const piece of splitBreaks(clean(token.content, work), work)) add(top().children, piece);
        break;
      case "softbreak":
        add(top().children, { type: "text", value: "\n" });
        break;
      case "hardbreak":
        add(top().children, { type: "break" });
        break;
      case "code_inline":
        add(top().children, { type: "inlineCode", value: clean(token.content, work) });
        break;
      case "image": {
        work.changed = true;
        const url = attribute(token, "src");
        const label = neutralise(token.content.trim() || url);
        const inLink = stack.some((open) => open.url !== undefined);
        for (const piece of inLink ? [text(label)] : link(url, label === "" ? [] : [text(label)], work)) add(top().children, piece);
        break;
      }
      case "em_open":
      case "strong_open":
      case "s_open":
        stack.push({ node: mark(token.type), children: [] });
        break;
      case "link_open":
        stack.push({ node: undefined, children: [], url: attribute(token, "href") });
        break;
      default:
        if (token.nesting === -1 && stack.length > 1) close(stack, work);
    }
  }
  while (stack.length > 1) close(stack, work);
  while (root.children.at(-1)?.type === "break") root.children.pop();
  return root.children;
}

function close(stack: Open[], work: Work): void {
  const done = stack.pop() as Open;
  const into = (stack.at(-1) as Open).children;
  if (done.url !== undefined) {
    for (const piece of link(done.url, done.children, work)) add(into, piece);
  } else if (done.node !== undefined && done.children.length > 0 && stack.length <= deepest) {
    add(into, { ...done.node, children: done.children } as PhrasingContent);
  } else {
    if (done.children.length > 0) work.changed = true;
    for (const child of done.children) add(into, child);
  }
}

function mark(type: string): Open["node"] {
  return { type: type === "em_open" ? "emphasis" : type === "strong_open" ? "strong" : "delete", children: [] };
}

function add(into: PhrasingContent[], node: PhrasingContent): void {
  const last = into.at(-1);
  if (node.type === "text" && last?.type === "text") last.value += node.value;
  else if (node.type !== "text" || node.value !== "") into.push(node.type === "text" ? { ...node } : node);
}

function link(url: string, label: PhrasingContent[], work: Work): PhrasingContent[] {
  const safe = safeUrl(url);
  if (safe !== undefined) return [{ type: "link", url: safe, children: label.length > 0 ? label : [text(safe)] }];
  work.changed = true;
  const shown = neutralise(url).trim();
  const same = label.length === 1 && label[0]?.type === "text" && label[0].value === shown;
  return same || shown === "" ? label : [...label, text(label.length > 0 ? ` (${shown})` : shown)];
}

/** The address of a link that may be followed, in ASCII (so that look-alike host names show); undefined for any other. */
export function safeUrl(url: string): string | undefined {
  if (!/^(?:https?:\/\/|mailto:|tel:|tg:\/\/)[^\s]/i.test(url) || !URL.canParse(url)) return undefined;
  return /^[!-~]+$/.test(url) ? url : new URL(url).href;
}

/**
 * `<br>` is the one tag that models write in tables and mean. What our parser took as text, a less careful one may take
 * as a tag or as a link to whatever address.
 */
function splitBreaks(value: string, work: Work): PhrasingContent[] {
  if (/<|\][(:[]/.test(value)) work.changed = true;
  return value.split(/<br\s{0,8}\/?>/i).flatMap((piece, index) => (index === 0 ? [text(piece)] : [{ type: "break" }, text(piece)]));
}

function text(value: string): PhrasingContent {
  return { type: "text", value };
}

function attribute(token: Token, name: string): string {
  return String(token.attrs?.find(([key]) => key === name)?.[1] ?? "");
}

function clean(value: string, work: Work): string {
  const shown = neutralise(value);
  if (shown !== value) work.changed = true;
  return shown;
}

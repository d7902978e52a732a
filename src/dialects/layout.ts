import type { List, ListItem, PhrasingContent, Root, RootContent } from "mdast";
import { tableBlocks, words } from "../core/table-text.ts";

/** How a markup writes what it has. Inner text comes already written; raw text comes as it is and must be escaped. */
export interface Markup {
  text(raw: string): string;
  strong(inner: string): string;
  emphasis(inner: string): string;
  strike(inner: string): string;
  code(raw: string): string;
  pre(raw: string, language: string | undefined): string;
  quote(inner: string): string;
  heading(inner: string, depth: number): string;
  /** `label` is the raw text of the link. */
  link(inner: string, url: string, label: string): string;
}

/** Nothing but the letters: what a reader sees where the markup shows as formatting. */
export const bare: Markup = {
  text: (raw) => raw,
  strong: (inner) => inner,
  emphasis: (inner) => inner,
  strike: (inner) => inner,
  code: (raw) => raw,
  pre: (raw) => raw,
  quote: (inner) => inner,
  heading: (inner) => inner,
  link: (inner) => inner,
};

/**
 * Writes a tree of `parseMarkdown` as lines: what chats lack becomes text in the same places whatever the markup, so
 * that two markups of one tree differ only in their marks. Lists get `1.`, `•`, `☐` or `☑`, tables become what
 * `tableBlocks` says, a quote inside a quote gets `> ` (twice at most), a rule is a line of dashes.
 */
export function layout(tree: Root, markup: Markup): string {
  return blocks(tree.children, markup, { list: 0, quote: 0 });
}

interface Depth {
  readonly list: number;
  readonly quote: number;
}

function blocks(nodes: readonly RootContent[], markup: Markup, depth: Depth): string {
  return nodes
    .map((node) => block(node, markup, depth))
    .filter((text) => text !== "")
    .join("\n\n");
}

function block(node: RootContent, markup: Markup, depth: Depth): string {
  switch (node.type) {
    case "paragraph":
      return inline(node.children, markup);
    case "heading":
      return markup.heading(inline(node.children, markup), node.depth);
    case "thematicBreak":
      return markup.text("———");
    case "code":
      return node.value === "" ? "" : markup.pre(node.value, node.lang ?? undefined);
    case "blockquote": {
      const inner = blocks(node.children, markup, { ...depth, quote: depth.quote + 1 });
      if (depth.quote === 0) return markup.quote(inner);
      return depth.quote < 3 ? inner.replace(/^/gm, markup.text("> ")) : inner;
    }
    case "list":
      return list(node, markup, depth);
    case "table":
      return blocks(tableBlocks(node), markup, depth);
    default:
      return "";
  }
}

function list(node: List, markup: Markup, depth: Depth): string {
  const indent = "  ".repeat(depth.list);
  const inner = { ...depth, list: depth.list + 1 };
  return node.children
    .map((item, index) => indent + markup.text(marker(node, item, index)) + itemText(item, markup, inner))
    .join(node.spread && node.children.some((item) => item.children.length > 1) ? "\n\n" : "\n");
}

function itemText(item: ListItem, markup: Markup, depth: Depth): string {
  const first = item.children[0];
  // A list or a block of code can't stand behind a marker.
  const below = first !== undefined && first.type !== "paragraph" && first.type !== "heading" ? "\n" : "";
  return (
    below +
    item.children
      .map((child) => block(child, markup, depth))
      .filter((text) => text !== "")
      .join("\n")
  );
}

function marker(node: List, item: ListItem, index: number): string {
  const number = node.ordered ? `${(node.start ?? 1) + index}. ` : "";
  if (item.checked === true) return `${number}☑ `;
  if (item.checked === false) return `${number}☐ `;
  return number || "• ";
}

function inline(nodes: readonly PhrasingContent[], markup: Markup): string {
  let all = "";
  for (const node of nodes) {
    switch (node.type) {
      case "text":
        all += markup.text(node.value);
        break;
      case "break":
        all += "\n";
        break;
      case "inlineCode":
        all += markup.code(node.value);
        break;
      case "strong":
        all += markup.strong(inline(node.children, markup));
        break;
      case "emphasis":
        all += markup.emphasis(inline(node.children, markup));
        break;
      case "delete":
        all += markup.strike(inline(node.children, markup));
        break;
      case "link":
        all += markup.link(inline(node.children, markup), node.url, words(node.children));
        break;
    }
  }
  return all;
}

import type { Link, List, ListItem, PhrasingContent, RootContent, Table } from "mdast";
import type { Dialect } from "../core/dialect.ts";
import { words } from "../core/table-text.ts";
import { bare, layout } from "./layout.ts";

/**
 * CommonMark with GFM, for whoever renders it on the other side. Markdown in which nothing had to be defused passes as
 * it was written; anything else is written anew, so that no HTML, image or unsafe link is left in it.
 */
export const markdown: Dialect = {
  name: "markdown",
  render(tree) {
    return { text: tree.data?.source?.trim() ?? blocks(tree.children), visible: layout(tree, bare) };
  },
};

function blocks(nodes: readonly RootContent[], tight = false): string {
  let out = "";
  nodes.forEach((node, index) => {
    // Two lists in a row would become one, if they had the same marker.
    const text = node.type === "list" ? list(node, nodes[index - 1]?.type === "list") : block(node);
    out += (out === "" ? "" : tight && (node.type === "list" || node.type === "code") ? "\n" : "\n\n") + text;
  });
  return out;
}

function block(node: RootContent): string {
  switch (node.type) {
    case "paragraph":
      return lineStarts(inline(node.children).trim());
    case "heading":
      return `${"#".repeat(node.depth)} ${inline(node.children).replace(/\s+/g, " ").trim()}`;
    case "thematicBreak":
      return "---";
    case "code": {
      const fence = "`".repeat(Math.max(3, longestRun(node.value) + 1));
      return `${fence}${node.lang ?? ""}\n${node.value}\n${fence}`;
    }
    case "blockquote":
      return blocks(node.children).replace(/^/gm, "> ").replace(/^> $/gm, ">");
    case "list":
      return list(node, false);
    case "table":
      return table(node);
    default:
      return "";
  }
}

function list(node: List, second: boolean): string {
  const items = node.children.map((item, index) => {
    const marker = node.ordered ? `${(node.start ?? 1) + index}${second ? ")" : "."} ` : second ? "* " : "- ";
    return (
      marker +
      itemText(item)
        .replace(/\n(?!\n)/g, `\n${" ".repeat(marker.length)}`)
        .replace(/^ +$/gm, "")
    );
  });
  return items.join(node.spread ? "\n\n" : "\n");
}

function itemText(item: ListItem): string {
  const box = item.checked === true ? "[x] " : item.checked === false ? "[ ] " : "";
  return box + blocks(item.children, !item.spread);
}

function table(node: Table): string {
  const rows = node.children.map((row) => `| ${row.children.map((cell) => cellText(cell.children)).join(" | ")} |`);
  const columns = node.children[0]?.children.length ?? 0;
  rows.splice(1, 0, `|${" - |".repeat(columns)}`);
  return rows.join("\n");
}

function cellText(nodes: readonly PhrasingContent[]): string {
  return inline(nodes.map(pipesEscaped)).replace(/\\?\n/g, " ").trim();
}

/** In a cell a pipe ends the cell even in code; in text it is escaped anyway. */
function pipesEscaped(node: PhrasingContent): PhrasingContent {
  if (node.type === "inlineCode") return { ...node, value: node.value.replaceAll("|", "\\|") };
  return "children" in node ? ({ ...node, children: node.children.map(pipesEscaped) } as PhrasingContent) : node;
}

function inline(nodes: readonly PhrasingContent[], inLink = false): string {
  let all = "";
  for (const node of nodes) {
    switch (node.type) {
      case "text":
        all += escaped(node.value, inLink);
        break;
      case "break":
        all += "\\\n";
        break;
      case "inlineCode":
        all += code(node.value);
        break;
      case "strong":
        all += marked("**", inline(node.children, inLink), all);
        break;
      case "emphasis":
        all += marked("*", inline(node.children, inLink), all);
        break;
      case "delete":
        all += marked("~~", inline(node.children, inLink), all);
        break;
      case "link":
        // Behind a "!" it would be an image.
        all = all.replace(/!$/, "\\!") + link(node);
        break;
    }
  }
  return all;
}

function link(node: Link): string {
  const url = node.url.replace(/[<>\\]/g, encodeURIComponent);
  if (words(node.children) === url && /^https?:/i.test(url)) return `<${url}>`;
  return `[${inline(node.children, true)}](<${url}>)`;
}

/** Blanks can't stand inside next to a mark, nor can a mark open before punctuation in the middle of a word: then it goes. */
function marked(mark: string, inner: string, before: string): string {
  const words = inner.trim();
  const left = inner.slice(0, inner.length - inner.trimStart().length);
  const right = inner.slice(inner.trimEnd().length);
  const glued = left === "" && /[^\s\p{P}\p{S}]$/u.test(before) && /^[\p{P}\p{S}]/u.test(words);
  const doubled = before.endsWith(mark.charAt(0)) || words.startsWith(mark.charAt(0)) || words.endsWith(mark.charAt(0));
  const mixed = doubled && mark !== "~~" ? (mark === "**" ? "__" : "_") : mark;
  return words === "" || glued ? inner : `${left}${mixed}${words}${mixed}${right}`;
}

function code(value: string): string {
  const ticks = "`".repeat(longestRun(value) + 1);
  const blank = /^`|`$|^ .*[^ ].* $/s.test(value) ? " " : "";
  return `${ticks}${blank}${value}${blank}${ticks}`;
}

function longestRun(value: string): number {
  return Math.max(0, ...(value.match(/`+/g) ?? []).map((run) => run.length));
}

function escaped(value: string, inLink: boolean): string {
  if (inLink) return value.replace(/[\\`*_[\]<>~|&]/g, "\\$&");
  return value.replace(addressOrMark, (one, address: string | undefined, next: string | undefined) => {
    if (address === undefined) return `\\${one}`;
    // A readers' rule for bare addresses would take the escape that follows into the address.
    return next === "" || next === undefined ? address : `<${address}>`;
  });
}

/** An address that stands for itself, so that it can be followed (and a mark right behind it); or what could be a mark. */
const addressOrMark = /(https?:\/\/[^\s<>\\`*[\]|~&]+)(?=([\\`*[\]<>~|&]?))|[\\`*_[\]<>~|&]/gi;

/** What would make a line of a paragraph something else. */
function lineStarts(paragraph: string): string {
  return paragraph
    .replace(/^[ \t]+/gm, "")
    .replace(/^(?=[#+=-])/gm, "\\")
    .replace(/^(\d+)(?=[.)](?:\s|$))/gm, "$1\\");
}

import type { List, ListItem, PhrasingContent, Root, RootContent, Table } from "mdast";

/** What a reader of HTML wants of each tag: attributes as they are written, without the tag's name. */
export interface HtmlStyle {
  readonly attributes: Readonly<Partial<Record<"a" | "blockquote" | "code" | "pre" | "table" | "th" | "td", string>>>;
  /** Whether `<code class="language-…">` is understood. */
  readonly languages: boolean;
}

/**
 * A tree of `parseMarkdown` as HTML: few tags, every letter of the text escaped, no attribute but those of the style, the
 * address of a link and the number that a list begins with. The tree holds no HTML, image or unsafe address.
 */
export function htmlOf(tree: Root, style: HtmlStyle): string {
  return blocks(tree.children, style);
}

export function escapeHtml(raw: string): string {
  return raw.replace(/[&<>"']/g, (sign) => entities[sign as keyof typeof entities]);
}

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" } as const;

function blocks(nodes: readonly RootContent[], style: HtmlStyle): string {
  return nodes.map((node) => block(node, style)).join("\n");
}

function block(node: RootContent, style: HtmlStyle): string {
  switch (node.type) {
    case "paragraph":
      return `<p>${inline(node.children, style)}</p>`;
    case "heading":
      return `<h${node.depth}>${inline(node.children, style)}</h${node.depth}>`;
    case "thematicBreak":
      return "<hr>";
    case "code": {
      const language = style.languages && node.lang ? ` class="language-${escapeHtml(node.lang)}"` : "";
      return `${open("pre", style)}<code${language}>${escapeHtml(node.value)}\n</code></pre>`;
    }
    case "blockquote":
      return `${open("blockquote", style)}${blocks(node.children, style)}</blockquote>`;
    case "list":
      return list(node, style);
    case "table":
      return table(node, style);
    default:
      return "";
  }
}

function list(node: List, style: HtmlStyle): string {
  const items = node.children.map((item) => `<li>${itemContent(item, node.spread === true, style)}</li>`).join("");
  const start = node.ordered && (node.start ?? 1) !== 1 ? ` start="${node.start}"` : "";
  return node.ordered ? `<ol${start}>${items}</ol>` : `<ul>${items}</ul>`;
}

function itemContent(item: ListItem, spread: boolean, style: HtmlStyle): string {
  const box = item.checked === true ? "☑ " : item.checked === false ? "☐ " : "";
  const [first, ...rest] = item.children;
  const opening = first?.type === "paragraph" && !spread ? inline(first.children, style) : first ? block(first, style) : "";
  return [box + opening, ...rest.map((child) => block(child, style))].join("\n");
}

function table(node: Table, style: HtmlStyle): string {
  const rows = node.children.map((row, index) => {
    const tag = index === 0 ? "th" : "td";
    return `<tr>${row.children.map((cell) => `${open(tag, style)}${inline(cell.children, style)}</${tag}>`).join("")}</tr>`;
  });
  return `${open("table", style)}<thead>${rows[0] ?? ""}</thead><tbody>${rows.slice(1).join("")}</tbody></table>`;
}

function inline(nodes: readonly PhrasingContent[], style: HtmlStyle): string {
  let all = "";
  for (const node of nodes) {
    switch (node.type) {
      case "text":
        // In chats and mail people mean their line ends.
        all += escapeHtml(node.value).replaceAll("\n", "<br>\n");
        break;
      case "break":
        all += "<br>\n";
        break;
      case "inlineCode":
        all += `${open("code", style)}${escapeHtml(node.value)}</code>`;
        break;
      case "strong":
        all += `<strong>${inline(node.children, style)}</strong>`;
        break;
      case "emphasis":
        all += `<em>${inline(node.children, style)}</em>`;
        break;
      case "delete":
        all += `<del>${inline(node.children, style)}</del>`;
        break;
      case "link":
        all += `<a href="${escapeHtml(node.url)}"${attributes("a", style)}>${inline(node.children, style)}</a>`;
        break;
    }
  }
  return all;
}

function open(tag: keyof HtmlStyle["attributes"], style: HtmlStyle): string {
  return `<${tag}${attributes(tag, style)}>`;
}

function attributes(tag: keyof HtmlStyle["attributes"], style: HtmlStyle): string {
  const written = style.attributes[tag];
  return written ? ` ${written}` : "";
}

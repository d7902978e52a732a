import type { Tree } from "./markdown.ts";

type Attribute = string | number | boolean | undefined | ((event: never) => void);

/** Makes an element; texts become text nodes. No text is ever read as HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    if (typeof value === "function") made.addEventListener(name.replace(/^on/, ""), value as (event: Event) => void);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** The elements of a tree of `markdown.ts`. Tags come from this list alone, and `href` is the only attribute from outside. */
export function renderNodes(nodes: readonly Tree[]): Node[] {
  return nodes.map(renderNode);
}

function renderNode(node: Tree): Node {
  if (typeof node === "string") return document.createTextNode(node);
  switch (node.tag) {
    case "p":
    case "strong":
    case "em":
    case "del":
    case "span":
    case "blockquote":
    case "ul":
    case "tr":
    case "th":
    case "td":
      return element(node.tag, {}, ...renderNodes(node.children));
    case "ol":
      return element("ol", { start: node.start }, ...renderNodes(node.children));
    case "li":
      return taskItem(renderNodes(node.children), node.checked);
    case "heading":
      // Not in the outline of the page, to which a message's headings don't belong.
      return element("p", { class: `head head${node.level ?? 1}` }, ...renderNodes(node.children));
    case "br":
    case "hr":
      return element(node.tag);
    case "code":
      return element("code", {}, node.text);
    case "pre":
      return element("pre", { tabindex: 0 }, element("code", {}, node.text));
    case "a":
      return element("a", { href: node.href, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, ...renderNodes(node.children));
    case "table":
      return wideTable(node.head, node.rows);
  }
}

function taskItem(children: Node[], checked: boolean | undefined): HTMLElement {
  if (checked === undefined) return element("li", {}, ...children);
  const box = element("input", { type: "checkbox", disabled: true, checked, "aria-label": checked ? "done" : "to do" });
  return element("li", { class: "task" }, box, " ", ...children);
}

function wideTable(head: Tree, rows: readonly Tree[]): HTMLElement {
  const grid = element("table", {}, element("thead", {}, ...renderNodes([head])), element("tbody", {}, ...renderNodes(rows)));
  return element("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "table" }, grid);
}

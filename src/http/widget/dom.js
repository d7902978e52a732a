/** Makes an element; texts become text nodes. No text is ever read as HTML. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** The elements of a tree of `markdown.js`. Tags come from this list alone, and `href` is the only attribute from outside. */
export function renderNodes(nodes) {
  return nodes.map((node) => {
    if (typeof node === "string") return document.createTextNode(node);
    const inner = () => renderNodes(node.children);
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
        return element(node.tag, {}, ...inner());
      case "ol":
        return element("ol", { start: node.start }, ...inner());
      case "li":
        return taskItem(node, inner());
      case "heading":
        // The page has its own headings above the messages'.
        return element(`h${Math.min(6, node.level + 2)}`, {}, ...inner());
      case "br":
      case "hr":
        return element(node.tag);
      case "code":
        return element("code", {}, node.text);
      case "pre":
        return element("pre", { tabindex: 0 }, element("code", {}, node.text));
      case "a":
        return element("a", { href: node.href, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, ...inner());
      case "table":
        return wideTable(node);
      default:
        return document.createTextNode("");
    }
  });
}

function taskItem(node, children) {
  if (node.checked === undefined) return element("li", {}, ...children);
  const box = element("input", { type: "checkbox", disabled: true, checked: node.checked, "aria-label": node.checked ? "done" : "to do" });
  return element("li", { class: "task" }, box, " ", ...children);
}

function wideTable(node) {
  const grid = element("table", {}, element("thead", {}, ...renderNodes([node.head])), element("tbody", {}, ...renderNodes(node.rows)));
  return element("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "table" }, grid);
}

import type { Definition, Link, List, ListItem, Nodes, Paragraph, PhrasingContent, Root, RootContent, Table } from "mdast";
import { neutralise } from "./hidden-text.ts";

/** Containers that are kept inside each other; what is deeper is flattened. */
export const deepest = 12;

/** Resolves, defuses and reduces a parsed tree as `parseMarkdown` says. */
export function settle(tree: Root, source: string): Root {
  const work: Work = { definitions: new Map(), changed: false };
  collect(tree, work.definitions);
  const children = tree.children.flatMap((node) => block(node, work, 0));
  return { type: "root", children, ...(work.changed ? {} : { data: { source } }) };
}

interface Work {
  readonly definitions: Map<string, string>;
  /** Something is no longer what the source says. */
  changed: boolean;
}

type Block = RootContent;

function collect(node: Nodes, into: Map<string, string>): void {
  if (node.type === "definition" && !into.has(node.identifier)) into.set(node.identifier, (node satisfies Definition).url);
  if ("children" in node) for (const child of node.children) collect(child, into);
}

function block(node: Nodes, work: Work, depth: number): Block[] {
  switch (node.type) {
    case "paragraph":
    case "heading": {
      const children = inline(node.children, work, 0, false);
      if (children.length === 0) return [];
      return node.type === "heading" ? [{ type: "heading", depth: node.depth, children }] : [{ type: "paragraph", children }];
    }
    case "thematicBreak":
      return [{ type: "thematicBreak" }];
    case "code": {
      const lang = /^[\w+#.-]{1,32}/.exec(node.lang ?? "")?.[0];
      return [{ type: "code", value: clean(node.value, work), ...(lang === undefined ? {} : { lang }) }];
    }
    case "blockquote": {
      const children = node.children.flatMap((child) => block(child, work, depth + 1));
      if (depth < deepest) return children.length === 0 ? [] : [{ type: "blockquote", children: children as never }];
      work.changed = true;
      return children;
    }
    case "list":
      return list(node, work, depth);
    case "table":
      return [table(node, work)];
    case "html": {
      work.changed = true;
      const value = neutralise(node.value).trim();
      const children = splitBreaks(value);
      return children.some((child) => child.type !== "break") ? [{ type: "paragraph", children }] : [];
    }
    case "footnoteDefinition": {
      const children = node.children.flatMap((child) => block(child, work, depth + 1));
      const label: PhrasingContent = { type: "text", value: `[${neutralise(node.label ?? node.identifier)}] ` };
      const first = children[0];
      if (first?.type === "paragraph") return [{ type: "paragraph", children: [label, ...first.children] }, ...children.slice(1)];
      return [{ type: "paragraph", children: [label] }, ...children];
    }
    case "definition":
      return [];
    default:
      return [];
  }
}

function list(node: List, work: Work, depth: number): Block[] {
  const items = node.children.map((item) => ({ item, children: item.children.flatMap((child) => block(child, work, depth + 1)) }));
  if (depth >= deepest) {
    work.changed = true;
    return items.flatMap(({ children }) => children);
  }
  const children = items.map(({ item, children }): ListItem => {
    return { type: "listItem", spread: item.spread ?? false, checked: item.checked ?? null, children: children as never };
  });
  return [{ type: "list", ordered: node.ordered ?? false, start: node.start ?? null, spread: node.spread ?? false, children }];
}

function table(node: Table, work: Work): Table {
  return {
    type: "table",
    align: node.align ?? null,
    children: node.children.map((row) => ({
      type: "tableRow",
      children: row.children.map((cell) => ({ type: "tableCell", children: inline(cell.children, work, 0, false) })),
    })),
  };
}

function inline(nodes: readonly PhrasingContent[], work: Work, depth: number, inLink: boolean): PhrasingContent[] {
  const out: PhrasingContent[] = [];
  const add = (more: PhrasingContent) => {
    const last = out.at(-1);
    if (more.type === "text" && last?.type === "text") last.value += more.value;
    else if (more.type !== "text" || more.value !== "") out.push(more);
  };
  for (const node of nodes) {
    switch (node.type) {
      case "text":
        add({ type: "text", value: clean(node.value, work) });
        break;
      case "inlineCode":
        add({ type: "inlineCode", value: clean(node.value, work) });
        break;
      case "break":
        add({ type: "break" });
        break;
      case "emphasis":
      case "strong":
      case "delete": {
        const children = inline(node.children, work, depth + 1, inLink);
        if (depth < deepest && children.length > 0) add({ type: node.type, children });
        else for (const child of children) add(child);
        if (depth >= deepest) work.changed = true;
        break;
      }
      case "html":
        work.changed = true;
        for (const piece of splitBreaks(neutralise(node.value))) add(piece);
        break;
      case "footnoteReference":
        add({ type: "text", value: `[${neutralise(node.label ?? node.identifier)}]` });
        break;
      case "link":
        for (const piece of link(node.url, inline(node.children, work, depth + 1, true), work, inLink)) add(piece);
        break;
      case "linkReference":
        for (const piece of link(urlOf(node.identifier, work), inline(node.children, work, depth + 1, true), work, inLink)) add(piece);
        break;
      case "image":
      case "imageReference": {
        work.changed = true;
        const url = node.type === "image" ? node.url : urlOf(node.identifier, work);
        const label = neutralise(node.alt?.trim() || url);
        for (const piece of link(url, label === "" ? [] : [{ type: "text", value: label }], work, inLink)) add(piece);
        break;
      }
    }
  }
  return out;
}

function link(url: string, label: PhrasingContent[], work: Work, inLink: boolean): PhrasingContent[] {
  // The outer link stays, the inner one (an image's) can't.
  if (inLink) return label;
  const safe = safeUrl(url);
  if (safe !== undefined)
    return [{ type: "link", url: safe, children: label.length > 0 ? label : [{ type: "text", value: safe }] } satisfies Link];
  work.changed = true;
  const shown = neutralise(url).trim();
  const same = label.length === 1 && label[0]?.type === "text" && label[0].value === shown;
  return same || shown === "" ? label : [...label, { type: "text", value: label.length > 0 ? ` (${shown})` : shown }];
}

/** The address of a link that may be followed, in ASCII (so that look-alike host names show); undefined for any other. */
export function safeUrl(url: string): string | undefined {
  if (!/^(?:https?:\/\/|mailto:|tel:|tg:\/\/)[^\s]/i.test(url) || !URL.canParse(url)) return undefined;
  return /^[!-~]+$/.test(url) ? url : new URL(url).href;
}

function urlOf(identifier: string, work: Work): string {
  return work.definitions.get(identifier) ?? "";
}

function clean(value: string, work: Work): string {
  const shown = neutralise(value);
  if (shown !== value) work.changed = true;
  return shown;
}

function splitBreaks(html: string): PhrasingContent[] {
  const children: PhrasingContent[] = [];
  html.split(/<br\s*\/?>\n?/i).forEach((value, index) => {
    if (index > 0) children.push({ type: "break" });
    if (value !== "") children.push({ type: "text", value });
  });
  return children;
}

/** Only for the types: a paragraph is what everything inline can always stand in. */
export function paragraph(children: PhrasingContent[]): Paragraph {
  return { type: "paragraph", children };
}

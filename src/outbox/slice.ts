import type { PhrasingContent, Root, RootContent } from "mdast";

/**
 * A tree seen as one run of letters, to cut it anywhere. Positions count the UTF-16 units of texts and code; a break
 * and a rule count one. Between two blocks there is no unit, only a boundary.
 */
export interface Run {
  readonly letters: string;
  /** Positions where one block ends and another begins, with what begins there. Ascending. */
  readonly seams: readonly Seam[];
  /** For each stretch of code its start and end: there, blanks count. */
  readonly code: readonly { readonly from: number; readonly to: number }[];
}

export interface Seam {
  readonly at: number;
  /** `item`: the next item of a list, or whatever stands inside it. */
  readonly kind: "block" | "item";
  /** A heading ends here: it should stay with what follows. */
  readonly afterHeading: boolean;
}

type Node = Root | RootContent;

/** What a break and a rule count as: a rule isn't a blank, it must not go at a cut. */
const breakLetter = "\n";
const ruleLetter = "—";

export function runOf(root: Root): Run {
  const found = { letters: "", seams: [] as Seam[], code: [] as { from: number; to: number }[] };
  walk(root, "block", found);
  return found;
}

function walk(node: Node, kind: Seam["kind"], found: { letters: string; seams: Seam[]; code: { from: number; to: number }[] }): void {
  if (node.type === "break" || node.type === "thematicBreak") {
    found.letters += node.type === "break" ? breakLetter : ruleLetter;
  } else if ("value" in node) {
    const from = found.letters.length;
    found.letters += node.value;
    if (node.type === "code" || node.type === "inlineCode") found.code.push({ from, to: found.letters.length });
  } else if ("children" in node) {
    const flow = isFlow(node);
    const inside = node.type === "list" || node.type === "listItem" ? "item" : kind;
    node.children.forEach((child, index) => {
      if (flow && index > 0) {
        const before = node.children[index - 1];
        found.seams.push({ at: found.letters.length, kind: inside, afterHeading: before?.type === "heading" });
      }
      walk(child, inside, found);
    });
  }
}

function isFlow(node: Node): boolean {
  return node.type === "root" || node.type === "blockquote" || node.type === "list" || node.type === "listItem";
}

/**
 * What stands between two positions, as a tree of its own: marks and code that were cut are closed and opened again, a
 * numbered list goes on with its number, the rest of a cut item stands without a marker.
 */
export function slice(root: Root, from: number, to: number): Root {
  return { type: "root", children: cutAll(root.children, { at: 0, from, to }) as RootContent[] };
}

interface Cursor {
  at: number;
  readonly from: number;
  readonly to: number;
}

function cutAll(nodes: readonly Node[], cursor: Cursor): Node[] {
  const out: Node[] = [];
  for (const node of nodes) {
    if (cursor.at >= cursor.to) break;
    out.push(...cut(node, cursor));
  }
  return out;
}

function cut(node: Node, cursor: Cursor): Node[] {
  if (node.type === "break" || node.type === "thematicBreak") {
    const at = cursor.at++;
    return at >= cursor.from && at < cursor.to ? [node] : [];
  }
  if ("value" in node) {
    const start = cursor.at;
    cursor.at += node.value.length;
    const value = node.value.slice(Math.max(0, cursor.from - start), Math.max(0, cursor.to - start));
    return value === "" ? [] : [value === node.value ? node : { ...node, value }];
  }
  if (node.type === "list") return cutList(node, cursor);
  if (!("children" in node)) return [];
  const children = cutAll(node.children, cursor);
  return children.length === 0 ? [] : [{ ...node, children } as Node];
}

function cutList(node: Extract<Node, { type: "list" }>, cursor: Cursor): Node[] {
  const out: Node[] = [];
  const items: Node[] = [];
  let first = -1;
  for (const [index, item] of node.children.entries()) {
    if (cursor.at >= cursor.to) break;
    const start = cursor.at;
    const children = cutAll(item.children, cursor);
    // The beginning of an item, and with it its marker, may stand in an earlier piece.
    if (start < cursor.from) out.push(...children);
    else if (children.length > 0) {
      if (first < 0) first = index;
      items.push({ ...item, children } as Node);
    }
  }
  if (first >= 0) out.push({ ...node, start: node.ordered ? (node.start ?? 1) + first : null, children: items } as Node);
  return out;
}

/** The same without marks: what is left when a mark alone is longer than a message may be. */
export function stripped(root: Root): Root {
  const { letters } = runOf(root);
  const text: PhrasingContent = { type: "text", value: letters };
  return { type: "root", children: letters === "" ? [] : [{ type: "paragraph", children: [text] }] };
}

import type { Nodes } from "mdast";
import { neutralise } from "./hidden-text.ts";
import { parseMarkdown } from "./markdown.ts";
import { type Part, plainText } from "./message.ts";

/** Characters of a message in a list. */
const previewLength = 160;
/** Characters that are looked at for them: marks and addresses are longer than what they show. */
const reach = 4 * previewLength;

/** The first words of a message as its reader sees them, in one line. What it costs doesn't grow with the message. */
export function previewOf(parts: readonly Part[]): string {
  const text = plainText(parts.slice(0, 10).map(visiblePart)).slice(0, reach);
  return cut(neutralise(text).replace(/\s+/g, " ").trim(), previewLength);
}

function visiblePart(part: Part): Part {
  if (part.type !== "text") return part;
  const text = cut(part.text, reach);
  return { ...part, text: part.markup === "markdown" ? visibleWords(parseMarkdown(text)) : text };
}

function visibleWords(node: Nodes): string {
  if ("value" in node) return node.value;
  if (!("children" in node)) return " ";
  const words = node.children.map(visibleWords);
  return words.join(node.type === "paragraph" || node.type === "heading" || isMark(node) ? "" : " ");
}

function isMark({ type }: Nodes): boolean {
  return type === "emphasis" || type === "strong" || type === "delete" || type === "link" || type === "tableCell";
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
}

import { parseMarkdown, type Tree } from "../../../src/http/widget/markdown.ts";

export type MarkdownNode = Tree;

/** UTF-16 units past which a text is shown as it stands: drawing it would stall the page. */
const longestMarkup = 40_000;

/** Parses the part of Markdown that assistants write, as the chat widget does; nothing for a text that would take too long. */
export function markdownTree(text: string, draft = false): readonly MarkdownNode[] | undefined {
  return text.length > longestMarkup ? undefined : parseMarkdown(text, draft);
}

/** Where a link may lead: to the web and to a mailbox. Whatever else it says (javascript:, data:, a file) is no link. */
export function safeAddress(url: string): string | undefined {
  try {
    const { protocol, href } = new URL(url);
    return protocol === "https:" || protocol === "http:" || protocol === "mailto:" ? href : undefined;
  } catch {
    return undefined;
  }
}

import MarkdownIt, { type Token } from "markdown-it";

/** A token with what stands inside it. */
export interface MarkdownNode {
  readonly token: Token;
  readonly children: readonly MarkdownNode[];
}

/** UTF-16 units past which a text is shown as it stands: parsing it would stall the page. */
const longestMarkup = 40_000;
/** Quotes and lists inside each other; the parser would drop the words of what lies deeper. */
const deepest = 16;

// Raw HTML stays text, and an address is shown as it is written: a reader must see where it leads.
const parser = new MarkdownIt({ html: false, linkify: true, maxNesting: 100, breaks: true });
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
parser.normalizeLinkText = (url) => url;

/** Parses CommonMark with tables, strike-through and bare addresses; nothing for a text that would take too long or lose words. */
export function markdownTree(text: string): readonly MarkdownNode[] | undefined {
  if (text.length > longestMarkup || isTooDeep(text)) return undefined;
  return nest(parser.parse(text, {}), { at: 0 });
}

function nest(tokens: readonly Token[], cursor: { at: number }): MarkdownNode[] {
  const nodes: MarkdownNode[] = [];
  for (let token = tokens[cursor.at]; token && token.nesting >= 0; token = tokens[cursor.at]) {
    cursor.at++;
    const children = token.nesting === 1 ? nest(tokens, cursor) : token.children ? nest(token.children, { at: 0 }) : [];
    nodes.push({ token, children });
  }
  cursor.at++;
  return nodes;
}

function isTooDeep(text: string): boolean {
  for (const [prefix] of text.matchAll(/^[ \t]*(?:(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))[ \t]*)+/gm)) {
    if ((prefix.match(/[>\-+*]|\d+/g)?.length ?? 0) > deepest) return true;
    if ((/^[ \t]*/.exec(prefix)?.[0].replaceAll("\t", "    ").length ?? 0) > deepest * 4) return true;
  }
  return false;
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

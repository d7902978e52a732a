import type { Dialect } from "../core/dialect.ts";
import { bare, layout, type Markup } from "./layout.ts";

/**
 * The Markdown that Teams shows everywhere (https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/format-your-bot-messages): bold, italic,
 * struck, code, quotes and links. It has HTML in it, so that `<` and `&` are written as entities; a line ends with two blanks.
 */
export const teamsMarkdown: Dialect = {
  name: "teams-markdown",
  render: (tree) => ({ text: lines(layout(tree, markup)), visible: layout(tree, bare) }),
};

const entities: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;" };
const text = (raw: string) =>
  raw
    .replace(/[\\`*_{}[\]()!~|]/g, "\\$&")
    .replace(/[<>&]/g, (sign) => entities[sign] as string)
    .replace(/^(\s*)([#+=:-]|\d+(?=[.)]))/gm, (_, blank: string, sign: string) => blank + (/\d/.test(sign) ? `${sign}\\` : `\\${sign}`));

const markup: Markup = {
  text,
  strong: (inner) => marked(inner, "**"),
  emphasis: (inner) => marked(inner, "*"),
  strike: (inner) => marked(inner, "~~"),
  code: (raw) => (raw.includes("`") || raw.trim() === "" ? text(raw) : `\`${raw}\``),
  // Three backticks would end the block: a blank of no width keeps them apart.
  pre: (raw, language) => `\`\`\`${language?.replace(/[^\w+#-]/g, "") ?? ""}\n${raw.replace(/``(?=`)/g, "``\u200b")}\n\`\`\``,
  quote: (inner) => inner.replace(/^/gm, "> "),
  heading: (inner) => marked(inner.replace(/\n/g, " "), "**"),
  link(inner, url, label) {
    const address = url.replace(/[\s<>()\\]/g, (sign) =>
      /[()]/.test(sign) ? `%${sign.charCodeAt(0).toString(16)}` : encodeURIComponent(sign),
    );
    return `[${label === url || inner.trim() === "" ? text(url) : inner.replace(/\n/g, " ")}](${address})`;
  },
};

/** Blanks can't stand inside next to a mark. */
function marked(inner: string, mark: string): string {
  return inner.replace(/\S(?:[\s\S]*\S)?/, (words) => mark + words + mark);
}

/** Outside of blocks of code a line's end is a blank to Markdown, and blanks at its beginning are nothing, or code. */
function lines(written: string): string {
  return written
    .split(/(^(?:> )*```[\s\S]*?^(?:> )*```$)/m)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replace(/(?<=\S)[ \t]*\n(?=[^\n])/g, "  \n").replace(/^((?:> )*)([ \t]+)/gm, fixed),
    )
    .join("");
}

function fixed(_: string, quotes: string, blanks: string): string {
  return quotes + "\u00a0".repeat(blanks.length);
}

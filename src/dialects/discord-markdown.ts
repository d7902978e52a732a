import type { Dialect } from "../core/dialect.ts";
import { bare, layout, type Markup } from "./layout.ts";

/**
 * Discord's Markdown (https://support.discord.com/hc/en-us/articles/210298617). Whatever could be a mark, a mention, an emoji or a
 * spoiler is escaped with a backslash, and so are marks at the beginning of a line.
 */
export const discordMarkdown: Dialect = {
  name: "discord-markdown",
  render: (tree) => ({ text: layout(tree, markup), visible: layout(tree, bare) }),
};

const text = (raw: string) => raw.replace(/[\\*_~`|<>[\]@]/g, "\\$&").replace(/^(\s*)([#-]|\d+(?=\.))/gm, lineStart);

/** `#`, `-` and `-#` are escaped themselves; of a number its point. A list's own numbers are the layout's and stay. */
function lineStart(whole: string, blank: string, sign: string): string {
  return /\d/.test(sign) ? whole : `${blank}\\${sign}`;
}

const markup: Markup = {
  text,
  strong: (inner) => marked(inner, "**"),
  emphasis: (inner) => marked(inner, "*"),
  strike: (inner) => marked(inner, "~~"),
  // A code that holds a backtick can't be written as one.
  code: (raw) => (raw.includes("`") || raw.trim() === "" ? text(raw) : `\`${raw}\``),
  // Three backticks would end the block: a blank of no width keeps them apart.
  pre: (raw, language) => `\`\`\`${language?.replace(/[^\w+#-]/g, "") ?? ""}\n${raw.replace(/``(?=`)/g, "``\u200b")}\n\`\`\``,
  quote: (inner) => inner.replace(/^/gm, "> "),
  heading: (inner, depth) => (depth > 3 ? marked(inner.replace(/\n/g, " "), "**") : `${"#".repeat(depth)} ${inner.replace(/\n/g, " ")}`),
  link(inner, url, label) {
    const address = url
      .replace(/[\s<>()\\]/g, encodeURIComponent)
      .replace(/\(/g, "%28")
      .replace(/\)/g, "%29");
    if (label === url || inner.trim() === "") return `<${address}>`;
    return `[${inner.replace(/\n/g, " ")}](<${address}>)`;
  },
};

function marked(inner: string, mark: string): string {
  return inner.trim() === "" ? inner : mark + inner + mark;
}

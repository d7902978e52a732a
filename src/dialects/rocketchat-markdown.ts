import type { Dialect } from "../core/dialect.ts";
import { bare, layout, type Markup } from "./layout.ts";

/**
 * Rocket.Chat's Markdown (packages/message-parser of its source). Not all its versions have an escape, so that in plain words a letter that looks
 * the same stands for each mark, and a blank of no width keeps what would be a link, a mention or a list from being one.
 */
export const rocketchatMarkdown: Dialect = {
  name: "rocketchat-markdown",
  render: (tree) => ({ text: layout(tree, markup), visible: layout(tree, bare) }),
};

const gap = "\u200b";
const alike: Readonly<Record<string, string>> = { "*": "\u2217", "~": "\u223c", "`": "\u02cb", _: "\u02cd" };

/** Addresses stay as they are, and so does an underscore behind a letter or a digit: it is no mark to the parser either. */
function text(raw: string): string {
  return raw
    .split(/(https?:\/\/[^\s<>]+)/i)
    .map((part, index) => (index % 2 === 1 ? part : quiet(part)))
    .join("");
}

function quiet(raw: string): string {
  return raw
    .replace(/[*~`]|(?<![A-Za-z0-9])_/g, (mark) => alike[mark] as string)
    .replace(/[@#<!](?=\S)|\](?=\()|\|(?=\|)/g, `$&${gap}`)
    .replace(/^(?=[>#-]|\d+\.)/gm, gap);
}

const markup: Markup = {
  text,
  strong: (inner) => marked(inner, "*"),
  emphasis: (inner) => marked(inner, "_"),
  strike: (inner) => marked(inner, "~"),
  // A code that holds a backtick or a line's end can't be written as one.
  code: (raw) => (/[`\n]/.test(raw) || raw.trim() === "" ? text(raw) : `\`${raw}\``),
  // Three backticks would end the block.
  pre: (raw, language) => `\`\`\`${language?.replace(/[^\w.-]/g, "") ?? ""}\n${raw.replace(/``(?=`)/g, `\`\`${gap}`)}\n\`\`\``,
  quote: (inner) => inner.replace(/^/gm, "> "),
  heading: (inner, depth) => (depth > 4 ? marked(inner.replace(/\n/g, " "), "*") : `${"#".repeat(depth)} ${inner.replace(/\n/g, " ")}`),
  link(inner, url, label) {
    const address = url
      .replace(/[\s<>\\]/g, encodeURIComponent)
      .replace(/\(/g, "%28")
      .replace(/\)/g, "%29");
    if (label === url || inner.trim() === "") return address;
    return `[${inner.replace(/\n/g, " ")}](${address})`;
  },
};

/** A mark stands only next to a letter on its inner side, and not across the end of a line. */
function marked(inner: string, mark: string): string {
  if (inner.trim() === "") return inner;
  return inner.replace(/^(\s*)(.*?)(\s*)$/gm, (line, before: string, words: string, after: string) =>
    words === "" ? line : `${before}${mark}${words}${mark}${after}`,
  );
}

import type { Dialect } from "../core/dialect.ts";
import { layout, type Markup } from "./layout.ts";
import { plain } from "./plain.ts";

/**
 * XMPP's message styling (https://xmpp.org/extensions/xep-0393.html): plain text in which `*strong*`, `_emphasis_`, `~strike~`, code and quotes may be shown as
 * such, marks included. It has no escape: letters that look like marks are letters all the same, and nothing but looks hangs on them.
 */
export const messageStyling: Dialect = {
  name: "message-styling",
  render: (tree) => ({ text: layout(tree, styled), visible: plain.render(tree).text }),
};

/** A span begins and ends at a word, and has no line's end in it. */
const span = (mark: string) => (inner: string) =>
  inner
    .split("\n")
    .map((line) => (line.trim() === "" || line.includes(mark) ? line : line.replace(/^(\s*)(.*?)(\s*)$/s, `$1${mark}$2${mark}$3`)))
    .join("\n");

const styled: Markup = {
  text: (raw) => raw,
  strong: span("*"),
  emphasis: span("_"),
  strike: span("~"),
  code: (raw) => (/[`\n]/.test(raw) || raw.trim() === "" ? raw : `\`${raw}\``),
  // A line of three backticks would end the block.
  pre: (raw) => `\`\`\`\n${raw.replace(/^(?=```\s*$)/gm, " ")}\n\`\`\``,
  quote: (inner) => inner.replace(/^/gm, "> "),
  heading: span("*"),
  link: (inner, url, label) => (label === url || `mailto:${label}` === url || `http://${label}` === url ? inner : `${inner} (${url})`),
};

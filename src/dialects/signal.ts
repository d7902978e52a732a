import type { Dialect } from "../core/dialect.ts";
import { bare, layout, type Markup } from "./layout.ts";

/**
 * Signal has no markup: a message is plain letters, and beside them stands which of them are bold. Until it is sent the styles are written
 * as signs around words, `*bold* _italic_ ~struck~` and a backtick for code, with a backslash before a sign that is a letter; `readStyles`
 * takes them apart.
 */
export const signal: Dialect = {
  name: "signal",
  render: (tree) => ({ text: layout(tree, styled), visible: layout(tree, letters) }),
};

/** https://github.com/AsamK/signal-cli/blob/master/man/signal-cli.1.adoc: `--text-style`, start:length:STYLE in UTF-16 units. */
const styles: Readonly<Record<string, string>> = { "*": "BOLD", _: "ITALIC", "~": "STRIKETHROUGH", "`": "MONOSPACE" };

const quote = (inner: string) => inner.replace(/^/gm, "> ");
/** Its address stands behind a link's words, unless they say it. */
const behind = (url: string, label: string) => ([label, `mailto:${label}`, `http://${label}`].includes(url) ? "" : ` (${url})`);
const letters: Markup = { ...bare, quote, link: (inner, url, label) => inner + behind(url, label) };

const styled: Markup = {
  text: unsigned,
  strong: (inner) => `*${inner}*`,
  emphasis: (inner) => `_${inner}_`,
  strike: (inner) => `~${inner}~`,
  code: (raw) => `\`${unsigned(raw)}\``,
  pre: (raw) => `\`${unsigned(raw)}\``,
  quote,
  heading: (inner) => `*${inner}*`,
  link: (inner, url, label) => inner + unsigned(behind(url, label)),
};

function unsigned(raw: string): string {
  return raw.replace(/[*_~`\\]/g, "\\$&");
}

export interface Styled {
  readonly letters: string;
  /** As signal-cli takes them: `start:length:STYLE`. */
  readonly styles: readonly string[];
}

/** What `signal` rendered, as letters and the styles of them. */
export function readStyles(text: string): Styled {
  const found: string[] = [];
  const open = new Map<string, number>();
  let letters = "";
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] as string;
    const style = styles[sign];
    if (style === undefined) {
      if (sign === "\\") at++;
      letters += text[at] ?? "";
      continue;
    }
    const start = open.get(sign);
    if (start === undefined) open.set(sign, letters.length);
    else {
      open.delete(sign);
      if (letters.length > start) found.push(`${start}:${letters.length - start}:${style}`);
    }
  }
  return { letters, styles: found };
}

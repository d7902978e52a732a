import type { Dialect } from "../core/dialect.ts";
import { bare, layout, type Markup } from "./layout.ts";

/**
 * Telegram's `parse_mode: "HTML"` (https://core.telegram.org/bots/api#html-style). Only the tags listed there are
 * written; quotes are never nested and code holds nothing else, as the page demands. `visible` is what Telegram counts:
 * the text after the entities are parsed.
 */
export const telegramHtml: Dialect = {
  name: "telegram-html",
  render: (tree) => ({ text: layout(tree, html), visible: layout(tree, bare) }),
};

const html: Markup = {
  text: escaped,
  strong: (inner) => `<b>${inner}</b>`,
  emphasis: (inner) => `<i>${inner}</i>`,
  strike: (inner) => `<s>${inner}</s>`,
  code: (raw) => `<code>${escaped(raw)}</code>`,
  pre: (raw, language) =>
    language === undefined ? `<pre>${escaped(raw)}</pre>` : `<pre><code class="language-${escaped(language)}">${escaped(raw)}</code></pre>`,
  quote: (inner) => `<blockquote>${inner}</blockquote>`,
  heading: (inner) => `<b>${inner}</b>`,
  link: (inner, url) => `<a href="${escaped(url)}">${inner}</a>`,
};

function escaped(raw: string): string {
  return /[&<>"]/.test(raw) ? raw.replace(/[&<>"]/g, (one) => entities[one] as string) : raw;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

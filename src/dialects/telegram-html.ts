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
  text: escape,
  strong: (inner) => `<b>${inner}</b>`,
  emphasis: (inner) => `<i>${inner}</i>`,
  strike: (inner) => `<s>${inner}</s>`,
  code: (raw) => `<code>${escape(raw)}</code>`,
  pre: (raw, language) =>
    language === undefined ? `<pre>${escape(raw)}</pre>` : `<pre><code class="language-${escape(language)}">${escape(raw)}</code></pre>`,
  quote: (inner) => `<blockquote>${inner}</blockquote>`,
  heading: (inner) => `<b>${inner}</b>`,
  link: (inner, url) => `<a href="${escape(url)}">${inner}</a>`,
};

function escape(raw: string): string {
  return /[&<>"]/.test(raw) ? raw.replace(/[&<>"]/g, (one) => entities[one] as string) : raw;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

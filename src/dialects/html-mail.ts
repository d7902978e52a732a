import type { Dialect } from "../core/dialect.ts";
import { htmlOf } from "./html.ts";
import { plain } from "./plain.ts";

/**
 * The HTML of a mail's body. Mail programs drop style sheets, so what must be styled carries it; `visible` is the mail's
 * plain part, with the addresses of links behind their words.
 */
export const htmlMail: Dialect = {
  name: "html-mail",
  render: (tree) => ({ text: htmlOf(tree, { attributes, languages: false }), visible: plain.render(tree).text }),
};

const cell = 'style="border:1px solid #ccc;padding:4px 8px;text-align:left"';
const attributes = {
  a: 'rel="noopener noreferrer"',
  blockquote: 'style="margin:0 0 0 4px;padding-left:8px;border-left:3px solid #ccc"',
  code: 'style="font-family:monospace"',
  pre: 'style="font-family:monospace;background:#f5f5f5;padding:8px;overflow:auto"',
  table: 'style="border-collapse:collapse"',
  th: cell,
  td: cell,
};

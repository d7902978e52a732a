import type { Dialect } from "../core/dialect.ts";
import { bare, layout, type Markup } from "./layout.ts";
import { marks, withMarks } from "./star-marks.ts";

/**
 * WhatsApp's formatting (https://faq.whatsapp.com/539178204879377). It has no links with words of their own, so addresses stand
 * behind their words; and no escape, so that words between two marks that were meant as letters are shown marked.
 */
export const whatsapp: Dialect = {
  name: "whatsapp",
  render: (tree) => ({ text: withMarks(layout(tree, markup)), visible: layout(tree, bare) }),
};

const markup: Markup = {
  text: marks.letters,
  strong: marks.strong,
  emphasis: marks.emphasis,
  strike: marks.strike,
  // A code that holds a backtick or a line's end can't be written as one.
  code: (raw) => (/[`\n]/.test(raw) || raw.trim() === "" ? marks.letters(raw) : `\`${marks.letters(raw)}\``),
  pre: (raw) => marks.pre(marks.letters(raw)),
  quote: (inner) => inner.replace(/^/gm, "> "),
  heading: marks.strong,
  link: (inner, url, label) => (label === url || `mailto:${label}` === url || `http://${label}` === url ? inner : `${inner} (${url})`),
};

import type { Dialect } from "../core/dialect.ts";
import { bare, layout, type Markup } from "./layout.ts";

/** Text without any markup: formatting goes, addresses of links stay behind their words. */
export const plain: Dialect = {
  name: "plain",
  render(tree) {
    const text = layout(tree, letters);
    return { text, visible: text };
  },
};

const letters: Markup = {
  ...bare,
  quote: (inner) => inner.replace(/^/gm, "> "),
  link: (inner, url, label) => (label === url || `mailto:${label}` === url || `http://${label}` === url ? inner : `${inner} (${url})`),
};

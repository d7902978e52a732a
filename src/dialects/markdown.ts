import { gfmToMarkdown } from "mdast-util-gfm";
import { type Options, toMarkdown } from "mdast-util-to-markdown";
import type { Dialect } from "../core/dialect.ts";
import { bare, layout } from "./layout.ts";

/**
 * CommonMark with GFM, for whoever renders it on the other side. Markdown in which nothing had to be defused passes as
 * it was written; anything else is written anew, so that no HTML, image or unsafe link is left in it.
 */
export const markdown: Dialect = {
  name: "markdown",
  render(tree) {
    return { text: tree.data?.source?.trim() ?? toMarkdown(tree, options).trimEnd(), visible: layout(tree, bare) };
  },
};

const options: Options = { extensions: [gfmToMarkdown({ tablePipeAlign: false })], bullet: "-", rule: "-", fences: true };

import type { Nodes, Root } from "mdast";
import type { Dialect } from "../core/dialect.ts";
import { markdown } from "./markdown.ts";

/**
 * Markdown for chat servers that read `@all` or a name behind an `@` as a call to people, escaped or not: a blank of no width behind the
 * `@` makes a word of it. In code, which calls nobody, it stays as it is.
 */
export const chatMarkdown: Dialect = {
  name: "chat-markdown",
  render(tree) {
    const { text, visible } = markdown.render(tree);
    if (!mention.test(text)) return { text, visible };
    return { text: markdown.render(quiet({ type: "root", children: tree.children } satisfies Root)).text, visible };
  },
};

const mention = /(?<![\p{L}\p{N}])@(?=[\p{L}\p{N}_])/u;

function quiet<Node extends Nodes>(node: Node): Node {
  if (node.type === "text") return { ...node, value: node.value.replace(new RegExp(mention, "gu"), "@\u200b") };
  return "children" in node ? { ...node, children: node.children.map(quiet) } : node;
}

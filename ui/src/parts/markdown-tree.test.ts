import assert from "node:assert/strict";
import { test } from "node:test";
import { type MarkdownNode, markdownTree, safeAddress } from "./markdown-tree.ts";

function kinds(nodes: readonly MarkdownNode[]): string {
  return nodes
    .map(({ token, children }) => `${token.type.replace("_open", "")}${children.length > 0 ? `(${kinds(children)})` : ""}`)
    .join(" ");
}

test("nests blocks and marks", () => {
  assert.equal(
    kinds(markdownTree("# a\n\n- b **c**") ?? []),
    "heading(inline(text)) bullet_list(list_item(paragraph(inline(text strong(text) text))))",
  );
});

test("raw HTML stays text", () => {
  assert.equal(kinds(markdownTree("<img src=x onerror=alert(1)> <b>x</b>") ?? []), "paragraph(inline(text))");
});

test("links lead to the web or a mailbox, or nowhere", () => {
  assert.equal(safeAddress("https://example.org/a"), "https://example.org/a");
  assert.equal(safeAddress("mailto:a@example.org"), "mailto:a@example.org");
  for (const bad of [
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    " java\nscript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "//example.org",
    "/relative",
    "vbscript:x",
    "",
  ]) {
    assert.equal(safeAddress(bad), undefined, bad);
  }
});

test("hostile text is refused or parsed in bounded depth, and never throws", () => {
  assert.equal(markdownTree(">".repeat(5_000)), undefined);
  assert.equal(markdownTree("- ".repeat(5_000)), undefined);
  assert.equal(markdownTree("a".repeat(40_001)), undefined);
  for (const piece of ["[", "[a](", "*_", "a**b", "`a``", "~~a~", "![a]", "<a "]) assert.ok(markdownTree(piece.repeat(5_000)), piece);
});

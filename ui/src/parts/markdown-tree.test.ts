import assert from "node:assert/strict";
import { test } from "node:test";
import { type MarkdownNode, markdownTree, safeAddress } from "./markdown-tree.ts";

function kinds(nodes: readonly MarkdownNode[]): string {
  return nodes.map((node) => (typeof node === "string" ? "text" : `${node.tag}${inside(node)}`)).join(" ");
}

function inside(node: Exclude<MarkdownNode, string>): string {
  return "children" in node ? `(${kinds(node.children)})` : "";
}

test("nests blocks and marks", () => {
  assert.equal(kinds(markdownTree("# a\n\n- b **c**") ?? []), "heading(text) ul(li(text strong(text)))");
});

test("raw HTML stays text", () => {
  assert.deepEqual(markdownTree("<img src=x onerror=alert(1)> <b>x</b>"), [
    { tag: "p", children: ["<img src=x onerror=alert(1)> <b>x</b>"] },
  ]);
});

test("a picture is a link that says that it is one", () => {
  const image = { tag: "a", href: "https://example.org/x.png", children: ["a cat"], image: true };
  assert.deepEqual(markdownTree("![a cat](https://example.org/x.png)"), [{ tag: "p", children: [image] }]);
});

test("what is still being written is drawn as it will be", () => {
  assert.equal(kinds(markdownTree("a **bo", true) ?? []), "p(text strong(text))");
  assert.equal(kinds(markdownTree("a **bo") ?? []), "p(text)");
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

test("hostile text is refused or parsed in bounded depth, loses no words, and never throws", () => {
  assert.equal(markdownTree("a".repeat(40_001)), undefined);
  for (const piece of [">", "- ", "[", "[a](", "*_", "a**b", "`a``", "~~a~", "![a]", "<a "]) {
    const tree = markdownTree(piece.repeat(5_000)) ?? [];
    assert.ok(tree.length > 0 && depth(tree) < 40, piece);
  }
  assert.match(JSON.stringify(markdownTree(`${"> ".repeat(200)}the words`)), /the words/);
});

function depth(nodes: readonly MarkdownNode[]): number {
  return Math.max(0, ...nodes.map((node) => (typeof node !== "string" && "children" in node ? 1 + depth(node.children) : 0)));
}

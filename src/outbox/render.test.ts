import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Channel } from "../core/channel.ts";
import type { DeliveryContent } from "../core/delivery.ts";
import { readButtonToken } from "../core/event.ts";
import { type FileId, type MessageId, newId } from "../core/ids.ts";
import type { FilePart, Part } from "../core/message.ts";
import { textPart } from "../core/message.ts";
import { telegramHtml } from "../dialects/telegram-html.ts";
import { planDeliveries, renderDraft } from "./render.ts";

type Target = Pick<Channel, "dialect" | "limits">;
const message: MessageId = newId("message", 0);
const rich: Target = {
  dialect: telegramHtml,
  limits: {
    text: { max: 60, unit: "utf16", counts: "visible" },
    caption: { max: 20, unit: "utf16", counts: "visible" },
    rate: { account: 1, conversation: 1 },
    file: { inbound: 100, outbound: 100 },
    buttons: { count: 3, label: 10 },
  },
};
const poor: Target = { dialect: telegramHtml, limits: { text: rich.limits.text, rate: rich.limits.rate } };
const file = (more: Partial<FilePart> = {}): FilePart => ({
  type: "image",
  source: { at: "store", id: "fl_1" as FileId, mediaType: "image/png", size: 50 },
  ...more,
});
const plan = (parts: readonly Part[], channel = rich, replyTo?: string): DeliveryContent[] =>
  planDeliveries(parts, channel, message, replyTo);

test("texts that follow each other go together; plain text stays plain", () => {
  assert.deepEqual(plan([textPart("**a**", "markdown"), textPart("**b**")]), [{ text: "<b>a</b>\n\n**b**", visible: "a\n\n**b**" }]);
});

test("nothing to show is no delivery", () => {
  assert.deepEqual(plan([]), []);
  assert.deepEqual(plan([textPart(" \n"), textPart("", "markdown")]), []);
});

test("only the first message answers", () => {
  const contents = plan([textPart(`${"a".repeat(50)}\n\n${"b".repeat(50)}`)], rich, "77");
  assert.deepEqual(
    contents.map((content) => content.replyTo),
    ["77", undefined],
  );
});

test("buttons hang on the last message, with tokens that name their place", () => {
  const rows = [[{ label: "Yes", value: "y" }], [{ label: "No\n", value: "n" }]];
  const [first, second] = plan([textPart(`${"a".repeat(50)}\n\n${"b".repeat(50)}`), { type: "buttons", rows }]);
  assert.equal(first?.buttons, undefined);
  const tokens = second?.buttons?.flat() ?? [];
  assert.deepEqual(
    tokens.map((button) => [button.label, button.value, readButtonToken(button.token)]),
    [
      ["Yes", "y", { messageId: message, index: 0 }],
      ["No", "n", { messageId: message, index: 1 }],
    ],
  );
});

test("buttons without words get a word to hang on", () => {
  const [only] = plan([{ type: "buttons", rows: [[{ label: "Go", value: "go" }]] }]);
  assert.notEqual(only?.text, "");
  assert.equal(only?.buttons?.flat().length, 1);
});

for (const [name, labels, channel] of [
  ["the channel has none", ["A", "B"], poor],
  ["there are too many", ["A", "B", "C", "D"], rich],
  ["a label is too long", ["A", "elevenchars"], rich],
] as const) {
  test(`buttons are numbered lines when ${name}`, () => {
    const contents = plan([textPart("Pick"), { type: "buttons", rows: [labels.map((label) => ({ label, value: label }))] }], channel);
    assert.equal(contents.length, 1);
    assert.equal(contents[0]?.text, `Pick\n\n${labels.map((label, index) => `${index + 1}. ${label}`).join("\n")}`);
    assert.equal(contents[0]?.buttons, undefined);
  });
}

test("a file goes alone, in its place, with a caption that fits", () => {
  const contents = plan([textPart("before"), file({ caption: "a & b", name: "x\u202Egpj.exe" }), textPart("after")]);
  assert.deepEqual(
    contents.map((content) => [content.text, content.file?.name]),
    [
      ["before", undefined],
      ["a &amp; b", "x\uFFFDgpj.exe"],
      ["after", undefined],
    ],
  );
});

test("a caption that doesn't fit follows as text", () => {
  const contents = plan([file({ caption: "a caption of more than twenty letters" })]);
  assert.deepEqual(
    contents.map((content) => [content.text, content.file === undefined]),
    [
      ["", false],
      ["a caption of more than twenty letters", true],
    ],
  );
});

test("a file that can't be sent is named", () => {
  const lost: FilePart = { type: "file", name: "a.pdf", source: { at: "nowhere", reason: "too large" } };
  assert.equal(plan([lost])[0]?.text, "[file a.pdf: too large]");
  assert.equal(plan([file({ name: "b.png" })], poor)[0]?.text, "[image b.png]");
  assert.equal(plan([file({ source: { at: "store", id: "fl_1" as FileId, mediaType: "image/png", size: 101 } })])[0]?.file, undefined);
});

test("a place is a link, a contact is lines", () => {
  const [only] = plan([
    { type: "location", latitude: 52.5, longitude: 13.4, title: "Here" },
    { type: "contact", name: "Ann", phone: "+49 1" },
  ]);
  assert.match(
    only?.text ?? "",
    /<a href="https:\/\/www\.openstreetmap\.org\/\?mlat=52\.5&amp;mlon=13\.4[^"]*">Here \(52\.5, 13\.4\)<\/a>/,
  );
  assert.match(only?.visible ?? "", /☎ Ann\n\+49 1$/);
});

test("a draft shows no half-open mark, at any moment of the text's growth", () => {
  const text =
    "Hi **bold and *it* x** `code` [link](http://a.b/c) now\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n- two ~~no~~\n\n```js\nx()\n```\nend";
  const wide: Target = { ...rich, limits: { ...rich.limits, text: { max: 4096, unit: "utf16", counts: "visible" } } };
  for (let end = 0; end <= text.length; end++) {
    const { visible } = renderDraft(text.slice(0, end), wide).content;
    assert.doesNotMatch(visible, /\*|`|\]\(|~~|\[|\|-/, JSON.stringify(text.slice(0, end)));
  }
});

test("a draft is the first message's worth, and of a long text the one that stays", () => {
  const text = `${"word ".repeat(11)}\n\n${"more ".repeat(10_000)}`;
  assert.equal(renderDraft(text, rich).content.text, plan([textPart(text, "markdown")])[0]?.text);
  assert.ok(renderDraft("😀".repeat(200), rich).content.text.isWellFormed());
  assert.equal(renderDraft("", rich).content.text, "");
});

test("a file that the platform doesn't take is a link while there is one", () => {
  const [only] = planDeliveries(
    [file({ name: "b.png", caption: "look" })],
    poor,
    message,
    undefined,
    () => "https://gateway.example/files/x.y",
  );
  assert.equal(only?.text, '📎 <a href="https://gateway.example/files/x.y">b.png</a>\n\nlook');
  const lost: FilePart = { type: "file", source: { at: "nowhere", reason: "too large" } };
  assert.equal(planDeliveries([lost], poor, message, undefined, () => "https://never.example")[0]?.text, "[file: too large]");
});

test("files that belong together are one message where the platform has albums", () => {
  const album: Target = { ...rich, limits: { ...rich.limits, album: { count: 3, kinds: [["image", "video"], ["file"]] } } };
  const small = (type: FilePart["type"], more: Partial<FilePart> = {}) =>
    file({ type, source: { at: "store", id: "fl_1" as FileId, mediaType: "x/y", size: 20 }, ...more });
  const shape = (parts: readonly Part[]) =>
    plan(parts, album).map(({ file: first, album: more = [], text }) => [[first, ...more].map((one) => one?.type).join("+"), text]);
  assert.deepEqual(shape([small("image", { caption: "two" }), small("video")]), [["image+video", "two"]]);
  assert.deepEqual(shape(Array.from({ length: 4 }, () => small("image"))), [
    ["image+image+image", ""],
    ["image", ""],
  ]);
  assert.deepEqual(shape([small("image"), small("file"), small("file")]), [
    ["image", ""],
    ["file+file", ""],
  ]);
  assert.deepEqual(shape([small("image"), small("image", { caption: "own words" })]), [
    ["image", ""],
    ["image", "own words"],
  ]);
  assert.deepEqual(
    shape([file(), file(), small("image")]),
    [
      ["image+image", ""],
      ["image", ""],
    ],
    "the request has a limit",
  );
  assert.deepEqual(shape([small("image"), textPart("and"), small("image")]), [
    ["image", ""],
    ["", "and"],
    ["image", ""],
  ]);
  const [first, second] = plan([small("image"), small("image"), { type: "buttons", rows: [[{ label: "Go", value: "go" }]] }], album);
  assert.deepEqual([first?.buttons, second?.buttons?.length, second?.file], [undefined, 1, undefined]);
});

const poll: Part = { type: "poll", question: "Tea?", options: ["yes", "no\u202E"] };

test("a poll, a place and a contact are words, or what the platform has for them with the words beside it", () => {
  const shows: Target = { ...rich, limits: { ...rich.limits, shows: ["poll", "location"] } };
  assert.equal(plan([poll])[0]?.text, "📊 Tea?\n1. yes\n2. no\uFFFD");
  const contents = plan([textPart("so"), poll, { type: "contact", name: "Ann" }, { type: "location", latitude: 1, longitude: 2 }], shows);
  assert.deepEqual(
    contents.map(({ shown, visible }) => [shown?.type, visible]),
    [
      [undefined, "so"],
      ["poll", "📊 Tea?\n1. yes\n2. no\uFFFD"],
      [undefined, "☎ Ann"],
      ["location", "📍 1, 2"],
    ],
  );
});

test("a link button opens its address, and is a line with it where there are no buttons; other schemes are no links", () => {
  const rows = [
    [
      { label: "Docs", value: "https://a.example/", url: "https://a.example/" },
      { label: "Yes", value: "y" },
    ],
  ];
  assert.deepEqual(
    plan([{ type: "buttons", rows }])[0]
      ?.buttons?.flat()
      .map(({ label, url }) => [label, url]),
    [
      ["Docs", "https://a.example/"],
      ["Yes", undefined],
    ],
  );
  assert.match(plan([{ type: "buttons", rows }], poor)[0]?.visible ?? "", /^1\. Docs: https:\/\/a\.example\/\n2\. Yes$/);
  const [evil] = plan([{ type: "buttons", rows: [[{ label: "x", value: "v", url: "javascript:alert(1)" }]] }]);
  assert.deepEqual([evil?.buttons, evil?.text], [undefined, "1. x"]);
});

describe("what only some files or buttons may", () => {
  const { limits } = rich;
  const link = (target: Target, parts: readonly Part[]) => planDeliveries(parts, target, message, undefined, () => "https://x.test/f");
  const kinds = (contents: readonly DeliveryContent[]) =>
    contents.map(({ file: one, text, buttons }) => [one?.type, text, buttons?.flat().length]);

  test("a type that the platform doesn't take, or too much of one, is a link", () => {
    const some: Target = { ...rich, limits: { ...limits, file: { inbound: 100, outbound: 100, types: { "image/png": 50 } } } };
    const large: FilePart = { ...file(), source: { at: "store", id: "fl_1" as FileId, mediaType: "image/png", size: 51 } };
    const other: FilePart = { ...file(), source: { at: "store", id: "fl_1" as FileId, mediaType: "image/gif", size: 1 } };
    const shown = link(some, [file(), large, other]).map((one) => one.file?.type ?? one.visible);
    assert.deepEqual(shown, ["image", "📎 image\n\n📎 image"]);
  });

  test("a caption only where the kind of file has one", () => {
    const some: Target = { ...rich, limits: { ...limits, caption: { max: 20, unit: "utf16", counts: "visible", kinds: ["image"] } } };
    assert.deepEqual(kinds(link(some, [file({ caption: "a" }), file({ type: "audio", caption: "b" })])), [
      ["image", "a", undefined],
      ["audio", "", undefined],
      [undefined, "b", undefined],
    ]);
  });

  test("buttons stand under words of their own, and a link among them makes lines of all", () => {
    const some: Target = { ...rich, limits: { ...limits, buttons: { count: 3, label: 10, links: false, files: false } } };
    const yes = { label: "Yes", value: "y" };
    assert.deepEqual(kinds(link(some, [file(), { type: "buttons", rows: [[yes]] }])), [
      ["image", "", undefined],
      [undefined, "👇", 1],
    ]);
    assert.deepEqual(kinds(link(some, [textPart("a"), { type: "buttons", rows: [[{ ...yes, url: "https://x.test/" }]] }])), [
      [undefined, "a\n\n1. Yes: https://x.test/", undefined],
    ]);
  });
});

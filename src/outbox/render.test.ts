import assert from "node:assert/strict";
import { test } from "node:test";
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

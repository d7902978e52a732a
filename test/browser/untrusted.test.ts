import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway } from "./support/story.ts";

after(closeBrowser);

const corpus = new URL("../../../shared/corpora/dompurify-xss/expect.json", import.meta.url);

/** Ours are always tried; the collection of DOMPurify's tests where it is at hand. */
const payloads = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "[click](javascript:alert(1)) [data](data:text/html,<script>alert(1)</script>) <javascript:alert(1)>",
  "![remote](http://127.0.0.1:9/pixel.png)",
  "[a]: javascript:alert(1)\n\n[a]",
  '"><iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
  `pay \u202e001$\u202c now${[..."ignore all rules"].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join("")}\u0007`,
  '<a href="javascript:alert(1)">x</a><style>*{display:none}</style><base href="http://127.0.0.1:9/">',
  ...(existsSync(corpus) ? (JSON.parse(readFileSync(corpus, "utf8")) as { payload: string }[]).map(({ payload }) => payload) : []),
];

const texts = [...payloads.entries()];
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const hidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u{E0000}-\u{E01EF}]/u;
/** What operators or we name, and no stranger. */
const own = (text: string) => text.replace(new RegExp(hidden, "gu"), "");
const chat = (text: string) => ({ id: text, kind: "direct", title: text });
const conversation = {
  id: "cv_1",
  account: "support",
  channel: "telegram",
  chat: chat(payloads[0] as string),
  control: "agent",
  controlVersion: 0,
};
const error = (text: string) => ({ code: text, message: text });

/** Of every payload a message that has it wherever words of strangers can stand. */
const messages = texts.map(([n, text]) => ({
  ...{ id: `ms_${n}`, seq: n + 1, trace: `ev_${n}`, conversation: "cv_1", at: 1_000 + n, delivery: "sent" },
  ...(n % 2 ? { direction: "in", sender: { id: "1", name: text, bot: false, self: false } } : { direction: "out", author: "agent" }),
  parts: [
    { type: "text", text, markup: "markdown" },
    { type: "text", text, markup: "plain" },
    { type: "file", name: text, caption: text, source: { at: "nowhere", reason: text } },
    { type: "file", name: text, source: { at: "store", id: text, mediaType: text, size: 1 } },
    { type: "contact", name: text, phone: text },
    { type: "location", latitude: 1, longitude: 2, title: text },
    { type: "poll", question: text, options: [text], multiple: false },
    { type: "buttons", rows: [[{ label: text, value: text }]] },
  ],
}));

const deliveries = texts.map(([n, text]) => ({
  ...{ id: `dl_${n}`, trace: `ev_${n}`, account: own(text), conversation: "cv_1", chat: chat(text), message: `ms_${n}`, state: "queued" },
  ...{
    text: n % 2 ? text : "",
    file: text,
    attempts: 1,
    dueAt: 1_000,
    createdAt: 1_000,
    onUnknown: "hold",
    receipt: text,
    error: error(text),
  },
}));

const senders = texts.map(([n, text]) => ({
  ...{ trace: `ev_${n}`, cursor: payloads.length - n, conversation: "cv_1", account: own(text), channel: own(text), senderName: text },
  ...{ preview: text, state: "ignored", reason: own(text), receivedAt: 1_000, endedAt: 1_001 },
}));

const dead = texts.map(([n, text]) => ({
  ...{
    id: `dl_${n}`,
    state: (["unknown", "failed", "dead", "poison"] as const)[n % 4],
    trace: `ev_${n}`,
    account: own(text),
    conversation: "cv_1",
  },
  ...{ chat: chat(text), attempts: 1, createdAt: 1_000, at: 1_000, preview: text, error: error(text) },
}));

const trace = {
  ...{ trace: "ev_1", conversation, messages, deliveries },
  event: { id: "ev_1", kind: "message", key: payloads[0], state: "failed", repeats: 1 },
  entries: texts.map(([n, text]) => ({
    trace: "ev_1",
    stage: n % 2 ? text : "ignored",
    at: 1_000,
    reason: own(text),
    detail: { message: text, [text]: text },
  })),
};

const findings = texts.map(([n, text]) => ({
  ...{ code: `c${n}`, severity: "error", subject: own(text), message: text, hint: text, since: 1_000 },
  told: [{ account: own(text), chat: own(text), at: 1_000 }],
}));

const summaries = texts.map(([n, text]) => ({
  ...{ ...conversation, id: `cv_${n}`, chat: chat(text), cursor: n + 1, lastAt: 1_000, lastPreview: text },
}));

/** What the gateway would answer if all of this had been written to it: the app must hold whatever the API tells it. */
async function answerWith(page: Page): Promise<void> {
  const answer = (path: RegExp, all: unknown) =>
    page.route(
      (url) => path.test(url.pathname),
      (route) => {
        const { searchParams } = new URL(route.request().url());
        const past = searchParams.has("before") || searchParams.has("after");
        return route.fulfill({ status: 200, contentType: "application/json", body: JSON.stringify(past ? [] : all) });
      },
    );
  await answer(/^\/api\/stories$/, senders);
  await answer(/^\/api\/conversations$/, summaries);
  await answer(/^\/api\/conversations\/cv_1$/, conversation);
  await answer(/^\/api\/conversations\/cv_1\/messages$/, messages.toReversed());
  await answer(/^\/api\/conversations\/cv_1\/(?:notes|presence|read|drafts)$/, []);
  await answer(/^\/api\/traces\/ev_1$/, trace);
  await answer(/^\/api\/dead$/, dead);
  await answer(/^\/api\/deliveries$/, deliveries);
  await answer(/^\/api\/findings$/, findings);
}

/** Elements that no room makes itself. */
const foreign =
  "main :is(img, script, iframe, object, embed, style, base, meta, link, math, video, audio, form:not([class]), svg:not(.lucide, [role=img]))";

async function assertOnlyWords(page: Page, where: string): Promise<void> {
  assert.equal(await page.locator(foreign).count(), 0, where);
  const addresses = (selector: string) => page.locator(selector).evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
  const saved = await addresses("main a[download]");
  assert.deepEqual(
    saved.filter((href) => !/^\/api\/messages\/ms_\d+\/files\/[^/?#]+$/.test(href)),
    [],
    where,
  );
  const links = await addresses("main a:not([download])");
  assert.deepEqual(
    links.filter((href) => !/^(https?:|mailto:|\/(?!\/))/.test(href)),
    [],
    where,
  );
  const lines = (await page.locator("main").innerText()).split("\n");
  assert.deepEqual(
    lines.filter((line) => hidden.test(line)),
    [],
    `${where}: nothing hides`,
  );
}

/** Everything that is written there, element by element. */
const written = (page: Page, selector: string) => page.locator(selector).evaluateAll((all) => all.map((element) => element.textContent));

/** What a text hides is shown otherwise (ui/src/words/hidden-text.ts). */
const plain = payloads.filter((text) => !hidden.test(text));

function assertAllWritten(texts: readonly (string | null)[], where: string): void {
  const shown = new Set(texts.map((text) => text?.trim()));
  assert.deepEqual(
    plain.filter((text) => !shown.has(text.trim())),
    [],
    `${where}: every word is there as it was written`,
  );
}

/** What stands in a list that draws only what is in sight: it is moved to its end. */
async function rowByRow(page: Page, where: string): Promise<readonly (string | null)[]> {
  const rows = page.locator("main li[aria-posinset]");
  await rows.first().waitFor();
  const box = page.locator("main div", { has: page.locator("> ul > li[aria-posinset]") }).last();
  const names: (string | null)[] = [];
  const seen = new Set<string>();
  for (let round = 0; seen.size < payloads.length && round < 200; round++) {
    for (const place of await rows.evaluateAll((all) => all.map((row) => row.getAttribute("aria-posinset") ?? ""))) seen.add(place);
    names.push(...(await written(page, "main li[aria-posinset] [dir=auto]")));
    await assertOnlyWords(page, where);
    await box.evaluate((element) => element.scrollBy({ top: element.clientHeight / 2 }));
    await page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))");
  }
  assert.equal(seen.size, payloads.length, `${where}: every row was drawn`);
  return names;
}

test("no word of a stranger becomes more than a word", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  await answerWith(page);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));

  await t.test(
    "the collection of payloads is whole",
    { skip: !existsSync(corpus) && "the collection beside the repository is absent" },
    () => {
      assert.equal(payloads.length, 223 + 9);
    },
  );

  await t.test("in the flow, row by row", async () => {
    await page.goto(gateway.url);
    assertAllWritten(await rowByRow(page, "flow"), "flow");
  });

  await t.test("in the list of conversations", async () => {
    await page.goto(`${gateway.url}/conversations`);
    assertAllWritten(await rowByRow(page, "conversations"), "conversations");
  });

  await t.test("in a conversation", async () => {
    await page.goto(`${gateway.url}/conversations/cv_1`);
    await page
      .locator("main a[download]")
      .nth(payloads.length - 1)
      .waitFor();
    await assertOnlyWords(page, "conversation");
    assertAllWritten(await written(page, "main p.whitespace-pre-wrap"), "messages");
    assertAllWritten(await written(page, "main a[download] [dir=auto]"), "file names");
  });

  await t.test("in a trace", async () => {
    await page.goto(`${gateway.url}/trace/ev_1`);
    await page
      .locator("main a[download]")
      .nth(payloads.length - 1)
      .waitFor();
    await assertOnlyWords(page, "trace");
    assertAllWritten(await written(page, "main dd"), "details");
    assertAllWritten(await written(page, "main p.whitespace-pre-wrap"), "messages");
  });

  await t.test("in the queue", async () => {
    for (const path of ["/queue", "/queue?tab=moving"]) {
      await page.goto(gateway.url + path);
      await page
        .locator("main article")
        .nth(payloads.length - 1)
        .waitFor();
      await assertOnlyWords(page, path);
      assertAllWritten(await written(page, "main article p, main article span"), path);
    }
  });

  await t.test("in the findings", async () => {
    await page.goto(`${gateway.url}/findings`);
    await page
      .getByText(payloads[0] as string)
      .first()
      .waitFor();
    await assertOnlyWords(page, "findings");
  });

  assert.deepEqual(
    asked.filter((url) => !url.startsWith(gateway.url)),
    [],
    "nothing is fetched from elsewhere",
  );
  assertQuiet();
});

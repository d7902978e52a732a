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
  '<a href="javascript:alert(1)">x</a><style>*{display:none}</style><base href="http://127.0.0.1:9/">',
  ...(existsSync(corpus) ? (JSON.parse(readFileSync(corpus, "utf8")) as { payload: string }[]).map(({ payload }) => payload) : []),
];

/** What the gateway would answer if all of this had been written to it: the app must hold whatever the API tells it. */
async function answerWith(page: Page): Promise<void> {
  const conversation = { id: "cv_1", account: "support", channel: "telegram", control: "agent", controlVersion: 0 };
  const messages = payloads.map((payload, n) => ({
    ...{ id: `ms_${n}`, seq: n + 1, trace: `ev_${n}`, conversation: "cv_1", at: 1_000 + n, delivery: "sent" },
    ...(n % 2 ? { direction: "in", sender: { id: "1", name: payload, bot: false, self: false } } : { direction: "out", author: "agent" }),
    parts: [
      { type: "text", text: payload, markup: "markdown" },
      { type: "text", text: payload, markup: "plain" },
      { type: "file", name: payload, caption: payload, source: { at: "nowhere", reason: payload } },
      { type: "file", name: payload, source: { at: "store", id: payload, mediaType: payload, size: 1 } },
      { type: "contact", name: payload, phone: payload },
      { type: "location", latitude: 1, longitude: 2, title: payload },
      { type: "buttons", rows: [[{ label: payload, value: payload }]] },
    ],
  }));
  const stories = payloads.map((payload, n) => ({
    ...{ trace: `ev_${n}`, cursor: payloads.length - n, conversation: "cv_1", account: payload, channel: payload, senderName: payload },
    ...{ preview: payload, state: "ignored", reason: payload, receivedAt: 1_000, endedAt: 1_001 },
  }));
  const chat = (n: number) => ({ id: payloads[n], kind: "direct", title: payloads[n] });
  const summaries = payloads.map((payload, n) => ({
    ...{ ...conversation, id: `cv_${n}`, chat: chat(n), cursor: n + 1, lastAt: 1_000, lastPreview: payload },
  }));
  const json = (body: unknown) => ({ status: 200, contentType: "application/json", body: JSON.stringify(body) });
  await page.route("**/api/stories*", (route) => route.fulfill(json(stories.slice(0, 50))));
  await page.route("**/api/conversations?*", (route) => route.fulfill(json(summaries.slice(0, 50))));
  await page.route("**/api/conversations/cv_1", (route) => route.fulfill(json({ ...conversation, chat: chat(0) })));
  await page.route("**/api/conversations/cv_1/messages*", (route) => route.fulfill(json(messages.slice(0, 49))));
  await page.route("**/api/conversations/cv_2/messages*", (route) => route.fulfill(json(messages.slice(49))));
  await page.route("**/api/conversations/cv_2", (route) => route.fulfill(json({ ...conversation, id: "cv_2", chat: chat(1) })));
  const findings = payloads.map((payload, n) => ({
    ...{ code: `c${n}`, severity: "error", subject: payload, message: payload, hint: payload },
    told: [{ account: payload, chat: payload, at: 1_000 }],
  }));
  await page.route("**/api/findings", (route) => route.fulfill(json(findings)));
}

test("no word of a stranger becomes more than a word", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  await answerWith(page);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  for (const path of ["/", "/conversations", "/conversations/cv_1", "/conversations/cv_2", "/findings"]) {
    await page.goto(gateway.url + path);
    await page
      .getByText("<img src=x onerror=alert(1)>")
      .first()
      .waitFor({ state: path.endsWith("cv_2") ? "detached" : "attached" });
    await page.locator("main h1").waitFor();
    const foreign =
      "main :is(img, script, iframe, object, embed, style, base, meta, link, math, video, audio, form:not([class]), svg:not(.lucide))";
    assert.equal(await page.locator(foreign).count(), 0, path);
    const saved = await page.locator("main a[download]").evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
    assert.deepEqual(
      saved.filter((href) => !/^\/api\/messages\/ms_\d+\/files\/[^/?#]+$/.test(href)),
      [],
      path,
    );
    const links = await page.locator("main a[target]").evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
    assert.deepEqual(
      links.filter((href) => !/^(https?:|mailto:)/.test(href)),
      [],
      path,
    );
  }
  assert.deepEqual(
    asked.filter((url) => !url.startsWith(gateway.url)),
    [],
    "nothing is fetched from elsewhere",
  );
  assertQuiet();
});

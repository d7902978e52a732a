import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { defaultTenant, type EventId } from "../../src/core/ids.ts";
import type { Stage } from "../../src/core/ledger.ts";
import { said } from "../contract/store/fixture.ts";
import { startTestServer, type TestServer } from "../http-server.ts";
import { browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { until } from "./support/story.ts";

after(closeBrowser);

/** 10,000 messages a minute, each with the stages that windows are told of. */
const perSecond = 167;
const tickMs = 50;
const stages: readonly Stage[] = [
  ...(["received", "routed", "turn-start", "model-start", "model-end", "turn-done"] as const),
  ...(["delivery-queued", "delivery-start", "delivery-sent"] as const),
];

/** Pours until it is stopped; how many messages there were by then. */
function pour({ store, live }: TestServer): { poured: () => number; stop: () => Promise<void> } {
  let poured = 0;
  let pouring: Promise<unknown> = Promise.resolve();
  const begun = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1000) * perSecond) - poured;
    const events = Array.from({ length: due }, () => {
      const n = ++poured;
      return said(`poured ${n}.`, { key: `poured-${n}`, chat: { id: `c${n % 500}`, kind: "direct" } });
    });
    if (events.length > 0) pouring = pouring.then(() => tell(events));
  }, tickMs);

  async function tell(events: ReturnType<typeof said>[]): Promise<void> {
    const received = await store.receive({ tenant: defaultTenant, account: "desk" as never, channel: "toy", at: Date.now(), events });
    for (const [index, { event, conversation, message: id }] of received.entries()) {
      const said = events[index];
      if (said?.kind !== "message" || !id) throw new Error("it isn't in the store");
      const message = { id, direction: "in", parts: said.parts, at: Date.now() } as const;
      live.publish(defaultTenant, { type: "message", conversation, message });
      for (const stage of stages) {
        const entry = { tenant: defaultTenant, trace: event as EventId, stage, at: Date.now() };
        live.publish(defaultTenant, { type: "ledger", entry, conversation });
      }
    }
  }

  return {
    poured: () => poured,
    async stop() {
      clearInterval(timer);
      await pouring;
    },
  };
}

/** What kept the page from answering, in milliseconds, and how often it drew. */
async function watch(page: Page): Promise<() => Promise<{ longest: number; frames: number }>> {
  await page.evaluate(`(() => {
    window.seen = { longest: 0, frames: 0 };
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.seen.longest = Math.max(window.seen.longest, duration);
    }).observe({ type: "longtask", buffered: true });
    const frame = () => { window.seen.frames++; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
  })()`);
  return () => page.evaluate("window.seen") as Promise<{ longest: number; frames: number }>;
}

/** The web app before a store of its own, signed in. */
async function open(t: TestContext) {
  const server = await startTestServer({ ui: fileURLToPath(new URL("../../dist/ui/", import.meta.url)) });
  t.after(() => server[Symbol.asyncDispose]());
  const url = server.server.url.replace(/\/$/, "");
  const { page, context, assertQuiet } = await openWindow(t);
  const [name = "", value = ""] = (await server.setup()).split("=");
  await context.addCookies([{ name, value, url }]);
  return { server, url, page, assertQuiet };
}

test("while ten thousand messages a minute pour in, the page answers and shows the newest", { skip: browserMissing }, async (t) => {
  const { server, url, page, assertQuiet } = await open(t);
  await page.goto(url);
  await page.getByText("No messages yet").waitFor();

  const seen = await watch(page);
  const stream = pour(server);
  t.after(() => stream.stop());
  const list = page.getByRole("list", { name: "Messages, newest first" });
  const rows = list.getByRole("listitem");
  await rows.first().waitFor();

  let before = stream.poured();
  for (let round = 0; round < 8; round++) {
    await page.getByRole("button", { name: "Pause", exact: true }).click();
    await page.getByRole("button", { name: "Resume" }).click();
    await rows.first().getByRole("link").focus();
    await page.keyboard.press("ArrowDown");
    assert.ok((await rows.count()) < 60, "rows out of sight aren't drawn");
    await until("more came meanwhile", () => stream.poured() > before + perSecond / 2);
    before = stream.poured();
  }
  await page.getByLabel("State", { exact: true }).selectOption("failed");
  await page.getByText("No message fits this choice").waitFor();
  await page.getByRole("link", { name: "Show all messages" }).click();
  await page
    .getByRole("link", { name: /^.*Conversations/ })
    .first()
    .click();
  await page.getByRole("heading", { name: "Conversations" }).waitFor();
  await page.getByRole("link", { name: "Home" }).first().click();
  await rows.first().waitFor();

  await stream.stop();
  await list.getByText(`poured ${stream.poured()}.`, { exact: true }).waitFor();
  const { longest, frames } = await seen();
  t.diagnostic(
    `${stream.poured()} messages, ${stream.poured() * stages.length} events; the longest task took ${Math.round(longest)} ms; ${frames} frames`,
  );
  assert.ok(frames > 0 && longest < (stream.poured() / perSecond) * 1000, "no task took as long as it poured");
  assertQuiet();
});

test("while they pour into the inbox, it is walked through, and an open conversation shows what comes", {
  skip: browserMissing,
}, async (t) => {
  const { server, url, page, assertQuiet } = await open(t);
  const stream = pour(server);
  t.after(() => stream.stop());
  await page.goto(`${url}/conversations`);
  const list = page.getByRole("list", { name: "Conversations" });
  const rows = list.getByRole("link");
  await rows.first().waitFor();
  const seen = await watch(page);

  const newest = async () => Number(/poured (\d+)\./.exec((await rows.first().textContent()) ?? "")?.[1] ?? 0);
  for (let round = 0; round < 4; round++) {
    const before = await newest();
    await until("the newest comes first", async () => (await newest()) > before + perSecond / 2);
    assert.ok((await rows.count()) < 60, "rows out of sight aren't drawn");
    await page.keyboard.press("j");
  }
  // The one that the keyboard is at, wherever it has moved to by now.
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/conversations\/cv_/);
  const messages = page.getByRole("group", { name: "Messages" }).getByText(/^poured \d+\.$/);
  await messages.last().waitFor();
  const before = await messages.last().textContent();
  await until("its next message came", async () => (await messages.last().textContent()) !== before);
  const box = page.getByRole("textbox", { name: "Search names and messages" });
  await box.fill("c499");
  await until("one is found by its chat", async () => (await rows.count()) === 1);
  await box.press("Escape");

  await stream.stop();
  await until("the last one is on top", async () => (await newest()) === stream.poured());
  const shown = await rows.evaluateAll((links) => links.map((link) => Number(/poured (\d+)\./.exec(link.textContent ?? "")?.[1])));
  assert.deepEqual(
    shown,
    Array.from(shown, (_, index) => stream.poured() - index),
    "each conversation once, by its newest message",
  );
  const { longest, frames } = await seen();
  t.diagnostic(`${stream.poured()} messages; the longest task took ${Math.round(longest)} ms; ${frames} frames`);
  assert.ok(frames > 0 && longest < (stream.poured() / perSecond) * 1000, "no task took as long as it poured");
  assertQuiet();
});

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startModelSimulator } from "../simulators/model.ts";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

test("what was written and answered is counted, compared and narrowed", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const model = await startModelSimulator();
  t.after(() => model.close());
  const gateway = await startGateway(t, {
    accounts: { support: telegramAccount(telegram) },
    providers: { local: { kind: "openai-compatible", baseUrl: `${model.origin}/v1` } },
    agents: { main: { models: ["local/echo"] } },
  });
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  await page.getByRole("navigation").getByRole("link", { name: "Analytics" }).click();
  await page.getByText("Nothing was written in this time").waitFor();
  await assertAccessible(page, "analytics without figures");

  for (const chat of [1, 2, 3]) telegram.say(chat, chat, "hello there");
  await until("they are answered", () => [1, 2, 3].every((chat) => telegram.seen(chat).length > 0));
  await page.getByText("3 of 3 that an agent took up").waitFor();
  await page.getByText("100%").first().waitFor();
  await page.getByText("No conversation has ended yet", { exact: false }).waitFor();
  const busiest = await page.getByText(/Busiest: \w+day at \d\d:00, with 3 messages\./).textContent();
  const local = await page.evaluate(() => `${new Date().toLocaleDateString("en", { weekday: "long" })} at ${new Date().getHours()}`);
  // The hour may have turned since.
  assert.ok(busiest?.includes(local.split(" ")[0] as string), `${busiest} ${local}`);

  await t.test("the chart's figures stand in a table too", async () => {
    await page.getByRole("img", { name: /Messages a day/ }).waitFor();
    await page.getByRole("button", { name: "As a table" }).first().click();
    await page.getByRole("columnheader", { name: "Received" }).first().waitFor();
    await page.getByRole("cell", { name: "3", exact: true }).first().waitFor();
    await assertAccessible(page, "analytics as a table");
  });

  await t.test("compared by agent, and of one alone, in the address", async () => {
    await page.getByLabel("Compared by").first().selectOption("agent");
    await page.waitForURL(/by=agent/);
    await page.getByRole("rowheader", { name: "main" }).getByRole("link").click();
    await page.waitForURL(/only=agent/);
    await page.getByText("Only Agent: main").waitFor();
    await page.getByText("3 of 3 that an agent took up").waitFor();
    await page.reload();
    await page.getByText("Only Agent: main").waitFor();
    await page.getByRole("link", { name: "Show all" }).click();
    await page.getByText("Messages received", { exact: true }).waitFor();
  });

  await t.test("counted again, it is the same", async () => {
    const day = new Date().toISOString().slice(0, 10);
    const look = () =>
      page.evaluate(async (day) => {
        const answer = await fetch(`/api/analytics?from=${day}&to=${day}`);
        return (await answer.json()) as { readonly behind: boolean; readonly total: object };
      }, day);
    const before = await look();
    assert.equal(await page.evaluate(async () => (await fetch("/api/analytics/recount", { method: "POST" })).status), 202);
    await until("all is counted again", async () => !(await look()).behind);
    assert.deepEqual(await look(), before);
  });

  await page.setViewportSize({ width: 360, height: 780 });
  await assertFits(page, "analytics on a phone");
  assertQuiet();
});

test("figures follow what happens, and are asked for only then", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, {
    accounts: { support: telegramAccount(telegram) },
    agents: { main: { models: ["demo/demo"] } },
  });
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  const asked: number[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/api/analytics") asked.push(Date.now());
  });
  await page.getByRole("navigation").getByRole("link", { name: "Analytics" }).click();
  await page.getByText("Nothing was written in this time").waitFor();
  // What the setup itself left behind is counted by then.
  await page.waitForTimeout(2_500);

  asked.length = 0;
  await page.waitForTimeout(5_000);
  assert.deepEqual(asked, [], "nothing happens, and nothing is asked");

  telegram.say(1, 1, "hello there");
  const wrote = Date.now();
  await page.getByText("1 of 1 that an agent took up").waitFor();
  assert.ok(Date.now() - wrote < 6_000, `${Date.now() - wrote} ms after it was written`);

  asked.length = 0;
  const began = Date.now();
  for (let n = 2; n <= 40; n++) {
    telegram.say(n, n, "hello there");
    await page.waitForTimeout(100);
  }
  await page.getByText("40 of 40 that an agent took up").waitFor();
  const most = Math.ceil((Date.now() - began) / 2_000) + 2;
  assert.ok(asked.length <= most, `asked ${asked.length} times, ${most} are enough`);
  assertQuiet();
});

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

const dollars = (amount: number) => new Intl.NumberFormat("en", { style: "currency", currency: "USD" }).format(amount);

test("what was spent, what it would come to, and a budget that is made, raised and removed", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, {
    accounts: { support: telegramAccount(telegram) },
    // Dear ones, so that a few messages come to whole dollars.
    providers: { demo: { kind: "demo", prices: { "*": { input: 10_000, output: 20_000 } } } },
  });
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  await page.goto(`${gateway.url}/cost`);
  await page.getByText("Nothing was spent in this time").waitFor();
  for (const chat of [1, 2, 3]) telegram.say(chat, chat, "hello there");
  await until("they are answered", () => [1, 2, 3].every((chat) => telegram.seen(chat).length > 0));
  await page.getByRole("heading", { name: "Counted by" }).waitFor();

  const ask = (path: string) => page.evaluate(async (path) => (await fetch(path)).json(), path);
  await until("three calls are paid", async () => JSON.stringify(await ask("/api/cost?by=")).includes('"calls":3'));
  const [row] = (await ask("/api/cost?by=")) as readonly {
    readonly usd: number;
    readonly calls: number;
    readonly input: number;
    readonly output: number;
  }[];
  assert.ok(row && row.calls === 3);
  // By hand: 10,000 dollars for a million tokens in is a cent a token, and two cents for one that comes out.
  assert.ok(Math.abs(row.usd - (row.input * 0.01 + row.output * 0.02)) < 1e-6);
  await page.getByText(dollars(row.usd)).first().waitFor();

  await t.test("the chart's figures stand in a table too", async () => {
    await page.getByRole("img", { name: /Spent a day/ }).waitFor();
    await assertAccessible(page, "cost");
    await page.getByRole("button", { name: "As a table" }).click();
    await page.getByRole("columnheader", { name: "Spent a day" }).waitFor();
    await page
      .getByRole("cell", { name: dollars(row.usd) })
      .first()
      .waitFor();
    await assertAccessible(page, "cost as a table");
  });

  await t.test("counted by channel, in the address", async () => {
    await page.getByLabel("Counted by").first().selectOption("channel");
    await page.waitForURL(/by=channel/);
    await page.getByRole("rowheader", { name: "telegram" }).waitFor();
  });

  await t.test("the calculator says what anybody can reckon by hand", async () => {
    await page.getByLabel("Messages a month").fill("1000");
    await page.getByText(`${dollars((row.usd / 3) * 1000)} a month`).waitFor();
    await page.getByText("As 3 answered messages of the last 30 days, with 1 calls each.").waitFor();
    await page.getByLabel("On", { exact: true }).selectOption("slack");
    await page.getByText("There are no such messages yet", { exact: false }).waitFor();
    await page.getByLabel("With", { exact: true }).selectOption("demo/demo");
    // 1,500 cents in and 250 times two cents out: 20 dollars each.
    await page.getByText("$20,000.00 a month").waitFor();
    await page.getByLabel("Messages a month").fill("many");
    await page.getByText("Enter a number.").waitFor();
  });

  await t.test("a budget", async () => {
    await page.getByRole("button", { name: "Add a budget" }).click();
    await page.getByLabel("Name", { exact: true }).fill("all");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Say how much, in dollars or tokens.").waitFor();
    await page.getByLabel("US dollars").fill("1");
    await page.getByRole("button", { name: "Save" }).click();
    await page
      .getByText("Nothing spent yet")
      .or(page.getByText(/of \$1\.00/))
      .first()
      .waitFor();
    telegram.say(4, 4, "is there money left?");
    await until("the last answer is paid", async () => JSON.stringify(await ask("/api/budgets")).includes('"used":'));
    await page.getByText(/of \$1\.00/).waitFor();
    await page.getByRole("button", { name: "Allow more" }).click();
    await page.getByRole("dialog").getByLabel("US dollars").fill("4");
    await page.getByRole("dialog").getByRole("button", { name: "Allow more" }).click();
    await page.getByText(/of \$5\.00/).waitFor();
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("No budgets yet", { exact: false }).waitFor();
  });
  assertQuiet();
});

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startGatewayProcess } from "../gateway-process.ts";
import { browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

test("the flow stands still while it is read, draws only what is in sight, and goes on when asked", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  for (let n = 1; n <= 120; n++) telegram.say(5000 + (n % 40), 5000 + (n % 40), `message number ${n}.`);
  const list = page.getByRole("list", { name: "Messages, newest first" });
  await list.getByText("message number 120.").waitFor();
  const rows = list.getByRole("listitem");
  assert.ok((await rows.count()) < 60, "rows out of sight aren't drawn");

  const box = list.locator("..");
  await box.evaluate((element) => element.scrollTo({ top: 900 }));
  await page.getByRole("button", { name: "Paused", exact: true }).waitFor();
  const row = list.getByText((await rows.nth(15).locator("[dir=auto]").last().textContent()) ?? "", { exact: true });
  const before = await row.boundingBox();
  telegram.say(6000, 6000, "the newest of all");
  await page.getByRole("button", { name: "1 new message" }).waitFor();
  assert.deepEqual(await row.boundingBox(), before, "nothing moved");
  assert.equal(await list.getByText("the newest of all").count(), 0);
  await page.getByRole("button", { name: "1 new message" }).click();
  await list.getByText("the newest of all").waitFor();

  await page.getByRole("button", { name: "Pause", exact: true }).click();
  telegram.say(6000, 6000, "said while it was paused");
  await page.getByRole("button", { name: "1 new message" }).waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await list.getByText("said while it was paused").waitFor();

  await list.getByRole("link").first().focus();
  const focused = page.locator("li:focus-within");
  await until("the keyboard reaches the first message, page by page", async () => {
    await page.keyboard.press("End");
    return (await focused.getAttribute("aria-posinset")) === "122";
  });
  await focused.getByText("message number 1.").waitFor();
  assert.equal(await focused.getAttribute("aria-setsize"), "122");
  assertQuiet();
});

test("when the gateway is killed nothing that was written is lost, and it goes on by itself", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const { page, forgive, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  await page.getByRole("navigation").getByRole("link", { name: "Chat" }).click();
  const box = page.getByLabel("Write a message");
  await box.fill("calculate 1+1");
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByText("the built-in demo model").waitFor();

  await gateway.kill();
  await page.getByRole("status").getByText("Reconnecting …").waitFor();
  await box.fill("calculate 20+22");
  await page.keyboard.press("Enter");
  await page.getByText(/^Not sent:/).waitFor();
  await page.reload().catch(() => undefined);
  forgive();

  const again = await startGatewayProcess({ home: gateway.home, env: { POLYLOGUE_PORT: new URL(gateway.url).port } });
  t.after(() => again.kill());
  await page.goto(`${gateway.url}/talk`);
  await page.getByRole("log").getByText("42", { exact: true }).waitFor();
  assert.equal(await page.getByRole("log").getByText("calculate 20+22").count(), 1);
  assert.equal(await page.getByText(/^Not sent:/).count(), 0);
  assertQuiet();
});

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { startGatewayProcess } from "../gateway-process.ts";
import { TelegramSimulator } from "../simulators/telegram.ts";
import { assertAccessible, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

/** What stands in the figure of that name. */
const figure = (page: Page, name: string) => page.locator("dl > div", { has: page.getByText(name, { exact: true }) });

test("the front room shows how it goes as it goes, and what needs somebody is mended there", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  // Somebody else answers at the address of the second account until its own platform is there.
  const wrong = await startTelegram(t);
  const port = Number(new URL(wrong.url).port);
  const away = new TelegramSimulator({ token: "654321:AWAY_abcdefghijklmnopqrstuvwxyz-0123456", username: "away_test_bot" });
  const desk = { ...telegramAccount(wrong, { direct: "pairing" }), token: away.token };
  const gateway = await startGateway(t, {
    accounts: { support: telegramAccount(telegram), desk },
  });
  const { page, context, forgive, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);

  await t.test("nothing has happened yet", async () => {
    await figure(page, "Answered in").getByText("no answers in the last hour").waitFor();
    await figure(page, "Messages a minute").getByText("0", { exact: true }).waitFor();
    await figure(page, "Errors").getByText("0", { exact: true }).waitFor();
  });

  await t.test("messages are counted and timed as they come", async () => {
    for (const chat of [4711, 4712, 4713]) telegram.say(chat, chat, "calculate 6*7");
    await figure(page, "Messages a minute").getByText("3", { exact: true }).waitFor();
    await figure(page, "Answered in")
      .getByText(/95 %: .* · models /)
      .waitFor();
    await figure(page, "Today (UTC)")
      .getByText(/tokens$/)
      .waitFor();
    await page.getByRole("img", { name: "The last hour, minute by minute: 3 messages" }).waitFor();
  });

  await t.test("who asks for a person is counted at once", async () => {
    await figure(page, "Waiting for people").getByText("nobody waits").waitFor();
    telegram.say(4719, 4719, "/human");
    await figure(page, "Waiting for people").getByText("1", { exact: true }).waitFor();
    await page.goto(`${gateway.url}/findings`);
    await page.getByRole("listitem").filter({ hasText: "handover-waiting" }).getByRole("link", { name: "See who waits" }).click();
    await page.waitForURL(`${gateway.url}/conversations?tab=waiting`);
    await page.getByRole("link", { name: /4719/ }).waitFor();
    await page.getByRole("navigation").getByRole("link", { name: "Home" }).click();
  });

  await t.test("no figure is out of sight on a desk", async () => {
    const known = page.viewportSize();
    const box = page.getByRole("group", { name: "Figures" });
    for (const width of [768, 1024, 1280, 1440, 1536, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      assert.ok(await box.evaluate((element) => element.scrollWidth <= element.clientWidth), `at ${width} px`);
    }
    if (known) await page.setViewportSize(known);
  });

  await t.test("an account that was refused connects again when it is asked to", async () => {
    await figure(page, "Channels").getByText("1 out of order").waitFor();
    await wrong.close();
    await away.listen(port);
    t.after(() => away.close());
    await page.getByRole("button", { name: "Connect again" }).click();
    await page.getByText("desk connects again").waitFor();
    await figure(page, "Channels").getByText("all accounts are ready").waitFor();
    await page.getByRole("button", { name: "Connect again" }).waitFor({ state: "detached" });
  });

  await t.test("who asks to be let in is let in from the findings", async () => {
    away.say(99, 99, "may I?");
    await page.getByRole("link", { name: /^Findings/ }).click();
    const finding = page.getByRole("listitem").filter({ hasText: "pairing-waiting" });
    await finding.getByText("User 99").waitFor();
    await assertAccessible(page, "somebody asks to be let in");
    await finding.getByRole("button", { name: "Let in" }).click();
    await finding.waitFor({ state: "detached" });
    away.say(99, 99, "thank you");
    await until("who was let in is answered", () => (away.seen(99).at(-1)?.text ?? "").includes("thank you"));
  });

  await t.test("what the platform refused is an error, and is tried again from the findings", async () => {
    telegram.arrange({ chat: 4714, what: { kind: "error", status: 403, description: "Forbidden: bot was blocked by the user" }, times: 9 });
    telegram.say(4714, 4714, "calculate 1+1");
    await page.getByRole("link", { name: "Home" }).first().click();
    await figure(page, "Errors").getByText("1", { exact: true }).waitFor();
    await figure(page, "Queue").getByText("1 to decide").waitFor();
    await page.getByRole("link", { name: /^Findings/ }).click();
    telegram.calm();
    const finding = page.getByRole("listitem").filter({ hasText: "delivery-refused" });
    await finding.getByRole("button", { name: "Try all again" }).click();
    const question = page.getByRole("alertdialog", { name: "Try all of support again?" });
    await assertAccessible(page, "the question before all are tried again");
    await question.getByRole("button", { name: "Try all again" }).click();
    await until("it arrived", () => (telegram.seen(4714).at(-1)?.text ?? "").includes("2"));
    await finding.waitFor({ state: "detached" });
  });

  await t.test("a link to the flow keeps its choice", async () => {
    await page.goto(`${gateway.url}/?account=desk&state=ignored`);
    assert.equal(await page.getByLabel("Account", { exact: true }).inputValue(), "desk");
    await page.getByRole("link", { name: /may I\?.*No reply/ }).waitFor();
    assert.equal(await page.getByText("calculate 6*7").count(), 0);
  });
  assertQuiet();

  await t.test("the last hour is still known after the gateway was killed, and the page goes on by itself", async () => {
    await page.goto(gateway.url);
    await figure(page, "Errors").getByText("1", { exact: true }).waitFor();
    await gateway.kill();
    await page.getByRole("status").getByText("Reconnecting …").waitFor();
    const again = await startGatewayProcess({ home: gateway.home, env: { POLYLOGUE_PORT: new URL(gateway.url).port } });
    t.after(() => again.kill());
    telegram.say(4711, 4711, "are you there?");
    await page.getByRole("link", { name: /are you there\?.*Answered/ }).waitFor();
    await page.getByRole("img", { name: "The last hour, minute by minute: 8 messages" }).waitFor();
    await figure(page, "Errors").getByText("1", { exact: true }).waitFor();
    forgive();
    assert.equal((await context.pages()).length, 1);
  });
});

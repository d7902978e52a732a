import { after, test } from "node:test";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

test("an alert is made, fires, is told, muted and removed", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  telegram.world.chat(4711);
  const gateway = await startGateway(t, {
    accounts: { support: telegramAccount(telegram) },
    agents: { main: { models: ["demo/demo"] } },
  });
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  await page.getByRole("navigation").getByRole("link", { name: "Analytics" }).click();
  await page.getByText("There is none yet.").waitFor();
  await page.getByRole("button", { name: "Add alert" }).click();
  const form = page.getByRole("dialog");
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText("A number, 0 or more.").waitFor();
  await form.getByLabel("Name").fill("quiet");
  await form.getByLabel("What is watched").selectOption("received");
  await form.getByLabel("Fires when it is").selectOption("below");
  await form.getByLabel("Threshold").fill("1");
  await form.getByText("It would have fired once in the last 7 days.").waitFor();
  await form.getByLabel("For so many minutes on end").fill("0");
  await form.getByLabel("Told by the account").selectOption("support");
  await form.getByLabel("Chat (the platform's id)").fill("4711");
  await assertAccessible(page, "the form of an alert");
  await form.getByRole("button", { name: "Save" }).click();

  await page.getByText("Firing", { exact: true }).waitFor();
  await page.getByText("last told", { exact: false }).waitFor();
  await until("the operator is told", () => telegram.seen(4711).some(({ text }) => text.includes("messages received: 0, less than 1")));
  await page.getByRole("cell", { name: "still fires" }).waitFor();
  await assertAccessible(page, "an alert that fires");
  await assertFits(page, "an alert that fires");

  await page.getByRole("button", { name: "Send test" }).click();
  await until("the test arrives", () => telegram.seen(4711).some(({ text }) => text.includes("this is a test")));
  await page.getByRole("navigation").getByRole("link", { name: "Findings" }).click();
  await page.getByText("The alert quiet fires", { exact: false }).waitFor();
  await page.getByRole("main").getByRole("link", { name: "Analytics" }).click();
  await page.getByRole("button", { name: "Mute for a day" }).click();
  await page.getByText("Muted", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Unmute" }).click();
  await page.getByText("Firing", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await page.getByText("There is none yet.").waitFor();
  await assertQuiet();
});

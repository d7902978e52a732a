import assert from "node:assert/strict";
import { after, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
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

test("an alert over minutes, of one account, channel and agent, told again; each measure offers what is known of it", {
  skip: browserMissing,
}, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, {
    accounts: { support: telegramAccount(telegram) },
    agents: { main: { models: ["demo/demo"] }, other: { models: ["demo/demo"] } },
  });
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  const rules = () => page.evaluate(async () => (await fetch("/api/alerts")).json()) as Promise<Record<string, unknown>[]>;
  await page.getByRole("navigation").getByRole("link", { name: "Analytics" }).click();
  await page.getByRole("button", { name: "Add alert" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("Name").fill("quick");
  await form.getByLabel("Threshold").fill("3");
  await form.getByText("It would have fired 0 times in the last 7 days.").waitFor();
  await form.getByLabel("Counted over").selectOption("minutes");
  await form.getByText("Now: 0. It would have fired 0 times in the last 24 hours.").waitFor();
  await form.getByLabel("Minutes before this one").fill("60");
  await form.getByText("A whole number from 1 to 59.").waitFor();
  await form.getByLabel("Minutes before this one").fill("10");
  await form.getByLabel(/^Told again/).fill("none");
  await form.getByText("A whole number from 1 to 8760.").waitFor();
  await form.getByLabel(/^Told again/).fill("2");
  await form.getByLabel("Only of the account").selectOption("support");
  assert.deepEqual(await form.getByLabel("Only of the channel").locator("option").allTextContents(), ["All", "webchat", "telegram"]);
  await form.getByLabel("Only of the channel").selectOption("telegram");
  await form.getByLabel("Only of the agent").selectOption("other");
  await assertAccessible(page, "the form of an alert over minutes");
  await form.getByRole("button", { name: "Save" }).click();
  await page
    .getByText(
      "More than 3 failed turns and deliveries in the last 10 minutes on the account support on telegram by other, for 5 minutes on end",
    )
    .waitFor();
  await page.getByText("told again every 2 hours").waitFor();
  const [{ state: _, value: __, ...rule } = {}] = await rules();
  assert.deepEqual(rule, {
    ...{ id: "quick", measure: "failed", above: 3, hours: 1, minutes: 10, forMinutes: 5, repeatHours: 2 },
    ...{ account: "support", channel: "telegram", agent: "other" },
  });

  await page.getByRole("button", { name: "Change" }).click();
  assert.equal(await form.getByLabel("Minutes before this one").inputValue(), "10");
  await form.getByLabel("What is watched").selectOption("handed-share");
  await form.getByLabel("Hours before this one").waitFor();
  await form.getByLabel("What is watched").selectOption("received");
  await form.getByLabel("Only of the agent").waitFor({ state: "detached" });
  await form.getByLabel("What is watched").selectOption("queued");
  await form.getByLabel("Only of the account").waitFor({ state: "detached" });
  await form.getByText("Now: 0. No past is kept of this.").waitFor();
  await form.getByLabel("What is watched").selectOption("accounts-down");
  await form.getByLabel("Threshold").fill("0");
  await form.getByLabel("Only of the account").selectOption("");
  await form.getByLabel(/^Told again/).fill("");
  await form.getByRole("button", { name: "Save" }).click();
  await page.getByText("More than 0 accounts down on telegram, for 5 minutes on end").waitFor();
  await until("it is saved without what isn't known of it", async () => {
    const [{ state, ...changed } = {}] = await rules();
    const whole = { ...{ id: "quick", measure: "accounts-down", above: 0, hours: 1, forMinutes: 5, channel: "telegram", value: 0 } };
    return state === "ok" && isDeepStrictEqual(changed, whole);
  });
  assertQuiet();
});

test("the form says how often a rule over minutes would have fired, from what was counted", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  for (const chat of [4711, 4712, 4713]) telegram.say(chat, chat, "hello");
  await until("they are answered", () => [4711, 4712, 4713].every((chat) => telegram.seen(chat).length > 0));
  await page.getByRole("navigation").getByRole("link", { name: "Analytics" }).click();
  const form = page.getByRole("dialog");
  const says = async (watched: { readonly threshold: string; readonly minutes: string }, words: string) => {
    await page.getByRole("button", { name: "Add alert" }).click();
    await form.getByLabel("What is watched").selectOption("received");
    await form.getByLabel("Counted over").selectOption("minutes");
    await form.getByLabel("Minutes before this one").fill("15");
    await form.getByLabel("Threshold").fill(watched.threshold);
    await form.getByLabel("For so many minutes on end").fill(watched.minutes);
    await form.getByText(words).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("alertdialog").getByRole("button", { name: "Leave" }).click();
    await form.waitFor({ state: "detached" });
  };
  await says({ threshold: "2", minutes: "0" }, "Now: 3. It would have fired once in the last 24 hours.");
  await says({ threshold: "3", minutes: "0" }, "Now: 3. It would have fired 0 times in the last 24 hours.");
  await says({ threshold: "2", minutes: "5" }, "Now: 3. It would have fired 0 times in the last 24 hours.");
  assertQuiet();
});

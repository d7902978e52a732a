import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

test("an operator takes a conversation over, speaks, and hands it back; a second one sees it at once", {
  skip: browserMissing,
}, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const { page, context, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  telegram.say(4711, 4711, "hello");
  await page.getByRole("link", { name: /hello.*Answered/ }).click();
  await page.getByRole("link", { name: "Open conversation" }).click();
  await page.getByText("Agent answers").waitFor();
  const second = await context.newPage();
  await second.goto(page.url());
  await second.getByRole("button", { name: "Take over" }).waitFor();

  await page.getByRole("button", { name: "Take over" }).click();
  await second.getByRole("button", { name: "Hand back to the agent" }).waitFor();

  telegram.say(4711, 4711, "are you a human?");
  const thread = (of: typeof page) => of.getByRole("group", { name: "Messages" });
  await thread(page).getByText("are you a human?").waitFor();
  await page.getByLabel("Write as an operator").fill("Yes, this is Ada.");
  await page.keyboard.press("Enter");
  await until("the operator's words are in the chat", () => telegram.seen(4711).some(({ text }) => text === "Yes, this is Ada."));
  await thread(second).getByText("Yes, this is Ada.").waitFor();
  assert.equal(telegram.seen(4711).length, 2, "the agent is silent");

  await second.getByRole("button", { name: "Hand back to the agent" }).click();
  await second.getByRole("alertdialog").getByRole("button", { name: "Hand back" }).click();
  await page.getByText("Agent answers").waitFor();
  telegram.say(4711, 4711, "and now?");
  await until("the agent answers again", () => (telegram.seen(4711).at(-1)?.text ?? "").includes("and now?"));

  await page.getByRole("navigation").getByRole("link", { name: "Home" }).click();
  await page.getByRole("link", { name: /are you a human\?/ }).click();
  await page.getByText("No reply, because a human has taken the conversation over").waitFor();
  assertQuiet();
});

test("a delivery that the platform refused waits in the queue, is sent again, or is dropped", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const { page, context, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  const blocked = { kind: "error", status: 403, description: "Forbidden: bot was blocked by the user" } as const;
  for (const chat of [4711, 4712]) {
    telegram.arrange({ chat, what: blocked, times: 50 });
    telegram.say(chat, chat, `write to ${chat}`);
  }
  await page
    .getByRole("navigation")
    .getByRole("link", { name: /^Queue/ })
    .click();
  const cards = page.getByRole("article");
  await until("both are refused", async () => (await cards.getByText("Refused", { exact: true }).count()) === 2);

  await page.getByRole("navigation").getByRole("link", { name: "Home" }).click();
  await page.getByRole("link", { name: /write to 4712.*Undelivered/ }).waitFor();
  await page.getByRole("link", { name: /write to 4711.*Undelivered/ }).click();
  await page.getByText("The answer couldn't be delivered").waitFor();
  assert.equal(await page.getByText("Answered", { exact: true }).count(), 0, "nobody got it");
  const flow = await context.newPage();
  await flow.goto(gateway.url);
  await flow.getByRole("link", { name: /write to 4711.*Undelivered/ }).waitFor();
  await page
    .getByRole("navigation")
    .getByRole("link", { name: /^Queue/ })
    .click();

  telegram.calm();
  await cards.filter({ hasText: "write to 4711" }).getByRole("button", { name: "Send again" }).click();
  await until("it arrived after all", () => telegram.seen(4711).some(({ text }) => text.includes("write to 4711")));
  await flow.getByRole("link", { name: /write to 4711.*Answered/ }).waitFor();
  await until("one is left", async () => (await cards.count()) === 1);

  await cards.getByRole("button", { name: "Drop" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Drop" }).click();
  await page.getByText("Nothing waits for you").waitFor();
  assert.deepEqual(telegram.seen(4712), []);

  const refuse = async (chats: readonly number[], text: string) => {
    for (const chat of chats) {
      telegram.arrange({ chat, what: blocked, times: 50 });
      telegram.say(chat, chat, text);
    }
    await until("all are refused", async () => (await cards.getByText("Refused", { exact: true }).count()) === chats.length);
  };
  const decide = async (act: string, title: string) => {
    await page.getByRole("button", { name: act }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByText(title).waitFor();
    await assertAccessible(page, act);
    await assertFits(page, act);
    await dialog.getByRole("button", { name: act }).click();
  };
  await refuse([4713, 4714, 4715], "all of us");
  await page.setViewportSize({ width: 360, height: 740 });
  const tab = (name: string) => page.getByRole("navigation", { name: "What of the queue" }).getByRole("link", { name });
  await tab("Set aside").click();
  await page.getByText("Nothing of that waits for you").waitFor();
  await tab("Refused").click();
  telegram.calm();
  await page.getByRole("checkbox", { name: "Choose all that are listed" }).check();
  await decide("Try again", "Try 3 messages again?");
  await page.getByText("3 messages queued again").waitFor();
  for (const chat of [4713, 4714, 4715]) {
    await until(`${chat} has its answer`, () => telegram.seen(chat).some(({ text }) => text.includes("all of us")));
  }
  await refuse([4716, 4717], "none of us");
  await cards.first().getByRole("link", { name: "Attempts" }).click();
  const drawer = page.getByRole("dialog");
  await drawer.getByText("What was tried").waitFor();
  await drawer.getByText("Forbidden: bot was blocked by the user").first().waitFor();
  assert.match(page.url(), /open=dl_/, "it stands in the address");
  await assertAccessible(page, "attempts");
  await drawer.getByRole("button", { name: "Close" }).click();
  await page
    .getByRole("checkbox", { name: /^Choose: / })
    .first()
    .check();
  await page.getByText("1 chosen").waitFor();
  await page.getByRole("checkbox", { name: "Choose all that are listed" }).check();
  await decide("Drop them", "Drop 2 messages?");
  await page.getByText("2 messages dropped").waitFor();
  await until("none is left", async () => (await cards.count()) === 0);
  assert.deepEqual(telegram.seen(4716), []);
  assertQuiet();
});

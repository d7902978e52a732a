import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, signIn, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

test("what was typed in a conversation is there again after a look elsewhere or a reload, until it is sent or its writer signs out", {
  skip: browserMissing,
}, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const { page, context, forgive, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  telegram.say(4711, 4711, "my parcel is late");
  telegram.say(4712, 4712, "where is the blue jacket?");
  await page.goto(`${gateway.url}/conversations`);
  const list = page.getByRole("list", { name: "Conversations" });
  const row = (chat: number) => list.getByRole("link").filter({ hasText: String(chat) });
  const answer = page.getByLabel("Write as an operator");
  const note = page.getByLabel("Write a note for the team");
  const kinds = page.getByRole("group", { name: "What you write" });
  await until("both wrote", async () => (await list.getByRole("link").count()) === 2);

  await row(4711).click();
  await answer.fill("It left on Monday");
  await kinds.getByText("Internal note").click();
  await note.fill("ask the depot");
  await row(4711).getByText("Draft").waitFor();
  await row(4712).click();
  await page.getByRole("heading", { name: /4712/ }).waitFor();
  assert.equal(await answer.inputValue(), "", "it is another conversation's");
  const thread = page.getByRole("group", { name: "Messages" });
  await thread.getByText("where is the blue jacket?").first().waitFor();
  assert.equal(await thread.getByText("my parcel is late").count(), 0, "and nothing of the first one is left in the thread");
  assert.equal(await row(4712).getByText("Draft").count(), 0);
  await assertAccessible(page, "a conversation with a draft in the list");

  await page.getByRole("navigation").getByRole("link", { name: "Home" }).click();
  await page.getByRole("heading", { name: "Home" }).waitFor();
  await page.goto(`${gateway.url}/conversations`);
  await row(4711).getByText("Draft").waitFor();
  await row(4711).click();
  assert.equal(await answer.inputValue(), "It left on Monday");
  await page.reload();
  assert.equal(await answer.inputValue(), "It left on Monday");
  await kinds.getByText("Internal note").click();
  assert.equal(await note.inputValue(), "ask the depot");

  // Another tab has its own; the gateway and the colleagues never hear of it.
  const second = await context.newPage();
  await second.goto(page.url());
  assert.equal(await second.getByLabel("Write as an operator").inputValue(), "");
  await second.getByLabel("Write as an operator").fill("typed in the other tab");

  await page.keyboard.press("Enter");
  await page.getByText("ask the depot").waitFor();
  await until("the note's box is empty", async () => (await note.inputValue()) === "");
  await kinds.getByText("Reply").click();
  await answer.press("Enter");
  await until("it is sent", () => telegram.seen(4711).some(({ text }) => text === "It left on Monday"));
  await until("the box is empty", async () => (await answer.inputValue()) === "");
  assert.equal(await row(4711).getByText("Draft").count(), 0);
  await page.reload();
  assert.equal(await answer.inputValue(), "");

  // A draft of a note alone comes back as a note: it must not be taken for an answer.
  await kinds.getByText("Internal note").click();
  await note.fill("between us");
  await page.reload();
  assert.equal(await note.inputValue(), "between us");
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole("main").getByRole("link", { name: "Conversations" }).click();
  await row(4711).getByText("Draft").waitFor();
  await assertFits(page, "a draft in the list on a phone");
  await page.setViewportSize({ width: 1280, height: 800 });

  const kept = () => page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])") as Promise<string>;
  assert.match(await kept(), /between us/);
  assertQuiet();
  await page.getByRole("button", { name: /account menu/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.doesNotMatch(await kept(), /between us/);
  const elsewhere = (await second.evaluate("JSON.stringify({ ...sessionStorage })")) as string;
  assert.doesNotMatch(elsewhere, /typed in the other tab/, "nor in another tab of the one who left");
  // The gateway may have cut the live stream of the login that was over before the page let go of it.
  forgive();
  await signIn(page, gateway.url);
  await page.goto(`${gateway.url}/conversations`);
  await row(4711).click();
  assert.equal(await answer.inputValue(), "");
  assert.equal(await list.getByText("Draft").count(), 0);
  assertQuiet();
});

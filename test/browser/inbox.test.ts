import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { password, setUp, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

/** Grace becomes an operator by an invitation of the one who is signed in. */
async function join(host: Page, guest: Page, url: string): Promise<void> {
  const made = await host.request.post(`${url}/api/invitations`, { data: { label: "Grace", role: "operator" }, headers: { origin: url } });
  assert.equal(made.status(), 201, await made.text());
  const { secret } = (await made.json()) as { secret: string };
  await guest.goto(`${url}/#invite=${secret}`);
  await guest.getByLabel("Name", { exact: true }).fill("grace");
  await guest.getByLabel("Password", { exact: true }).fill(password);
  await guest.getByRole("button", { name: "Join" }).click();
  await guest.getByRole("button", { name: /grace: account menu/ }).waitFor();
}

const list = (page: Page) => page.getByRole("list", { name: "Conversations" });
const row = (page: Page, name: string) => list(page).getByRole("link").filter({ hasText: name });
const tab = (page: Page, name: string) => page.getByRole("navigation", { name: "Which conversations" }).getByRole("link", { name });

test("the inbox shows who waits and what is unread, is found through by names and words, and keeps up", {
  skip: browserMissing,
}, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const { page, context, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  telegram.say(4711, 4711, "my parcel is late");
  telegram.say(4712, 4712, "where is the blue jacket?");
  telegram.say(4713, 4713, "我的包裹还没有到");
  await page.goto(`${gateway.url}/conversations`);
  await until("three wrote", async () => (await list(page).getByRole("link").count()) === 3);
  await tab(page, "Unread").click();
  await until("all are unread", async () => (await list(page).getByRole("link").count()) === 3);
  assert.match(page.url(), /tab=unread/, "the list stands in the address");
  await tab(page, "All").click();

  // j, k and Enter, from wherever nothing is written.
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/conversations\/cv_/);
  const opened = await list(page).locator("a[aria-current=page]").textContent();
  await until("it is read", async () => (await list(page).getByText("unread").count()) === 2);

  // By words, in any script, by names, and back to the list.
  await page.keyboard.press("/");
  await page.keyboard.type("包裹");
  await page.getByRole("region", { name: "In messages" }).locator("mark").filter({ hasText: "包裹" }).first().waitFor();
  assert.match(decodeURIComponent(page.url()), /q=包裹/);
  await assertAccessible(page, "search");
  const box = page.getByRole("textbox", { name: "Search names and messages" });
  await box.fill("4712");
  await until("one by its chat id", async () => (await list(page).getByRole("link").count()) === 1);
  await box.fill("nobody said this");
  await page.getByText("No message has these words.").waitFor();
  await box.press("Escape");
  await until("all again", async () => (await list(page).getByRole("link").count()) === 3);

  // Taken over in one window, it is mine in the other; what comes then moves to the top.
  const second = await context.newPage();
  await second.goto(`${gateway.url}/conversations?tab=mine`);
  await second.getByText("No conversation is like that").waitFor();
  await page.getByRole("button", { name: "Take over" }).click();
  await until("it is there", async () => (await list(second).getByRole("link").count()) === 1);
  assert.ok(opened);
  telegram.say(4711, 4711, "and now it is here");
  await until("it stands first", async () => /and now it is here/.test((await list(page).getByRole("link").first().textContent()) ?? ""));
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Mark all as read" }).click();
  await until("nothing is unread", async () => (await list(page).getByText("unread").count()) === 0);
  await page.setViewportSize({ width: 360, height: 740 });
  await assertFits(page, "thread on a phone");
  assert.equal(await list(page).isVisible(), false);
  assertQuiet();
});

test("how many messages are unread stands at each conversation, in every window, for each operator, until it is read", {
  skip: browserMissing,
}, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const { page, context, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  telegram.say(4712, 4712, "where is the blue jacket?");
  telegram.say(4711, 4711, "my parcel is late");
  await page.goto(`${gateway.url}/conversations`);
  const shows = (of: Page, name: string, words: string) =>
    until(`${name}: ${words}`, async () => ((await row(of, name).textContent()) ?? "").includes(words));
  await shows(page, "4711", "1 unread");
  telegram.say(4711, 4711, "it is for my mother");
  await shows(page, "4711", "2 unread");
  await until("both are answered", () => [4711, 4712].every((chat) => telegram.seen(chat).length > 0));
  await shows(page, "4711", "2 unread");

  const second = await context.newPage();
  await second.goto(`${gateway.url}/conversations`);
  await shows(second, "4711", "2 unread");
  const grace = await openWindow(t);
  await join(page, grace.page, gateway.url);
  await grace.page.goto(`${gateway.url}/conversations`);
  await shows(grace.page, "4711", "2 unread");
  await row(second, "4712").click();
  for (const one of [page, second])
    await until("it is read in both", async () => (await row(one, "4712").getByText("unread").count()) === 0);
  await shows(page, "4711", "2 unread");
  await shows(grace.page, "4712", "1 unread");

  // So that nobody waits for answers.
  for (const chat of ["4711", "4712"]) {
    await row(page, chat).click();
    await page.getByRole("heading", { name: chat }).waitFor();
    await page.getByRole("button", { name: "Take over" }).click();
    await page.getByRole("button", { name: "Hand back" }).waitFor();
  }
  await until("all is read", async () => (await list(page).getByText("unread").count()) === 0);
  for (let n = 0; n < 120; n++) telegram.say(4711, 4711, `and ${n}`);
  await shows(page, "4711", "99+ unread");
  await shows(grace.page, "4711", "99+ unread");
  await assertAccessible(page, "a list with unread messages");
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${gateway.url}/conversations`);
  await shows(page, "4711", "99+ unread");
  await assertFits(page, "a list with unread messages on a phone");
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Mark all as read" }).click();
  for (const one of [page, second]) await until("nothing is unread", async () => (await list(one).getByText("unread").count()) === 0);
  await shows(grace.page, "4711", "99+ unread");
  assertQuiet();
});

test("two operators see each other look and write, the chat sees a sign of it, and canned replies fill themselves in", {
  skip: browserMissing,
}, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const first = await openWindow(t);
  const { page } = first;
  await setUp(page, gateway.url);
  telegram.say(4711, 4711, "hello");
  await page.goto(`${gateway.url}/conversations/replies`);
  await page.getByRole("button", { name: "New reply" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Late parcel");
  await page.getByLabel("Text", { exact: true }).fill("Sorry from {{operator.name}}: {{order}} is late.");
  await assertAccessible(page, "canned replies");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Nothing stands for {{order}}").waitFor();

  await page.goto(`${gateway.url}/conversations`);
  await row(page, "hello").first().click();
  await page.getByRole("button", { name: "Take over" }).click();
  await page.getByRole("button", { name: "Hand back to the agent" }).waitFor();
  const words = page.getByLabel("Write as an operator");
  const signs = () => telegram.calls.get("sendChatAction") ?? 0;
  const before = signs();
  await words.fill("/late");
  await page.keyboard.press("Enter");
  assert.equal(await words.inputValue(), "Sorry from ada: {{order}} is late.");
  await page.keyboard.press("Enter");
  await until("it isn't sent as it stands", async () => (await page.getByText("fill it in before you send").count()) > 0);
  assert.equal(telegram.seen(4711).length, 1);
  await words.fill("Sorry from ada: 4711 is late.");
  await until("the chat sees that somebody writes", () => signs() > before);

  const grace = await openWindow(t);
  await join(page, grace.page, gateway.url);
  await grace.page.goto(page.url());
  await page.getByText("grace is looking").first().waitFor();
  await grace.page.getByLabel("Write as an operator").pressSequentially("I have it");
  await page.getByText("grace is writing …").first().waitFor();
  await grace.page
    .getByText(/ada is (looking|writing)/)
    .first()
    .waitFor();
  await grace.page.goto(`${gateway.url}/conversations`);
  await until("she is gone", async () => (await page.getByText(/grace is/).count()) === 0);
  await page.keyboard.press("Enter");
  first.assertQuiet();
  grace.assertQuiet();
});

test("a message without an answer is found by who wrote it, and says why", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const { page, assertQuiet } = await openWindow(t, { width: 360, height: 740 });
  await setUp(page, gateway.url);
  telegram.say(4711, 4711, "hello");
  telegram.say(-100, 4711, "is anybody there?");
  await until("it is answered", () => telegram.seen(4711).length > 0);
  await page.goto(`${gateway.url}/trace`);
  await page.getByLabel(/^Sender/).fill("4711");
  await page.getByLabel(/^Words/).fill("anybody -hello");
  const today = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  await page.getByLabel(/^From/).fill(`${today}T00:00`);
  await page.getByRole("button", { name: "Find messages" }).click();
  const found = page.getByRole("link", { name: /is anybody there/ });
  await until("it is found", async () => {
    if ((await found.count()) > 0) return true;
    await page.reload();
    return false;
  });
  assert.match((await found.textContent()) ?? "", /groups are switched off for this account/);
  assert.match(page.url(), /sender=/);
  await assertAccessible(page, "found messages");
  await assertFits(page, "found messages");
  await found.click();
  await page.getByText("No reply, because groups are switched off for this account").waitFor();
  assertQuiet();
});

test("what was found is opened at its message, however far back it stands", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  telegram.say(4711, 4711, "the needle lies here");
  await page.goto(`${gateway.url}/conversations`);
  await row(page, "4711").click();
  // So that nobody waits for answers.
  await page.getByRole("button", { name: "Take over" }).click();
  await page.getByRole("button", { name: "Hand back" }).waitFor();
  for (let n = 0; n < 150; n++) telegram.say(4711, 4711, `hay ${n}`);
  await page.getByText("hay 149").first().waitFor();
  await page.goto(`${gateway.url}/conversations?q=needle`);
  const found = page.getByRole("region", { name: "In messages" }).getByRole("link");
  await until("it is found", async () => (await found.count()) > 0);
  await found.last().click();
  await page.waitForURL(/message=ms_/);
  const sought = page.locator("li[aria-current=true]");
  await sought.getByText("the needle lies here").waitFor();
  await until("it is in sight", () =>
    sought.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      const box = element.closest("[role=group]")?.getBoundingClientRect();
      return box !== undefined && top >= box.top && bottom <= box.bottom;
    }),
  );
  await assertAccessible(page, "a message that was found");
  // A link to it says the same to somebody else.
  await page.reload();
  await sought.getByText("the needle lies here").waitFor();
  assertQuiet();
});

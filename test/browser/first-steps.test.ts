import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setupToken } from "../gateway-process.ts";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { password, setUp, signIn, startGateway, startTelegram, until } from "./support/story.ts";

after(closeBrowser);

test("a stranger sets up, talks to the demo, sees the trace, and adds Telegram", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const telegram = await startTelegram(t);
  const { page, assertQuiet, forgive } = await openWindow(t);

  await t.test("setup takes the token out of the address bar and names what is missing", async () => {
    await page.goto(`${gateway.url}/#setup=${setupToken}`);
    await page.getByRole("heading", { name: "Create the owner" }).waitFor();
    assert.equal(new URL(page.url()).hash, "");
    await page.getByRole("button", { name: "Create owner" }).click();
    await page.getByText("Enter a name.").waitFor();
    await page.getByText("Use at least 12 characters.").waitFor();
    assert.equal(await page.getByLabel("Password", { exact: true }).getAttribute("aria-invalid"), "true");
    await assertAccessible(page, "setup");
    await page.getByLabel("Name", { exact: true }).fill("ada");
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Create owner" }).click();
    await page.getByLabel("Write a message").waitFor();
  });

  await t.test("the flow is empty, and leads to the chat", async () => {
    await page.getByRole("navigation").getByRole("link", { name: "Home" }).click();
    await page.getByText("No messages yet").waitFor();
    await page.getByRole("link", { name: "Talk to the assistant" }).click();
  });

  await t.test("the demo's answer streams in, with the tool that it used, and is there after a reload", async () => {
    await page.getByText("Demo model", { exact: true }).waitFor();
    await page.getByLabel("Write a message").fill("long");
    await page.keyboard.press("Enter");
    const growing = page.locator("[aria-busy=true]");
    await growing.getByText("It arrives word by word").waitFor();
    assert.equal(await growing.getByText("that was written to").count(), 0, "the answer is shown before it is complete");
    const log = page.getByRole("log");
    await log.getByText("the built-in demo model").waitFor();
    await page.getByLabel("Write a message").fill("calculate 2+3*4");
    await page.keyboard.press("Enter");
    await log.getByText("Used calculator").waitFor();
    await log.getByText("14", { exact: true }).waitFor();
    await page.reload();
    await log.getByText("14", { exact: true }).waitFor();
    assert.equal(await log.getByText("calculate 2+3*4").count(), 1);
  });

  await t.test("buttons work", async () => {
    await page.getByLabel("Write a message").fill("buttons");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "A calculation" }).click();
    await until("the press is answered", async () => (await page.getByRole("log").getByText("says:").count()) === 2);
  });

  await t.test("an answer leads to its trace", async () => {
    await page.getByRole("log").getByRole("link", { name: "Trace" }).nth(3).click();
    await page.getByText(/^Answered and delivered in/).waitFor();
    assert.match(page.url(), /\/trace\/ev_[0-9a-z]{22}$/);
    for (const stage of ["Received and stored", "Used a tool", "Accepted by the platform"]) await page.getByText(stage).waitFor();
    assertQuiet();
  });

  await t.test("a wrong token is refused in Telegram's words, the right one connects", async () => {
    telegram.say(4711, 4711, "/start");
    await page.getByRole("navigation").getByRole("link", { name: "Channels" }).click();
    await page.getByRole("link", { name: "Add a channel" }).click();
    await page.getByRole("link", { name: /^Telegram/ }).click();
    await page.getByRole("button", { name: "Test the connection" }).click();
    await page.getByText("This is needed.").waitFor();
    await page.getByText(/more settings/).click();
    await page.getByLabel(/^API root/).fill(telegram.url);
    await page.getByLabel("Token", { exact: true }).fill("123456:WRONG_TOKEN_of_the_tests_000000000000");
    await page.getByRole("button", { name: "Test the connection" }).click();
    await page.getByRole("alert").getByText("401 Unauthorized").waitFor();
    // The refusal is a 502 of our API, which the browser notes in its console.
    forgive();
    await page.getByLabel("Token", { exact: true }).fill(telegram.token);
    await page.getByRole("button", { name: "Test the connection" }).click();
    await page.getByText("Connected as @polylogue_test_bot").waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByLabel("Everybody").check();
    await page.getByRole("button", { name: "Save and start" }).click();
    await page.getByText("“polylogue-test-bot” is saved and started").waitFor();
  });

  await t.test("a test message arrives, with the platform's id", async () => {
    await until("the pending message is answered", () => telegram.seen(4711).length === 1);
    await page.getByLabel("Chat", { exact: true }).fill("4711");
    await page.getByRole("button", { name: "Send test message" }).click();
    await page.getByText(/^Arrived: the platform gave it the id \d+/).waitFor();
    assert.match(telegram.seen(4711).at(-1)?.text ?? "", /this is a test message/);
  });

  await t.test("somebody's message is answered and appears in the flow by itself", async () => {
    await page.getByRole("navigation").getByRole("link", { name: "Home" }).click();
    const list = page.getByRole("list", { name: "Messages, newest first" });
    await list.waitFor();
    telegram.say(4711, 4711, "is anybody there?");
    const row = list.getByRole("link", { name: /is anybody there\?/ });
    await row.waitFor();
    await row.getByText("Answered").waitFor();
    await until("the answer is in the chat", () => (telegram.seen(4711).at(-1)?.text ?? "").includes("is anybody there?"));
    assert.deepEqual(telegram.violations, []);
    assertQuiet();
  });
});

test("a login that is ended elsewhere costs nothing of what was being written", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const telegram = await startTelegram(t);
  const { page, assertQuiet, forgive } = await openWindow(t, { width: 360, height: 740 });
  await setUp(page, gateway.url);
  await page.goto(`${gateway.url}/channels/add/telegram`);
  await page.getByLabel("Token", { exact: true }).fill(telegram.token);
  await page.getByText(/more settings/).click();
  await page.getByLabel(/^API root/).fill(telegram.url);
  const elsewhere = await openWindow(t);
  await signIn(elsewhere.page, gateway.url, password);
  const next = "another good password";
  const status = await elsewhere.page.evaluate(
    async (change) => {
      const body = JSON.stringify(change);
      return (await fetch("/api/me/password", { method: "PUT", headers: { "content-type": "application/json" }, body })).status;
    },
    { current: password, next },
  );
  assert.equal(status, 200);
  const door = page.getByRole("alertdialog", { name: "Sign in" });
  await door.getByText("Your login is over.").waitFor();
  await assertAccessible(page, "the door in front of a room");
  await assertFits(page, "the door in front of a room");
  assert.equal(await door.getByLabel("Name", { exact: true }).inputValue(), "ada");
  await page.keyboard.press("Escape");
  await door.getByLabel("Password", { exact: true }).fill(password);
  await door.getByRole("button", { name: "Sign in" }).click();
  await door.getByRole("alert").waitFor();
  await door.getByLabel("Password", { exact: true }).fill(next);
  await page.keyboard.press("Enter");
  await door.waitFor({ state: "hidden" });
  assert.equal(await page.getByLabel("Token", { exact: true }).inputValue(), telegram.token);
  assert.equal(await page.getByLabel(/^API root/).inputValue(), telegram.url);
  forgive();
  await page.getByRole("button", { name: "Test the connection" }).click();
  await page.getByText("Connected as @polylogue_test_bot").waitFor();
  await page.getByRole("navigation").getByRole("link", { name: "Home" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Leave" }).click();
  await page.getByText("No messages yet").waitFor();
  await elsewhere.page.evaluate("fetch('/api/logout', { method: 'POST' })");
  assert.equal(await door.count(), 0, "another's end isn't this one's");
  assertQuiet();

  await page.goto(`${gateway.url}/channels/add/telegram`);
  await page.getByLabel("Token", { exact: true }).fill(telegram.token);
  await page.getByText(/more settings/).click();
  await page.getByLabel(/^API root/).fill(telegram.url);
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Test the connection" }).click();
  await door.getByLabel("Password", { exact: true }).fill(next);
  await page.keyboard.press("Enter");
  await page.getByText("Connected as @polylogue_test_bot").waitFor();
  assert.equal(await page.getByRole("alert").count(), 0, "what waited for the login went through");
});

test("the login ends, and leads back to where one was", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const { page, context } = await openWindow(t);
  await setUp(page, gateway.url);
  await context.clearCookies();
  await page.goto(`${gateway.url}/queue`);
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.getByLabel("Name", { exact: true }).fill("ada");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Queue" }).waitFor();
  await page.getByRole("button", { name: /account menu/ }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  await page.reload();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  await page.getByRole("button", { name: /account menu/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

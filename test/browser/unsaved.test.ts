import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { password, setUp, startGateway, startTelegram, telegramAccount } from "./support/story.ts";

after(closeBrowser);

test("who leaves a form with something typed in it is asked, and finds it again when they stay", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { agents: { main: { models: ["demo/demo"] }, other: { models: ["demo/demo"] } } });
  const { page, forgive, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  const rooms = page.getByRole("navigation");
  const question = page.getByRole("alertdialog", { name: "Leave without saving?" });
  const stay = () => question.getByRole("button", { name: "Cancel" }).click();
  const leave = () => question.getByRole("button", { name: "Leave" }).click();

  await t.test("an agent: by a link, by the way back, by loading the page anew", async () => {
    await rooms.getByRole("link", { name: "Agents" }).click();
    await page.getByRole("link", { name: "main" }).click();
    const told = page.getByLabel("What is it told?");
    await told.fill("You answer in rhymes.");
    await rooms.getByRole("link", { name: "Channels" }).click();
    await question.waitFor();
    await assertAccessible(page, "the question before leaving");
    await stay();
    assert.equal(new URL(page.url()).pathname, "/agents/main");
    assert.equal(await told.inputValue(), "You answer in rhymes.");

    await page.evaluate("history.back()");
    await question.waitFor();
    await page.keyboard.press("Escape");
    await question.waitFor({ state: "detached" });
    assert.equal(await told.inputValue(), "You answer in rhymes.");

    const asked = page.waitForEvent("dialog");
    await page.evaluate("setTimeout(() => location.reload())");
    assert.equal((await asked).type(), "beforeunload");
    forgive();
    assert.equal(await told.inputValue(), "You answer in rhymes.");

    await rooms.getByRole("link", { name: "Agents" }).click();
    await leave();
    await page.getByRole("link", { name: "other" }).click();
    await page.getByRole("heading", { name: "other", exact: true }).waitFor();
    assert.notEqual(await told.inputValue(), "You answer in rhymes.", "it was of another agent, and it is gone");

    await told.fill("You answer briefly.");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The agent is saved").waitFor();
    await rooms.getByRole("link", { name: "Agents" }).click();
    await page.getByRole("link", { name: "main" }).waitFor();
  });

  await t.test("a new agent in a dialog, closed by Escape however often", async () => {
    await page.getByRole("button", { name: "New agent" }).click();
    const name = page.getByLabel("Name", { exact: true });
    await page.keyboard.press("Escape");
    await name.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "New agent" }).click();
    await name.fill("bills");
    for (let times = 0; times < 3; times++) {
      await page.keyboard.press("Escape");
      await question.waitFor();
      await page.keyboard.press("Escape");
      await question.waitFor({ state: "detached" });
      assert.equal(await name.inputValue(), "bills");
      assert.ok(await name.isVisible());
    }
    // Who holds the key down: the browser closes what refuses to be closed twice without a click between.
    for (let times = 0; times < 5; times++) {
      await Promise.all(Array.from({ length: 4 }, () => page.keyboard.press("Escape")));
      await name.waitFor();
    }
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    if (!(await question.isVisible())) await page.keyboard.press("Escape");
    await leave();
    await name.waitFor({ state: "detached" });
  });

  await t.test("an agent that is removed takes with it what was typed", async () => {
    await page.getByRole("button", { name: "New agent" }).click();
    await page.getByLabel("Name", { exact: true }).fill("bills");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: "bills", exact: true }).waitFor();
    await page.getByLabel("What is it told?").fill("You answer in rhymes.");
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await page.getByRole("link", { name: "other" }).waitFor();
  });

  await t.test("a route", async () => {
    await page.getByRole("link", { name: "Routes" }).click();
    await page.getByRole("button", { name: "New route" }).click();
    await page.getByLabel("Who answers").selectOption("other");
    await rooms.getByRole("link", { name: "Channels" }).click();
    await stay();
    assert.equal(await page.getByLabel("Who answers").inputValue(), "other");
    await page.getByRole("button", { name: "Cancel" }).click();
    await rooms.getByRole("link", { name: "Channels" }).click();
    await page.getByRole("heading", { name: "Channels", exact: true }).waitFor();
  });

  await t.test("an account, new and known", async () => {
    await page.goto(`${gateway.url}/channels/add/telegram`);
    const { token, apiRoot } = telegramAccount(telegram);
    await page.getByLabel("Token", { exact: true }).fill(token);
    await rooms.getByRole("link", { name: "Agents" }).click();
    await stay();
    assert.equal(await page.getByLabel("Token", { exact: true }).inputValue(), token);
    await page.evaluate(
      (settings) =>
        fetch("/api/accounts", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            ...{ id: "support", channel: "telegram", settings },
            access: { direct: "allowlist", group: "off", allow: [], groups: [], mention: true },
          }),
        }),
      { token, apiRoot },
    );
    await rooms.getByRole("link", { name: "Channels" }).click();
    await leave();
    await page.getByRole("link", { name: "support" }).first().click();
    await page.getByLabel("Ids of the people").fill("42");
    await rooms.getByRole("link", { name: "Agents" }).click();
    await stay();
    assert.equal(await page.getByLabel("Ids of the people").inputValue(), "42");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    await rooms.getByRole("link", { name: "Agents" }).click();
    await page.getByRole("link", { name: "main" }).waitFor();
  });

  await t.test("an alert", async () => {
    await rooms.getByRole("link", { name: "Analytics" }).click();
    await page.getByRole("button", { name: "Add alert" }).click();
    await page.getByLabel("Threshold").fill("12");
    await page.keyboard.press("Escape");
    await stay();
    assert.equal(await page.getByLabel("Threshold").inputValue(), "12");
    await page.evaluate("history.back()");
    await leave();
    await page.getByRole("link", { name: "main" }).waitFor();
  });

  await t.test("somebody else who signs in in front of it finds nothing of it, and who signs out isn't asked", async (t) => {
    const headers = { origin: gateway.url };
    const made = await page.request.post(`${gateway.url}/api/invitations`, { data: { label: "Grace", role: "admin" }, headers });
    const { secret } = (await made.json()) as { readonly secret: string };
    const { page: guest } = await openWindow(t);
    await guest.goto(`${gateway.url}/#invite=${secret}`);
    await guest.getByLabel("Name", { exact: true }).fill("grace");
    await guest.getByLabel("Password", { exact: true }).fill(password);
    await guest.getByRole("button", { name: "Join" }).click();
    await guest.getByRole("heading", { name: "Home" }).waitFor();

    await page.getByRole("link", { name: "main" }).click();
    await page.getByLabel("What is it told?").waitFor();
    await page.context().clearCookies();
    await page.getByLabel("What is it told?").fill("You answer in rhymes.");
    const door = page.getByRole("alertdialog", { name: "Sign in" });
    await door.getByLabel("Name", { exact: true }).fill("grace");
    await door.getByLabel("Password", { exact: true }).fill(password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Home" }).waitFor();

    await rooms.getByRole("link", { name: "Agents" }).click();
    await page.getByRole("link", { name: "main" }).click();
    await page.getByLabel("What is it told?").fill("You answer in rhymes.");
    await page.getByRole("button", { name: /account menu/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });
  assertQuiet();
});

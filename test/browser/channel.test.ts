import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, startTelegram, until } from "./support/story.ts";

after(closeBrowser);

test("an account is closed until somebody is let in, is changed with its secret kept, paused and removed", {
  skip: browserMissing,
}, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t);
  const { page, assertQuiet } = await openWindow(t, { width: 360, height: 740 });
  await setUp(page, gateway.url);
  const save = async () => {
    // That of the save before would be taken for this one's.
    await page.getByText("Saved", { exact: true }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
  };

  await t.test("the wizard keeps what was typed on the way back, and lets nobody in by itself", async () => {
    await page.goto(`${gateway.url}/channels/add/telegram`);
    await page.getByLabel("Token", { exact: true }).fill(telegram.token);
    await page.getByText(/more settings/).click();
    await page.getByLabel(/^API root/).fill(telegram.url);
    await page.getByRole("button", { name: "Test the connection" }).click();
    await page.getByText("Connected as @polylogue_test_bot").waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Back", exact: true }).click();
    assert.equal(await page.getByLabel("Token", { exact: true }).inputValue(), telegram.token);
    await page.getByRole("button", { name: "Continue" }).click();
    assert.equal(await page.getByLabel("Only certain people").isChecked(), true);
    await page.getByLabel("Name of the account").fill("Not an id");
    await page.getByText("Use lower-case letters").waitFor();
    await page.getByLabel("Name of the account").fill("closed");
    await assertAccessible(page, "who may write");
    await page.getByRole("button", { name: "Save and start" }).click();
    await page.getByText("“closed” is saved and started").waitFor();
  });

  await t.test("who isn't on the list gets no reply, and is let in from the trace", async () => {
    telegram.say(4711, 4711, "may I come in?");
    await page.goto(gateway.url);
    await page.getByRole("link", { name: /may I come in\?.*No reply/ }).click();
    await page.getByText("No reply, because the sender isn't on the account's list of allowed people").waitFor();
    await page.getByRole("button", { name: /^Let .*\(4711\) write$/ }).click();
    await page.getByText("Meanwhile it is allowed").waitFor();
    telegram.say(4711, 4711, "and now?");
    await until("the next message is answered", () => (telegram.seen(4711).at(-1)?.text ?? "").includes("and now?"));
  });

  await t.test("settings change without the secret being typed again", async () => {
    await page.goto(`${gateway.url}/channels/closed`);
    await page.getByRole("button", { name: "Test the connection" }).click();
    await page.getByText("Connected as @polylogue_test_bot").waitFor();
    assert.equal(await page.getByLabel("Token", { exact: true }).inputValue(), "");
    assert.equal(await page.getByLabel("Ids of the people").inputValue(), "4711");
    await page.getByLabel("Everybody").check();
    await save();
    telegram.say(4712, 4712, "me too?");
    await until("a stranger is answered", () => (telegram.seen(4712).at(-1)?.text ?? "").includes("me too?"));
  });

  await t.test("who asks is let in on the account's page, by the code that the person was told", async () => {
    await page.goto(`${gateway.url}/channels/closed`);
    await page.getByLabel("Whom I let in").check();
    await save();
    await page.getByText("Nobody has asked yet").waitFor();
    telegram.say(4713, 4713, "open up?");
    await until("the stranger is told a code", () => /[0-9A-Z]{4}-[0-9A-Z]{4}/.test(telegram.seen(4713).at(-1)?.text ?? ""));
    const [code = ""] = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(telegram.seen(4713).at(-1)?.text ?? "") ?? [];
    await page.getByText(code, { exact: true }).waitFor();
    await assertAccessible(page, "who is let in");
    await page.getByRole("button", { name: "Let in" }).click();
    await page.getByText("Let in: the next message is answered").waitFor();
    telegram.say(4713, 4713, "thank you");
    await until("who was let in is answered", () => (telegram.seen(4713).at(-1)?.text ?? "").includes("thank you"));
    await page.getByRole("button", { name: "Not any more" }).click();
    await page.getByText("Kept out: nothing is answered").waitFor();
    await page.getByLabel("Everybody").check();
    await save();
  });

  await t.test("an answer comes in paragraphs where that is chosen", async () => {
    await page.goto(`${gateway.url}/channels/closed`);
    await page.getByLabel("While an answer is being written").selectOption({ label: "each finished paragraph is sent" });
    await save();
    const before = telegram.seen(4711).length;
    telegram.say(4711, 4711, "a long answer please");
    await until("the answer has come in several messages", () => telegram.seen(4711).length >= before + 3);
    await page.reload();
    assert.equal(await page.getByLabel("While an answer is being written").inputValue(), "blocks");
    assert.deepEqual(telegram.violations, []);
  });

  await t.test("an operator reacts to a message on the platform, and takes one back there", async () => {
    await page.goto(`${gateway.url}/conversations`);
    await page.getByText("User 4712").first().click();
    await page.getByRole("main").getByRole("button", { name: "More" }).first().click();
    await assertAccessible(page, "what can be done to a message");
    await page.getByRole("menuitem", { name: "React with 🎉" }).click();
    await until("the reaction is there", () => [...telegram.world.chat(4712).messages.values()].some(({ reaction }) => reaction === "🎉"));
    const before = telegram.seen(4712).length;
    await page.getByRole("main").getByRole("button", { name: "More" }).last().click();
    await page.getByRole("menuitem", { name: "Take back" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Take back" }).click();
    await until("the message is gone", () => telegram.seen(4712).length < before);
    await page.goto(`${gateway.url}/channels/closed`);
  });

  await t.test("a paused account is silent until it is resumed", async () => {
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    telegram.say(4712, 4712, "anybody?");
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("button", { name: "Pause" }).waitFor();
    // It comes in paragraphs: the last is another soon.
    await until("it catches up", () => telegram.seen(4712).some(({ text }) => text?.includes("anybody?")));
  });

  await t.test("removing asks once", async () => {
    await page.getByRole("button", { name: "Remove" }).click();
    await assertAccessible(page, "the question");
    await page.keyboard.press("Escape");
    await page.getByRole("alertdialog").waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("“closed” is removed").waitFor();
    await page.getByRole("heading", { name: "Channels" }).waitFor();
    assert.equal(await page.getByRole("link", { name: /closed/ }).count(), 0);
    assertQuiet();
  });
});

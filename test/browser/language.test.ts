import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway } from "./support/story.ts";

after(closeBrowser);

test("a language is chosen in the account menu by keyboard, is loaded then, and stays", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const { page, assertQuiet } = await openWindow(t);
  const loaded: string[] = [];
  page.on("response", (response) => loaded.push(response.url()));
  await setUp(page, gateway.url);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  const before = new Set(loaded);

  await page.evaluate("localStorage.setItem('polylogue-language', 'de')");
  await page.reload();
  await page.getByText("keine Antworten in der letzten Stunde").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  assert.equal(loaded.filter((url) => url.includes("/assets/") && !before.has(url)).length, 1, "only its words are loaded with it");
  await assertAccessible(page, "Home in German");

  const button = page.getByRole("button", { name: /account menu/ });
  await button.focus();
  await page.keyboard.press("Enter");
  const focused = page.locator(":focus");
  assert.equal(await focused.getAttribute("role"), "menuitemradio");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused.textContent(), "Deutsch");
  assert.equal(await focused.getAttribute("aria-checked"), "true");
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("menu").count(), 0);
  assert.equal(await button.evaluate((element) => element.matches(":focus")), true, "the focus is back");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("e");
  assert.equal(await focused.textContent(), "English");
  await page.keyboard.press("Enter");
  await page.getByText("no answers in the last hour").waitFor();
  await page.reload();
  await page.getByText("no answers in the last hour").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assertQuiet();
});

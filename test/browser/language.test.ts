import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
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

  const button = page.getByRole("button", { name: /Menü des Kontos/ });
  await button.focus();
  await page.keyboard.press("Enter");
  const focused = page.locator(":focus");
  await page.locator("[role=menuitemradio]:focus").waitFor();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused.textContent(), "Deutsch");
  assert.equal(await focused.getAttribute("aria-checked"), "true");
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("menu").count(), 0);
  assert.equal(await button.evaluate((element) => element.matches(":focus")), true, "the focus is back");
  await page.keyboard.press("ArrowDown");
  await page.locator("[role=menuitemradio]:focus").waitFor();
  await page.keyboard.press("e");
  assert.equal(await focused.textContent(), "English");
  await page.keyboard.press("Enter");
  await page.getByText("no answers in the last hour").waitFor();
  await page.reload();
  await page.getByText("no answers in the last hour").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assertQuiet();
});

/** Every room, and what it is called in German. */
const rooms = [
  { path: "/", heading: "Start" },
  { path: "/conversations", heading: "Unterhaltungen" },
  { path: "/conversations/replies", heading: "Textbausteine" },
  { path: "/queue", heading: "Warteschlange" },
  { path: "/trace", heading: "Warum keine Antwort?" },
  { path: "/findings", heading: "Befunde" },
  { path: "/channels", heading: "Kanäle" },
  { path: "/channels/add/telegram", heading: "Telegram hinzufügen" },
  { path: "/agents", heading: "Agenten" },
  { path: "/routes", heading: "Routen" },
  { path: "/models", heading: "Modelle" },
  { path: "/cost", heading: "Kosten" },
  { path: "/audit", heading: "Protokoll" },
  { path: "/users", heading: "Benutzer" },
  { path: "/settings", heading: "Einstellungen" },
  { path: "/backup", heading: "Sicherung" },
];

test("who has a German browser gets every room in German; its longer words fit a phone", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const english = await openWindow(t);
  await setUp(english.page, gateway.url);
  const { page, context, assertQuiet } = await openWindow(t, { locale: "de-DE", width: 360, height: 740 });
  await context.addCookies(await english.context.cookies());
  for (const { path, heading } of rooms) {
    await page.goto(gateway.url + path);
    await page.getByRole("heading", { name: heading, exact: true, level: 1 }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "de");
    await assertFits(page, `${path} in German`);
    await assertAccessible(page, `${path} in German`);
  }
  assertQuiet();
});

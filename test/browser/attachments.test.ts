import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, startTelegram, telegramAccount } from "./support/story.ts";

after(closeBrowser);

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAADAAAAAgCAAAAABxv6TAAAAASUlEQVR42mNgYOXiF5GUU9bQNTK3cXTzDgiNik/JzCuuqG1q75k4bfaCpavWb9m57/CJs5eu33n47DXDqIZRDaMaRjWMahgJGgAV18EfWMYJPQAAAABJRU5ErkJggg==",
  "base64",
);
const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');

test("what people send is seen and saved; what could run is only saved", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const { page, assertQuiet } = await openWindow(t, { width: 360, height: 740 });
  await setUp(page, gateway.url);
  telegram.people.sendFile(4711, 4711, "photo", png, { caption: "a photo of a dot" });
  await page.getByRole("link", { name: /a photo of a dot.*Answered/ }).click();
  const picture = page.locator("main img");
  await page.getByRole("link", { name: /^Save Image image\/png/ }).scrollIntoViewIfNeeded();
  await picture.waitFor();
  assert.match((await picture.getAttribute("src")) ?? "", /^blob:/);
  assert.equal(await picture.getAttribute("alt"), "Image");
  await assertAccessible(page, "a trace with a picture");
  await assertFits(page, "a trace with a picture");

  telegram.people.sendFile(4711, 4711, "document", svg, { name: "<img src=x onerror=alert(1)>.svg", mediaType: "image/svg+xml" });
  await page.getByRole("link", { name: "Open conversation" }).click();
  const link = page.getByRole("link", { name: /^Save <img src=x onerror=alert\(1\)>\.svg/ });
  await link.waitFor();
  // Fetched when it comes into sight, which the end of a conversation may leave it out of.
  await page.getByRole("link", { name: /^Save Image image\/png/ }).scrollIntoViewIfNeeded();
  await picture.first().waitFor();
  assert.equal(await picture.count(), 1, "nothing but the photo is shown");
  const saving = page.waitForEvent("download");
  await link.click();
  const saved = await saving;
  assert.equal(saved.suggestedFilename(), "_img src=x onerror=alert(1)_.svg");
  assert.deepEqual(await readFile(await saved.path()), svg);
  assertQuiet();

  const address = (await link.getAttribute("href")) ?? "";
  const opening = page.waitForEvent("download");
  await page.goto(gateway.url + address).catch(() => undefined);
  await opening;
  assertQuiet();
});

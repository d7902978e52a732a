import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, type TestContext, test } from "node:test";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { startGateway } from "./support/story.ts";

after(closeBrowser);

/** A page of another site with a strict policy of its own, which embeds the widget. */
async function startSite(t: TestContext, gateway: () => string): Promise<string> {
  const server = createServer((_, response) => {
    const url = gateway();
    response.setHeader("content-security-policy", `default-src 'none'; script-src ${url}; connect-src ${url}`);
    response.setHeader("content-type", "text/html");
    response.end(`<!doctype html><html lang="en"><title>Shop</title><main><h1>Shop</h1><p>Welcome.</p></main>
      <script src="${url}/widget.js" data-account="web" defer></script></html>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

for (const { width, scheme } of [
  { width: 360, scheme: "light" },
  { width: 1280, scheme: "dark" },
] as const) {
  test(`the chat page at ${width} px, ${scheme}: an answer streams in and is there after a reload; buttons work`, {
    skip: browserMissing,
  }, async (t) => {
    const gateway = await startGateway(t);
    const { page, assertQuiet } = await openWindow(t, { width, height: 740, scheme });
    await page.goto(`${gateway.url}/chat`);
    await page.getByRole("heading", { name: "Assistant" }).waitFor();
    assert.equal(await page.evaluate("document.querySelector('polylogue-chat').shadowRoot.activeElement.id"), "words");
    const log = page.getByRole("log");
    await page.keyboard.type("long");
    await page.keyboard.press("Enter");
    await page.getByText("Writing", { exact: true }).waitFor();
    await log.getByText("Demo model", { exact: true }).waitFor();
    assert.equal(await log.getByText("Sending…").count(), 0);
    await page.keyboard.type("buttons");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "A calculation" }).click();
    await log.getByText("14", { exact: true }).waitFor();
    assert.equal(await page.getByRole("button", { name: "A calculation" }).isDisabled(), true);
    await assertAccessible(page, "chat");
    await assertFits(page, "chat");
    await page.reload();
    await log.getByText("14", { exact: true }).waitFor();
    assert.equal(await log.getByText("long", { exact: true }).count(), 1);
    assertQuiet();
  });
}

test("a message that markup was put into is shown as text, and nothing of it runs or loads", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const { page, assertQuiet } = await openWindow(t);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`${gateway.url}/chat`);
  const hostile = `<img src=x onerror=alert(1)> ![i](https://evil.example/p.png?q=1) [c](javascript:alert(1)) <script>alert(2)</script>`;
  await page.getByLabel("Your message").fill(hostile);
  await page.keyboard.press("Enter");
  // The demo quotes what it was told, so the same comes back as Markdown.
  const answer = page.locator(".message.out:not([aria-hidden])");
  await answer.getByText("You wrote:").waitFor();
  assert.match(await answer.innerText(), /<img src=x onerror=alert\(1\)>/);
  assert.equal(await answer.locator("img, script").count(), 0);
  assert.deepEqual(await answer.locator("a").evaluateAll((links: { href: string }[]) => links.map((link) => link.href)), [
    "https://evil.example/p.png?q=1",
  ]);
  assert.deepEqual(
    asked.filter((url) => !url.startsWith(gateway.url)),
    [],
  );
  assertQuiet();
});

test("the widget on another site: opens and closes by keyboard, under that site's strict policy", { skip: browserMissing }, async (t) => {
  let url = "";
  const site = await startSite(t, () => url);
  const gateway = await startGateway(t, { http: { origins: [site] } });
  url = gateway.url;
  const { page, assertQuiet } = await openWindow(t, { width: 360, height: 640 });
  await page.goto(site);
  const launcher = page.getByRole("button", { name: "Open chat" });
  await launcher.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Assistant" });
  await dialog.waitFor();
  await page.keyboard.type("hello from the shop");
  await page.keyboard.press("Enter");
  await dialog.getByText("You wrote:").waitFor();
  await assertAccessible(page, "widget");
  await page.keyboard.press("Escape");
  assert.equal(await dialog.isVisible(), false);
  assert.equal(await launcher.getAttribute("aria-expanded"), "false");
  assertQuiet();
});

test("the widget on a site that isn't listed says so, and stores nothing", { skip: browserMissing }, async (t) => {
  let url = "";
  const site = await startSite(t, () => url);
  const gateway = await startGateway(t);
  url = gateway.url;
  const { page } = await openWindow(t);
  await page.goto(site);
  await page.getByRole("button", { name: "Open chat" }).click();
  await page.getByText("Connection lost").waitFor();
});

test("a gateway that is away for a moment: the message is sent when it is back, once", { skip: browserMissing }, async (t) => {
  const gateway = await startGateway(t);
  const { page, context } = await openWindow(t);
  await page.goto(`${gateway.url}/chat`);
  await page.getByRole("heading", { name: "Assistant" }).waitFor();
  await context.setOffline(true);
  await page.getByLabel("Your message").fill("calculate 2+3*4");
  await page.keyboard.press("Enter");
  await page.getByText("Not sent yet, trying again…").waitFor();
  await context.setOffline(false);
  await page.getByRole("log").getByText("14", { exact: true }).waitFor();
  await page.reload();
  await page.getByRole("log").getByText("14", { exact: true }).waitFor();
  assert.equal(await page.getByText("calculate 2+3*4", { exact: true }).count(), 1);
});

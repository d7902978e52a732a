import { after, test } from "node:test";
import { assertAccessible, assertDecided, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { fill, rooms } from "./support/rooms.ts";
import { setUp, startGateway, startTelegram, telegramAccount } from "./support/story.ts";

after(closeBrowser);

test("every room at every size and in both lights: accessible, fitting, quiet", { skip: browserMissing }, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, {
    accounts: {
      support: telegramAccount(telegram),
      revoked: { ...telegramAccount(telegram), token: "123456:REVOKED_token_of_the_tests_00000000" },
    },
  });
  const first = await openWindow(t);
  await setUp(first.page, gateway.url);
  await fill(telegram);
  const cookies = await first.context.cookies();
  await first.page.goto(`${gateway.url}/queue`);
  await first.page.getByText("blocked by the user").first().waitFor();

  for (const width of [360, 1280]) {
    for (const scheme of ["light", "dark"] as const) {
      await t.test(`${width} px, ${scheme}`, async (t) => {
        const { page, context, assertQuiet, forgive } = await openWindow(t, { width, scheme, height: width === 360 ? 740 : 800 });
        await page.goto(`${gateway.url}/login`);
        await page.getByRole("heading", { name: "Sign in" }).waitFor();
        await assertAccessible(page, "login");
        await assertFits(page, "login");
        await context.addCookies(cookies);
        for (const { path, heading, shows } of rooms) {
          const where = `${path} at ${width} px, ${scheme}`;
          await page.goto(gateway.url + path);
          await page.getByRole("heading", { name: heading, exact: true, level: 1 }).waitFor();
          if (shows) await page.getByText(shows).first().waitFor();
          await assertAccessible(page, where);
          await assertFits(page, where);
          await assertDecided(page, where);
        }
        // The browser notes our 404 for the unknown id.
        forgive();
        await page.goto(`${gateway.url}/queue`);
        await page.getByRole("link", { name: "Attempts" }).first().click();
        await page.getByRole("dialog").getByText("blocked by the user").first().waitFor();
        await assertAccessible(page, `a dead letter at ${width} px, ${scheme}`);
        await assertDecided(page, `a dead letter at ${width} px, ${scheme}`);
        await page.goto(gateway.url);
        await page.getByRole("link", { name: /nobody asked the bot/ }).click();
        await page.getByText("No reply, because groups are switched off for this account").waitFor();
        await assertAccessible(page, `trace at ${width} px, ${scheme}`);
        await assertFits(page, `trace at ${width} px, ${scheme}`);
        await page.goBack();
        await page.getByRole("link", { name: /^.*long.*Answered/ }).click();
        await page.getByRole("link", { name: "Open conversation" }).click();
        await page.getByRole("button", { name: "Take over" }).waitFor();
        await assertAccessible(page, `conversation at ${width} px, ${scheme}`);
        await assertDecided(page, `conversation at ${width} px, ${scheme}`);
        await assertFits(page, `conversation at ${width} px, ${scheme}`);
        if (width === 360) {
          await page.getByRole("navigation").getByRole("button", { name: "More" }).click();
          await page
            .getByRole("dialog", { name: "More rooms" })
            .getByRole("link", { name: /^Findings/ })
            .waitFor();
          await assertAccessible(page, `more rooms at ${width} px, ${scheme}`);
          await assertDecided(page, `more rooms at ${width} px, ${scheme}`);
          await page.keyboard.press("Escape");
        }
        await page.getByRole("button", { name: /account menu/ }).click();
        await page.getByRole("menu").waitFor();
        await assertAccessible(page, `account menu at ${width} px, ${scheme}`);
        assertQuiet();
      });
    }
  }
});

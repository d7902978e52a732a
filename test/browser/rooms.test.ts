import { after, test } from "node:test";
import type { TelegramSimulator } from "../simulators/telegram.ts";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

/** What a busy gateway has to show: answers with all kinds of markup, a message without reply, a delivery that failed. */
async function fill(telegram: TelegramSimulator): Promise<void> {
  telegram.say(4711, 4711, "long");
  telegram.say(4712, 4712, "calculate 6*7");
  telegram.say(4713, 4713, "buttons");
  telegram.say(-100, 4711, "nobody asked the bot");
  await until("they are answered", () => [4711, 4712, 4713].every((chat) => telegram.seen(chat).length > 0));
  telegram.arrange({ chat: 4714, what: { kind: "error", status: 403, description: "Forbidden: bot was blocked by the user" }, times: 9 });
  telegram.say(4714, 4714, "and now I block you");
}

const rooms = [
  { path: "/", heading: "Home", shows: "calculate 6*7" },
  { path: "/talk", heading: "Assistant", shows: "Say something" },
  { path: "/conversations", heading: "Conversations", shows: "User 4712" },
  { path: "/conversations?q=calculate", heading: "Conversations", shows: "In messages" },
  { path: "/conversations/replies", heading: "Canned replies", shows: "No canned replies yet" },
  { path: "/channels", heading: "Channels", shows: "@polylogue_test_bot" },
  { path: "/channels/add", heading: "Add a channel", shows: "Telegram" },
  { path: "/channels/add/telegram", heading: "Add Telegram", shows: "@BotFather" },
  { path: "/channels/support", heading: "support", shows: "Last sign of life" },
  { path: "/queue", heading: "Queue", shows: "blocked by the user" },
  { path: "/agents", heading: "Agents", shows: "demo/demo" },
  { path: "/agents/main", heading: "main", shows: "What a model reads first" },
  { path: "/routes", heading: "Routes", shows: "always" },
  { path: "/models", heading: "Models", shows: "demo/demo" },
  { path: "/cost", heading: "Cost", shows: "What would it cost?" },
  { path: "/users", heading: "Users", shows: "Your password" },
  { path: "/audit", heading: "Audit", shows: "created the owner" },
  { path: "/settings", heading: "Settings", shows: "limits.turnTries" },
  { path: "/backup", heading: "Backup", shows: "No backups yet" },
  { path: "/queue?tab=moving", heading: "Queue", shows: "Nothing is on its way" },
  { path: "/findings", heading: "Findings" },
  { path: "/trace?q=calculate", heading: "Why no answer?", shows: "calculate 6*7" },
  { path: "/trace/ev_0000000000000000000000", heading: "Trace", shows: "Nothing is known of this id" },
  { path: "/no-such-page", heading: "There is no such page" },
];

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
          await page.getByRole("heading", { name: heading, exact: true }).waitFor();
          if (shows) await page.getByText(shows).first().waitFor();
          await assertAccessible(page, where);
          await assertFits(page, where);
        }
        // The browser notes our 404 for the unknown id.
        forgive();
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
        await assertFits(page, `conversation at ${width} px, ${scheme}`);
        if (width === 360) {
          await page.getByRole("navigation").getByRole("button", { name: "More" }).click();
          await page
            .getByRole("dialog", { name: "More rooms" })
            .getByRole("link", { name: /^Findings/ })
            .waitFor();
          await assertAccessible(page, `more rooms at ${width} px, ${scheme}`);
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

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

test("what holds of handovers is set for all agents; each agent's page says what it inherits, and may say otherwise", {
  skip: browserMissing,
}, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, {
    accounts: { support: telegramAccount(telegram) },
    agents: { main: { models: ["demo/demo"] }, other: { models: ["demo/demo"], handover: { ask: "Its own question?" } } },
  });
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  const set = async (path: string, value: string) => {
    await page.getByRole("button", { name: `Change ${path}`, exact: true }).click();
    await page.getByRole("dialog").getByLabel("Value").fill(value);
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
  };
  const row = (name: string) => page.getByRole("main").getByRole("listitem").filter({ hasText: name });

  await page.goto(`${gateway.url}/settings`);
  await page.getByRole("heading", { name: "People in place of an agent" }).waitFor();
  await set("handover.ask", "How was it?");
  await row("handover.ask").getByText("How was it?").waitFor();
  await assertAccessible(page, "settings of handovers");

  await page.goto(`${gateway.url}/agents/main`);
  await row("handover.ask").getByText("How was it?").waitFor();
  await row("handover.ask").getByText("as in handover.ask").waitFor();
  await row("handover.returnAfterMs").getByText("as in handover.returnAfterMs").waitFor();
  await assertAccessible(page, "an agent that inherits");
  await page.setViewportSize({ width: 360, height: 740 });
  await assertFits(page, "an agent that inherits, on a phone");
  await page.setViewportSize({ width: 1280, height: 800 });

  // What the page says is what is done.
  const handBack = async (chat: number) => {
    telegram.say(chat, chat, "/human");
    const waiting = async () =>
      (await (await page.request.get(`${gateway.url}/api/conversations?state=human`)).json()) as {
        id: string;
        controlVersion: number;
        chat: { id: string };
      }[];
    await until("a person is called", async () => (await waiting()).some((one) => one.chat.id === String(chat)));
    const { id = "", controlVersion: version } = (await waiting()).find((one) => one.chat.id === String(chat)) ?? {};
    const headers = { origin: gateway.url };
    const back = await page.request.post(`${gateway.url}/api/conversations/${id}/return`, { data: { version }, headers });
    assert.equal(back.status(), 200, await back.text());
  };
  const asked = (chat: number, question: string) => telegram.seen(chat).some(({ text }) => text.includes(question));
  await handBack(4711);
  await until("it is asked as for all", () => asked(4711, "How was it?"));

  await set("agents.main.handover.ask", "And with main?");
  await row("handover.ask").getByText("And with main?").waitFor();
  assert.equal(await row("handover.ask").getByText("as in handover.ask").count(), 0);
  await handBack(4712);
  await until("it is asked as the agent says", () => asked(4712, "And with main?"));
  await page.getByRole("button", { name: "Reset agents.main.handover.ask" }).click();
  await row("handover.ask").getByText("as in handover.ask").waitFor();

  await page.goto(`${gateway.url}/agents/other`);
  await row("handover.ask").getByText("Its own question?").waitFor();
  assert.equal(await row("handover.ask").getByText("as in handover.ask").count(), 0);
  assertQuiet();
});

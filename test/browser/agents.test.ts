import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

test("an agent is made, a route leads to it, the next answer is its own; what it was told comes back", {
  skip: browserMissing,
}, async (t) => {
  const telegram = await startTelegram(t);
  const gateway = await startGateway(t, { accounts: { support: telegramAccount(telegram) } });
  const { page, forgive, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);

  await t.test("made, with its reasons where it is refused", async () => {
    await page.goto(`${gateway.url}/agents`);
    await page.getByRole("button", { name: "New agent" }).click();
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("Use letters, digits", { exact: false }).waitFor();
    await page.getByLabel("Name", { exact: true }).fill("bills");
    await page.getByLabel("Models").fill("nobody/knows");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("alert").waitFor();
    forgive();
    await page.getByLabel("Models").fill("demo/demo");
    await page.getByLabel("What is it told?").fill("You answer questions about bills.");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("heading", { name: "bills", exact: true }).waitFor();
    await page.getByText("You answer questions about bills.").first().waitFor();
    await assertAccessible(page, "an agent");
    await assertFits(page, "an agent");
  });

  await t.test("a route to it, in front of the others, and the test of which takes a message", async () => {
    await page.goto(`${gateway.url}/routes`);
    await page.getByRole("button", { name: "New route" }).click();
    await page.getByLabel("Who answers").selectOption("bills");
    await page.getByLabel("When", { exact: false }).fill("{ no json");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("This isn't valid JSON.").waitFor();
    await page.getByLabel("When", { exact: false }).fill('{ "text": "invoice|bill" }');
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("It can't be reached: the one before takes everything.").waitFor();
    await page.getByRole("button", { name: "Route 2: Up" }).click();
    await page.getByText("It can't be reached").waitFor({ state: "detached" });
    await page.getByLabel("Message").fill("Where is my bill?");
    await page.getByLabel("To the account").selectOption("support");
    await page.getByRole("button", { name: "Which route takes it?" }).click();
    await page.getByText("Route 1 takes it: bills answers").waitFor();
    await page.getByLabel("Message").fill("Good morning!");
    await page.getByRole("button", { name: "Which route takes it?" }).click();
    await page.getByText("Route 2 takes it: main answers").waitFor();
    await page.getByText("not: text").waitFor();
    await assertAccessible(page, "routes");
    await assertFits(page, "routes");
    telegram.say(7, 7, "Where is my bill?");
    await until("it is answered", () => telegram.seen(7).length > 0);
    const stories = (await page.evaluate(async () => (await fetch("/api/stories")).json())) as readonly { readonly trace: string }[];
    const trace = await page.evaluate(async (id) => (await fetch(`/api/traces/${id}`)).text(), stories[0]?.trace ?? "");
    assert.match(trace, /"agent":"bills"/, "the agent that the test named answered");
  });

  await t.test("told something else, and then what it was told before", async () => {
    await page.goto(`${gateway.url}/agents/bills`);
    await page.getByRole("button", { name: "Change agents.bills.instructions" }).click();
    await page.getByLabel("Value").fill("You answer in rhymes.");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("agents.bills.instructions is set").waitFor();
    await page.getByRole("button", { name: "Tell it this again" }).first().click();
    await page.getByText("It is told this again").waitFor();
    const agents = (await page.evaluate(async () => (await fetch("/api/agents")).json())) as readonly {
      readonly id: string;
      readonly instructions: string;
    }[];
    assert.equal(agents.find(({ id }) => id === "bills")?.instructions, "You answer questions about bills.");
  });
  assertQuiet();
});

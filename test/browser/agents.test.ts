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
    await page.getByText("No condition: it takes everything.").waitFor();

    // The message that is tried sees what stands in the form, not what runs.
    await page.getByLabel("Message").fill("Where is my bill?");
    await page.getByLabel("To the account").selectOption("support");
    await page.getByRole("button", { name: "Which route takes it?" }).click();
    await page.getByText("Route 1 takes it: main answers").waitFor();
    await page.getByText("The routes are tried as they stand in the form.").waitFor();
    await page.getByText("would too").waitFor();
    await page.getByLabel("Condition", { exact: true }).selectOption("language");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByLabel("language", { exact: true }).fill("english");
    await page.getByText("Two small letters for each language").waitFor();
    await page.getByLabel("language", { exact: true }).fill("de, fr");
    await page.getByText("not: language").waitFor();
    await page.getByRole("button", { name: "Take away: language" }).click();
    await page.getByText("not: language").waitFor({ state: "detached" });

    await page.getByLabel("Condition", { exact: true }).selectOption("time");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByLabel("Time zone").fill("Vienna");
    await page.getByText("There is no such time zone.").waitFor();
    await page.getByLabel("Time zone").fill("Europe/Vienna");
    await page.getByRole("checkbox", { name: "Mon" }).check();
    await page.getByRole("checkbox", { name: "Fri" }).check();
    await page.getByLabel("From").fill("22:00");
    await page.getByLabel("Until").fill("06:00");
    await assertAccessible(page, "a route's form");
    await assertFits(page, "a route's form");

    await page.getByLabel("Condition", { exact: true }).selectOption("text");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Fill it in, or take it away.").waitFor();
    await page.getByLabel("text", { exact: true }).fill("(invoice|bill");
    // The gateway says while it is typed what it would refuse.
    await page.getByText("isn't a pattern", { exact: false }).first().waitFor();
    forgive();
    await page.getByLabel("text", { exact: true }).fill("invoice|bill");
    await page.getByText("isn't a pattern", { exact: false }).first().waitFor({ state: "detached" });

    await page.getByRole("button", { name: "As JSON" }).click();
    const json = page.getByLabel("When", { exact: false });
    assert.deepEqual(JSON.parse(await json.inputValue()), {
      time: { days: ["mon", "fri"], from: "22:00", to: "06:00", zone: "Europe/Vienna" },
      text: "invoice|bill",
    });
    await json.fill("{ no json");
    await page.getByText("This isn't valid JSON.").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await json.fill('{ "text": "invoice|bill", "colour": "red" }');
    await page.getByText("colour", { exact: false }).first().waitFor();
    await page.getByRole("button", { name: "As JSON" }).click();
    await page.getByText("There is no field for this here").waitFor();
    await page.getByRole("button", { name: "Take away: colour" }).click();
    assert.equal(await page.getByLabel("text", { exact: true }).inputValue(), "invoice|bill");
    forgive();
    const before = await page.evaluate(async () =>
      (
        await fetch("/api/routes/evaluate", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: '{"text":"Where is my bill?","account":"support"}',
        })
      ).text(),
    );
    assert.match(before, /"missed":\[\[\]\]/, "nothing is saved yet");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The routes are saved").waitFor();
    await page.getByText("It can't be reached: the one before takes everything.").waitFor();
    await page.getByRole("button", { name: "Route 2: Up" }).click();
    await page.getByText("It can't be reached").waitFor({ state: "detached" });
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
    await page.getByLabel("What is it told?").fill("You answer in rhymes.");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The agent is saved").waitFor();
    await page.getByRole("button", { name: "Tell it this again" }).first().click();
    await page.getByText("It is told this again").waitFor();
    const agents = (await page.evaluate(async () => (await fetch("/api/agents")).json())) as readonly {
      readonly id: string;
      readonly instructions: string;
    }[];
    assert.equal(agents.find(({ id }) => id === "bills")?.instructions, "You answer questions about bills.");
  });
  await t.test("the same in German, on a phone and in the dark", async (t) => {
    const small = await openWindow(t, { locale: "de-DE", width: 360, height: 740, scheme: "dark" });
    await small.context.addCookies(await page.context().cookies());
    await small.page.goto(`${gateway.url}/routes`);
    await small.page.getByRole("button", { name: "Neue Route" }).click();
    for (const name of ["Zeit", "Text", "Sprache", "Kanal"]) {
      await small.page.getByLabel("Bedingung", { exact: true }).selectOption({ label: name });
      await small.page.getByRole("button", { name: "Hinzufügen", exact: true }).click();
    }
    await small.page.getByRole("checkbox", { name: "Mo" }).check();
    await small.page.getByRole("button", { name: "Speichern" }).click();
    await small.page.getByText("Bitte ausfüllen oder wegnehmen.").first().waitFor();
    await small.page.getByText("Die Routen werden probiert, wie sie im Formular stehen.").waitFor();
    await assertAccessible(small.page, "a route's form in German");
    await assertFits(small.page, "a route's form in German");
    await small.page.getByRole("button", { name: "Abbrechen" }).click();
    await small.page.goto(`${gateway.url}/agents/main`);
    await small.page.getByLabel("Nachricht schreiben").fill("calculate 6*7");
    await small.page.getByRole("button", { name: "Senden" }).click();
    await small.page.getByText(/erstes Wort nach/).waitFor();
    await small.page.getByLabel("Was wird ihm gesagt?").fill("Du reimst.");
    await small.page.getByText("Er antwortet, wie er im Formular steht.").waitFor();
    await assertAccessible(small.page, "the playground in German");
    await assertFits(small.page, "the playground in German");
    small.forgive();
  });
  assertQuiet();
});

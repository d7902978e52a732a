import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { startModelSimulator } from "../simulators/model.ts";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { password, setUp, startGateway, startTelegram, telegramAccount, until } from "./support/story.ts";

after(closeBrowser);

async function openConversation(page: Page, text: RegExp): Promise<void> {
  await page
    .getByRole("navigation")
    .getByRole("link", { name: /Conversations|Inbox/ })
    .click();
  await page.getByRole("link", { name: text }).click();
  await page.getByRole("button", { name: "Take over" }).waitFor();
}

test("taken over in the middle of an answer: the model is cut off, and no letter leaves after that", {
  skip: browserMissing,
}, async (t) => {
  const telegram = await startTelegram(t);
  const model = await startModelSimulator({ delayMs: 20 });
  t.after(() => model.close());
  const gateway = await startGateway(t, {
    accounts: { support: { ...telegramAccount(telegram), streaming: "edit" } },
    providers: { local: { kind: "openai-compatible", baseUrl: `${model.origin}/v1` } },
    agents: { main: { models: ["local/chunks-2000"] } },
  });
  const { page, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  telegram.say(4711, 4711, "tell me all");
  await until("the answer grows", () => (telegram.seen(4711).at(-1)?.text.length ?? 0) > 40);
  await openConversation(page, /tell me all/);

  const answered = page.waitForResponse((response) => response.url().endsWith("/take"));
  await page.getByRole("button", { name: "Take over" }).click();
  const taken = (await (await answered).json()) as { quiet: boolean };
  const shown = telegram.seen(4711).map(({ text }) => text);
  const requests = () => ["sendMessage", "editMessageText"].reduce((sum, method) => sum + (telegram.calls.get(method) ?? 0), 0);
  const before = requests();
  assert.equal(taken.quiet, true);
  await until("the model's call is cut off", () => model.calls[0]?.state === "closed-by-client");
  await page.getByText("You have it").waitFor();
  await page.getByText("Broken off", { exact: true }).waitFor();
  await page.getByLabel("Write as an operator").fill("Ada here.");
  await page.keyboard.press("Enter");
  await until("the operator's words are there", () => telegram.seen(4711).at(-1)?.text === "Ada here.");
  assert.deepEqual(
    telegram.seen(4711).map(({ text }) => text),
    [...shown, "Ada here."],
    "0 characters after the takeover",
  );
  assert.equal(requests(), before + 1, "the operator's message alone was sent");
  // The list beside it shows the same words.
  await page
    .getByRole("group", { name: "Messages" })
    .getByText(String(shown.at(-1)))
    .waitFor();
  assertQuiet();
});

test("who was called waits; a colleague was faster; notes stay inside; what is handed back comes with a summary and a question", {
  skip: browserMissing,
}, async (t) => {
  const telegram = await startTelegram(t);
  const model = await startModelSimulator();
  t.after(() => model.close());
  const gateway = await startGateway(t, {
    accounts: { support: telegramAccount(telegram) },
    providers: { local: { kind: "openai-compatible", baseUrl: `${model.origin}/v1` } },
    agents: {
      main: {
        models: ["local/echo"],
        handover: { patterns: ["refund"], say: "Somebody will be with you.", returnAfterMs: 600_000, ask: "How did it go?" },
      },
    },
  });
  const { page, context, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  telegram.say(4711, 4711, "I want a REFUND now");
  await until("the rule's own words are sent", () => telegram.seen(4711).at(-1)?.text === "Somebody will be with you.");
  assert.equal(model.calls.length, 0, "no model was asked");
  await openConversation(page, /REFUND|Somebody/);
  await page.getByText("Waits for a person").waitFor();
  await page.getByText('A rule of main called a person: a message fits "refund"').waitFor();
  await page.getByText(/back to the agent in/).waitFor();
  await assertAccessible(page, "a conversation that waits");

  const { secret } = await (
    await page.request.post(`${gateway.url}/api/invitations`, {
      data: { label: "Grace", role: "operator" },
      headers: { origin: gateway.url },
    })
  ).json();
  const { page: colleague, forgive } = await openWindow(t);
  await colleague.goto(`${gateway.url}/#invite=${secret}`);
  await colleague.getByLabel("Name", { exact: true }).fill("grace");
  await colleague.getByLabel("Password", { exact: true }).fill(password);
  await colleague.getByRole("button", { name: "Join" }).click();
  await colleague.getByRole("button", { name: /grace: account menu/ }).waitFor();
  await colleague.goto(page.url());
  await colleague.getByRole("button", { name: "Take over" }).waitFor();
  // Grace's window hasn't heard of it when she clicks: the gateway tells her who was faster.
  await colleague.route("**/api/conversations/*/take", async (route) => {
    await page.getByRole("button", { name: "Take over" }).click();
    await page.getByText("You have it").waitFor();
    await route.continue();
  });
  await colleague.getByRole("button", { name: "Take over" }).click();
  const asked = colleague.getByRole("alertdialog");
  await asked.getByText(/ada took over (now|\d+ ?s.* ago)/).waitFor();
  await assertAccessible(colleague, "a colleague was faster");
  await colleague.unroute("**/api/conversations/*/take");
  await asked.getByRole("button", { name: "Take it from ada" }).click();
  await page.getByText("grace has it").waitFor();
  await page.getByRole("button", { name: "Assign" }).click();
  await page.getByRole("menuitem", { name: "Put back in the queue" }).click();
  await colleague.getByText("Waits for a person").waitFor();
  forgive();
  const { id } = (await (await page.request.get(`${gateway.url}/api/conversations?limit=1`)).json())[0] as { id: string };

  await page.getByRole("button", { name: "Take over" }).click();
  await page.getByText("You have it").waitFor();
  const second = await context.newPage();
  await second.goto(page.url());
  await second.getByText("You have it").waitFor();

  await page.getByText("Internal note").click();
  await page.getByLabel("Write a note for the team").fill("He paid twice.");
  await page.keyboard.press("Enter");
  await second.getByRole("group", { name: "Messages" }).getByText("He paid twice.").waitFor();
  await page.getByText("Reply", { exact: true }).click();
  await page
    .getByLabel("Attach a file")
    .first()
    .setInputFiles({ name: "receipt.txt", mimeType: "text/plain", buffer: Buffer.from("paid 5") });
  await until("the file is there", () => telegram.calls.get("sendDocument") === 1);
  await second.getByText("receipt.txt").first().waitFor();
  await page.getByLabel("Write as an operator").fill("You get it back on Monday.");
  await page.keyboard.press("Enter");
  await until("the operator's words are there", () => telegram.seen(4711).at(-1)?.text === "You get it back on Monday.");
  telegram.say(4711, 4711, "thanks!");
  await second.getByRole("group", { name: "Messages" }).getByText("thanks!").waitFor();

  await page.setViewportSize({ width: 360, height: 740 });
  await assertFits(page, "a conversation that an operator has");
  await page.getByRole("button", { name: "Hand back to the agent" }).click();
  const dialog = page.getByRole("alertdialog");
  const note = dialog.getByLabel(/What the agent is told/);
  await until("what was said is there", async () => (await note.inputValue()).includes("Team: You get it back on Monday."));
  assert.doesNotMatch(await note.inputValue(), /paid twice/, "a note is no message");
  await assertAccessible(page, "handing back");
  await assertFits(page, "handing back");
  await note.fill("The refund comes on Monday.");
  await dialog.getByRole("button", { name: "Hand back" }).click();
  await second.getByText("Agent answers").waitFor();
  await until("the question is asked", () => telegram.seen(4711).at(-1)?.text === "How did it go?");
  telegram.say(4711, 4711, "4");
  await until("it is thanked for", () => telegram.seen(4711).at(-1)?.text === "Thank you.");
  assert.equal(model.calls.length, 0, "the score went to no model");
  const handovers = await (await page.request.get(`${gateway.url}/api/handovers?conversation=${id}`)).json();
  assert.deepEqual([handovers.length, handovers[0].score, handovers[0].note], [1, 4, "The refund comes on Monday."]);

  telegram.say(4711, 4711, "and now?");
  await until("the agent answers again", () => (telegram.seen(4711).at(-1)?.text ?? "").includes("and now?"));
  const read = JSON.stringify(model.calls[0]?.body);
  assert.match(read, /it is your turn again/);
  assert.match(read, /The refund comes on Monday\./);
  assert.match(read, /\[A person of the team wrote:\] You get it back on Monday\./);
  assert.doesNotMatch(read, /paid twice/);
  assert.equal(telegram.seen(4711).filter(({ text }) => text.includes("paid twice")).length, 0, "the note was sent nowhere");
  assertQuiet();
});

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startModelSimulator } from "../simulators/model.ts";
import { assertAccessible, assertFits, browserMissing, closeBrowser, openWindow } from "./support/browser.ts";
import { setUp, startGateway, until } from "./support/story.ts";

after(closeBrowser);

const server = fileURLToPath(new URL("../simulators/mcp-server.ts", import.meta.url));

test("an agent is changed, tried before it is saved, and its tools ask before they change anything", {
  skip: browserMissing,
}, async (t) => {
  const models = await startModelSimulator();
  t.after(() => models.close());
  const gateway = await startGateway(t, {
    providers: { sim: { kind: "openai-compatible", baseUrl: `${models.origin}/v1`, prices: { "*": { input: 1, output: 2 } } } },
    mcp: { sums: { command: [process.execPath, server] } },
    agents: {
      main: { instructions: "Be kind to {{user}}.", models: ["sim/echo"] },
      adding: { models: ["sim/tools"], tools: ["sums/add"] },
    },
  });
  const { page, forgive, assertQuiet } = await openWindow(t);
  await setUp(page, gateway.url);
  const write = async (text: string) => {
    await page.getByLabel("Write a message").fill(text);
    await page.getByRole("button", { name: "Send" }).click();
  };
  const last = () => page.getByRole("log").getByRole("listitem").last();
  const read = () => models.calls.at(-1)?.body as { messages: { role: string; content: string }[]; max_tokens?: number };

  await t.test("it answers as it is saved, with model, tokens, times and price; the second question knows the first", async () => {
    await page.goto(`${gateway.url}/agents/main`);
    await write("Good morning");
    await last().getByText("You said: Good morning").waitFor();
    await last().getByText("sim/echo").waitFor();
    await last()
      .getByText(/\d+ tokens in, \d+ out/)
      .waitFor();
    await last()
      .getByText(/first word after/)
      .waitFor();
    await last()
      .getByText(/a million: in \$1.00, cached \$1.00, out \$2.00 \(configuration\)/)
      .waitFor();
    await write("And now?");
    await last().getByText("You said: And now?").waitFor();
    assert.deepEqual(
      read()
        .messages.slice(1)
        .map(({ content }) => content),
      ["Good morning", "You said: Good morning", "And now?"],
    );
    await assertAccessible(page, "the playground");
    await assertFits(page, "the playground");
  });

  await t.test("what is typed into the form is previewed and tried at once, and what was said stays", async () => {
    await page.getByLabel("What is it told?").fill("Shout at {{user}}.");
    await page.getByLabel("Models").fill("sim/broken\nsim/upper");
    await page.getByLabel("maxOutputTokens").fill("9");
    await page.getByText("Shout at somebody.").waitFor();
    await page.getByText("It answers as it stands in the form.").waitFor();
    await write('"""quiet"""');
    await last().getByText("QUIET", { exact: true }).waitFor();
    await last().getByText("as edited").waitFor();
    await last().getByText("gave nothing: sim/broken").waitFor();
    assert.match(read().messages[0]?.content ?? "", /^Shout at /);
    assert.equal(await page.getByRole("log").getByRole("listitem").count(), 3);
    // A save would refuse it, and so does the gateway now.
    await page.getByLabel("Models").fill("gone/model");
    await page.getByRole("alert").getByText("can't use gone/model", { exact: false }).first().waitFor();
    await write("Hello?");
    await last().getByRole("alert").getByText("can't use gone/model", { exact: false }).waitFor();
    await page.getByLabel("maxOutputTokens").fill("many");
    await page.getByText("Enter a number.").waitFor();
    await assertAccessible(page, "an agent that is being changed");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByText("Be kind to somebody.").waitFor();
    forgive();
    await page.getByLabel("What is it told?").fill("Sing to {{user}}.");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The agent is saved").waitFor();
    await write("La?");
    await last().getByText("You said: La?").waitFor();
    assert.match(read().messages[0]?.content ?? "", /^Sing to /);
    assert.equal(await last().getByText("as edited").count(), 0);
  });

  await t.test("it is stopped, and cleared", async () => {
    await page.getByLabel("Models").fill("sim/chunks-2000+slow");
    const n = models.calls.length + 1;
    await write("Tell me everything");
    await last().getByText("word", { exact: false }).first().waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await last().getByText("Stopped.").waitFor();
    assert.equal((await models.over(n)).state, "closed-by-client", "nobody pays for what nobody reads");
    await page.getByRole("button", { name: "Clear" }).click();
    await until("nothing is left", async () => (await page.getByRole("log").getByRole("listitem").count()) === 0);
    await page.getByRole("button", { name: "Discard" }).click();
  });

  await t.test("a tool that may change something runs when it is allowed, with what is shown", async () => {
    await until("the tools are there", async () => {
      return (await page.evaluate(async () => (await fetch("/api/tools")).text())).includes('"accepted"');
    });
    await page.goto(`${gateway.url}/agents/adding`);
    await write('{"a":2,"b":40}');
    await page.getByText(/May sums.add run, really, with this\?/).waitFor();
    await page.getByText('{"a":2,"b":40}').last().waitFor();
    await assertAccessible(page, "a tool that asks");
    await page.setViewportSize({ width: 360, height: 740 });
    await assertFits(page, "a tool that asks");
    await page.getByRole("button", { name: "Don't" }).click();
    await page.getByText(/sums.add: not allowed/).waitFor();
    await write('{"a":2,"b":40}');
    await page.getByRole("button", { name: "Run it" }).click();
    await page.getByText("The tools said: 42").waitFor();
    await last().getByText("2 calls").waitFor();
    await last()
      .getByText(/sums.add: done/)
      .click();
    await last().getByText("→ 42", { exact: false }).waitFor();
  });

  await t.test("nothing of it is a conversation; it stands in cost", async () => {
    const [counts, cost] = await page.evaluate(async () => {
      return Promise.all(["/api/counts", "/api/cost?by=purpose"].map(async (path) => (await fetch(path)).text()));
    });
    assert.match(counts ?? "", /"conversations":0,"messages":0/);
    assert.match(cost ?? "", /"purpose":"playground"/);
  });
  assertQuiet();
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { temporaryHome } from "../gateway-process.ts";
import { startModelSimulator } from "../simulators/model.ts";

const labelled = fileURLToPath(new URL("../fixtures/routing/support.jsonl", import.meta.url));
const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const price = (input: number, output: number) => ({ input, output });

/** The command as an operator calls it, its vectors from a server; how well a simulator sorts says nothing about a model. */
async function stage(t: { after(end: () => Promise<unknown>): void }) {
  const home = await temporaryHome();
  const models = await startModelSimulator({ key: "sk-right" });
  t.after(async () => {
    await models.close();
    await home[Symbol.asyncDispose]();
  });
  const sim = {
    kind: "openai-compatible",
    apiKey: "sk-right",
    baseUrl: `${models.origin}/v1`,
    prices: { large: price(10, 40), small: price(0.1, 0.4) },
  };
  const examples = {
    order: ["Where is my parcel?", "Wo ist mein Paket?", "My order hasn't arrived"],
    billing: ["I need an invoice for last month", "I want my money back"],
    technical: ["I can't log in any more", "The app crashes when I open it"],
    talk: ["Hi there!", "How are you today?", "Thanks a lot"],
  };
  const choices = Object.fromEntries(
    Object.entries(examples).map(([name, examples]) => [name, { examples, models: [name === "technical" ? "sim/large" : "sim/small"] }]),
  );
  const configuration = {
    providers: { sim },
    agents: { main: { models: ["sim/large"] } },
    routes: [{ agent: "main", classify: { by: "embedding", models: ["sim/vectors"], floor: 0.5, choices } }],
  };
  await writeFile(join(home.path, "polylogue.json5"), JSON.stringify(configuration));
  return async (...words: string[]) => {
    const env = { PATH: process.env.PATH, HOME: home.path, POLYLOGUE_HOME: home.path };
    const run = promisify(execFile)(process.execPath, [main, ...words], { env }).catch(
      (failed: { stdout: string; stderr: string }) => failed,
    );
    const { stdout, stderr } = await run;
    return { stdout, stderr };
  };
}

test("a router by content is evaluated on labelled messages: what is right, what is mixed up, what it saves", {
  timeout: 120_000,
}, async (t) => {
  const run = await stage(t);
  const { stdout, stderr } = await run("routes", "evaluate", labelled, "--json");
  assert.equal(stderr, "");
  const found = JSON.parse(stdout) as {
    examples: number;
    right: number;
    accuracy: number;
    belowFloor: number;
    confusion: Record<string, number>;
    usd: number;
    always: { model: string; usd: number };
    saved: number;
  };
  assert.equal(found.examples, 88);
  const wrong = Object.values(found.confusion).reduce((a, b) => a + b, 0);
  assert.equal(found.right + wrong, 88);
  assert.ok(Math.abs(found.accuracy - found.right / 88) < 1e-9 && found.right > 12 && found.right < 88, `${found.right}`);
  assert.equal(found.always.model, "sim/large");
  assert.ok(found.usd < found.always.usd && found.saved > 0 && found.saved < 1);
  const cost = JSON.parse((await run("cost", "list", "--by", "purpose,channel", "--json")).stdout) as { of: object; calls: number }[];
  assert.deepEqual(
    cost.map(({ of, calls }) => [of, calls]),
    [[{ purpose: "embed", channel: "cli" }, 89]],
  );
});

test("a message is tried on the routes before anybody writes it", { timeout: 60_000 }, async (t) => {
  const run = await stage(t);
  const { stdout } = await run("routes", "test", "My order hasn't arrived yet");
  assert.match(
    stdout,
    /^Route 1 takes it: main answers, with sim\/small\.\nSorted by embedding: order \(0\.\d\d\): like "My order hasn't arrived"/,
  );
  assert.match((await run("routes", "evaluate", "/nowhere.jsonl")).stderr, /can't be read/);
  assert.match((await run("routes", "list")).stdout, /always +main +order, billing, technical, talk/);
});

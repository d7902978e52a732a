import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type GatewayProcess, setupToken, startGatewayProcess, type TemporaryHome, temporaryHome } from "../gateway-process.ts";
import { type ModelSimulator, startModelSimulator } from "../simulators/model.ts";
import { TelegramSimulator } from "../simulators/telegram.ts";

/** A real gateway whose agents have documents; what its models read is looked at in the simulator. */
let home: TemporaryHome;
let models: ModelSimulator;
let telegram: TelegramSimulator;
let gateway: GatewayProcess;
let cookie = "";
let chat = 1_000;

before(async () => {
  home = await temporaryHome();
  models = await startModelSimulator();
  telegram = new TelegramSimulator({});
  await telegram.listen();
  const docs = join(home.path, "docs");
  await mkdir(docs);
  await writeFile(
    join(docs, "travel.md"),
    "# Travel\n\n## Trains\n\nWe travel second class. Tickets are booked at the front desk.\n\n## Cars\n\nA rental car needs a permit.\n",
  );
  await writeFile(join(docs, "canteen.md"), "# Canteen\n\nLunch is served at noon.\n");
  const agent = { instructions: "You know {{knowledge}}.", knowledge: ["handbook"], models: ["sim/echo"] };
  gateway = await startGatewayProcess({
    home: home.path,
    env: { TELEGRAM_TOKEN: telegram.token },
    configuration: {
      accounts: { bot: { channel: "telegram", token: "${TELEGRAM_TOKEN}", apiRoot: telegram.url, mode: "poll", streaming: false } },
      providers: { sim: { kind: "openai-compatible", baseUrl: `${models.origin}/v1` } },
      knowledge: { handbook: { files: docs, description: "staff rules" } },
      agents: {
        main: agent,
        seeker: { ...agent, models: ["sim/tools"], tools: ["search_knowledge"], limits: { knowledgeTokens: 0 } },
        other: { instructions: "You know {{knowledge}}.", models: ["sim/echo"] },
      },
      routes: [{ when: { text: "^\\{" }, agent: "seeker" }, { when: { text: "^other" }, agent: "other" }, { agent: "main" }],
    },
  });
  const made = await fetch(`${gateway.url}/api/setup`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: gateway.url },
    body: JSON.stringify({ token: setupToken, name: "Ada", password: "correct horse battery staple" }),
  });
  cookie = made.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  await until(async () => ((await api("/api/knowledge")) as { documents: number }[])[0]?.documents === 2);
});
after(async () => {
  await gateway?.kill();
  await models?.close();
  await telegram?.close();
  await home?.[Symbol.asyncDispose]();
});

async function api(path: string): Promise<unknown> {
  return (await fetch(`${gateway.url}${path}`, { headers: { cookie } })).json();
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 1_200 && !(await holds()); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(await holds());
}

/** What is answered in a chat of its own, and what each call for it was given. */
async function say(text: string): Promise<{ answer: string; asked: string[] }> {
  chat += 1;
  const from = models.calls.length;
  telegram.say(chat, chat, text);
  await until(() => telegram.seen(chat).length > 0);
  return { answer: telegram.seen(chat)[0]?.text ?? "", asked: models.calls.slice(from).map(({ body }) => JSON.stringify(body)) };
}

test("what was found stands before the question, is told as information, and the trace says what it was", async () => {
  const { asked } = await say("May I take a first class train?");
  assert.equal(asked.length, 1);
  assert.match(asked[0] ?? "", /You know handbook \(staff rules\)\./);
  assert.match(
    asked[0] ?? "",
    /information, not an order.*\[handbook\/travel\.md#Travel › Trains\]\\nWe travel second class\..*first class train\?/,
  );
  assert.doesNotMatch(asked[0] ?? "", /Lunch|rental/);
  const [newest] = (await api("/api/stories?limit=1")) as { trace: string }[];
  type Entry = {
    readonly stage: string;
    readonly detail?: { readonly context?: { readonly knowledge: number; readonly passages: string[] } };
  };
  const { entries } = (await api(`/api/traces/${newest?.trace}`)) as { entries: readonly Entry[] };
  const context = entries.find(({ stage }) => stage === "model-start")?.detail?.context;
  assert.ok(context);
  assert.deepEqual(context.passages, ["handbook/travel.md#Travel › Trains"]);
  assert.ok(context.knowledge > 20);
});

test("a question that has nothing to do with them brings none, and an agent without documents gets none", async () => {
  assert.doesNotMatch((await say("Tell me a joke")).asked[0] ?? "", /Passages of our documents/);
  const other = (await say("other: May I take a first class train?")).asked[0] ?? "";
  assert.doesNotMatch(other, /Passages|second class/);
  assert.match(other, /You know nothing\./);
});

test("a model searches by itself, only where its agent may", async () => {
  const { answer, asked } = await say('{"question": "When is lunch?"}');
  assert.match(answer, /\[handbook\/canteen\.md#Canteen\]\nLunch is served at noon\./);
  assert.equal(asked.length, 2);
});

test("the model endpoint gives its agents their documents", async () => {
  const made = await fetch(`${gateway.url}/api/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: gateway.url, cookie },
    body: JSON.stringify({ label: "laptop", role: "operator" }),
  });
  const { token } = (await made.json()) as { token: string };
  const answered = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ model: "main", messages: [{ role: "user", content: "Do I need a permit for a car?" }] }),
  });
  assert.equal(answered.status, 200);
  assert.match(JSON.stringify(models.calls.at(-1)?.body), /A rental car needs a permit.*Do I need a permit/);
});

test("operators see what was read and what would be found", async () => {
  assert.deepEqual(await api("/api/knowledge"), [{ name: "handbook", documents: 2, passages: 3, skipped: [] }]);
  assert.deepEqual(await api("/api/knowledge/search?question=lunch"), [
    { at: "handbook/canteen.md#Canteen", text: "Lunch is served at noon." },
  ]);
  assert.deepEqual(await api("/api/knowledge/search?question=lunch&source=nothing"), []);
  assert.equal((await fetch(`${gateway.url}/api/knowledge/search?question=lunch`)).status, 401);
});

test("a folder that goes away is a finding, and nothing else stops", async () => {
  await rm(join(home.path, "docs"), { recursive: true });
  await fetch(`${gateway.url}/api/settings/knowledge.handbook.description`, {
    method: "PUT",
    headers: { "content-type": "application/json", origin: gateway.url, cookie },
    body: JSON.stringify({ value: "rules" }),
  });
  await until(async () => ((await api("/api/findings")) as { code: string }[]).some(({ code }) => code === "knowledge-unreadable"));
  assert.match((await say("May I take a first class train?")).asked[0] ?? "", /second class/);
});

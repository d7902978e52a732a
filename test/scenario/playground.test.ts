import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createParser } from "eventsource-parser";
import { type GatewayProcess, setupToken, startGatewayProcess, type TemporaryHome, temporaryHome } from "../gateway-process.ts";
import { type ModelSimulator, startModelSimulator } from "../simulators/model.ts";

const server = fileURLToPath(new URL("../simulators/mcp-server.ts", import.meta.url));

let home: TemporaryHome;
let models: ModelSimulator;
let gateway: GatewayProcess;
let cookie = "";
const tokens: { [role: string]: string } = {};

before(async () => {
  home = await temporaryHome();
  models = await startModelSimulator();
  const limits = { maxOutputTokens: 100 };
  const agent = (...names: string[]) => ({ instructions: "Be kind to {{user}} on {{channel}}.", models: names, limits });
  gateway = await startGatewayProcess({
    home: home.path,
    configuration: {
      providers: { sim: { kind: "openai-compatible", baseUrl: `${models.origin}/v1`, prices: { "*": { input: 1, output: 2 } } } },
      mcp: { sums: { command: [process.execPath, server] } },
      agents: {
        main: { ...agent("sim/echo"), style: { webchat: { length: "short" } }, examples: [{ user: "Hi", answer: "Hello." }] },
        failing: agent("sim/broken", "sim/echo"),
        dead: agent("sim/broken"),
        breaking: agent("sim/error"),
        slow: agent("sim/chunks-2000+slow"),
        silent: { ...agent("sim/silent"), limits: { ...limits, turnMs: 1_000 } },
        poor: agent("sim/echo"),
        counting: { ...agent("sim/tools"), tools: ["calculator"] },
        careful: { ...agent("sim/tools"), tools: ["calculator"], approve: ["calculator"] },
        adding: { ...agent("sim/tools"), tools: ["sums/add"] },
        acting: { ...agent("sim/tools"), tools: ["remind_me", "react", "hand_over"] },
        tireless: { ...agent("sim/tools"), tools: ["calculator"], limits: { ...limits, steps: 1 } },
      },
      budgets: { pocket: { agent: "poor", tokens: 1, every: "day" } },
      routes: [{ agent: "main" }],
    },
  });
  const owner = await post("/api/setup", { token: setupToken, name: "Ada", password: "correct horse battery staple" });
  cookie = owner.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  for (const role of ["viewer", "operator", "admin"]) {
    const made = (await (await post("/api/tokens", { label: `${role}-laptop`, role })).json()) as { token: string };
    tokens[role] = made.token;
  }
});
after(async () => {
  await gateway?.kill();
  await models?.close();
  await home?.[Symbol.asyncDispose]();
});

function post(path: string, body: object, { token, signal }: { token?: string | undefined; signal?: AbortSignal } = {}) {
  const who = token === undefined ? { cookie } : { authorization: `Bearer ${token}` };
  const headers = { "content-type": "application/json", origin: gateway.url, ...who };
  return fetch(`${gateway.url}${path}`, { method: "POST", headers, body: JSON.stringify(body), ...(signal && { signal }) });
}

async function get(path: string): Promise<unknown> {
  return (await fetch(`${gateway.url}${path}`, { headers: { cookie } })).json();
}

interface Event {
  readonly type: string;
  readonly [key: string]: unknown;
}

interface Trial {
  readonly said?: readonly string[];
  readonly draft?: object;
  readonly token?: string | undefined;
  readonly signal?: AbortSignal;
}

/** What the operator and the agent said by turns, to an agent; each event is heard as it comes. */
async function play(agent: string, trial: Trial = {}, hear: (event: Event) => unknown = () => {}): Promise<Event[]> {
  const { said = ["Good morning"], draft, ...as } = trial;
  const turns = said.map((text, index) => ({ from: (said.length - index) % 2 === 1 ? "operator" : "agent", text }));
  const response = await post("/api/playground", { agent, said: turns, ...(draft && { draft }) }, as);
  assert.equal(response.status, 200, await (response.ok ? "" : response.text()));
  assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  const events: Event[] = [];
  const parser = createParser({
    onEvent({ data }) {
      const event = JSON.parse(data) as Event;
      events.push(event);
      void hear(event);
    },
  });
  for await (const chunk of response.body as ReadableStream<Uint8Array>) parser.feed(new TextDecoder().decode(chunk));
  return events;
}

async function refusal(agent: string, trial: Trial = {}) {
  const { said = ["Good morning"], draft, ...as } = trial;
  const body = { agent, said: said.map((text) => ({ from: "operator", text })), ...(draft && { draft }) };
  const response = await post("/api/playground", body, as);
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, ...error };
}

const textOf = (events: readonly Event[]) => events.map((event) => (event.type === "text" ? event.delta : "")).join("");
const codeOf = (events: readonly Event[]) => (events.at(-1)?.fault as { code?: string } | undefined)?.code;
const typesOf = (events: readonly Event[]) => [...new Set(events.map(({ type }) => type))];
const read = () =>
  models.calls.at(-1)?.body as { messages: { role: string; content: string }[]; max_tokens?: number; max_completion_tokens?: number };
const toolsOf = (events: readonly Event[]) => events.filter(({ type }) => type === "tool").map(({ state, result }) => [state, result]);

describe("an agent as it is saved", () => {
  test("its answer comes as it is written, with who said it, tokens, price and times; it reads what it would in a turn", async () => {
    const events = await play("main", { said: ["One", "Two", "Three"] });
    assert.equal(textOf(events), "You said: Three");
    assert.deepEqual(typesOf(events), ["model", "text", "call", "end"]);
    const call = events.find(({ type }) => type === "call") as Event & { cost: object; firstMs: number; ms: number; input: number };
    assert.deepEqual(call.cost, {
      usd: (call.input + 2 * Number(call.output)) / 1e6,
      source: "configuration",
      perMillion: { input: 1, cachedInput: 1, output: 2 },
    });
    assert.equal(call.model, "sim/echo");
    assert.ok(call.firstMs >= 0 && call.firstMs <= call.ms && call.reported);
    assert.deepEqual(events.at(-1), { type: "end", reason: "stop" });
    const [system, ...rest] = read().messages;
    assert.match(system?.content ?? "", /^Be kind to Ada on webchat\.\s+Answer in at most three sentences/);
    assert.deepEqual(
      rest.map(({ role, content }) => `${role}: ${content}`),
      ["user: Hi", "assistant: Hello.", "user: One", "assistant: Two", "user: Three"],
    );
  });

  test("it counts in cost, as what it is; nothing of it is a conversation", async () => {
    const rows = (await get("/api/cost?by=purpose,channel,agent")) as readonly { readonly of: object; readonly calls: number }[];
    const own = rows.find(({ of }) => (of as { agent?: string }).agent === "main");
    assert.deepEqual(own?.of, { purpose: "playground", channel: "playground", agent: "main" });
    assert.deepEqual(await get("/api/counts").then((counts) => [(counts as Event).conversations, (counts as Event).messages]), [0, 0]);
    assert.deepEqual(await get("/api/stories"), []);
  });

  test("another model answers where the first fails; what fails whole is a fault, at once or in the middle", async () => {
    const events = await play("failing");
    assert.deepEqual(
      events.filter(({ type }) => type === "model").map(({ model }) => model),
      ["sim/broken", "sim/echo"],
    );
    assert.equal(events.find(({ type }) => type === "call")?.model, "sim/echo");
    assert.deepEqual([(await refusal("dead")).status, (await refusal("dead")).code], [502, "provider-unavailable"]);
    assert.equal((await refusal("silent")).code, "turn-failed");
    const broken = await play("breaking");
    assert.equal(codeOf(broken), "provider-unavailable");
  });

  test("a budget that is used up refuses with its code, whatever model the form names", async () => {
    await play("poor");
    assert.deepEqual([(await refusal("poor")).status, (await refusal("poor")).code], [429, "budget-spent"]);
    const before = models.calls.length;
    assert.equal((await refusal("poor", { draft: { models: ["sim/upper"] } })).code, "budget-spent");
    assert.equal(models.calls.length, before, "nobody was asked");
  });

  test("who hangs up ends the model's call", async () => {
    const leaving = new AbortController();
    const n = models.calls.length + 1;
    await assert.rejects(play("slow", { signal: leaving.signal }, ({ type }) => type === "text" && leaving.abort()));
    assert.equal((await models.over(n)).state, "closed-by-client");
  });

  test("for operators; who asks for nothing that there is, is told", async () => {
    assert.equal((await refusal("main", { token: tokens.viewer })).code, "role-too-low");
    assert.equal(textOf(await play("main", { token: tokens.operator })), "You said: Good morning");
    assert.equal((await refusal("nobody")).code, "not-found");
    const ends = await post("/api/playground", { agent: "main", said: [{ from: "agent", text: "Well?" }] });
    assert.match(await ends.text(), /must end with what the operator says/);
  });
});

describe("an agent as it is being changed", () => {
  test("instructions, models and limits of the form are tried; what is saved stays", async () => {
    const before = await get("/api/config");
    const draft = { instructions: "Shout at {{user}}.", models: ["sim/upper"], "limits.history": 1, "limits.maxOutputTokens": 7 };
    const events = await play("main", { said: ["One", "Two", '"""Three"""'], draft });
    assert.equal(textOf(events), "THREE");
    assert.match(read().messages[0]?.content ?? "", /^Shout at Ada/);
    assert.equal(
      read().messages.some(({ content }) => content === "One"),
      false,
      "so much of the past as the form says",
    );
    assert.equal(read().max_tokens ?? read().max_completion_tokens, 7);
    assert.deepEqual(await get("/api/config"), before);
  });

  test("what a save would refuse isn't tried; what is saved by admins is tried by admins", async () => {
    const draft = async (draft: object, token?: string) => {
      const { code, message } = await refusal("main", { draft, token });
      return `${code}: ${message}`;
    };
    assert.match(await draft({ models: ["gone/model"] }), /^config-invalid: The agent main can't use gone\/model/);
    assert.match(await draft({ "limits.steps": 0 }), /^config-invalid: .*steps/);
    assert.match(await draft({ colour: "red" }), /^config-invalid: .*colour/);
    assert.match(await draft({ instructions: "${HOME}" }), /^request-invalid: draft\.instructions/);
    assert.match(await draft({ instructions: "x" }, tokens.operator), /^role-too-low/);
  });
});

describe("tools", () => {
  const expression = '{"expression":"6*7"}';

  test("what only looks runs, and is shown; it ends at the agent's limit", async () => {
    const events = await play("counting", { said: [expression] });
    assert.deepEqual(toolsOf(events), [
      ["running", undefined],
      ["done", "42"],
    ]);
    assert.match(textOf(events), /The tools said: 42/);
    assert.equal(events.filter(({ type }) => type === "call").length, 2, "each call is told");
    assert.deepEqual((await play("tireless", { said: [expression] })).at(-1), { type: "end", reason: "steps" });
    assert.deepEqual(toolsOf(await play("counting", { said: ["{}"] })).at(-1)?.[0], "failed");
  });

  test("what acts on a conversation isn't run: there is none", async () => {
    const events = await play("acting", { said: ['{"action":"set","text":"tea","minutes":5,"reason":"x","emoji":"👍"}'] });
    assert.deepEqual(
      toolsOf(events).map(([state]) => state),
      ["skipped", "skipped", "skipped"],
    );
    assert.match(textOf(events), /Not run/);
  });

  test("any other tool runs when its operator allows it, once, and not otherwise", async () => {
    for (let i = 0; i < 200 && !JSON.stringify(await get("/api/tools")).includes("accepted"); i++)
      await new Promise((go) => setTimeout(go, 50));
    const answer = (question: unknown, allow: boolean, token?: string) => post("/api/playground/tools", { question, allow }, { token });
    const asked = async (agent: string, said: string, word: (question: unknown) => Promise<unknown>) => {
      return play(agent, { said: [said] }, ({ type, state, question }) => type === "tool" && state === "asks" && word(question));
    };
    let spent: unknown;
    const allowed = await asked("adding", '{"a":2,"b":40}', async (question) => {
      spent = question;
      assert.equal((await answer(question, true, tokens.viewer)).status, 403);
      const both = await Promise.all([answer(question, true), answer(question, true)]);
      assert.deepEqual(both.map(({ status }) => status).sort(), [200, 404], "once");
    });
    assert.deepEqual(toolsOf(allowed), [
      ["asks", undefined],
      ["running", undefined],
      ["done", "42"],
    ]);
    assert.match(textOf(allowed), /The tools said: 42/);
    assert.equal((await answer(spent, true)).status, 404);
    const log = JSON.stringify(await get("/api/audit?action=playground-tool-allow"));
    assert.match(log, /"subject":"adding"/);
    assert.match(log, /sums.add/);

    const refused = await asked("adding", '{"a":2,"b":40}', (question) => answer(question, false));
    assert.deepEqual(
      toolsOf(refused).map(([state]) => state),
      ["asks", "refused"],
    );
    assert.doesNotMatch(textOf(refused), /42/);
    // What the agent asks about everywhere it asks about here.
    const careful = await asked("careful", expression, (question) => answer(question, false));
    assert.equal(toolsOf(careful)[0]?.[0], "asks");
    // What can't be run isn't asked about.
    assert.deepEqual(
      toolsOf(await play("adding", { said: ['{"a":"two"}'] })).map(([state]) => state),
      ["running", "failed"],
    );
  });

  test("a stop of the gateway ends a trial that waits for a word", async () => {
    let ended: Promise<number | string> | undefined;
    const events = await play("adding", { said: ['{"a":2,"b":40}'] }, ({ state }) => {
      if (state === "asks") ended = gateway.stop();
    });
    assert.equal(
      toolsOf(events).some(([state]) => state === "running" || state === "done"),
      false,
    );
    assert.equal(codeOf(events), "aborted");
    assert.equal(await ended, 0);
  });
});

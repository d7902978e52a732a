/**
 * `node bench/calls.ts [--calls 2000]`: CPU that one streamed model call of 50 chunks costs, next to a bare reader of the same stream,
 * in one run: the two formats of ours alone and inside the turn loop, and a package through the adapter. The server is a process
 * of its own; its CPU isn't counted.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cutOff } from "../src/core/cut-off.ts";
import { ok } from "../src/core/errors.ts";
import { type EventId, newId } from "../src/core/ids.ts";
import type { Log } from "../src/core/log.ts";
import type { ModelRequest, Provider, ProviderAccount } from "../src/core/provider.ts";
import { createHttpClient } from "../src/http/client.ts";
import anthropic from "../src/providers/anthropic.ts";
import groq from "../src/providers/groq.ts";
import openaiCompatible from "../src/providers/openai-compatible.ts";
import { systemClock as clock } from "../src/system-clock.ts";
import { answerParts } from "../src/turn/answer-parts.ts";
import { createBreakers } from "../src/turn/breakers.ts";
import { chainOf } from "../src/turn/chain.ts";
import { createEstimates } from "../src/turn/estimates.ts";
import { createMeter } from "../src/turn/meter.ts";
import { newCall } from "../src/turn/model-call.ts";
import { promptOf } from "../src/turn/prompt.ts";
import { runTurn } from "../src/turn/run.ts";
import { agentOf } from "../test/support/agent.ts";

const { values } = parseArgs({ options: { calls: { type: "string", default: "2000" } } });
const calls = Number(values.calls);
const atOnce = 16;
const rounds = 3;
const model = "chunks-50";
const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };

const server: ChildProcess = spawn(process.execPath, [fileURLToPath(new URL("../test/simulators/model.ts", import.meta.url))], {
  stdio: ["ignore", "pipe", "inherit"],
});
const [line] = (await once(createInterface(server.stdout as NonNullable<typeof server.stdout>), "line")) as [string];
const origin = line.replace("ready ", "");
const client = createHttpClient();
const account = (settings: object): ProviderAccount<never> => ({
  ...{ id: "bench", settings: settings as never, stallMs: 60_000, http: client, log: silent },
  load: async ({ name }) => ok((await import(name)) as unknown),
});
const request: ModelRequest = {
  model,
  instructions: "Be brief.",
  tools: [],
  messages: [{ role: "user", content: [{ type: "text", text: "Go on." }] }],
};

/** What nobody can do with less: the request, the lines, each chunk's JSON. */
const agentOfBare = new http.Agent({ keepAlive: true, maxSockets: atOnce });
function bare(): Promise<void> {
  const body = JSON.stringify({
    model,
    stream: true,
    messages: [{ role: "user", content: "Go on." }],
    stream_options: { include_usage: true },
  });
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = http.request(`${origin}/v1/chat/completions`, { method: "POST", headers, agent: agentOfBare }, (answer) => {
      let rest = "";
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const one of lines) {
          if (!one.startsWith("data: {")) continue;
          const { choices } = JSON.parse(one.slice(6)) as { choices: { delta: { content?: string } }[] };
          text += choices[0]?.delta.content ?? "";
        }
      });
      answer.on("end", () => (text.includes("word49") ? resolve() : reject(new Error("half an answer"))));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function alone(provider: Provider<never>, of: ProviderAccount<never>): Promise<void> {
  let text = "";
  for await (const event of provider.stream(of, request, new AbortController().signal)) if (event.type === "text") text += event.delta;
  if (!text.includes("word49")) throw new Error("half an answer");
}

const agent = agentOf({ models: [`bench/${model}`], instructions: "Be brief." });
const breakers = createBreakers({ clock, random: Math.random, keys: () => 1 });
const estimates = createEstimates(async () => (text) => text.length);

/** Everything that a turn does around its call, but for the store. */
async function inTurn(provider: Provider<never>, of: ProviderAccount<never>): Promise<void> {
  const situation = {
    agent: "main",
    tenant: "default",
    channel: "chat",
    account: "bot",
    userId: "1",
    chatKind: "direct",
    at: clock.now(),
  } as const;
  const prompt = promptOf(
    { estimates, capabilities: () => ({ reads: [] }) },
    { agent, situation, past: [], input: [[{ type: "text", text: "Go on.", markup: "plain" }]] },
  );
  const meter = createMeter(
    { clock, budgets: () => [], prices: { cost: () => undefined } },
    { tenant: "default" as never, channel: "chat" },
    1_000,
  );
  const chain = chainOf(agent, breakers);
  const planned = await prompt(chain.first, []);
  const call = newCall(chain.first, { clock, agent: agent.id, context: planned.plan });
  const cut = cutOff(new AbortController().signal, { clock, ms: 60_000 });
  const event = newId("message", clock.now()) as never as EventId;
  const turn = {
    tenant: "default",
    id: "tn_1",
    event,
    conversation: "cv_1",
    agent: agent.id,
    state: "running",
    tries: 1,
    startedAt: clock.now(),
  } as never;
  const seat = { release() {} };
  const result = await runTurn(
    {
      ...{
        clock,
        breakers,
        estimates,
        meter,
        tell() {},
        answerParts,
        seat: async () => seat,
        overBudget: async () => "",
        step: async () => ok([]),
        sent: () => 0,
      },
      provider: () => ({ provider: provider as never, account: of as never }),
    },
    { ...{ turn, agent, chain, prompt, planned, tools: [], context: {} as never, call, seat, cut } },
  );
  cut.end();
  if (result.kind !== "answer") throw new Error(JSON.stringify(result));
}

const openai = account({ baseUrl: `${origin}/v1` });
const claude = account({ baseUrl: origin, apiKey: "x" });
const hosted = account({ baseUrl: `${origin}/groq/v1`, apiKey: "x" });
const ways: { readonly [name: string]: () => Promise<void> } = {
  "bare reader on node:http": bare,
  "openai-compatible, alone": () => alone(openaiCompatible as never, openai),
  "openai-compatible, in the turn loop": () => inTurn(openaiCompatible as never, openai),
  "anthropic, alone": () => alone(anthropic as never, claude),
  "anthropic, in the turn loop": () => inTurn(anthropic as never, claude),
  "groq's package through the adapter, in the turn loop": () => inTurn(groq as never, hosted),
};

async function measure(one: () => Promise<void>, count: number): Promise<number> {
  const before = process.cpuUsage();
  let left = count;
  const worker = async () => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

const best = new Map<string, number>();
for (const one of Object.values(ways)) await measure(one, 300);
for (let round = 0; round < rounds; round++) {
  for (const [name, one] of Object.entries(ways))
    best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, await measure(one, calls)));
}
const base = best.get("bare reader on node:http") ?? 1;
for (const [name, cpu] of best) console.log(`| ${name} | ${cpu.toFixed(0)} | ${(cpu / base).toFixed(2)} × |`);
server.kill();
agentOfBare.destroy();
await client.close();

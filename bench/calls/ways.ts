import http from "node:http";
import { cutOff } from "../../src/core/cut-off.ts";
import { ok } from "../../src/core/errors.ts";
import { type EventId, newId } from "../../src/core/ids.ts";
import type { Log } from "../../src/core/log.ts";
import type { ModelRequest, Provider, ProviderAccount } from "../../src/core/provider.ts";
import { createHttpClient } from "../../src/http/client.ts";
import anthropic from "../../src/providers/anthropic.ts";
import groq from "../../src/providers/groq.ts";
import openaiCompatible from "../../src/providers/openai-compatible.ts";
import { systemClock as clock } from "../../src/system-clock.ts";
import { answerParts, answerStream } from "../../src/turn/answer-parts.ts";
import { createBreakers } from "../../src/turn/breakers.ts";
import { chainOf } from "../../src/turn/chain.ts";
import { createEstimates } from "../../src/turn/estimates.ts";
import { createMeter } from "../../src/turn/meter.ts";
import { newCall } from "../../src/turn/model-call.ts";
import { promptOf } from "../../src/turn/prompt.ts";
import { runTurn } from "../../src/turn/run.ts";
import { agentOf } from "../../test/support/agent.ts";

/** The first is what all others are compared with. */
export const wayNames = [
  "bare reader on node:http",
  "openai-compatible, alone",
  "openai-compatible, in the turn loop",
  "anthropic, alone",
  "anthropic, in the turn loop",
  "groq's package through the adapter, in the turn loop",
] as const;
export type WayName = (typeof wayNames)[number];

export interface Ways {
  /** One call, to its end; rejects when the answer isn't whole. */
  readonly call: Readonly<Record<WayName, () => Promise<void>>>;
  /** Chunks of text heard so far, over all calls. */
  heard(): number;
  close(): Promise<void>;
}

export interface WaysOptions {
  readonly origin: string;
  readonly model: string;
  /** What the model is asked; the simulator's `stall` repeats half of it. */
  readonly words: string;
  readonly sockets: number;
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };

/** The ways to have one streamed answer. */
export function openWays({ origin, model, words, sockets }: WaysOptions): Ways {
  let chunks = 0;
  /** The process's own, which every turn follows. */
  const { signal: stop } = new AbortController();
  const client = createHttpClient();
  const account = (settings: object): ProviderAccount<never> => ({
    ...{ id: "bench", settings: settings as never, stallMs: 60_000, http: client, log: silent },
    load: async ({ name }) => ok((await import(name)) as unknown),
  });
  const request: ModelRequest = {
    model,
    instructions: "Be brief.",
    tools: [],
    messages: [{ role: "user", content: [{ type: "text", text: words }] }],
  };

  /** What nobody can do with less: the request, the lines, each chunk's JSON. */
  const agentOfBare = new http.Agent({ keepAlive: true, maxSockets: sockets });
  function bare(): Promise<void> {
    const body = JSON.stringify({
      model,
      stream: true,
      messages: [{ role: "user", content: words }],
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
            const delta = choices[0]?.delta.content;
            if (delta) chunks++;
            text += delta ?? "";
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
    for await (const event of provider.stream(of, request, new AbortController().signal)) {
      if (event.type !== "text") continue;
      chunks++;
      text += event.delta;
    }
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
      { agent, situation, past: [], input: [[{ type: "text", text: words, markup: "plain" }]] },
    );
    const meter = createMeter(
      { clock, budgets: () => [], prices: { cost: () => undefined } },
      { tenant: "default" as never, channel: "chat" },
    );
    const chain = chainOf(agent, breakers);
    const planned = await prompt(chain.first, []);
    const call = newCall(chain.first, { clock, agent: agent.id, context: planned.plan });
    const cut = cutOff(stop, { clock, ms: 60_000 });
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
          tell(event) {
            if (event.type === "turn-text") chunks++;
          },
          answerParts,
          answerStream,
          seat: async () => seat,
          overBudget: async () => "",
          step: async () => ok([]),
          sent: () => 0,
        },
        provider: () => ({ provider: provider as never, account: of as never }),
      },
      { ...{ turn, agent, chain, prompt, tools: [], context: {} as never, opening: { call, seat, planned }, cut } },
    );
    cut.end();
    if (result.kind !== "answer") throw new Error(JSON.stringify(result));
  }

  const openai = account({ baseUrl: `${origin}/v1` });
  const claude = account({ baseUrl: origin, apiKey: "x" });
  const hosted = account({ baseUrl: `${origin}/groq/v1`, apiKey: "x" });
  return {
    call: {
      "bare reader on node:http": bare,
      "openai-compatible, alone": () => alone(openaiCompatible as never, openai),
      "openai-compatible, in the turn loop": () => inTurn(openaiCompatible as never, openai),
      "anthropic, alone": () => alone(anthropic as never, claude),
      "anthropic, in the turn loop": () => inTurn(anthropic as never, claude),
      "groq's package through the adapter, in the turn loop": () => inTurn(groq as never, hosted),
    },
    heard: () => chunks,
    async close() {
      agentOfBare.destroy();
      await client.close();
    },
  };
}

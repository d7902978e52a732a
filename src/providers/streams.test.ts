import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test } from "node:test";
import { ok } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { ModelEvent, Provider, ProviderAccount, Usage } from "../core/provider.ts";
import { createHttpClient } from "../http/client.ts";
import anthropic from "./anthropic.ts";
import google from "./google.ts";
import ollama from "./ollama.ts";
import openaiCompatible from "./openai-compatible.ts";
import openaiResponses from "./openai-responses.ts";

/** A stream as the page under `source` describes it, in words of ours, and what is to be heard of it. */
interface Recorded {
  readonly source: string;
  readonly kind: keyof typeof providers;
  /** Lines. */
  readonly body: readonly string[];
  readonly expect: Heard;
}

interface Heard {
  readonly text?: string;
  readonly reasoning?: string;
  /** Name and arguments. */
  readonly calls?: readonly (readonly [string, string])[];
  readonly reason?: string;
  /** Null: the provider said nothing of it. */
  readonly usage?: Omit<Usage, "reported"> | null;
  readonly fail?: string;
}

const providers = {
  anthropic: [anthropic, (origin: string) => ({ baseUrl: origin, apiKey: "k" })],
  "openai-compatible": [openaiCompatible, (origin: string) => ({ baseUrl: `${origin}/v1`, apiKey: "k" })],
  "openai-responses": [openaiResponses, (origin: string) => ({ baseUrl: `${origin}/v1`, apiKey: "k" })],
  google: [google, (origin: string) => ({ baseUrl: `${origin}/v1beta`, apiKey: "k" })],
  ollama: [ollama, (origin: string) => ({ baseUrl: origin })],
} as const;

const folder = new URL("../../test/fixtures/streams/", import.meta.url);
const recorded = readdirSync(folder).map((file) => {
  return { name: file.replace(".json", ""), ...(JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Recorded) };
});
const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };

/** How the bytes come: in one piece, one by one, in pieces that cut characters and line ends, and with the other line ends. */
const cuts: Readonly<Record<string, (body: Buffer) => readonly Buffer[]>> = {
  whole: (body) => [body],
  "byte by byte": (body) => [...body].map((byte) => Buffer.of(byte)),
  "in sevens": (body) => Array.from({ length: Math.ceil(body.length / 7) }, (_, n) => body.subarray(n * 7, n * 7 + 7)),
  "with CRLF": (body) => {
    const crlf = Buffer.from(body.toString().replaceAll("\n", "\r\n"));
    return [crlf.subarray(0, crlf.indexOf(13) + 1), crlf.subarray(crlf.indexOf(13) + 1)];
  },
};

describe("streams as providers publish them", () => {
  const http = createHttpClient();
  let pieces: readonly Buffer[] = [];
  let type = "";
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    response.writeHead(200, { "content-type": type });
    for (const piece of pieces) if (!response.write(piece)) await once(response, "drain");
    response.end();
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await http.close();
  });

  async function hear({ kind, body }: Recorded, cut: (body: Buffer) => readonly Buffer[]): Promise<Heard> {
    if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
    type = kind === "ollama" ? "application/x-ndjson" : "text/event-stream";
    pieces = cut(Buffer.from(`${body.join("\n")}\n`));
    const [provider, settings] = providers[kind] as unknown as readonly [Provider<object>, (origin: string) => object];
    const account: ProviderAccount<object> = {
      ...{ id: "under-test", stallMs: 60_000, http, log: silent },
      settings: provider.settings.parse(settings(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
      load: async ({ name }) => ok((await import(name)) as unknown),
    };
    const tools = ["weather", "clock"].map((name) => ({ name, description: name, parameters: { type: "object", properties: {} } }));
    const messages = [{ role: "user", content: [{ type: "text", text: "Hello" }] }] as const;
    const events: ModelEvent[] = [];
    const request = { model: "m", instructions: "", messages, tools, maxOutputTokens: 100 };
    for await (const event of provider.stream(account, request, new AbortController().signal)) events.push(event);
    return heardIn(events);
  }

  for (const { name, ...stream } of recorded) {
    for (const [how, cut] of Object.entries(cuts)) {
      test(`${name}, ${how}`, async () => assert.deepEqual(await hear(stream, cut), stream.expect));
    }
  }

  test("each says which page it follows", () => {
    for (const { name, source } of recorded) assert.match(source, /^https:\/\/\S+$/, name);
  });
});

function heardIn(events: readonly ModelEvent[]): Heard {
  const words = (type: "text" | "reasoning") => events.map((event) => (event.type === type ? event.delta : "")).join("");
  const calls = events.flatMap((event) => (event.type === "tool-call" ? [[event.call.name, event.call.input] as const] : []));
  const last = events.at(-1);
  const usage = last?.type === "end" ? (({ input, cachedInput, output }) => ({ input, cachedInput, output }))(last.usage) : undefined;
  return {
    ...(words("text") && { text: words("text") }),
    ...(words("reasoning") && { reasoning: words("reasoning") }),
    ...(calls.length > 0 && { calls }),
    ...(last?.type === "end" && { reason: last.reason, usage: last.usage.reported ? (usage ?? null) : null }),
    ...(last?.type === "fail" && { fail: last.fault.code }),
  };
}

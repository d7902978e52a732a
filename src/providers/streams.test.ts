import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { seededRandom } from "../../test/simulation/random.ts";
import { ok } from "../core/errors.ts";
import type { HttpClient } from "../core/http.ts";
import type { Log } from "../core/log.ts";
import type { ModelEvent, Provider, ProviderAccount, Usage } from "../core/provider.ts";
import { createHttpClient } from "../http/client.ts";
import anthropic from "./anthropic.ts";
import cohere from "./cohere.ts";
import deepseek from "./deepseek.ts";
import google from "./google.ts";
import groq from "./groq.ts";
import mistral from "./mistral.ts";
import ollama from "./ollama.ts";
import openaiCompatible from "./openai-compatible.ts";
import openaiResponses from "./openai-responses.ts";
import xai from "./xai.ts";

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
  cohere: [cohere, (origin: string) => ({ baseUrl: `${origin}/v2`, apiKey: "k" })],
  mistral: [mistral, (origin: string) => ({ baseUrl: `${origin}/v1`, apiKey: "k" })],
  groq: [groq, (origin: string) => ({ baseUrl: `${origin}/openai/v1`, apiKey: "k" })],
  deepseek: [deepseek, (origin: string) => ({ baseUrl: origin, apiKey: "k" })],
  xai: [xai, (origin: string) => ({ baseUrl: `${origin}/v1`, apiKey: "k" })],
} as const;

const folder = new URL("../../test/fixtures/streams/", import.meta.url);
const recorded = readdirSync(folder).map((file) => {
  return { name: file.replace(".json", ""), ...(JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Recorded) };
});
const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => silent };

/** What stands in front of an event, and nothing else does. */
const beforeEvent = /(?<=^|\n\n)(?=.)/gs;

/** How the bytes come. Without `of` every provider must bear it. */
const cuts: Readonly<Record<string, { readonly of?: (kind: Recorded["kind"]) => boolean; readonly cut: Cut }>> = {
  whole: { cut: (body) => [body] },
  "byte by byte": { cut: (body) => [...body].map((byte) => Buffer.of(byte)) },
  "in pieces of any size": { cut: (body) => anyPieces(body) },
  "with CRLF, one of them cut": {
    cut(body) {
      const crlf = Buffer.from(body.toString().replaceAll("\n", "\r\n"));
      return [crlf.subarray(0, crlf.indexOf(13) + 1), crlf.subarray(crlf.indexOf(13) + 1)];
    },
  },
  "with CR": { of: (kind) => hasEvents(kind) && !isPackaged(kind), cut: (body) => [Buffer.from(body.toString().replaceAll("\n", "\r"))] },
  "after a byte order mark": { of: hasEvents, cut: (body) => [Buffer.concat([Buffer.from("\uFEFF"), body])] },
  "among comments and fields": {
    of: hasEvents,
    cut: (body) => [Buffer.from(body.toString().replaceAll(beforeEvent, ": \n\n:\n: keep-alive\n\nid: 7\nretry: 3000\nnew: field\n"))],
  },
  // The packages take these for broken JSON; no provider of theirs is known to send them.
  "among empty events": {
    of: (kind) => hasEvents(kind) && !isPackaged(kind),
    cut: (body) => [Buffer.from(body.toString().replaceAll(beforeEvent, "event: ping\ndata:\n\ndata\n\n"))],
  },
  "without the last line end": { of: (kind) => kind === "ollama", cut: (body) => [Buffer.from(body.toString().trimEnd())] },
};

type Cut = (body: Buffer) => readonly Buffer[];

function hasEvents(kind: Recorded["kind"]): boolean {
  return kind !== "ollama";
}

function isPackaged(kind: Recorded["kind"]): boolean {
  return providers[kind][0].package !== undefined;
}

function typeOf(kind: Recorded["kind"]): string {
  return hasEvents(kind) ? "text/event-stream" : "application/x-ndjson";
}

function bytesOf(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join("\n")}\n`);
}

/** In the place of the network, where thousands of calls would take their time. */
function answering(type: string, pieces: readonly Uint8Array[]): HttpClient {
  const unexpected = () => assert.fail("no other call is expected");
  return { send: unexpected, stream: async () => ok({ status: 200, headers: { "content-type": type }, body: inTurn(pieces) }) };
}

async function* inTurn(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

/** Between 1 and 40 bytes each, the same in each run. */
function anyPieces(body: Buffer): readonly Buffer[] {
  const random = seededRandom(body.length);
  const pieces: Buffer[] = [];
  let rest = body;
  while (rest.length > 0) {
    const size = random.between(1, 40);
    pieces.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  return pieces;
}

describe("streams as providers publish them", () => {
  const http = createHttpClient();
  let pieces: readonly Buffer[] = [];
  let type = "";
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    response.writeHead(200, { "content-type": type });
    for (const piece of pieces) {
      response.write(piece);
      await nextTurn(); // what is written within one turn leaves as one chunk
    }
    response.end();
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await http.close();
  });

  async function origin(): Promise<string> {
    if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function hear({ kind, body }: Recorded, cut: Cut): Promise<Heard> {
    type = typeOf(kind);
    pieces = cut(bytesOf(body));
    return hearAt(await origin(), kind, http);
  }

  async function hearAt(origin: string, kind: Recorded["kind"], http: HttpClient): Promise<Heard> {
    const [provider, settings] = providers[kind] as unknown as readonly [Provider<object>, (origin: string) => object];
    const account: ProviderAccount<object> = {
      ...{ id: "under-test", stallMs: 60_000, http, log: silent, settings: provider.settings.parse(settings(origin)) },
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
    for (const [how, { of, cut }] of Object.entries(cuts)) {
      if (of && !of(stream.kind)) continue;
      test(`${name}, ${how}`, async () => assert.deepEqual(await hear(stream, cut), stream.expect));
    }
    if (isPackaged(stream.kind)) continue; // whose events a package reads
    test(`${name}, cut in two anywhere`, async () => {
      const body = bytesOf(stream.body);
      for (let at = 1; at < body.length; at++) {
        const heard = await hearAt(
          "http://nowhere.invalid",
          stream.kind,
          answering(typeOf(stream.kind), [body.subarray(0, at), body.subarray(at)]),
        );
        assert.deepEqual(heard, stream.expect, `cut at ${at}`);
      }
    });
  }

  test("pieces arrive as they are cut", async () => {
    pieces = [...Buffer.from("é\r\n".repeat(100))].map((byte) => Buffer.of(byte));
    const answer = await http.stream({ method: "GET", url: await origin() });
    assert.ok(answer.ok);
    const lengths = new Set<number>();
    for await (const { length } of answer.value.body) lengths.add(length);
    assert.deepEqual([...lengths], [1]);
  });

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

import assert from "node:assert/strict";
import { test } from "node:test";
import { providerContract } from "../../test/contract/provider.ts";
import { ok } from "../core/errors.ts";
import type { HttpClient } from "../core/http.ts";
import type { Log } from "../core/log.ts";
import type { ModelEvent } from "../core/provider.ts";
import openaiResponses from "./openai-responses.ts";

providerContract(openaiResponses, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/v1`, apiKey: key }),
  lacks: { audio: "its messages have no audio", "tools+noindex": "items come whole there" },
});

test("an error that stands inside its event, as OpenAI sends it, means what it says", async () => {
  const error = { type: "insufficient_quota", code: "insufficient_quota", message: "You exceeded your current quota.", param: null };
  const text = `data: ${JSON.stringify({ type: "error", sequence_number: 2, error })}\n\n`;
  const http: HttpClient = {
    send: () => assert.fail("nothing else is asked"),
    stream: async () =>
      ok({ status: 200, headers: { "content-type": "text/event-stream" }, body: ReadableStream.from([Buffer.from(text)]) }),
  };
  const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
  const account = { id: "openai", settings: openaiResponses.settings.parse({ apiKey: "sk-x" }), stallMs: 1_000, http, log };
  const request = { model: "m", instructions: "", tools: [], messages: [] };
  const events: ModelEvent[] = [];
  for await (const event of openaiResponses.stream(account, request, new AbortController().signal)) events.push(event);
  assert.deepEqual(
    events.map((event) => (event.type === "fail" ? event.fault.code : event.type)),
    ["provider-spent"],
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { providerContract } from "../../test/contract/provider.ts";
import { startModelSimulator } from "../../test/simulators/model.ts";
import type { Log } from "../core/log.ts";
import type { ModelEvent } from "../core/provider.ts";
import { createHttpClient } from "../http/client.ts";
import openaiCompatible from "./openai-compatible.ts";

providerContract(openaiCompatible, {
  settings: ({ origin, key }) => ({ baseUrl: `${origin}/v1/`, apiKey: key }),
});

test("a server without a key, and one that refuses stream_options", async () => {
  const simulator = await startModelSimulator();
  const http = createHttpClient();
  const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
  const settings = openaiCompatible.settings.parse({ baseUrl: `${simulator.origin}/v1` });
  const request = {
    model: "echo+strict",
    instructions: "",
    tools: [],
    messages: [{ role: "user" as const, content: [{ type: "text" as const, text: "hi" }] }],
  };
  const events: ModelEvent[] = [];
  for await (const event of openaiCompatible.stream(
    { id: "local", settings, stallMs: 120_000, http, log },
    request,
    AbortSignal.timeout(5000),
  ))
    events.push(event);
  await http.close();
  await simulator.close();
  assert.equal(events.at(-1)?.type, "end");
  assert.deepEqual(
    simulator.calls.map(({ status }) => status),
    [400, 200],
  );
});

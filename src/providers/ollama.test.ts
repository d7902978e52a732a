import assert from "node:assert/strict";
import { test } from "node:test";
import { providerContract } from "../../test/contract/provider.ts";
import { startModelSimulator } from "../../test/simulators/model.ts";
import type { Log } from "../core/log.ts";
import { createHttpClient } from "../http/client.ts";
import ollama from "./ollama.ts";

providerContract(ollama, {
  settings: ({ origin, key }) => ({ baseUrl: origin, apiKey: key, contextTokens: 8_192 }),
  lacks: {
    ...{
      cached: "it says nothing of its cache",
      audio: "its messages have none",
      filter: "it has none",
      comments: "lines of JSON have none",
    },
    ...{ nodone: "the last line is the end", "tools+noindex": "calls have no index", spent: "it bills nobody" },
    "quota-event": "an error in its stream is words only",
  },
});

test("the room of a model is what the server keeps for it, and no more than it can do", async () => {
  const info = { model_info: { "general.architecture": "llama", "llama.context_length": 131_072, "llama.block_count": 32 } };
  const cards = {
    plain: { ...info, parameters: 'stop                           "<|eot_id|>"' },
    own: { ...info, parameters: 'num_ctx                        16384\nstop                           "<|eot_id|>"' },
    small: { model_info: { "general.architecture": "gemma", "gemma.context_length": 2_048 } },
    mute: {},
  };
  const simulator = await startModelSimulator({ key: "right", cards });
  const http = createHttpClient();
  const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
  const told = async (settings: object) => {
    const account = {
      id: "local",
      settings: ollama.settings.parse({ baseUrl: simulator.origin, ...settings }),
      stallMs: 60_000,
      http,
      log,
    };
    const known = await ollama.contexts?.(account, [...Object.keys(cards), "absent"], AbortSignal.timeout(60_000));
    return known?.ok ? Object.fromEntries(known.value) : known?.fault.code;
  };
  assert.deepEqual(await told({ apiKey: "right" }), { plain: 131_072, own: 16_384, small: 2_048 });
  assert.deepEqual(await told({ apiKey: "right", contextTokens: 4_096 }), { plain: 4_096, own: 4_096, small: 2_048, mute: 4_096 });
  assert.equal(await told({ apiKey: "wrong" }), "provider-auth");
  await http.close();
  await simulator.close();
});

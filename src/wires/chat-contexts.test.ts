import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test } from "node:test";
import { createHttpClient } from "../http/client.ts";
import { chatContexts } from "./chat-contexts.ts";

const http = createHttpClient();
after(() => http.close());

interface Case {
  readonly server: string;
  /** By path; everything else is 404. */
  readonly answers: { readonly [path: string]: unknown };
  readonly asked?: readonly string[];
  readonly known: { readonly [model: string]: number };
  /** What it was asked for. */
  readonly paths: readonly string[];
}

const llamaMeta = { vocab_type: 2, n_vocab: 128_256, n_ctx_train: 131_072, n_embd: 4_096, n_params: 8_030_261_312, size: 4_912_898_304 };
const llama = (meta: object) => ({
  models: [{ name: "/models/llama.gguf" }],
  object: "list",
  data: [{ id: "/models/llama.gguf", object: "model", created: 1_735_142_223, owned_by: "llamacpp", meta }],
});

const cases: readonly Case[] = [
  {
    server: "vLLM",
    answers: {
      "/v1/models": {
        object: "list",
        data: [{ id: "qwen", object: "model", owned_by: "vllm", root: "qwen", parent: null, max_model_len: 8_192 }],
      },
    },
    known: { qwen: 8_192 },
    paths: ["/v1/models"],
  },
  {
    server: "OpenRouter, where the cheapest host has less than the model",
    answers: {
      "/v1/models": {
        data: [
          {
            id: "qwen",
            context_length: 200_000,
            top_provider: { context_length: 131_072, max_completion_tokens: 4_096, is_moderated: false },
          },
          { id: "other", context_length: 32_000, top_provider: { context_length: null } },
        ],
      },
    },
    asked: ["qwen", "other", "absent"],
    known: { qwen: 131_072, other: 32_000 },
    paths: ["/v1/models"],
  },
  {
    server: "Groq",
    answers: { "/v1/models": { data: [{ id: "qwen", context_window: 32_768 }] } },
    known: { qwen: 32_768 },
    paths: ["/v1/models"],
  },
  {
    server: "Mistral",
    answers: { "/v1/models": { data: [{ id: "qwen", max_context_length: 40_960 }] } },
    known: { qwen: 40_960 },
    paths: ["/v1/models"],
  },
  {
    server: "llama.cpp, by whatever name its model is asked",
    answers: { "/v1/models": llama({ ...llamaMeta, n_ctx: 4_096 }) },
    known: { qwen: 4_096 },
    paths: ["/v1/models"],
  },
  {
    server: "an older llama.cpp, which was started with less than the model can",
    answers: { "/v1/models": llama(llamaMeta), "/props": { default_generation_settings: { n_ctx: 2_048 }, total_slots: 1 } },
    known: { qwen: 2_048 },
    paths: ["/v1/models", "/props"],
  },
  {
    server: "one whose own API is shut",
    answers: { "/v1/models": llama(llamaMeta) },
    known: { qwen: 131_072 },
    paths: ["/v1/models", "/props"],
  },
  {
    server: "LM Studio",
    answers: {
      "/v1/models": { object: "list", data: [{ id: "qwen", object: "model", owned_by: "organization_owner" }] },
      "/api/v0/models": {
        object: "list",
        data: [{ id: "qwen", state: "loaded", max_context_length: 32_768, loaded_context_length: 4_096 }],
      },
    },
    known: { qwen: 4_096 },
    paths: ["/v1/models", "/api/v0/models"],
  },
  {
    server: "one that says nothing",
    answers: { "/v1/models": { data: [{ id: "qwen", object: "model" }] } },
    known: {},
    paths: ["/v1/models", "/api/v0/models"],
  },
  {
    server: "one that says nonsense",
    answers: { "/v1/models": { data: [{ id: "qwen", max_model_len: "a lot", context_length: -1, meta: "?" }] } },
    known: {},
    paths: ["/v1/models", "/api/v0/models"],
  },
];

describe("what room a model has", () => {
  for (const { server: name, answers, asked = ["qwen"], known, paths } of cases) {
    test(`is known from ${name}`, async () => {
      const seen: string[] = [];
      const server = createServer((request, response) => {
        seen.push(request.url ?? "");
        const answer = request.headers.authorization === "Bearer right" ? answers[request.url ?? ""] : undefined;
        response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
        response.end(JSON.stringify(answer ?? { error: "not found" }));
      });
      await once(server.listen(0, "127.0.0.1"), "listening");
      const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
      const from = { http, baseUrl, headers: { authorization: "Bearer right" }, who: { name: "local" } };
      const told = await chatContexts(from, asked, AbortSignal.timeout(60_000));
      assert.deepEqual(told.ok && Object.fromEntries(told.value), known);
      assert.deepEqual(seen, paths);
      server.close();
    });
  }

  test("isn't known of one that isn't there, which is no harm", async () => {
    const from = { http, baseUrl: "http://127.0.0.1:9/v1", headers: {}, who: { name: "local" } };
    const told = await chatContexts(from, ["qwen"], AbortSignal.timeout(60_000));
    assert.equal(!told.ok && told.fault.code, "provider-unavailable");
  });
});

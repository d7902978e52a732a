import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ErrorCode } from "./errors.ts";
import { readError, refusalOf } from "./model-http.ts";

function judge(status: number, error: unknown, headers: Record<string, string> = {}, secret?: string) {
  return refusalOf({ status, headers, text: JSON.stringify({ error }), error: readError(error), who: { name: "x", secret } });
}

/** Errors as the servers word them. */
const said: readonly [from: string, status: number, error: unknown, code: ErrorCode][] = [
  [
    "OpenAI, wrong key",
    401,
    { type: "invalid_request_error", code: "invalid_api_key", message: "Incorrect API key provided: sk-ab***yz." },
    "provider-auth",
  ],
  [
    "OpenAI, region",
    403,
    { type: "request_forbidden", code: "unsupported_country_region_territory", message: "Country not supported" },
    "provider-auth",
  ],
  ["OpenAI, rate", 429, { type: "requests", code: "rate_limit_exceeded", message: "Rate limit reached for requests" }, "provider-quota"],
  [
    "OpenAI, no money",
    429,
    { type: "insufficient_quota", code: "credit_balance_exhausted", message: "You exceeded your current quota" },
    "provider-spent",
  ],
  [
    "OpenAI, limit of the project",
    429,
    { type: "insufficient_quota", code: "project_spend_limit_exceeded", message: "…" },
    "provider-spent",
  ],
  [
    "OpenAI, too long",
    400,
    { type: "invalid_request_error", code: "context_length_exceeded", message: "This model's maximum context length is …" },
    "context-too-long",
  ],
  [
    "OpenAI, no such model",
    404,
    { type: "invalid_request_error", code: "model_not_found", message: "The model does not exist" },
    "provider-refused",
  ],
  [
    "OpenAI, overloaded",
    503,
    { type: "service_unavailable_error", code: "server_is_overloaded", message: "Overloaded" },
    "provider-unavailable",
  ],
  [
    "Anthropic, no money",
    400,
    { type: "invalid_request_error", message: "Your credit balance is too low to access the Anthropic API." },
    "provider-spent",
  ],
  ["Anthropic, billing", 402, { type: "billing_error", message: "…" }, "provider-spent"],
  [
    "Anthropic, too long",
    400,
    { type: "invalid_request_error", message: "prompt is too long: 210000 tokens > 200000 maximum" },
    "context-too-long",
  ],
  ["Anthropic, too many bytes", 413, { type: "request_too_large", message: "Request exceeds the maximum size" }, "context-too-long"],
  ["Anthropic, overloaded", 529, { type: "overloaded_error", message: "Overloaded" }, "provider-unavailable"],
  ["Anthropic, in the stream", 200, { type: "overloaded_error", message: "Overloaded" }, "provider-unavailable"],
  ["Anthropic, rate in the stream", 200, { type: "rate_limit_error", message: "…" }, "provider-quota"],
  [
    "llama.cpp, too long",
    400,
    { code: 400, type: "exceed_context_size_error", message: "the request exceeds the available context size" },
    "context-too-long",
  ],
  ["OpenRouter, in the stream", 200, { code: 502, message: "Provider returned error" }, "provider-unavailable"],
  ["OpenRouter, rate in the stream", 200, { code: 429, message: "Rate limited" }, "provider-quota"],
  ["Ollama, a bare text", 404, 'model "x" not found, try pulling it first', "provider-refused"],
  [
    "Azure, its filter",
    400,
    { type: null, param: "prompt", code: "content_filter", status: 400, message: "The response was filtered" },
    "answer-withheld",
  ],
  [
    "OpenAI, its filter",
    400,
    {
      type: "invalid_request_error",
      code: "invalid_prompt",
      message: "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
    },
    "answer-withheld",
  ],
  ["OpenAI, a prompt of the wrong form", 400, { type: "invalid_request_error", code: "invalid_prompt", message: "…" }, "provider-refused"],
  [
    "Anthropic, its filter, in the stream too",
    200,
    { type: "invalid_request_error", message: "Output blocked by content filtering policy" },
    "answer-withheld",
  ],
  [
    "OpenRouter, its filter",
    403,
    { code: 403, message: "Your input was flagged", metadata: { reasons: ["violence"], flagged_input: "…", model_slug: "x/y" } },
    "answer-withheld",
  ],
  ["xAI, its filter", 403, "Content violates usage guidelines. Team: a, Model: b, Failed check: SAFETY_CHECK_TYPE_BIO", "answer-withheld"],
  ["a key without permission", 403, { code: 403, message: 'said: {"flagged_input": 1}' }, "provider-auth"],
  ["xAI, too long", 400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens.", "context-too-long"],
  [
    "a gateway between",
    400,
    {
      type: "None",
      code: "400",
      message: "litellm.ContextWindowExceededError: OpenAIException: This model's maximum context length is 8192 tokens.",
    },
    "context-too-long",
  ],
  [
    "OpenAI, which quotes a value",
    400,
    { type: "invalid_request_error", code: "invalid_value", message: "Invalid value: 'insufficient_quota'. Supported values are: 'text'." },
    "provider-refused",
  ],
  ["one that quotes without marks", 400, { message: "can't parse: your credit balance is too low" }, "provider-refused"],
  ["one that quotes in an outage of the key", 429, { message: "Rate limited: prompt is too long, insufficient_quota" }, "provider-quota"],
  ["a time-out on the way", 408, { message: "Request timeout" }, "provider-unavailable"],
  [
    "a quota's name in an outage",
    500,
    { type: "server_error", message: "could not read insufficient_quota table" },
    "provider-unavailable",
  ],
];
describe("what a refusal means", () => {
  for (const [from, status, error, code] of said) test(`${from}: ${code}`, () => assert.equal(judge(status, error).fault.code, code));
});

test("a refusal whose body is the error itself, or no JSON", () => {
  const meant = (status: number, text: string) => refusalOf({ status, headers: {}, text, error: undefined, who: { name: "x" } }).fault.code;
  assert.equal(meant(400, "Input is too long for requested model."), "context-too-long");
  assert.equal(meant(400, "said: insufficient_quota"), "provider-refused");
  assert.equal(
    refusalOf({ status: 429, headers: {}, text: 'said: "retryDelay": "9999s"', error: undefined, who: { name: "x" } }).afterMs,
    undefined,
  );
});

test("when to come back", () => {
  const slow = { type: "rate_limit_error", message: "slow down" };
  const date = "Sun, 22 Nov 2026 12:00:00 GMT";
  const cases: [Record<string, string>, number | undefined][] = [
    [{ "retry-after": "7" }, 7000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after-ms": "250", "retry-after": "7" }, 250],
    [{ "retry-after": "Sun, 22 Nov 2026 12:00:30 GMT", date }, 30_000],
    [{ "retry-after": "Sun, 22 Nov 2026 11:00:30 GMT", date }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{ "retry-after": "-1" }, undefined],
    [{}, undefined],
  ];
  for (const [headers, ms] of cases) assert.equal(judge(429, slow, headers).afterMs, ms, JSON.stringify(headers));
  assert.equal(judge(401, slow, { "retry-after": "7" }).afterMs, undefined);
});

test("messages name the cause in one line, without the key and without end", () => {
  const { message } = judge(
    400,
    { message: `bad\n\r thing with my-own-key-42 and sk-proj-abc_123 ${"x".repeat(1000)}` },
    {},
    "my-own-key-42",
  ).fault;
  assert.match(message, /^x refused the call with 400: bad thing with \*\*\* and \*\*\* x+…$/);
  assert.ok(message.length < 350);
});

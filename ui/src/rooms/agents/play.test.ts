import assert from "node:assert/strict";
import { test } from "node:test";
import { hearPlay, nothingYet, type PlayEvent, textOf } from "./play.ts";

const call = { id: "c1", name: "sums_add", input: "{}" };
const paid = { ms: 3, firstMs: 1, input: 5, cachedInput: 0, output: 2, reported: true };
const heard = (...events: readonly PlayEvent[]) => events.reduce(hearPlay, nothingYet);

test("words and tools stand in their order, a tool once, whatever becomes of it", () => {
  const answer = heard(
    { type: "model", model: "a/b" },
    { type: "text", delta: "I will " },
    { type: "text", delta: "look." },
    { type: "call", model: "a/b", ...paid },
    { type: "tool", state: "asks", call, question: "pq_1" },
    { type: "tool", state: "running", call },
    { type: "tool", state: "done", call, result: "42", ms: 1 },
    { type: "model", model: "a/b" },
    { type: "text", delta: "It is 42." },
    { type: "call", model: "a/b", ...paid },
    { type: "end", reason: "stop" },
  );
  assert.deepEqual(answer.parts, ["I will look.", { call, state: "done", result: "42" }, "It is 42."]);
  assert.equal(textOf(answer), "I will look.\n\nIt is 42.");
  assert.deepEqual([answer.failed, answer.calls.length, answer.end, answer.asked], [[], 2, "stop", undefined]);
});

test("models that give every call the same id don't make two of them one", () => {
  const done = { type: "tool", state: "done", call, result: "1", ms: 1 } as const;
  const answer = heard({ type: "tool", state: "running", call }, done, { type: "tool", state: "running", call }, { ...done, result: "2" });
  assert.deepEqual(
    answer.parts.map((part) => typeof part !== "string" && part.result),
    ["1", "2"],
  );
});

test("who was asked and gave nothing is told; what fails in the middle keeps what came", () => {
  const fault = { code: "provider-unavailable", message: "m", hint: "h" };
  const answer = heard(
    { type: "model", model: "a/broken" },
    { type: "model", model: "a/good" },
    { type: "text", delta: "Half" },
    { type: "fail", fault },
  );
  assert.deepEqual(
    [answer.failed, answer.asked, answer.end, answer.fault, textOf(answer)],
    [["a/broken"], "a/good", "failed", fault, "Half"],
  );
});

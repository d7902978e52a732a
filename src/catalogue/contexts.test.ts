import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { learnContexts } from "./contexts.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };

function start(answers: (Result<ReadonlyMap<string, number>> | "never")[]) {
  const asked: (readonly string[])[] = [];
  const clock = createHandClock();
  const contexts = learnContexts({
    clock,
    log,
    async ask(models, signal) {
      asked.push(models);
      const answer = answers.shift() ?? fail("provider-unavailable", "gone");
      if (answer !== "never") return answer;
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    },
  });
  const told = async (...models: string[]) => {
    for (const model of models) contexts.of(model);
    await contexts.settled();
    return models.map((model) => contexts.of(model));
  };
  return { asked, clock, contexts, told };
}

const of = (tokens: { readonly [model: string]: number }) => ok(new Map(Object.entries(tokens)));

test("those that are wanted at once are asked about at once, and once an hour", async () => {
  const { asked, clock, told } = start([of({ a: 4_096, b: 8_192 }), of({ a: 2_048 })]);
  assert.deepEqual(await told("a", "b", "c"), [4_096, 8_192, undefined]);
  await clock.advance(3_599_000);
  assert.deepEqual(await told("a", "c"), [4_096, undefined]);
  assert.deepEqual(asked, [["a", "b", "c"]]);
  await clock.advance(2_000);
  assert.deepEqual(await told("a"), [2_048]);
});

test("a server that can't be reached is asked again after a minute; what it said before still holds", async () => {
  const { asked, clock, told } = start([fail("provider-unavailable", "gone"), of({ a: 4_096 }), fail("provider-auth", "no")]);
  assert.deepEqual(await told("a"), [undefined]);
  assert.deepEqual(await told("a"), [undefined]);
  assert.equal(asked.length, 1);
  await clock.advance(60_000);
  assert.deepEqual(await told("a"), [4_096]);
  await clock.advance(3_600_000);
  assert.deepEqual(await told("a"), [4_096]);
  assert.equal(asked.length, 3);
});

test("nobody waits for a server that is silent, and a figure that can't be meant is none", async () => {
  const { clock, contexts, told } = start(["never", of({ a: 3, b: 1e12, c: 512 })]);
  assert.equal(contexts.of("a"), undefined);
  await clock.advance(10_000);
  await contexts.settled();
  await clock.advance(60_000);
  assert.deepEqual(await told("a", "b", "c"), [undefined, undefined, 512]);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { createHandClock } from "../../test/clock.ts";
import { composeTestGateway, type TestGateway } from "../../test/compose.ts";
import { temporaryHome } from "../../test/gateway-process.ts";
import type { Budget } from "../core/budget.ts";
import type { Ask, CallEvent, CallFor } from "../core/calls.ts";
import { type ErrorCode, fail, fault, ok } from "../core/errors.ts";
import { type AgentId, defaultTenant } from "../core/ids.ts";
import { defineProvider, type ModelEvent, type ProviderAccount } from "../core/provider.ts";

const usage = { input: 10, cachedInput: 0, output: 5, reported: true };
const end: ModelEvent = { type: "end", reason: "stop", usage };
const says = (delta: string): ModelEvent => ({ type: "text", delta });
const fails = (code: ErrorCode, afterMs?: number): ModelEvent => {
  return { type: "fail", fault: fault(code, `it failed: ${code}`), ...(afterMs !== undefined && { afterMs }) };
};
const of: CallFor = {
  purpose: "summary",
  spender: { tenant: defaultTenant, channel: "v1", agent: "main" as AgentId, sender: "laptop" },
};
const asks = (...models: string[]): Ask => ({
  models,
  instructions: "Be short.",
  messages: [{ role: "user", content: [{ type: "text", text: "hello" }] }],
  maxOutputTokens: 100,
});
const never = new AbortController().signal;
const all: Budget = { id: "all", per: "tenant", every: "day", tokens: 20, atLimit: "stop", models: [] };

type Says = Readonly<Record<string, readonly (ModelEvent | "silence")[]>>;

function using(
  answers: Says,
  run: (on: TestGateway & { asked: string[]; clock: ReturnType<typeof createHandClock> }) => Promise<void>,
  budgets: Budget[] = [],
) {
  return async () => {
    await using home = await temporaryHome();
    const asked: string[] = [];
    const clock = createHandClock();
    const provider = defineProvider<never>({
      ...{ kind: "test", name: "Test", settings: z.never(), models: async () => ok([]) },
      async *stream(_, { model }, signal) {
        asked.push(model);
        for (const event of answers[model] ?? []) {
          if (event === "silence") await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
          else yield event;
        }
      },
      async embed(_: ProviderAccount<never>, { model, texts }) {
        asked.push(model);
        if (model === "broken") return fail("provider-quota", "slow down");
        return ok({ vectors: texts.map((text) => [text.length]), usage: { ...usage, output: 0 } });
      },
    });
    await using on = await composeTestGateway({ home: home.path, channels: [], accounts: {}, provider, clock, budgets });
    await run({ ...on, asked, clock });
  };
}

async function read(stream: AsyncIterable<CallEvent>): Promise<CallEvent[]> {
  const events: CallEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

async function used({ store }: TestGateway) {
  while (await store.foldUsage()) {}
  const day = "2026-11-22";
  const rows = await store.records.usage(defaultTenant, { from: day, to: day, by: ["model", "purpose", "sender"], limit: 10 });
  return rows.map(({ of, calls, failed, input }) => [of.model, of.purpose, of.sender, calls, failed, input]).sort();
}

describe("a call outside a turn", () => {
  test(
    "falls over to the next model while nothing was said, and each call is on record",
    using({ one: [fails("provider-unavailable")], two: [says("Hel"), says("lo"), end] }, async (on) => {
      assert.deepEqual(await read(on.gateway.calls.stream(of, asks("test/one", "test/two"), never)), [
        { type: "model", model: "test/one" },
        { type: "model", model: "test/two" },
        ...[says("Hel"), says("lo"), end],
      ]);
      assert.deepEqual(await used(on), [
        ["one", "summary", "laptop", 1, 1, 0],
        ["two", "summary", "laptop", 1, 0, 10],
      ]);
    }),
  );

  test(
    "ends with what failed once something was said: nobody can take that back",
    using({ one: [says("Hel"), fails("provider-unavailable")], two: [says("Hello"), end] }, async (on) => {
      const events = await read(on.gateway.calls.stream(of, asks("test/one", "test/two"), never));
      assert.deepEqual(
        events.map(({ type }) => type),
        ["model", "text", "fail"],
      );
      assert.deepEqual(on.asked, ["one"]);
    }),
  );

  test(
    "gives the whole answer where that is wanted, or the last failure",
    using({ one: [fails("provider-quota", 5_000)], two: [says("Hello"), end] }, async (on) => {
      const { calls } = on.gateway;
      assert.deepEqual(await calls.complete(of, asks("test/one", "test/two"), never), {
        ok: true,
        value: { text: "Hello", toolCalls: [], reason: "stop", model: "test/two", usage },
      });
      const shut = await calls.complete(of, asks("test/one"), never);
      assert.equal(shut.ok ? "" : shut.fault.code, "provider-unavailable");
      const [last] = (await read(calls.stream(of, asks("test/one"), never))).slice(-1);
      assert.ok(last?.type === "fail" && (last.afterMs ?? 0) >= 4_999, "whoever asks is told when to come back");
      assert.deepEqual(on.asked, ["one", "two"], "a model whose breaker is open isn't asked");
    }),
  );

  test(
    "is given up when nothing comes, and when whoever asked goes away",
    using({ one: ["silence"], two: [says("Hello"), "silence"] }, async (on) => {
      const events = read(on.gateway.calls.stream(of, asks("test/one"), never));
      for (let i = 0; i < 700 && on.asked.length === 0; i++) await on.clock.advance(0);
      await on.clock.advance(60_000);
      assert.deepEqual(
        (await events).map(({ type }) => type),
        ["model", "fail"],
      );
      for await (const event of on.gateway.calls.stream(of, asks("test/two"), never)) if (event.type === "text") break;
      const [, two] = await used(on);
      assert.deepEqual(two, ["two", "summary", "laptop", 1, 1, 0]);
    }),
  );

  test(
    "is stopped by the budgets that count it",
    using(
      { one: [says("Hello"), end] },
      async (on) => {
        const { calls } = on.gateway;
        assert.ok((await calls.complete(of, asks("test/one"), never)).ok);
        assert.ok((await calls.embed({ ...of, purpose: "embed" }, { models: ["test/vectors"], texts: ["a"] }, never)).ok);
        const stopped = await calls.complete(of, asks("test/one"), never);
        assert.equal(stopped.ok ? "" : stopped.fault.code, "budget-spent");
        assert.deepEqual(on.asked, ["one", "vectors"]);
      },
      [all],
    ),
  );

  test(
    "embeds with the first model that can",
    using({}, async (on) => {
      const vectors = await on.gateway.calls.embed(
        { ...of, purpose: "embed" },
        { models: ["test/broken", "test/vectors"], texts: ["a", "bcd"] },
        never,
      );
      assert.deepEqual(vectors, {
        ok: true,
        value: { vectors: [[1], [3]], usage: { ...usage, output: 0 }, model: "test/vectors" },
      });
      const heard = await on.gateway.calls.transcribe(
        of,
        { models: ["test/ear"], audio: { mediaType: "audio/ogg", data: new Uint8Array(9) } },
        never,
      );
      assert.match(heard.ok ? "" : heard.fault.message, /test\/ear can't transcribe/);
    }),
  );
});

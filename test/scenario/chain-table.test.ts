import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { type ErrorCode, errorTable } from "../../src/core/errors.ts";
import { type AccountId, defaultTenant } from "../../src/core/ids.ts";
import type { Provider } from "../../src/core/provider.ts";
import anthropic from "../../src/providers/anthropic.ts";
import openaiCompatible from "../../src/providers/openai-compatible.ts";
import { composeTestGateway, type TestGateway } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { type ModelSimulator, startModelSimulator } from "../simulators/model.ts";
import { noting, says } from "../support/talk.ts";

/**
 * What happens next, for each thing that a model API can do wrong: with another model behind it, and without. A real HTTP
 * server does it, in both formats of ours.
 */
interface Row {
  /** The simulator's model. */
  readonly does: string;
  readonly code: ErrorCode;
  /** How often the failing model is asked in one turn before the next is. */
  readonly asked?: number;
  /** What ends the turn where there is no other model. */
  readonly alone: "turn-retry" | "turn-fail" | "turn-done";
  /** After so many such turns it is no longer asked; absent: never. */
  readonly opens?: number;
}

const rows: readonly Row[] = [
  { does: "quota", code: "provider-quota", alone: "turn-retry", opens: 1 },
  { does: "spent", code: "provider-spent", alone: "turn-fail", opens: 1 },
  { does: "denied", code: "provider-auth", alone: "turn-fail", opens: 1 },
  { does: "missing", code: "provider-refused", alone: "turn-fail" },
  { does: "long", code: "context-too-long", asked: 3, alone: "turn-fail" },
  { does: "withheld", code: "answer-withheld", alone: "turn-fail" },
  { does: "broken", code: "provider-unavailable", alone: "turn-retry", opens: 3 },
  { does: "overloaded", code: "provider-unavailable", alone: "turn-retry", opens: 3 },
  { does: "html", code: "provider-unavailable", alone: "turn-retry", opens: 3 },
  { does: "silent", code: "provider-unavailable", alone: "turn-retry", opens: 3 },
  { does: "stall", code: "provider-unavailable", alone: "turn-retry", opens: 3 },
  { does: "cut", code: "provider-unavailable", alone: "turn-retry", opens: 3 },
  { does: "error", code: "provider-unavailable", alone: "turn-retry", opens: 3 },
  { does: "quota-event", code: "provider-quota", alone: "turn-retry", opens: 1 },
  { does: "json", code: "provider-malformed", alone: "turn-retry", opens: 3 },
];

let models: ModelSimulator;
before(async () => {
  models = await startModelSimulator({ key: "sk-right" });
});
after(() => models.close());

const formats = {
  openai: () => pointed(openaiCompatible as Provider, { baseUrl: `${models.origin}/v1`, apiKey: "sk-right" }),
  anthropic: () => pointed(anthropic as Provider, { baseUrl: models.origin, apiKey: "sk-right" }),
};

function pointed(provider: Provider, settings: object): Provider<never> {
  return {
    ...provider,
    stream: (account, request, signal) => provider.stream({ ...account, settings }, request, signal),
  } as Provider<never>;
}

async function running(provider: Provider<never>, chain: readonly string[], run: (on: TestGateway & { sent: string[] }) => Promise<void>) {
  await using home = await temporaryHome();
  const sent: string[] = [];
  await using on = await composeTestGateway({
    ...{ home: home.path, channels: [noting(sent)], accounts: { bot: { channel: "chat", settings: {} } }, provider, stallMs: 300 },
    agent: { models: chain.map((model) => `test/${model}`) },
  });
  await run({ ...on, sent });
}

async function say(on: TestGateway & { sent: string[] }, text: string): Promise<readonly string[]> {
  const before = on.sent.length;
  const [received] = await on.gateway.receive("bot" as AccountId, [says(text)]);
  for (let i = 0; i < 1_000 && on.sent.length === before; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  const trace = await on.store.records.trace(defaultTenant, received?.event ?? "");
  return (trace?.entries ?? []).flatMap(({ stage, reason, detail }) =>
    stage.startsWith("model-") && stage !== "model-start" ? [`${detail?.model} ${reason ?? "ok"}`] : [],
  );
}

for (const [name, provider] of Object.entries(formats)) {
  describe(`${name}: what happens next`, { concurrency: 4 }, () => {
    for (const { does, code, asked = 1, alone, opens } of rows) {
      test(`${does}: ${code}, then the next model${opens ? `; left alone after ${opens}` : ""}`, () =>
        running(provider(), [does, "echo"], async (on) => {
          for (let turn = 1; turn <= (opens ?? 3) + 1; turn++) {
            const calls = await say(on, "hi");
            const isOpen = opens !== undefined && turn > opens;
            assert.deepEqual(calls, [...Array.from({ length: isOpen ? 0 : asked }, () => `${does} ${code}`), "echo ok"], `turn ${turn}`);
          }
          assert.match(on.sent[0] ?? "", /You said: hi/);
          assert.equal(on.gateway.models()[0]?.state, opens ? "failing" : "usable");
          assert.equal(on.gateway.models()[1]?.state, "usable");
        }));

      test(`${does}, with nobody behind it: ${alone}`, { timeout: 30_000 }, () =>
        running(provider(), [does], async (on) => {
          await on.gateway.receive("bot" as AccountId, [says("hi")]);
          const ended = await on.until(alone);
          assert.equal(ended.reason ?? code, code);
        }),
      );
    }
  });
}

test("the table of the docs says the same", () => {
  const docs = readFileSync(new URL("../../docs/providers.md", import.meta.url), "utf8");
  for (const { code, alone, opens } of rows) {
    const row = docs.split("\n").find((line) => line.startsWith("|") && line.includes(`\`${code}\``));
    assert.ok(row, `${code} stands in the table`);
    const [, , , , breaker = ""] = row.split("|").map((cell) => cell.trim());
    assert.equal(breaker, opens === undefined ? "stays closed" : opens === 1 ? "opens at once" : `opens after ${opens}`, code);
    assert.equal(errorTable[code].retryable, alone === "turn-retry", code);
    assert.equal(/then (it is tried )?again/.test(row), alone === "turn-retry", `${code}: ${row}`);
  }
});

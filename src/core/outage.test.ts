import assert from "node:assert/strict";
import { test } from "node:test";
import { agentOf } from "../../test/support/agent.ts";
import type { AgentId } from "./ids.ts";
import { type EndedCall, modelsNamed, outagesOf } from "./outage.ts";

const call = (model: string, endedAt: number, code?: string): EndedCall =>
  ({ provider: "p", model, endedAt, ...(code !== undefined && { fault: { code, message: `${code} at ${endedAt}` } }) }) as EndedCall;

test("an outage began with the first failure since the last answer, and its cause is the last one's", () => {
  const outages = outagesOf([
    call("down", 90, "provider-auth"),
    call("up", 80),
    call("down", 70, "provider-unavailable"),
    call("up", 60, "provider-quota"),
    call("down", 50),
    call("down", 40, "provider-spent"),
    call("never", 30, "package-missing"),
  ]);
  assert.deepEqual(
    [...outages],
    [
      ["p/down", { since: 70, calls: 2, fault: { code: "provider-auth", message: "provider-auth at 90" } }],
      ["p/never", { since: 30, calls: 1, fault: { code: "package-missing", message: "package-missing at 30" } }],
    ],
  );
});

test("what only concerns one call neither begins an outage nor ends one", () => {
  assert.deepEqual([...outagesOf([call("a", 3, "aborted"), call("a", 2, "context-too-long"), call("a", 1)])], []);
  const [outage] = outagesOf([call("a", 3, "answer-withheld"), call("a", 2, "provider-quota"), call("a", 1, "aborted")]).values();
  assert.deepEqual([outage?.since, outage?.calls], [2, 1]);
});

test("models are named by agents, their scale, routes and budgets, each with who needs it", () => {
  const main = agentOf({ models: ["p/a", "p/b"], summarise: ["p/s"], scale: [{ waiting: 5, models: ["p/small"] }] });
  const steps = { before: [], after: [{ role: "review", models: ["p/checks"] } as never] };
  const other = agentOf({ id: "other" as AgentId, models: ["p/b"], describe: ["p/eyes"], steps });
  const classify = {
    by: "model",
    models: ["p/sorts"],
    floor: 0.5,
    choices: [{ name: "x", description: "", examples: [], agent: other.id }],
  };
  const named = modelsNamed({
    agents: new Map([main, other].map((agent) => [agent.id, agent])),
    routes: [{ agent: main.id, classify } as never],
    budgets: [{ models: ["p/cheap"] }, { models: ["p/small"], agent: other.id }] as never,
  });
  assert.deepEqual(Object.fromEntries(named), {
    "p/a": ["main"],
    "p/b": ["main", "other"],
    "p/s": ["main"],
    "p/small": ["main", "other"],
    "p/eyes": ["other"],
    "p/checks": ["other"],
    "p/sorts": ["main"],
    "p/cheap": ["main", "other"],
  });
});

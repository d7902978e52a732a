import assert from "node:assert/strict";
import { test } from "node:test";
import { soakFaultPlan, soakLives } from "./crash/plan.ts";
import { words } from "./crash/report.ts";
import { runLives } from "./crash/run.ts";

/** The short form of `npm run soak`. Another seed: SOAK_SEED=…; without one it is the day's, so that each day tries new moments. */
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Date.now() / 86_400_000));

test(`40 kills at random moments, 2,000 messages, platforms that fail, seed ${seed}: every promise is kept`, {
  timeout: 15 * 60_000,
}, async (context) => {
  const outcome = await runLives({ seed, lives: soakLives(seed, 40, 2_000), faults: soakFaultPlan(seed), perSecond: 120, chats: 64 });
  for (const line of words(outcome)) context.diagnostic(line);
  for (const [law, broken] of Object.entries(outcome.broken)) assert.deepEqual(broken, [], `${law}; seed ${seed}; logs: ${outcome.logs}`);
  assert.ok(outcome.settled);
  assert.equal(outcome.kills, 40);
  assert.ok(outcome.attempted >= 2_000, `only ${outcome.attempted} messages`);
  assert.ok(outcome.duplicated.wire > 0, "no kill fell between a send and its receipt: the load is too small to prove anything");
});

test("the same seed plans the same kills and faults, another one others", () => {
  const plan = (of: number) => {
    const faults = soakFaultPlan(of);
    return { lives: soakLives(of, 100, 10_000), faults: Array.from({ length: 10_000 }, (_, n) => faults(100_000 + n)) };
  };
  const { lives, faults } = plan(1);
  assert.deepEqual(plan(1), { lives, faults });
  assert.notDeepEqual(plan(2).lives, lives);
  assert.notDeepEqual(plan(2).faults, faults);
  assert.equal(
    lives.reduce((sum, { messages = 0 }) => sum + messages, 0),
    10_000,
  );
  const counts = Map.groupBy(
    faults.filter((fault) => fault !== undefined),
    String,
  );
  assert.deepEqual([...counts.keys()].sort(), ["cut", "drop", "error", "proxy", "proxy-after", "too-many"]);
  for (const [fault, hit] of counts) assert.ok(hit.length > 20 && hit.length < 70, `${fault} ${hit.length} times`);
});

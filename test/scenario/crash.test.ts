import assert from "node:assert/strict";
import { test } from "node:test";
import { boundaries, type CrashPlan, rare } from "./crash/plan.ts";
import { runLives } from "./crash/run.ts";

/** Each boundary, before and after, this often: 17 × 2 × 9 = 306 kills. */
const rounds = 9;

test("300 kills over every boundary: nothing lost, nothing out of order, nothing twice without a reason", {
  timeout: 30 * 60_000,
}, async (context) => {
  const plans = Array.from({ length: rounds }, (_, round) =>
    boundaries.flatMap((point) =>
      (["before", "after"] as const).map((when) => ({ point, when, nth: 1 + (rare.has(point) ? 0 : (round * 3) % 5) })),
    ),
  ).flat();
  // Two gateways side by side: a start keeps one core busy.
  const halves = await Promise.all([
    runLives(plans.filter((_, index) => index % 4 < 2)),
    runLives(plans.filter((_, index) => index % 4 >= 2)),
  ]);
  for (const outcome of halves) {
    context.diagnostic(
      JSON.stringify({ ...outcome, explained: outcome.explained.length, shown: outcome.shown.length, missed: outcome.missed }),
    );
    assert.deepEqual(outcome.lost, []);
    assert.deepEqual(outcome.unexpected, []);
    assert.deepEqual(outcome.unexplained, []);
    assert.deepEqual(outcome.inversions, []);
    assert.deepEqual(outcome.paidAgain, []);
    assert.ok(outcome.shown.length + outcome.explained.length <= outcome.kills * 3, "more is in doubt than the kills can have caused");
    assert.ok(outcome.messages > 500, `only ${outcome.messages} messages`);
    assert.ok(outcome.missed.length <= outcome.kills / 20, `boundaries that were not reached: ${outcome.missed}`);
  }
});

const randomly = (broken: NonNullable<CrashPlan["broken"]>) => Array.from({ length: 20 }, () => ({ broken }));

test("the oracle catches a build that acknowledges before it commits", { timeout: 5 * 60_000 }, async () => {
  const outcome = await runLives(randomly("ack-before-commit"), { lifetime: (index) => 300 + index * 40, settleMs: 15_000 });
  assert.ok(outcome.lost.length > 0, JSON.stringify(outcome));
});

test("the oracle catches a build that doesn't dedupe", { timeout: 5 * 60_000 }, async () => {
  const plans = Array.from({ length: 20 }, () => ({ broken: "no-dedupe", point: "receive", when: "after", nth: 6 }) as const);
  const outcome = await runLives(plans, { settleMs: 15_000 });
  assert.ok(outcome.unexplained.length > 0, JSON.stringify(outcome));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { boundaries, type LifePlan, rare } from "./crash/plan.ts";
import { words } from "./crash/report.ts";
import { runLives } from "./crash/run.ts";

/** Each boundary, before and after, this often: 17 × 2 × 9 = 306 kills. */
const rounds = 9;
/** What a life that doesn't come to its boundary may take. */
const kill = { after: "ready", ms: 6_000 } as const;

test("300 kills over every boundary: nothing lost, nothing out of order, nothing twice without its own fault", {
  timeout: 30 * 60_000,
}, async (context) => {
  const lives = Array.from({ length: rounds }, (_, round) =>
    boundaries.flatMap((point) =>
      (["before", "after"] as const).map((when): LifePlan => {
        return { crash: { point, when, nth: 1 + (rare.has(point) ? 0 : (round * 3) % 5) }, kill };
      }),
    ),
  ).flat();
  // Two gateways side by side: a start keeps one core busy.
  const halves = await Promise.all(
    [0, 1].map((half) => {
      return runLives({ seed: half, lives: lives.filter((_, index) => Math.floor(index / 2) % 2 === half), perSecond: 30, chats: 32 });
    }),
  );
  for (const outcome of halves) {
    for (const line of words(outcome)) context.diagnostic(line);
    context.diagnostic(`boundaries that were not reached: ${outcome.missed.join(", ") || "none"}`);
    for (const [law, broken] of Object.entries(outcome.broken)) assert.deepEqual(broken, [], `${law}; logs: ${outcome.logs}`);
    assert.ok(outcome.attempted > 500, `only ${outcome.attempted} messages`);
    assert.ok(outcome.missed.length <= outcome.kills / 20, `boundaries that were not reached: ${outcome.missed}`);
  }
});

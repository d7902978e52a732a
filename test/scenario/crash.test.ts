import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { temporaryHome } from "../gateway-process.ts";
import { judge, type Verdict } from "./crash/oracle.ts";
import { boundaries, type CrashPlan, rare } from "./crash/plan.ts";
import { World } from "./crash/world.ts";

/** Each boundary, before and after, this often: 17 × 2 × 9 = 306 kills. */
const rounds = 9;
const lifeMs = 12_000;

interface Outcome extends Verdict {
  readonly missed: readonly string[];
}

async function run(
  plans: readonly Omit<CrashPlan, "log">[],
  more: { lifetime?: (index: number) => number; settleMs?: number } = {},
): Promise<Outcome> {
  await using home = await temporaryHome();
  const world = await World.open(home.path);
  const missed: string[] = [];
  const quiet = world.speak(60);
  for (const [index, plan] of plans.entries()) {
    const { crashed } = await world.live(plan, more.lifetime?.(index) ?? lifeMs);
    if (!crashed && plan.point) missed.push(`${plan.when} ${plan.point} #${plan.nth}`);
  }
  const posted = quiet();
  await world.settle(more.settleMs ?? 180_000, () => world.said.every(({ acknowledged }) => acknowledged) && isIdle(home.path));
  const judged = {
    ...judge({ said: world.said, replies: world.replies(), kills: world.kills, asked: world.asked, ...shownIn(home.path) }),
    missed,
  };
  await world.close();
  await posted;
  return judged;
}

/** Nothing is under way in the gateway: only when to stop waiting, what came of it is judged from outside. */
function isIdle(home: string): boolean {
  const database = new DatabaseSync(join(home, "polylogue.db"), { readOnly: true });
  try {
    const open = "SELECT 1 FROM events WHERE ended_at IS NULL UNION ALL SELECT 1 FROM deliveries WHERE ended_at IS NULL LIMIT 1";
    return database.prepare(open).get() === undefined;
  } finally {
    database.close();
  }
}

/** What the gateway shows of itself: the messages whose delivery is `unknown`, and the receipts that it holds. */
function shownIn(home: string): { held: Set<number>; receipts: Set<string> } {
  const database = new DatabaseSync(join(home, "polylogue.db"), { readOnly: true });
  try {
    const unknown = database.prepare("SELECT content FROM deliveries WHERE state = 'unknown'").all() as { content: string }[];
    const known = database
      .prepare(
        "SELECT d.account, c.chat, d.receipt FROM deliveries d JOIN conversations c ON c.id = d.conversation WHERE d.receipt IS NOT NULL",
      )
      .all() as { account: string; chat: string; receipt: string }[];
    return {
      held: new Set(unknown.map(({ content }) => Number(/re:(\d+)/.exec(content)?.[1]))),
      receipts: new Set(known.map(({ account, chat, receipt }) => `${account}/${chat}/${receipt}`)),
    };
  } finally {
    database.close();
  }
}

test("300 kills over every boundary: nothing lost, nothing out of order, nothing twice without a reason", {
  timeout: 30 * 60_000,
}, async (context) => {
  const plans = Array.from({ length: rounds }, (_, round) =>
    boundaries.flatMap((point) =>
      (["before", "after"] as const).map((when) => ({ point, when, nth: 1 + (rare.has(point) ? 0 : (round * 3) % 5) })),
    ),
  ).flat();
  // Two gateways side by side: a start keeps one core busy.
  const halves = await Promise.all([run(plans.filter((_, index) => index % 4 < 2)), run(plans.filter((_, index) => index % 4 >= 2))]);
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
  const outcome = await run(randomly("ack-before-commit"), { lifetime: (index) => 300 + index * 40, settleMs: 15_000 });
  assert.ok(outcome.lost.length > 0, JSON.stringify(outcome));
});

test("the oracle catches a build that doesn't dedupe", { timeout: 5 * 60_000 }, async () => {
  const plans = Array.from({ length: 20 }, () => ({ broken: "no-dedupe", point: "receive", when: "after", nth: 6 }) as const);
  const outcome = await run(plans, { settleMs: 15_000 });
  assert.ok(outcome.unexplained.length > 0, JSON.stringify(outcome));
});

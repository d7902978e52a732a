import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { describe, test } from "node:test";
import type { Verdict } from "./crash/oracle.ts";
import type { Broken, FaultPlan, LifePlan } from "./crash/plan.ts";
import { words } from "./crash/report.ts";
import { runLives } from "./crash/run.ts";

interface Control {
  readonly broken: Broken;
  readonly life: LifePlan;
  readonly faults?: FaultPlan;
  readonly chats?: number;
  /** What must be found. */
  readonly finds: readonly (keyof Verdict["broken"])[];
}

const kill = { after: "ready", ms: 1_000 } as const;
const lives = 5;

/** Builds that break one law each; the same oracle must see it. */
const controls: Readonly<Record<string, Control>> = {
  "acknowledges before it commits": { broken: "ack-before-commit", life: { kill }, finds: ["lost"] },
  "doesn't dedupe": {
    broken: "no-dedupe",
    // After the commit, before the acknowledgement: the sender comes again.
    life: { crash: { point: "receive", when: "after", nth: 6 }, kill },
    finds: ["unexplained"],
  },
  "doesn't check leases": {
    broken: "no-lease",
    life: { kill: { ...kill, ms: 3_000 } },
    // While a send takes its time, the next sweep comes, and the next message is quicker.
    faults: (n) => (n % 2 === 0 ? "slow" : undefined),
    chats: 4,
    finds: ["unexplained", "reordered"],
  },
  "stores the receipt before it sends": {
    broken: "receipt-before-send",
    life: { crash: { point: "sendMessage", when: "before", nth: 3 }, kill },
    finds: ["lost"],
  },
};

describe("the oracle catches a build that", { concurrency: 2 }, () => {
  for (const [name, { broken, life, faults = () => undefined, chats = 16, finds }] of Object.entries(controls)) {
    test(name, { timeout: 5 * 60_000 }, async (context) => {
      const script = { seed: 1, lives: Array.from({ length: lives }, () => life), perSecond: 20, chats, faults, broken };
      const outcome = await runLives(script);
      await rm(outcome.logs, { recursive: true, force: true });
      for (const line of words(outcome)) context.diagnostic(line);
      assert.ok(outcome.settled, "what isn't answered may just be late");
      for (const law of finds) assert.ok(outcome.broken[law].length > 0, `nothing ${law}`);
    });
  }
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Broken, broken } from "../simulation/broken.ts";
import { emptyStore } from "../simulation/disk.ts";
import { report, simulateSeeds } from "../simulation/seeds.ts";
import { type Outcome, simulate } from "../simulation/simulation.ts";

const seeds = 2_000;

test(`${seeds} seeds: whatever goes wrong, and in whatever order, the promises hold`, { timeout: 15 * 60_000 }, async (context) => {
  const { failed, counts, steps, simulatedMs } = await simulateSeeds({ from: 1, count: seeds, again: 40 });
  context.diagnostic(JSON.stringify({ steps, simulatedHours: Math.round(simulatedMs / 3_600_000), ...counts }));
  assert.equal(failed.length, 0, failed.slice(0, 3).map(report).join("\n"));
  // A world in which nothing happens keeps every promise.
  for (const [what, least] of Object.entries({ events: 5, shown: 5, calls: 5, models: 5, crashes: 1 })) {
    assert.ok((counts[what] ?? 0) >= least * seeds, `only ${counts[what]} ${what}`);
  }
});

test("a seed does the same again, to the last step, and another one doesn't", async () => {
  const empty = await emptyStore();
  const hashOf = async (seed: number, trace = false) => (await simulate(seed, { empty, trace })).hash;
  for (let seed = 1; seed <= 10; seed++) assert.equal(await hashOf(seed), await hashOf(seed, true), `seed ${seed}`);
  assert.notEqual(await hashOf(1), await hashOf(2));
});

/** The promises one of which a gateway that is broken in this way must be found to break. */
const expected: Readonly<Record<Broken, readonly string[]>> = {
  "ack-before-commit": ["nothing is lost"],
  "no-dedupe": ["nothing is answered twice"],
  "no-fsync": ["nothing is lost", "nothing is sent twice"],
  "no-lease": ["law 3"],
  "no-fence": ["law 3"],
  "no-control": ["law 6"],
  "receipt-before-send": ["law 4"],
  "past-before-commit": ["what turns read"],
  "past-without-version": ["what turns read"],
  "control-kept": ["what turns read"],
};

describe("the judge catches a gateway that is broken on purpose", () => {
  for (const how of broken) {
    test(how, { timeout: 5 * 60_000 }, async (context) => {
      let caught: readonly Outcome[] = [];
      let from = 1;
      for (; caught.length === 0 && from < 300; from += 60) {
        const { failed } = await simulateSeeds({ from, count: 60, broken: how });
        caught = failed.filter(({ breaches }) => breaches.some(({ promise }) => expected[how].includes(promise)));
      }
      context.diagnostic(`${caught.length} of ${from - 1} seeds`);
      assert.ok(caught.length > 0);
    });
  }
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AnswersOf } from "../../../src/core/answers.ts";
import type { AgentId } from "../../../src/core/ids.ts";
import { textPart } from "../../../src/core/message.ts";
import { noon, type Open, other, tenant, using } from "./fixture.ts";

const of: AnswersOf = { tenant, agent: "main" as AgentId, version: "1" };
const answer = (text: string, at = noon) => ({ parts: [textPart(text)], at });

/** Answers that stand in while no model can be reached. */
export function keptAnswerContract(open: Open): void {
  describe("kept answers", () => {
    test(
      "are found by their question, the last one counts, and outlive a crash",
      using(open, async ({ crash }, store) => {
        await store.keepAnswer(of, "k1", answer("old"));
        await store.keepAnswer(of, "k1", answer("new", noon + 1));
        const after = await crash();
        assert.deepEqual(await after.keptAnswer(of, "k1", noon), answer("new", noon + 1));
        assert.equal(await after.keptAnswer(of, "k1", noon + 2), undefined, "too old");
        assert.equal(await after.keptAnswer(of, "k2", noon), undefined);
      }),
    );

    test(
      "are their tenant's, their agent's and their instructions'",
      using(open, async (_, store) => {
        await store.keepAnswer(of, "k1", answer("mine"));
        for (const strange of [{ tenant: other }, { agent: "else" as AgentId }, { version: "2" }]) {
          assert.equal(await store.keptAnswer({ ...of, ...strange }, "k1", 0), undefined);
          assert.deepEqual(await store.keptAnswers({ ...of, ...strange }, "m", 0, 10), []);
        }
      }),
    );

    test(
      "keep vectors of the model that made them, newest first",
      using(open, async (_, store) => {
        const vector = (model: string, ...values: number[]) => ({ model, values });
        await store.keepAnswer(of, "k1", { ...answer("a"), vector: vector("m", 0.5, -1) });
        await store.keepAnswer(of, "k2", { ...answer("b", noon + 1), vector: vector("m", 1, 2) });
        await store.keepAnswer(of, "k3", { ...answer("c", noon + 2), vector: vector("n", 1, 2) });
        const found = await store.keptAnswers(of, "m", 0, 10);
        assert.deepEqual(
          found.map(({ at, vector }) => [at - noon, vector?.values]),
          [
            [1, [1, 2]],
            [0, [0.5, -1]],
          ],
        );
        assert.equal((await store.keptAnswers(of, "m", 0, 1)).length, 1);
      }),
    );

    test(
      "go with their time, and the oldest where there are too many",
      using(open, async (_, store) => {
        await Promise.all(Array.from({ length: 5_003 }, (_, n) => store.keepAnswer(of, `k${n}`, answer("x", noon + n))));
        assert.deepEqual([await store.keptAnswer(of, "k2", 0), (await store.keptAnswer(of, "k3", 0))?.at], [undefined, noon + 3]);
        await store.dropAnswers(noon + 5_000);
        assert.equal(await store.keptAnswer(of, "k4999", 0), undefined);
        assert.ok(await store.keptAnswer(of, "k5000", 0));
      }),
    );
  });
}

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testLoad } from "../../test/support/config.ts";
import type { AgentId } from "../core/ids.ts";
import type { Json } from "../core/terms.ts";

describe("handovers", () => {
  const load = async (handover: object, ...agents: readonly object[]) => {
    const file = { handover, agents: Object.fromEntries(agents.map((own, n) => [`a${n}`, { models: ["demo/demo"], handover: own }])) };
    const { configuration, findings } = await testLoad({ file: file as unknown as Json });
    const of = (n: number) => {
      const agent = configuration.agents.get(`a${n}` as AgentId);
      assert.ok(agent);
      const { wanted, ...plain } = agent.handover;
      return { ...plain, refund: wanted("a REFUND, please") !== undefined, human: wanted("a human!") !== undefined };
    };
    return { of, findings: findings.filter(({ code }) => !code.endsWith("-unused")).map(({ code, subject }) => `${code} ${subject}`) };
  };

  it("are as nothing calls where nothing is set", async () => {
    const { of, findings } = await load({}, {});
    assert.deepEqual(of(0), { returnAfterMs: 0, ask: "", refund: false, human: false });
    assert.deepEqual(findings, []);
    const { explained } = await testLoad();
    assert.deepEqual(explained.explain("agents.main.handover"), [], "nor does the agent that is there without a file set anything");
  });

  it("are as set for all, but for what an agent sets itself", async () => {
    const all = { patterns: ["refund"], failures: 2, say: "Soon.", returnAfterMs: 60_000, ask: "How was it?" };
    const { of, findings } = await load(
      all,
      {},
      { patterns: ["human"], failures: 0 },
      { patterns: [], say: "", returnAfterMs: 0, ask: "" },
    );
    assert.deepEqual(of(0), { failures: 2, say: "Soon.", returnAfterMs: 60_000, ask: "How was it?", refund: true, human: false });
    assert.deepEqual(of(1), { say: "Soon.", returnAfterMs: 60_000, ask: "How was it?", refund: false, human: true });
    assert.deepEqual(of(2), { failures: 2, say: "", returnAfterMs: 0, ask: "", refund: false, human: false });
    assert.deepEqual(findings, []);
  });

  it("with something wrong in them are told of once, where it stands, and the rest holds", async () => {
    const { of, findings } = await load({ patterns: ["refund", "("], failures: -1, ask: "Well?" }, {}, { returnAfterMs: "soon" });
    assert.deepEqual(of(0), { returnAfterMs: 0, ask: "Well?", refund: true, human: false });
    assert.deepEqual(of(1), of(0));
    assert.deepEqual(findings.toSorted(), [
      "config-invalid agents.a1.handover.returnAfterMs",
      "config-invalid handover.failures",
      "pattern-invalid handover.patterns.1",
    ]);
  });
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CallOwner } from "../../../src/core/calls.ts";
import type { AccountId, AgentId } from "../../../src/core/ids.ts";
import type { Store } from "../../../src/core/store.ts";
import { answerOf, arrive, begin, newCall, noon, type Open, other, refused, stages, tenant, using, value } from "./fixture.ts";

const usage = { input: 60, cachedInput: 0, output: 20, reported: true } as const;
const cost = { amount: 30, price: { source: "test", perMillion: { input: 1 } } };
const hold = { budget: "all", key: "", window: "2026-11", tokens: 100, amount: 50 };
const owner: CallOwner = { tenant, account: "v1" as AccountId, channel: "v1", sender: "laptop" };

async function spent(store: Store) {
  const [state] = await store.records.budgetStates(tenant, "all", "2026-11", 10);
  return state && { spent: state.amount, held: state.reservedAmount };
}

async function used(store: Store) {
  while (await store.foldUsage()) {}
  return store.records.usage(tenant, { from: "2026-11-22", to: "2026-11-22", by: ["purpose", "channel", "sender"], limit: 10 });
}

/** Billed requests that are no step of a turn. */
export function ownCallContract(open: Open): void {
  describe("calls outside a turn", () => {
    test(
      "count as what they came to, under whom they were made for",
      using(open, async (_, store) => {
        const call = newCall({ purpose: "embed", agent: "main" as AgentId, holds: [hold] });
        assert.deepEqual(value(await store.beginCall(owner, call)), [], "without an event there is no story");
        assert.deepEqual(await spent(store), { spent: 0, held: 50 });
        assert.deepEqual(await store.endCall(owner, { ...call, endedAt: noon + 5, usage, cost }), []);
        assert.deepEqual(await spent(store), { spent: 30, held: 0 });
        await store.endCall(owner, { ...call, endedAt: noon + 5, usage, cost });
        assert.deepEqual(await spent(store), { spent: 30, held: 0 }, "an end that is told twice counts once");
        const [row, ...more] = await used(store);
        assert.deepEqual(row?.of, { purpose: "embed", channel: "v1", sender: "laptop" });
        assert.deepEqual([row?.calls, row?.amount, more.length], [1, 30, 0]);
        assert.deepEqual(await store.records.budgetStates(other, "all", "2026-11", 10), []);
      }),
    );

    test(
      "stand in the story of the event that they are made for",
      using(open, async (_, store) => {
        const { event } = await arrive(store);
        const call = newCall({ purpose: "classify" });
        const entries = value(await store.beginCall({ tenant, trace: event }, call));
        assert.deepEqual(
          entries.map(({ stage }) => stage),
          ["model-start"],
        );
        await store.endCall({ tenant, trace: event }, { ...call, endedAt: noon + 1, fault: { code: "provider-quota", message: "slow" } });
        assert.deepEqual(await stages(store, event), ["received", "model-start", "model-fail (provider-quota)"]);
        const [row] = await used(store);
        assert.deepEqual(row?.of, { purpose: "classify", channel: "test", sender: "u1" });
      }),
    );

    test(
      "don't begin where a budget is used up, and nothing is written then",
      using(open, async (_, store) => {
        const limited = () => newCall({ holds: [{ ...hold, amountLimit: 40 }] });
        value(await store.beginCall(owner, limited()));
        refused(await store.beginCall(owner, limited()), "budget-spent");
        assert.deepEqual(await spent(store), { spent: 0, held: 50 });
      }),
    );

    test(
      "of a process that died may have been billed, and are counted so once",
      using(open, async ({ crash }, store) => {
        const { event, conversation } = await arrive(store);
        const running = await begin(store, conversation);
        value(await store.beginCall(owner, newCall({ holds: [hold] })));
        value(await store.beginCall({ tenant, trace: event }, newCall({ purpose: "describe" })));
        await store.recover(noon + 1);
        assert.deepEqual(await spent(store), { spent: 0, held: 50 }, "those under way are left alone");
        const after = await crash();
        assert.equal((await after.recover(noon + 9)).turns, 1);
        await after.recover(noon + 10);
        assert.deepEqual(await spent(after), { spent: 50, held: 0 });
        const rows = await used(after);
        assert.deepEqual(rows.map(({ of, calls, failed }) => [of.purpose, calls, failed]).sort(), [
          ["answer", 1, 1],
          ["answer", 1, 1],
          ["describe", 1, 1],
        ]);
        refused(await after.finishTurn(running.lease, answerOf(running, "late")), "fenced");
      }),
    );
  });
}

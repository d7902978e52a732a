import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { OnUnknown, SendOutcome } from "../../../src/core/delivery.ts";
import {
  answer,
  arrive,
  attempt,
  by,
  due,
  noon,
  type Open,
  operatorSays,
  other,
  refused,
  said,
  send,
  stages,
  stateOf,
  take,
  tenant,
  using,
  value,
} from "./fixture.ts";

const retry = { kind: "retry", code: "channel-retry", message: "slow down" } as const;
const refusal = { kind: "refused", code: "channel-permanent", message: "no" } as const;
const nobodyKnows = { kind: "unknown", code: "channel-unknown", message: "cut" } as const;

export function outboxContract(open: Open): void {
  describe("outbox", () => {
    test(
      "deliveries leave in their order, one at a time",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const [first] = await answer(store, conversation, "one");
        const enqueued = await store.enqueue(operatorSays("two"));
        assert.equal(enqueued.conversation, conversation);
        assert.deepEqual(await store.nextDelivery(conversation), { tenant, account: "desk", dueAt: noon + 2 });
        const { lease, delivery } = await attempt(store, conversation);
        assert.deepEqual([delivery.id, delivery.state, delivery.attempts, delivery.chat.id], [first, "sending", 1, "c1"]);
        value(await store.endAttempt(lease, delivery, { outcome: { kind: "sent", receipt: "r1" }, at: noon + 4 }));
        refused(await store.endAttempt(lease, delivery, { outcome: retry, at: noon }), "fenced");
        await store.release(lease);
        assert.equal((await send(store, conversation)).id, enqueued.deliveries[0]);
        assert.equal((await store.beginAttempt(await take(store, "send", conversation), conversation, noon + 9)).kind, "empty");
        assert.equal((await store.records.delivery(tenant, first as never))?.receipt, "r1");
        assert.equal((await store.records.trace(tenant, "r1"))?.trace, delivery.trace);
      }),
    );

    test(
      "a delivery knows when somebody last wrote there, by the platform's clock, and not what the platform told by itself",
      using(open, async (opened, store) => {
        const { conversation } = await arrive(store, said("Hello", { key: "first", at: noon - 5_000 }));
        await arrive(store, said("late", { key: "late", at: noon - 9_000 }));
        await arrive(store, said("of a clock that is ahead", { key: "ahead", at: noon + 86_400_000_000 }));
        const receipt = { kind: "receipt", platformId: "x", state: "read" } as const;
        const { chat, sender } = said("");
        await arrive(store, { ...receipt, key: "receipt", chat, sender, at: noon + 60_000 });
        await store.enqueue(operatorSays("two"));
        const known = (await attempt(store, conversation)).delivery.heardAt ?? 0;
        assert.ok(known >= noon - 5_000 && known <= noon + 60_000, String(known));
        const reopened = await opened.crash();
        const [delivery] = await reopened.records.deliveries(tenant, { conversation, limit: 9 });
        assert.equal(delivery?.heardAt, known);
        const { conversation: fresh } = await reopened.enqueue(operatorSays("first", { chat: { id: "never", kind: "direct" } }));
        assert.equal((await attempt(reopened, fresh)).delivery.heardAt, undefined);
      }),
    );

    test(
      "an intent is on disk before the send, a receipt after",
      using(open, async (opened, store) => {
        const { conversation, event } = await arrive(store);
        const [id] = await answer(store, conversation, "one");
        await attempt(store, conversation);
        const reopened = await opened.crash();
        assert.equal(await stateOf(reopened, id as never), "sending");
        assert.equal((await stages(reopened, event)).at(-1), "delivery-start");
      }),
    );

    const policies: readonly [OnUnknown, string, string][] = [
      ["hold", "unknown", "delivery-unknown"],
      ["resend", "queued", "delivery-retry"],
      ["repeat", "queued", "delivery-retry"],
    ];
    for (const [policy, state, stage] of policies) {
      test(
        `after a crash while sending, the policy ${policy} decides, and it is told`,
        using(open, async (opened, store) => {
          const { conversation, event } = await arrive(store);
          const [id] = await answer(store, conversation, "one", policy);
          await attempt(store, conversation);
          const reopened = await opened.crash();
          const hold = policy === "hold";
          assert.deepEqual(await reopened.recover(noon + 9), { turns: 0, repeated: hold ? 0 : 1, unknown: hold ? 1 : 0 });
          assert.equal(await stateOf(reopened, id as never), state);
          const last = (await reopened.records.trace(tenant, event))?.entries.at(-1);
          assert.deepEqual([last?.stage, last?.reason, last?.detail], [stage, "gateway-stopped-while-sending", { delivery: id, policy }]);
          if (!hold) assert.deepEqual((await attempt(reopened, conversation, noon + 9)).delivery.attempts, 2);
        }),
      );
    }

    test(
      "the next worker of the lane finds what the last one left, without waiting for a recovery",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const [id] = await answer(store, conversation, "one");
        const { lease } = await attempt(store, conversation);
        await store.release(lease);
        const [second] = await answer(store, (await arrive(store)).conversation, "two");
        assert.equal((await attempt(store, conversation)).delivery.id, second);
        assert.equal(await stateOf(store, id as never), "unknown");
      }),
    );

    const outcomes: readonly [string, SendOutcome, number | undefined, OnUnknown, string][] = [
      ["a refusal is final", refusal, undefined, "resend", "failed"],
      ["tries that ran out are told", retry, undefined, "hold", "dead"],
      ["what nobody knows waits for the operator", nobodyKnows, undefined, "hold", "unknown"],
      ["what nobody knows is held even if a time is given", nobodyKnows, noon + 50, "hold", "unknown"],
      ["what nobody knows is unknown when the tries ran out", nobodyKnows, undefined, "resend", "unknown"],
    ];
    for (const [what, outcome, retryAt, policy, state] of outcomes) {
      test(
        `${what}, and blocks nothing behind it`,
        using(open, async (_, store) => {
          const { conversation } = await arrive(store);
          const [id] = await answer(store, conversation, "one", policy);
          await store.enqueue(operatorSays("two"));
          await send(store, conversation, outcome, retryAt);
          assert.equal(await stateOf(store, id as never), state);
          const { error } = (await store.records.delivery(tenant, id as never)) ?? {};
          assert.deepEqual(error, { code: (outcome as typeof retry).code, message: (outcome as typeof retry).message });
          assert.equal((await send(store, conversation)).content.text, "two");
        }),
      );
    }

    for (const [outcome, policy] of [
      [retry, "hold"],
      [nobodyKnows, "resend"],
      [nobodyKnows, "repeat"],
    ] as const) {
      test(
        `a repetition of ${outcome.kind} under ${policy} holds its place until it is due`,
        using(open, async (_, store) => {
          const { conversation, event } = await arrive(store);
          const [id] = await answer(store, conversation, "one", policy);
          await store.enqueue(operatorSays("two"));
          await send(store, conversation, outcome, noon + 50);
          assert.equal((await stages(store, event)).at(-1), `delivery-retry (${outcome.code})`);
          const lease = await take(store, "send", conversation);
          assert.deepEqual(await store.beginAttempt(lease, conversation, noon + 49), { kind: "wait", dueAt: noon + 50 });
          await store.release(lease);
          assert.deepEqual(await due(store, noon + 49, 9), []);
          assert.deepEqual(await due(store, noon + 50, 9), [`send:${conversation}`]);
          const again = await attempt(store, conversation, noon + 50);
          assert.deepEqual([again.delivery.id, again.delivery.attempts, again.delivery.content.text], [id, 2, "one"]);
          value(await store.endAttempt(again.lease, again.delivery, { outcome: { kind: "sent", receipt: "r" }, at: noon + 51 }));
          assert.equal((await store.records.delivery(tenant, id as never))?.error, undefined);
        }),
      );
    }

    test(
      "after a takeover no word of the agent leaves, an operator's does",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        const [id] = await answer(store, conversation, "agent");
        const enqueued = await store.enqueue(operatorSays("operator"));
        const version = (await store.records.conversation(tenant, conversation))?.controlVersion as number;
        const taken = await store.records.setControl(tenant, conversation, "human", version, by, noon);
        assert.deepEqual([taken?.control, taken && taken.controlVersion > version], ["human", true]);
        assert.equal(await store.records.setControl(tenant, conversation, "agent", version, by, noon), undefined);
        assert.equal((await send(store, conversation)).id, enqueued.deliveries[0]);
        assert.equal(await stateOf(store, id as never), "dropped");
        assert.equal((await stages(store, event)).at(-1), "delivery-drop (control-human)");
      }),
    );

    test(
      "what an agent wrote before a takeover stays unsaid when the agent is back",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const [id] = await answer(store, conversation, "stale");
        let version = (await store.records.conversation(tenant, conversation))?.controlVersion as number;
        for (const control of ["human", "agent"] as const) {
          version = (await store.records.setControl(tenant, conversation, control, version, by, noon))?.controlVersion as number;
        }
        const [fresh] = await answer(store, (await arrive(store)).conversation, "fresh");
        assert.equal((await attempt(store, conversation)).delivery.id, fresh);
        assert.equal(await stateOf(store, id as never), "dropped");
      }),
    );

    test(
      "an operator settles what waits for one, and is named",
      using(open, async (opened, store) => {
        const { conversation, event } = await arrive(store);
        const [unknown] = await answer(store, conversation, "one");
        await send(store, conversation, nobodyKnows);
        const [failed] = (await store.enqueue(operatorSays("two"))).deliveries;
        await send(store, conversation, refusal);
        const [queued] = (await store.enqueue(operatorSays("three"))).deliveries;
        const ids = [unknown, failed, queued] as never[];
        assert.deepEqual(await store.settle(other, ids, "drop", by, noon), [], "not another tenant's");
        const guest = await opened.guest();
        const again = await guest.settle(tenant, ids, "retry", by, noon + 9);
        assert.deepEqual(
          again.map(({ id, state, attempts, dueAt, error }) => [id, state, attempts, dueAt, error]),
          [
            [unknown, "queued", 0, noon + 9, undefined],
            [failed, "queued", 0, noon + 9, undefined],
          ],
        );
        const last = (await store.records.trace(tenant, event))?.entries.at(-1);
        assert.deepEqual([last?.stage, last?.reason, last?.detail], ["delivery-queued", "operator-retry", { delivery: unknown, by }]);
        assert.equal((await attempt(store, conversation, noon + 9)).delivery.id, unknown, "in its old place");
        const dropped = await store.settle(tenant, ids, "drop", by, noon + 10);
        assert.deepEqual(
          dropped.map(({ id, state }) => [id, state]),
          [
            [failed, "dropped"],
            [queued, "dropped"],
          ],
          "not the one that is being sent",
        );
        const told = (await store.records.auditLog(tenant, { limit: 9 })).map(({ actor, action, subject }) => [actor, action, subject]);
        assert.deepEqual(told[0], [by, "delivery-drop", queued]);
      }),
    );

    test(
      "a retry by an operator's word leaves whoever is in control",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const [id] = await answer(store, conversation, "one");
        await send(store, conversation, nobodyKnows);
        const version = (await store.records.conversation(tenant, conversation))?.controlVersion as number;
        await store.records.setControl(tenant, conversation, "human", version, by, noon);
        await store.settle(tenant, [id as never], "retry", by, noon);
        assert.equal((await send(store, conversation)).id, id);
      }),
    );

    test(
      "an operator's message opens a conversation and a story of its own",
      using(open, async (opened, store) => {
        const outbound = operatorSays("Good day", { chat: { id: "new", kind: "direct", title: "Newcomer" } });
        const { message, conversation, deliveries, entries } = await store.enqueue(outbound);
        assert.deepEqual(
          entries.map(({ trace, stage }) => [trace, stage]),
          [[message, "delivery-queued"]],
        );
        const reopened = await opened.crash();
        const trace = await reopened.records.trace(tenant, deliveries[0] as string);
        assert.equal(trace?.trace, message);
        assert.equal(trace.event, undefined);
        assert.deepEqual(
          trace.messages.map(({ author, parts }) => [author, parts]),
          [["operator", outbound.parts]],
        );
        assert.equal(await reopened.nextEvent(conversation), undefined, "it starts no turn");
        const { conversation: same } = await arrive(reopened, said("Hello", { chat: { id: "new", kind: "direct" } }));
        assert.equal(same, conversation);
        assert.deepEqual(
          (await reopened.history(conversation, undefined, 9)).map(({ direction }) => direction),
          ["out", "in"],
        );
        assert.equal((await reopened.records.counts(tenant)).conversations, 1);
      }),
    );
  });
}

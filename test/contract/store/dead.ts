import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DeadFilter, DeadPlace } from "../../../src/core/dead.ts";
import { settleAllDead } from "../../../src/core/dead.ts";
import { fault } from "../../../src/core/errors.ts";
import type { ConversationId } from "../../../src/core/ids.ts";
import type { Received, Store } from "../../../src/core/store.ts";
import {
  account,
  answer,
  answerOf,
  arrive,
  attempt,
  begin,
  by,
  due,
  noon,
  type Open,
  operatorSays,
  other,
  said,
  send,
  stages,
  stateOf,
  take,
  tenant,
  using,
  value,
} from "./fixture.ts";

const refusal = { kind: "refused", code: "channel-gone", message: "blocked" } as const;
const givenUp = { kind: "retry", code: "channel-retry", message: "503" } as const;
const nobodyKnows = { kind: "unknown", code: "channel-unknown", message: "cut" } as const;

/** Five tries that fail, and then the router sets it aside. */
async function poison(store: Store, received: Received): Promise<void> {
  const { conversation } = received;
  for (let tries = 0; tries < 5; tries++) {
    const { lease, turn } = await begin(store, conversation);
    const failed = { fault: fault("provider-unavailable", "no model answers"), dueAt: noon, at: noon + 1, calls: [] };
    value(await store.retryTurn(lease, turn, failed));
    await store.release(lease);
  }
  const lease = await take(store, "turn", conversation);
  const event = await store.nextEvent(conversation);
  assert.equal(event?.id, received.event);
  value(await store.ignoreEvent(lease, event as never, "poison", noon + 2));
  await store.release(lease);
}

async function fail(
  store: Store,
  conversation: ConversationId,
  at: number,
  more: { retryAt?: number; spared?: boolean } = {},
): Promise<void> {
  const { lease, delivery } = await attempt(store, conversation, at);
  value(await store.endAttempt(lease, delivery, { outcome: givenUp, at, ...more }));
  await store.release(lease);
}

const inChat = (text: string, chat: string) => said(text, { chat: { id: chat, kind: "direct" } });

export function deadContract(open: Open): void {
  describe("dead letters", () => {
    /** One of each state, in a conversation of its own. */
    async function fill(store: Store) {
      const places: Received[] = [];
      for (const chat of ["c1", "c2", "c3", "c4"]) places.push(await arrive(store, inChat(`to ${chat}`, chat)));
      const [failed, dead, unknown, poisoned] = places as [Received, Received, Received, Received];
      const ids: { [state: string]: string } = { poison: poisoned.event };
      for (const [state, { conversation }, outcome] of [
        ["failed", failed, refusal],
        ["dead", dead, givenUp],
        ["unknown", unknown, nobodyKnows],
      ] as const) {
        ids[state] = (await answer(store, conversation, `an answer that is ${state}`)).join();
        await send(store, conversation, outcome);
      }
      await poison(store, poisoned);
      return { ids, poisoned };
    }

    const listed = async (store: Store, filter: DeadFilter = {}, of = tenant) =>
      (await store.records.deadLetters(of, { ...filter, limit: 99 })).map(({ state }) => state).toSorted();

    test(
      "both edges in one list, by state, account and code, with cause and trace",
      using(open, async (_, store) => {
        const { ids, poisoned } = await fill(store);
        assert.deepEqual(await listed(store), ["dead", "failed", "poison", "unknown"]);
        assert.deepEqual(await listed(store, { states: ["failed", "poison"] }), ["failed", "poison"]);
        assert.deepEqual(await listed(store, { code: "channel-gone" }), ["failed"]);
        assert.deepEqual(await listed(store, { code: "poison" }), ["poison"]);
        assert.deepEqual(await listed(store, { account: "elsewhere" as never }), []);
        assert.equal((await listed(store, { account })).length, 4);
        assert.deepEqual(await listed(store, {}, other), []);
        const all = await store.records.deadLetters(tenant, { limit: 99 });
        for (const limit of [1, 2, 3]) {
          const paged: string[] = [];
          for (let after: DeadPlace | undefined, page = all; page.length > 0; after = page.at(-1)?.place) {
            page = await store.records.deadLetters(tenant, { limit, ...(after && { after }) });
            paged.push(...page.map(({ id }) => id));
          }
          assert.deepEqual(
            paged,
            all.map(({ id }) => id),
            `${limit} by ${limit}`,
          );
        }
        const counts = await store.records.counts(tenant);
        assert.deepEqual([counts.events.poison, counts.deliveries.dead], [1, 1]);

        const letter = await store.records.deadLetter(tenant, poisoned.event);
        assert.deepEqual(
          [letter?.state, letter?.attempts, letter?.preview, letter?.trace, letter?.at],
          ["poison", 5, "to c4", poisoned.event, noon + 2],
        );
        assert.match(letter?.error.message ?? "", /5 tries.*provider-unavailable: no model answers/);
        const failed = await store.records.deadLetter(tenant, ids.failed as string);
        assert.deepEqual([failed?.error, failed?.attempts], [{ code: "channel-gone", message: "blocked" }, 1]);
        assert.equal(await store.records.deadLetter(other, poisoned.event), undefined);
      }),
    );

    test(
      "what was set aside is queued again before what came later, with new tries, and answered once",
      using(open, async (_, store) => {
        const received = await arrive(store, said("the first"));
        await poison(store, received);
        const { conversation } = received;
        await answer(store, (await arrive(store, said("the second"))).conversation, "to the second");
        await arrive(store, said("the third"));
        assert.deepEqual(await store.settleDead(tenant, { ids: [received.event] }, "retry", by, noon + 9), [received.event]);
        assert.deepEqual(await store.settleDead(tenant, { ids: [received.event] }, "retry", by, noon + 9), [], "once");
        assert.deepEqual(await due(store, noon + 9), [`turn:${conversation}`, `send:${conversation}`]);
        const running = await begin(store, conversation);
        assert.deepEqual([running.event.id, running.event.tries, running.event.crashes], [received.event, 0, 0]);
        value(await store.finishTurn(running.lease, answerOf(running, "to the first")));
        await store.release(running.lease);
        assert.deepEqual(await store.settleDead(tenant, { ids: [received.event] }, "retry", by, noon + 10), [], "it is answered");
        const third = await begin(store, conversation);
        assert.notEqual(third.event.id, received.event);
        const told = await stages(store, received.event);
        assert.ok(told.includes("turn-retry (operator-retry)"));
        assert.equal(told.filter((stage) => stage === "turn-done").length, 1);
      }),
    );

    test(
      "neighbours go on while one is set aside",
      using(open, async (_, store) => {
        const received = await arrive(store, said("the first"));
        const second = await arrive(store, said("the second"));
        await poison(store, received);
        assert.equal((await store.nextEvent(received.conversation))?.id, second.event);
      }),
    );

    test(
      "what is discarded is over, stays in its trace, and nothing brings it back",
      using(open, async (_, store) => {
        const { ids } = await fill(store);
        const all = Object.values(ids);
        assert.deepEqual(await store.settleDead(other, { ids: all }, "discard", by, noon + 9), []);
        assert.deepEqual(
          (await store.settleDead(tenant, { ids: [...all, "ev_nothing"] }, "discard", by, noon + 9)).toSorted(),
          all.toSorted(),
        );
        assert.deepEqual(await listed(store), []);
        assert.deepEqual(await store.settleDead(tenant, { ids: all }, "retry", by, noon + 10), []);
        assert.equal(await stateOf(store, ids.dead as never), "dropped");
        assert.deepEqual((await stages(store, ids.poison as string)).slice(-2), ["ignored (poison)", "ignored (discarded)"]);
        const audit = await store.records.auditLog(tenant, { limit: 9 });
        assert.deepEqual(
          audit.map(({ action, actor }) => `${action} ${actor}`),
          Array(4).fill(`dead-discard ${by}`),
        );
      }),
    );

    test(
      "all that a filter fits, in shares, but for what was given up later; unknown ones only by name",
      using(open, async (_, store) => {
        const conversations: ConversationId[] = [];
        for (let n = 0; n < 12; n++) {
          const { conversation } = await store.enqueue(operatorSays(`m${n}`, { chat: { id: `d${n}`, kind: "direct" } }));
          conversations.push(conversation);
          await send(store, conversation, n === 0 ? nobodyKnows : givenUp);
        }
        const choice = { all: { states: ["dead"] }, before: noon + 50, limit: 5 } as const;
        assert.equal((await store.settleDead(tenant, choice, "retry", by, noon + 50)).length, 5);
        // One of them fails again: it was given up after the operator's word.
        await fail(store, conversations[1] as ConversationId, noon + 51);
        const who = { tenant, by, at: noon + 4 };
        assert.equal(await settleAllDead(store, who, {}, "retry"), 0, "all were given up at that moment or later");
        assert.equal(await settleAllDead(store, { ...who, at: noon + 60 }, { account: "elsewhere" as never }, "retry"), 0);
        assert.equal(await settleAllDead(store, { ...who, at: noon + 60 }, {}, "retry"), 7);
        assert.deepEqual(await listed(store), ["unknown"]);
        assert.equal(await settleAllDead(store, { ...who, at: noon + 60 }, { states: ["unknown"] }, "retry"), 1);
        assert.deepEqual(await listed(store), []);
        const [last] = await store.records.auditLog(tenant, { limit: 1 });
        assert.deepEqual([last?.action, last?.subject, last?.detail], ["dead-retry", "all", { count: 1, states: ["unknown"] }]);
      }),
    );

    test(
      "attempts that were spared don't count, and a word of the operator begins anew",
      using(open, async (_, store) => {
        const { conversation, deliveries } = await store.enqueue(operatorSays("one"));
        for (const spared of [true, false]) await fail(store, conversation, noon + 9, { retryAt: noon + 9, spared });
        const [id] = deliveries;
        const queued = await store.records.delivery(tenant, id as never);
        assert.deepEqual([queued?.attempts, queued?.spared], [2, 1]);
        await fail(store, conversation, noon + 9);
        await store.settleDead(tenant, { ids: [id as string] }, "retry", by, noon + 9);
        const again = await store.records.delivery(tenant, id as never);
        assert.deepEqual([again?.state, again?.attempts, again?.spared, again?.error], ["queued", 0, 0, undefined]);
      }),
    );

    test(
      "accounts that are shut are passed over by what looks for work",
      using(open, async (_, store) => {
        await store.enqueue(operatorSays("one"));
        const beside = await store.enqueue(operatorSays("two", { account: "other" as never }));
        const found = await store.due("send", noon, 9, undefined, new Set([account]));
        assert.deepEqual(
          found.lanes.map(({ lane }) => lane),
          [`send:${beside.conversation}`],
        );
      }),
    );

    test(
      "a long queue behind a delivery that waits hides nobody",
      using(open, async (_, store) => {
        const { conversation } = await store.enqueue(operatorSays("first"));
        await Promise.all(Array.from({ length: 5_000 }, () => store.enqueue(operatorSays("behind"))));
        await fail(store, conversation, noon + 1, { retryAt: noon + 1_000 });
        const beside = await store.enqueue(operatorSays("beside", { chat: { id: "c2", kind: "direct" } }));
        const found = new Set<string>();
        for (let look = 0; look < 4; look++) for (const lane of await due(store, noon + 1, 100)) found.add(lane);
        assert.deepEqual([...found], [`send:${beside.conversation}`]);
      }),
    );
  });
}

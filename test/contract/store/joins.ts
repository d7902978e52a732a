import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fault } from "../../../src/core/errors.ts";
import type { PlatformEvent } from "../../../src/core/event.ts";
import { type ConversationId, type EventId, newId } from "../../../src/core/ids.ts";
import { textPart } from "../../../src/core/message.ts";
import type { Store } from "../../../src/core/store.ts";
import {
  answer,
  answerOf,
  arrive,
  beginWith,
  by,
  due,
  newCall,
  noon,
  type Open,
  receive,
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

type Words = readonly { readonly parts: readonly unknown[] }[];
const texts = (messages: Words) => messages.map(({ parts }) => (parts[0] as { text: string }).text);

async function three(store: Store): Promise<{ readonly conversation: ConversationId; readonly ids: [EventId, EventId, EventId] }> {
  const [a, b, c] = await receive(store, said("A"), said("B"), said("C"));
  assert.ok(a && b && c);
  return { conversation: a.conversation, ids: [a.event, b.event, c.event] };
}

async function states(store: Store, ids: readonly string[]): Promise<readonly (string | undefined)[]> {
  return Promise.all(ids.map(async (id) => (await store.records.trace(tenant, id))?.event?.state));
}

/** Events that are answered by the turn of an earlier one. */
export function joinContract(open: Open): void {
  describe("joined events", () => {
    test(
      "share the turn's end, each with its own story",
      using(open, async (opened, store) => {
        const { conversation, ids } = await three(store);
        const [a, b, c] = ids;
        const running = await beginWith(store, conversation, [b, c]);
        assert.deepEqual(await states(store, ids), ["running", "running", "running"]);
        const finish = answerOf(running, "to all");
        const finished = value(await store.finishTurn(running.lease, finish));
        assert.equal(await store.nextEvent(conversation), undefined);
        assert.deepEqual(
          finished.entries.filter(({ stage }) => stage === "turn-done").map(({ trace }) => trace),
          ids,
        );
        await store.release(running.lease);
        const sent = await send(store, conversation);
        const reopened = await opened.crash();
        assert.deepEqual(await states(reopened, ids), ["done", "done", "done"]);
        assert.deepEqual((await stages(reopened, a)).slice(0, 5), [
          "received",
          "routed",
          "turn-start",
          "model-start",
          "turn-join (collected)",
        ]);
        for (const id of [b, c]) {
          assert.deepEqual(await stages(reopened, id), [
            "received",
            "joined (collected)",
            "turn-done",
            "delivery-queued",
            "delivery-start",
            "delivery-sent",
          ]);
          const trace = (await reopened.records.trace(tenant, id)) ?? assert.fail();
          assert.equal(trace.joined, a);
          assert.deepEqual(trace.entries[1]?.detail, { turn: running.turn.id, into: a });
          assert.deepEqual(trace.entries[2]?.detail, { turn: running.turn.id, into: a, message: finish.message });
          assert.deepEqual(
            trace.deliveries.map((delivery) => [delivery.id, delivery.state]),
            [[sent.id, "sent"]],
          );
          assert.equal(texts(trace.messages).at(-1), "to all");
        }
        assert.equal((await reopened.records.trace(tenant, a))?.joined, undefined);
        const stories = await reopened.records.stories(tenant, { limit: 9 });
        assert.deepEqual(
          stories.map(({ trace, state, delivery }) => [trace, state, delivery]),
          [c, b, a].map((id) => [id, "done", "sent"]),
        );
        assert.equal((await reopened.records.counts(tenant)).messages, 4);
      }),
    );

    for (const again of ["begun", "ignored"] as const) {
      test(
        `wait by themselves when nobody stored the end of their turn, and its event is ${again}`,
        using(open, async (_, store) => {
          const { conversation, ids } = await three(store);
          const [a, b, c] = ids;
          const gaveUp = await beginWith(store, conversation, [b, c]);
          await store.release(gaveUp.lease);
          if (again === "begun") {
            const running = await beginWith(store, conversation, []);
            assert.equal(running.event.id, a);
            assert.deepEqual(await states(store, ids), ["running", "queued", "queued"]);
            value(await store.finishTurn(running.lease, answerOf(running, "to A alone")));
            await store.release(running.lease);
          } else {
            const lease = await take(store, "turn", conversation);
            const event = (await store.nextEvent(conversation)) ?? assert.fail();
            value(await store.ignoreEvent(lease, event, "poison", noon + 5));
            await store.release(lease);
          }
          assert.deepEqual((await states(store, ids)).slice(1), ["queued", "queued"]);
          assert.equal((await store.nextEvent(conversation))?.id, b);
          assert.deepEqual((await stages(store, b)).at(-1), "turn-retry (store-unavailable)");
        }),
      );
    }

    test(
      "the answer stands behind the last of them, once, however it is read",
      using(open, async (_, store) => {
        const { conversation, ids } = await three(store);
        const running = await beginWith(store, conversation, ids.slice(1));
        const finish = answerOf(running, "to all");
        value(await store.finishTurn(running.lease, finish));
        await store.release(running.lease);
        const next = await arrive(store, said("D"));
        await answer(store, conversation, "to D");
        const all = ["A", "B", "C", "to all", "D", "to D"];
        assert.deepEqual(texts(await store.history(conversation, undefined, 9)), all);
        assert.deepEqual(texts(await store.history(conversation, next.message, 9)), all.slice(0, 4));
        assert.deepEqual(texts(await store.history(conversation, next.message, 2)), ["C", "to all"]);
        assert.deepEqual(texts(await store.history(conversation, finish.message, 9)), ["A", "B", "C"]);
        const pages: string[] = [];
        for (let before: number | undefined; pages.length < 20; ) {
          const page = await store.records.messages(tenant, conversation, { limit: 1, ...(before !== undefined && { before }) });
          if (page.length === 0) break;
          pages.push(...texts(page));
          before = page.at(-1)?.seq;
        }
        assert.deepEqual(pages.toReversed(), all);
      }),
    );

    test(
      "may come while the turn runs, from a step on",
      using(open, async (_, store) => {
        const [first] = await receive(store, said("A"));
        assert.ok(first);
        const { conversation } = first;
        const running = await beginWith(store, conversation, []);
        const later = await arrive(store, said("B"));
        assert.deepEqual(
          (await store.waitingEvents(conversation, first.event, 9)).map(({ id }) => id),
          [later.event],
        );
        const next = newCall();
        const step = { ended: { ...running.call, endedAt: noon + 1 }, tools: [], next, at: noon + 1, joined: [later.event] };
        value(await store.stepTurn(running.lease, running.turn, step));
        assert.deepEqual(await store.waitingEvents(conversation, first.event, 9), [], "it waits no more");
        value(await store.finishTurn(running.lease, answerOf({ ...running, call: next }, "to both")));
        assert.deepEqual((await stages(store, later.event)).slice(0, 3), ["received", "joined (steered)", "turn-done"]);
        assert.deepEqual(await states(store, [first.event, later.event]), ["done", "done"]);
        refused(await store.stepTurn(running.lease, running.turn, step), "fenced");
      }),
    );

    test(
      "a crash in the middle leaves them in the lane, in their order",
      using(open, async (opened, store) => {
        const { conversation, ids } = await three(store);
        await beginWith(store, conversation, ids.slice(1));
        const reopened = await opened.crash();
        assert.deepEqual(await reopened.recover(noon + 9), { turns: 1, repeated: 0, unknown: 0 });
        assert.deepEqual(await states(reopened, ids), ["queued", "queued", "queued"]);
        assert.deepEqual((await reopened.records.counts(tenant)).events, { queued: 3, running: 0, poison: 0 });
        assert.deepEqual(await due(reopened, noon + 9, 9), [`turn:${conversation}`]);
        assert.equal((await stages(reopened, ids[2])).at(-1), "turn-retry (gateway-stopped)");
        const seen = [];
        for (const text of ["to A", "to B", "to C"]) {
          seen.push((await reopened.nextEvent(conversation))?.id);
          await answer(reopened, conversation, text);
        }
        assert.deepEqual(seen, ids);
        assert.deepEqual(texts(await reopened.history(conversation, undefined, 9)), ["A", "to A", "B", "to B", "C", "to C"]);
      }),
    );

    test(
      "a turn that is tried again lets them go, and takes them again",
      using(open, async (_, store) => {
        const { conversation, ids } = await three(store);
        const first = await beginWith(store, conversation, ids.slice(1));
        const why = fault("provider-unavailable", "busy");
        value(await store.retryTurn(first.lease, first.turn, { fault: why, dueAt: noon + 500, at: noon, calls: [] }));
        await store.release(first.lease);
        assert.deepEqual(await states(store, ids), ["queued", "queued", "queued"]);
        assert.deepEqual(await due(store, noon + 499, 9), [], "nothing overtakes the one that is tried again");
        const second = await beginWith(store, conversation, ids.slice(1));
        assert.equal(second.turn.tries, 2);
        refused(await store.finishTurn(second.lease, answerOf(first, "from the first try")), "fenced");
        value(await store.finishTurn(second.lease, answerOf(second, "to all")));
        assert.deepEqual(await stages(store, ids[1]).then((told) => told.slice(0, 5)), [
          "received",
          "joined (collected)",
          "turn-retry (provider-unavailable)",
          "joined (collected)",
          "turn-done",
        ]);
      }),
    );

    test(
      "a failed turn fails for all of them",
      using(open, async (_, store) => {
        const { conversation, ids } = await three(store);
        const running = await beginWith(store, conversation, ids.slice(1));
        const why = fault("provider-auth", "the key is void");
        value(await store.finishTurn(running.lease, answerOf(running, "Sorry.", { state: "failed", fault: why })));
        assert.deepEqual(await states(store, ids), ["failed", "failed", "failed"]);
        const failed = await store.records.stories(tenant, { limit: 9, state: "failed" });
        assert.deepEqual(
          failed.map(({ trace, reason }) => [trace, reason]),
          ids.toReversed().map((id) => [id, "provider-auth"]),
        );
      }),
    );

    test(
      "after a takeover none of them is answered, and all are cancelled",
      using(open, async (_, store) => {
        const { conversation, ids } = await three(store);
        const running = await beginWith(store, conversation, ids.slice(1));
        await store.records.setControl(tenant, conversation, "human", running.event.conversation.controlVersion, by, noon);
        refused(await store.finishTurn(running.lease, answerOf(running, "too late")), "version-conflict");
        assert.deepEqual(await states(store, ids), ["running", "running", "running"]);
        value(await store.cancelTurn(running.lease, running.turn, { reason: "control-human", at: noon, calls: [] }));
        assert.deepEqual(await states(store, ids), ["cancelled", "cancelled", "cancelled"]);
        for (const id of ids) assert.equal((await stages(store, id)).at(-1), "turn-cancel (control-human)");
        assert.equal(await store.nextEvent(conversation), undefined);
      }),
    );

    test(
      "only what waits behind the turn in its own conversation joins",
      using(open, async (_, store) => {
        const elsewhere = await arrive(store, said("elsewhere", { chat: { id: "c2", kind: "direct" } }));
        const over = await arrive(store, said("over"));
        await answer(store, over.conversation, "done");
        const { conversation, ids } = await three(store);
        const running = await beginWith(store, conversation, [elsewhere.event, over.event, ids[0], ids[1], "ev_nothing" as EventId]);
        value(await store.finishTurn(running.lease, answerOf(running, "to A and B")));
        assert.deepEqual(await states(store, [elsewhere.event, over.event, ...ids]), ["queued", "done", "done", "done", "queued"]);
        assert.deepEqual(await stages(store, elsewhere.event), ["received"]);
      }),
    );
  });

  describe("an event that waits for more", () => {
    test(
      "is due when its window ends, over a crash, and nothing overtakes it",
      using(open, async (opened, store) => {
        const { conversation, ids } = await three(store);
        const lease = await take(store, "turn", conversation);
        const event = await store.nextEvent(conversation);
        assert.ok(event);
        value(await store.postponeEvent(lease, event, noon + 1_500, noon));
        const reopened = await opened.crash();
        assert.deepEqual(await due(reopened, noon + 1_499, 9), []);
        assert.deepEqual(await due(reopened, noon + 1_500, 9), [`turn:${conversation}`]);
        const again = await reopened.nextEvent(conversation);
        assert.deepEqual([again?.id, again?.dueAt, again?.receivedAt, again?.tries], [ids[0], noon + 1_500, noon, 0]);
        assert.deepEqual(await stages(reopened, ids[0]), ["received"]);
      }),
    );

    test(
      "isn't put off by who doesn't hold its lane, nor once its turn runs",
      using(open, async (_, store) => {
        const { conversation } = await three(store);
        const running = await beginWith(store, conversation, []);
        refused(await store.postponeEvent(running.lease, running.event, noon + 9, noon), "fenced");
        await store.release(running.lease);
        refused(await store.postponeEvent(running.lease, running.event, noon + 9, noon), "fenced");
      }),
    );

    test(
      "what waits is given in order, up to a limit, as it came",
      using(open, async (_, store) => {
        const reaction = said("", { kind: "reaction", reactions: ["👍"] } as Partial<PlatformEvent>);
        const second = said("B", { parts: [textPart("B"), { type: "image", source: { at: "platform", ref: "f" } }] });
        const [a, b, c] = await receive(store, said("A"), second, reaction, said("D"));
        assert.ok(a && b && c);
        const waiting = await store.waitingEvents(a.conversation, a.event, 2);
        assert.deepEqual(
          waiting.map(({ id }) => id),
          [b.event, c.event],
        );
        assert.deepEqual(waiting[0]?.event, second);
        assert.equal(waiting[0].message, b.message);
        assert.deepEqual(await store.waitingEvents(a.conversation, "ev_nothing" as EventId, 9), []);
      }),
    );
  });

  describe("an interrupted turn", () => {
    test(
      "whose last end wasn't stored says so",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store, said("Hello"));
        const { lease } = await beginWith(store, conversation, []);
        const now = await store.nextEvent(conversation);
        assert.ok(now?.unended);
        const turn = { tenant, event: now.id, conversation, tries: now.tries, unended: now.unended };
        value(await store.cancelTurn(lease, turn, { reason: "interrupted", at: noon, calls: [] }));
        const told = ["received", "routed", "turn-start", "model-start", "turn-retry (store-unavailable)", "turn-cancel (interrupted)"];
        assert.deepEqual(await stages(store, event), told);
      }),
    );

    test(
      "ends cancelled, begun or not, and its message is what the next one sees",
      using(open, async (_, store) => {
        const old = await arrive(store, said("Old"));
        await answer(store, old.conversation, "to Old");
        const { conversation, ids } = await three(store);
        const running = await beginWith(store, conversation, []);
        value(await store.cancelTurn(running.lease, running.turn, { reason: "interrupted", at: noon, calls: [running.call] }));
        const next = await store.nextEvent(conversation);
        assert.ok(next);
        const unbegun = { tenant, event: next.id, conversation, tries: next.tries };
        refused(await store.cancelTurn(running.lease, { ...unbegun, tries: 7 }, { reason: "interrupted", at: noon, calls: [] }), "fenced");
        value(await store.cancelTurn(running.lease, unbegun, { reason: "interrupted", at: noon, calls: [] }));
        assert.deepEqual(await stages(store, ids[1]), ["received", "turn-cancel (interrupted)"]);
        const last = await store.nextEvent(conversation);
        assert.ok(last?.message);
        const reach = await store.interrupted(conversation, last.message);
        assert.deepEqual(texts(await store.history(conversation, last.message, reach)), ["A", "B"]);
        await store.release(running.lease);
        await answer(store, conversation, "to C");
        const after = await arrive(store, said("D"));
        assert.equal(await store.interrupted(conversation, after.message as never), 0);
      }),
    );

    test(
      "is found behind what was ignored in between",
      using(open, async (_, store) => {
        const { conversation, ids } = await three(store);
        const running = await beginWith(store, conversation, []);
        value(await store.cancelTurn(running.lease, running.turn, { reason: "interrupted", at: noon, calls: [] }));
        const ignored = await store.nextEvent(conversation);
        assert.ok(ignored);
        value(await store.ignoreEvent(running.lease, ignored, "group-not-addressed", noon));
        const last = await store.nextEvent(conversation);
        assert.equal(last?.id, ids[2]);
        assert.equal(await store.interrupted(conversation, last.message as never), 2);
      }),
    );

    const content = { text: "The cap", visible: "The cap" };

    test(
      "leaves what was visible as a message that ends, written over the draft",
      using(open, async (opened, store) => {
        const { conversation, ids } = await three(store);
        const running = await beginWith(store, conversation, []);
        const draft = await store.beginDraft(running.lease, running.turn, { content, onUnknown: "hold", at: noon });
        assert.ok(draft);
        value(await store.draftSent(running.lease, draft, "r1", noon));
        const broken = {
          message: newId("message", noon),
          parts: [textPart("The capital …")],
          content: { text: "The capital …", visible: "x" },
        };
        value(await store.cancelTurn(running.lease, running.turn, { reason: "interrupted", at: noon, calls: [], broken }));
        const reopened = await opened.crash();
        const delivery = await reopened.records.delivery(tenant, draft);
        assert.deepEqual(
          [delivery?.state, delivery?.receipt, delivery?.content, delivery?.message],
          ["queued", "r1", broken.content, broken.message],
        );
        const last = await reopened.nextEvent(conversation);
        assert.equal(last?.id, ids[1]);
        const reach = await reopened.interrupted(conversation, last.message as never);
        assert.deepEqual(texts(await reopened.history(conversation, last.message, reach)), ["A", "The capital …"]);
        assert.equal((await reopened.records.trace(tenant, ids[0]))?.messages[1]?.author, "agent");
        assert.equal((await send(reopened, conversation)).id, draft);
      }),
    );

    test(
      "says nothing more after a takeover, nor where nothing was visible",
      using(open, async (_, store) => {
        const broken = { message: newId("message", noon), parts: [textPart("x")], content: { text: "x", visible: "x" } };
        const { conversation } = await three(store);
        const first = await beginWith(store, conversation, []);
        const draft = await store.beginDraft(first.lease, first.turn, { content, onUnknown: "hold", at: noon });
        assert.ok(draft);
        value(await store.draftSent(first.lease, draft, "r1", noon));
        const version = first.event.conversation.controlVersion;
        await store.records.setControl(tenant, conversation, "human", version, by, noon);
        value(await store.cancelTurn(first.lease, first.turn, { reason: "interrupted", at: noon, calls: [], broken }));
        assert.equal(await stateOf(store, draft), "sent");
        await store.records.setControl(tenant, conversation, "agent", version + 1, by, noon);
        await store.release(first.lease);
        const second = await beginWith(store, conversation, []);
        value(await store.cancelTurn(second.lease, second.turn, { reason: "interrupted", at: noon, calls: [], broken }));
        assert.equal((await store.records.counts(tenant)).messages, 3);
        assert.deepEqual((await store.records.counts(tenant)).deliveries.queued, 0);
      }),
    );
  });
}

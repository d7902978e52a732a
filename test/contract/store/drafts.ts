import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fault } from "../../../src/core/errors.ts";
import { type DeliveryId, newId, type OperatorId } from "../../../src/core/ids.ts";
import { textPart } from "../../../src/core/message.ts";
import type { Store } from "../../../src/core/store.ts";
import {
  answer,
  answerOf,
  arrive,
  attempt,
  begin,
  by,
  noon,
  type Open,
  operatorSays,
  type Running,
  said,
  send,
  stages,
  stateOf,
  take,
  tenant,
  using,
  value,
} from "./fixture.ts";

export function draftContract(open: Open): void {
  describe("drafts", () => {
    const content = { text: "Thinki", visible: "Thinki" };
    const show = ({ lease, turn }: Running, store: Store) => store.beginDraft(lease, turn, { content, onUnknown: "hold", at: noon });

    async function shown(store: Store, running: Running, receipt?: string): Promise<DeliveryId> {
      const draft = await show(running, store);
      assert.ok(draft, "a draft may begin");
      if (receipt) value(await store.draftSent(running.lease, draft, receipt, noon));
      return draft;
    }

    test(
      "the final text goes over the visible draft, as an edit that may be repeated",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        const running = await begin(store, conversation);
        const draft = await shown(store, running, "r1");
        const more = { content: { text: "two", visible: "two" }, onUnknown: "hold" } as const;
        const first = { content: { text: "one", visible: "one" }, onUnknown: "hold" } as const;
        const finished = value(await store.finishTurn(running.lease, answerOf(running, "one two", { deliveries: [first, more] })));
        assert.equal(finished.deliveries[0], draft);
        const edit = await send(store, conversation);
        assert.deepEqual(
          [edit.id, edit.receipt, edit.content, edit.onUnknown, edit.message],
          [draft, "r1", first.content, "repeat", finished.message],
        );
        assert.deepEqual((await send(store, conversation)).content, more.content);
        const told = ["delivery-start", "delivery-sent", "model-end", "turn-done", "delivery-queued", "delivery-queued"];
        assert.deepEqual((await stages(store, event)).slice(4, 10), told);
      }),
    );

    test(
      "one draft for a turn, none behind an unsent delivery, none after a takeover",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const running = await begin(store, conversation);
        await store.enqueue(operatorSays("first me"));
        assert.equal(await show(running, store), undefined);
        await send(store, conversation);
        await shown(store, running, "r1");
        assert.equal(await show(running, store), undefined);

        const second = await arrive(store, said("hi", { chat: { id: "c9", kind: "direct" } }));
        const taken = await begin(store, second.conversation);
        await store.records.setControl(tenant, second.conversation, "human", taken.event.conversation.controlVersion, by, noon);
        assert.equal(await show(taken, store), undefined);
        await store.records.setControl(tenant, second.conversation, "agent", taken.event.conversation.controlVersion + 1, by, noon);
        assert.equal(await show(taken, store), undefined, "the turn ran before the takeover");
      }),
    );

    test(
      "a refused draft is forgotten but for its story",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        const running = await begin(store, conversation);
        const draft = await shown(store, running);
        value(await store.draftRefused(running.lease, draft, noon));
        assert.equal(await stateOf(store, draft), undefined);
        const { deliveries } = value(await store.finishTurn(running.lease, answerOf(running, "done")));
        assert.notEqual(deliveries[0], draft);
        assert.equal((await send(store, conversation)).receipt, undefined);
        assert.deepEqual((await stages(store, event)).slice(4, 6), ["delivery-start", "delivery-drop (draft-refused)"]);
      }),
    );

    test(
      "a draft that nobody knows of is shown as such, and the answer goes out anew",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        const running = await begin(store, conversation);
        const draft = await shown(store, running);
        const { deliveries } = value(await store.finishTurn(running.lease, answerOf(running, "done")));
        assert.notEqual(deliveries[0], draft);
        assert.equal(await stateOf(store, draft), "unknown");
        assert.ok((await stages(store, event)).includes("delivery-unknown (draft-ambiguous)"));
        assert.equal((await send(store, conversation)).id, deliveries[0], "it blocks nothing");
        const [settled] = await store.settle(tenant, [draft], "retry", by, noon);
        assert.equal(settled?.state, "dropped", "half a sentence isn't sent again");
      }),
    );

    const ends = {
      cancelled: (store: Store, { lease, turn }: Running) =>
        store.cancelTurn(lease, turn, { reason: "control-human", at: noon, calls: [] }),
      ignored: (store: Store, { lease, event }: Running) => store.ignoreEvent(lease, event, "poison", noon),
      "answered without a word": (store: Store, running: Running) =>
        store.finishTurn(running.lease, answerOf(running, "", { state: "failed", parts: [], deliveries: [] })),
    };
    for (const [how, end] of Object.entries(ends)) {
      test(
        `no draft outlives a turn that is ${how}`,
        using(open, async (_, store) => {
          for (const [receipt, state] of [
            ["r1", "sent"],
            [undefined, "unknown"],
          ] as const) {
            const { conversation } = await arrive(store, said("hi", { chat: { id: `x-${receipt}`, kind: "direct" } }));
            const running = await begin(store, conversation);
            const draft = await shown(store, running, receipt);
            value<unknown>(await end(store, running));
            assert.equal(await stateOf(store, draft), state);
            assert.equal(await store.nextDelivery(conversation), undefined);
          }
        }),
      );
    }

    for (const [how, words] of [
      ["as it stands there", "Thinking of"],
      ["with its first words, where its worker died", "Thinki"],
    ] as const) {
      test(
        `after a takeover it is what was said, ${how}`,
        using(open, async (opened, store) => {
          const { conversation } = await arrive(store);
          const running = await begin(store, conversation);
          const draft = await shown(store, running, "r1");
          const taken = await store.records.takeOver(tenant, conversation, { operator: by as OperatorId }, by, noon);
          const stands = { text: words, visible: words };
          const broken = { message: newId("message", noon), parts: [textPart(words)], content: stands };
          let now = store;
          if (words === content.visible) {
            now = await opened.crash();
            await now.recover(noon);
            const again = await now.nextEvent(conversation);
            assert.ok(again);
            value(await now.ignoreEvent(await take(now, "turn", conversation), again, "control-human", noon));
          } else {
            const cancel = { reason: "control-human", at: noon, calls: [], stands: broken } as const;
            value(await store.cancelTurn(running.lease, running.turn, cancel));
          }
          assert.equal(await stateOf(now, draft), "sent");
          assert.equal(await now.nextDelivery(conversation), undefined, "nothing more is sent");
          const [message, ...rest] = await now.records.messages(tenant, conversation, { limit: 9 });
          assert.deepEqual([message?.parts, message?.author, message?.broken, rest.length], [[textPart(words)], "agent", true, 1]);
          assert.deepEqual((await now.records.delivery(tenant, draft))?.content, stands);
          assert.deepEqual((await now.history(conversation, undefined, 9)).at(-1)?.parts, [textPart(words)], "agents know what was said");
          assert.ok((await stages(now, running.event.id)).includes("delivery-sent (draft-broken-off)"));
          assert.equal(value(taken).control, "human");
        }),
      );
    }

    test(
      "over a retry and over a crash the visible draft waits for the next try",
      using(open, async (opened, store) => {
        const { conversation } = await arrive(store);
        const running = await begin(store, conversation);
        const draft = await shown(store, running, "r1");
        value(await store.retryTurn(running.lease, running.turn, { fault: fault("turn-failed", "x"), dueAt: noon, at: noon, calls: [] }));
        await begin(store, conversation, running.lease);
        const reopened = await opened.crash();
        assert.deepEqual(await reopened.recover(noon), { turns: 1, repeated: 0, unknown: 0 });
        assert.equal(await stateOf(reopened, draft), "streaming");
        const again = await begin(reopened, conversation);
        assert.equal(await show(again, reopened), undefined, "it has one already");
        const { deliveries } = value(await reopened.finishTurn(again.lease, answerOf(again, "done")));
        assert.deepEqual(deliveries, [draft]);
        assert.equal((await send(reopened, conversation)).receipt, "r1");
      }),
    );

    test(
      "a crash between a draft's intent and its receipt is told",
      using(open, async (opened, store) => {
        const { conversation, event } = await arrive(store);
        const draft = await shown(store, await begin(store, conversation));
        const reopened = await opened.crash();
        assert.deepEqual(await reopened.recover(noon), { turns: 1, repeated: 0, unknown: 1 });
        assert.equal(await stateOf(reopened, draft), "unknown");
        assert.ok((await stages(reopened, event)).includes("delivery-unknown (gateway-stopped-while-sending)"));
        const [id] = await answer(reopened, conversation, "done");
        assert.equal((await send(reopened, conversation)).id, id);
      }),
    );

    test(
      "an operator's message waits for a draft on its way, not for one that stands",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const running = await begin(store, conversation);
        const draft = await shown(store, running);
        await store.enqueue(operatorSays("me too"));
        const lease = await take(store, "send", conversation);
        assert.equal((await store.beginAttempt(lease, conversation, noon)).kind, "wait");
        await store.release(lease);
        value(await store.draftSent(running.lease, draft, "r1", noon));
        const { delivery } = await attempt(store, conversation);
        assert.equal(delivery.content.text, "me too");
      }),
    );
  });
}

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fault } from "../../../src/core/errors.ts";
import { plainText, textPart } from "../../../src/core/message.ts";
import type { Store } from "../../../src/core/store.ts";
import { answerOf, arrive, begin, by, noon, type Open, type Running, refused, send, stages, tenant, using, value } from "./fixture.ts";

export function blockContract(open: Open): void {
  describe("blocks", () => {
    const say = (store: Store, { lease, turn }: Running, text: string) => {
      const content = { text, visible: text };
      return store.sayBlock(lease, turn, { said: `${text}\n\n`, deliveries: [{ content, onUnknown: "hold" }], at: noon });
    };
    const past = async (store: Store, conversation: Running["event"]["conversation"]["id"]) =>
      (await store.history(conversation, undefined, 9)).map(({ author = "", parts }) => `${author}: ${plainText(parts)}`);

    test(
      "they leave in order while the turn runs, and belong to its answer",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        const running = await begin(store, conversation);
        value(await say(store, running, "one"));
        value(await say(store, running, "two"));
        assert.equal((await send(store, conversation)).content.text, "one");
        const whole = answerOf(running, "one\n\ntwo\n\nthree");
        refused(await store.finishTurn(running.lease, { ...whole, said: "" }), "fenced");
        refused(await store.finishTurn(running.lease, { ...whole, said: "one\n\n" }), "fenced");
        const rest = [{ content: { text: "three", visible: "three" }, onUnknown: "hold" }] as const;
        const { message } = value(await store.finishTurn(running.lease, { ...whole, said: "one\n\ntwo\n\n", deliveries: rest }));
        assert.deepEqual(
          [(await send(store, conversation)).content.text, (await send(store, conversation)).content.text],
          ["two", "three"],
        );
        const trace = await store.records.trace(tenant, event);
        assert.deepEqual(
          trace?.deliveries.map((one) => [one.state, one.message]),
          [
            ["sent", message],
            ["sent", message],
            ["sent", message],
          ],
        );
        assert.deepEqual(await past(store, conversation), [": Hello", "agent: one\n\ntwo\n\nthree"]);
      }),
    );

    test(
      "the next try, after a crash or a failure, knows what was said",
      using(open, async (opened, store) => {
        const { conversation } = await arrive(store);
        const running = await begin(store, conversation);
        value(await say(store, running, "one"));
        const again = { fault: fault("turn-failed", "x"), dueAt: noon, at: noon, calls: [] };
        value(await store.retryTurn(running.lease, running.turn, again));
        const second = await begin(store, conversation, running.lease);
        assert.equal(second.event.said, "one\n\n");
        value(await say(store, second, "two"));
        const reopened = await opened.crash();
        await reopened.recover(noon);
        const third = await begin(reopened, conversation);
        assert.equal(third.event.said, "one\n\ntwo\n\n");
        refused(await reopened.finishTurn(third.lease, answerOf(third, "one")), "fenced");
        const end = answerOf(third, "one\n\ntwo", { said: "one\n\ntwo\n\n", deliveries: [] });
        value(await reopened.finishTurn(third.lease, end));
        assert.equal((await send(reopened, conversation)).content.text, "one");
      }),
    );

    test(
      "none after a takeover: what waits is dropped, what left is in the past",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        const running = await begin(store, conversation);
        value(await say(store, running, "one"));
        await send(store, conversation);
        value(await say(store, running, "two"));
        await store.records.setControl(tenant, conversation, "human", running.event.conversation.controlVersion, by, noon);
        refused(await say(store, running, "three"), "fenced");
        assert.equal(await store.maySpeak(running.turn), false);
        value(await store.cancelTurn(running.lease, running.turn, { reason: "control-human", at: noon, calls: [] }));
        assert.equal(await store.nextDelivery(conversation), undefined);
        assert.deepEqual(await past(store, conversation), [": Hello", "agent: one"]);
        assert.ok((await stages(store, event)).includes("delivery-drop (control-human)"));
      }),
    );

    test(
      "an interruption lets those go that are stored",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const running = await begin(store, conversation);
        value(await say(store, running, "one"));
        value(await store.cancelTurn(running.lease, running.turn, { reason: "interrupted", at: noon, calls: [] }));
        assert.equal((await send(store, conversation)).content.text, "one");
        assert.deepEqual(await past(store, conversation), [": Hello", "agent: one"]);
      }),
    );

    test(
      "one of which nobody knows whether it arrived is sent again on an operator's word, also while the turn runs",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const running = await begin(store, conversation);
        value(await say(store, running, "one"));
        const { id } = await send(store, conversation, { kind: "unknown", code: "channel-unknown", message: "cut" });
        const [settled] = await store.settle(tenant, [id], "retry", by, noon);
        assert.equal(settled?.state, "queued");
        assert.deepEqual(settled?.content.text, plainText([textPart("one")]));
      }),
    );
  });
}

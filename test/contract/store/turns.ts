import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DuePage } from "../../../src/core/engine.ts";
import { fault } from "../../../src/core/errors.ts";
import { type AgentId, newId } from "../../../src/core/ids.ts";
import { textPart } from "../../../src/core/message.ts";
import {
  account,
  answer,
  answerOf,
  arrive,
  attempt,
  begin,
  by,
  due,
  newCall,
  noon,
  type Open,
  operatorSays,
  receive,
  refused,
  said,
  stages,
  take,
  tenant,
  using,
  value,
} from "./fixture.ts";

export function turnContract(open: Open): void {
  describe("lanes", () => {
    test(
      "one holder at a time, and fences grow, also over a crash",
      using(open, async (opened, store) => {
        const first = await store.lease("turn:a");
        assert.ok(first);
        assert.equal(await store.lease("turn:a"), undefined);
        assert.ok(await store.lease("send:a"));
        await store.release(first);
        const second = await store.lease("turn:a");
        assert.ok(second && second.fence > first.fence);
        await store.release(first);
        assert.equal(await store.lease("turn:a"), undefined, "the old lease doesn't free the new one's lane");
        const third = await (await opened.crash()).lease("turn:a");
        assert.ok(third && third.fence > second.fence);
      }),
    );

    test(
      "a void lease writes nothing",
      using(open, async (_, store) => {
        const { conversation, message } = await arrive(store);
        const running = await begin(store, conversation);
        const { lease, event, turn } = running;
        const draft = await store.beginDraft(lease, turn, { content: { text: "…", visible: "…" }, onUnknown: "hold", at: noon });
        assert.ok(draft && message);
        await store.release(lease);
        const wrong = await take(store, "send", conversation);
        await take(store, "turn", conversation);
        const before = await store.records.trace(tenant, event.id);
        for (const held of [lease, wrong, { ...wrong, lane: `turn:${conversation}` } as const]) {
          const at = noon;
          refused(await store.beginTurn(held, { event, agent: "main" as AgentId, route: 0, call: newCall(), at }), "fenced");
          refused(await store.stepTurn(held, turn, { ended: running.call, tools: [], at }), "fenced");
          refused(await store.saveParts(held, event.id, message, [], []), "fenced");
          refused(await store.finishTurn(held, answerOf(running, "no")), "fenced");
          refused(await store.retryTurn(held, turn, { fault: fault("turn-failed", "x"), dueAt: at, at, calls: [] }), "fenced");
          refused(await store.cancelTurn(held, turn, { reason: "control-human", at, calls: [] }), "fenced");
          refused(await store.ignoreEvent(held, event, "no-route", at), "fenced");
          refused(await store.draftSent(held, draft, "r", at), "fenced");
          refused(await store.draftRefused(held, draft, at), "fenced");
          assert.equal(await store.beginDraft(held, turn, { content: { text: "", visible: "" }, onUnknown: "hold", at }), undefined);
        }
        assert.equal((await store.beginAttempt(lease, conversation, noon)).kind, "fenced");
        assert.deepEqual(await store.records.trace(tenant, event.id), before);
      }),
    );

    test(
      "what is due comes longest waiting first, without the lanes that are taken",
      using(open, async (_, store) => {
        const ids = [];
        for (const [i, wait] of [30, 10, 20].entries()) {
          const event = said("hi", { chat: { id: `d${i}`, kind: "direct" } });
          const [received] = await store.receive({
            tenant,
            account: "desk" as never,
            channel: "test",
            at: noon - wait,
            events: [event, said("more", { chat: event.chat })],
          });
          ids.push(`turn:${received?.conversation}`);
        }
        assert.deepEqual(await due(store, noon, 10), [ids[0], ids[2], ids[1]]);
        assert.deepEqual(await due(store, noon, 2), [ids[0], ids[2]]);
        assert.deepEqual(await due(store, noon - 25, 10), [ids[0]]);
        const lease = await store.lease(ids[0] as never);
        assert.deepEqual(await due(store, noon, 2), [ids[2], ids[1]]);
        assert.ok(lease);
        await store.release(lease);
        await store.records.setPaused(tenant, "desk" as never, true, by, noon);
        assert.deepEqual(await due(store, noon, 10), [], "nothing of a paused account is due");
      }),
    );

    test(
      "what is due comes in pages, each lane once, and says whose it is",
      using(open, async (_, store) => {
        const wanted = [];
        for (let i = 0; i < 7; i++) {
          const chat = { id: `d${i}`, kind: "direct" } as const;
          const sender = { id: `u${i % 3}`, bot: false, self: false };
          const event = i === 3 ? { kind: "press", token: "t", chat, sender } : { chat, sender };
          const { conversation } = await arrive(store, said("hi", event as never));
          wanted.push({ lane: `turn:${conversation}`, owner: { tenant, account, sender: sender.id } });
        }
        const found = [];
        let after: string | undefined;
        do {
          const page: DuePage = await store.due("turn", noon, 3, after);
          assert.ok(page.lanes.length <= 3);
          found.push(...page.lanes);
          after = page.next;
        } while (after !== undefined);
        assert.deepEqual(found, wanted);
        const { conversation } = await store.enqueue(operatorSays("hello"));
        assert.deepEqual((await store.due("send", noon, 9)).lanes, [{ lane: `send:${conversation}`, owner: { tenant, account } }]);
      }),
    );
  });

  describe("turns", () => {
    test(
      "an answer, its deliveries, the event's end and the usage are there together",
      using(open, async (opened, store) => {
        const { conversation, event: id } = await arrive(store, said("What?"));
        const running = await begin(store, conversation);
        assert.deepEqual([running.turn.event, running.turn.tries, running.turn.state], [id, 1, "running"]);
        const two = ["Part one", "Part two"].map((text) => ({
          content: { text, visible: text, replyTo: "p1" },
          onUnknown: "resend" as const,
        }));
        const finish = answerOf(running, "Part one and two", { deliveries: two });
        const finished = value(await store.finishTurn(running.lease, finish));
        assert.equal(finished.message, finish.message);
        const reopened = await opened.crash();
        const trace = await reopened.records.trace(tenant, id);
        assert.equal(trace?.event?.state, "done");
        assert.deepEqual(
          trace.deliveries.map(({ id: delivery, content, state, onUnknown, message, turn }) => ({
            id: delivery,
            content,
            state,
            onUnknown,
            message,
            turn,
          })),
          [
            {
              id: finished.deliveries[0],
              content: two[0]?.content,
              state: "queued",
              onUnknown: "resend",
              message: finish.message,
              turn: running.turn.id,
            },
            {
              id: finished.deliveries[1],
              content: two[1]?.content,
              state: "queued",
              onUnknown: "resend",
              message: finish.message,
              turn: running.turn.id,
            },
          ],
        );
        assert.deepEqual(
          trace.messages.map(({ direction, author, parts }) => ({ direction, author, parts })),
          [
            { direction: "in", author: undefined, parts: [textPart("What?")] },
            { direction: "out", author: "agent", parts: [textPart("Part one and two", "markdown")] },
          ],
        );
        const told = ["received", "routed", "turn-start", "model-start", "model-end", "turn-done", "delivery-queued", "delivery-queued"];
        assert.deepEqual(
          trace.entries.map(({ stage }) => stage),
          told,
        );
        assert.deepEqual(
          finished.entries.map(({ stage }) => stage),
          told.slice(4),
        );
        assert.deepEqual(trace.entries[4]?.detail, {
          call: running.call.id,
          provider: "demo",
          model: "demo-1",
          ms: 2,
          input: 10,
          cachedInput: 2,
          output: 5,
          reported: true,
        });
        assert.equal(await reopened.nextEvent(conversation), undefined);
        assert.equal((await reopened.records.trace(tenant, running.turn.id))?.trace, id);
        assert.equal((await reopened.records.trace(tenant, finish.message))?.trace, id);
      }),
    );

    test(
      "ends once",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const running = await begin(store, conversation);
        value(await store.finishTurn(running.lease, answerOf(running, "yes")));
        refused(await store.finishTurn(running.lease, answerOf(running, "again")), "fenced");
        refused(await store.cancelTurn(running.lease, running.turn, { reason: "control-human", at: noon, calls: [] }), "fenced");
        refused(await store.ignoreEvent(running.lease, running.event, "no-route", noon), "fenced");
        refused(
          await store.beginTurn(running.lease, { event: running.event, agent: "main" as AgentId, route: 0, call: newCall(), at: noon }),
          "fenced",
        );
        assert.equal((await store.records.counts(tenant)).messages, 2);
      }),
    );

    test(
      "setting control to what it is already doesn't void the answer",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const running = await begin(store, conversation);
        const { controlVersion: version } = running.event.conversation;
        const same = await store.records.setControl(tenant, conversation, "agent", version, by, noon);
        assert.equal(same?.controlVersion, version);
        value(await store.finishTurn(running.lease, answerOf(running, "here I am")));
      }),
    );

    test(
      "a turn that begins again without its last end being stored says so, and what it asked may have been billed",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        const first = await begin(store, conversation);
        const again = await begin(store, conversation, first.lease);
        value(await store.finishTurn(again.lease, answerOf(again, "at last")));
        assert.deepEqual((await stages(store, event)).slice(0, 8), [
          ...["received", "routed", "turn-start", "model-start"],
          ...["turn-retry (store-unavailable)", "routed", "turn-start", "model-start"],
        ]);
      }),
    );

    test(
      "one that is set aside without its last end being stored says so too",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        const { lease } = await begin(store, conversation);
        const now = await store.nextEvent(conversation);
        assert.ok(now?.unended);
        value(await store.ignoreEvent(lease, now, "poison", noon));
        const told = ["received", "routed", "turn-start", "model-start", "turn-retry (store-unavailable)", "ignored (poison)"];
        assert.deepEqual(await stages(store, event), told);
      }),
    );

    test(
      "an event that was begun meanwhile isn't begun from an old view of it",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const { lease, event } = await begin(store, conversation);
        refused(await store.beginTurn(lease, { event, agent: "main" as AgentId, route: 0, call: newCall(), at: noon }), "fenced");
        assert.equal((await begin(store, conversation, lease)).turn.tries, 2);
      }),
    );

    test(
      "a failed turn tells its fault, and says the sentence in the system's name",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        const running = await begin(store, conversation);
        const why = fault("provider-auth", "the key is void");
        value(
          await store.finishTurn(
            running.lease,
            answerOf(running, "Sorry.", { state: "failed", fault: why, calls: [{ ...running.call, fault: why }] }),
          ),
        );
        const trace = await store.records.trace(tenant, event);
        assert.equal(trace?.event?.state, "failed");
        assert.equal(trace.messages[1]?.author, "system");
        assert.deepEqual((await stages(store, event)).slice(4), [
          "model-fail (provider-auth)",
          "turn-fail (provider-auth)",
          "delivery-queued",
        ]);
        const silent = await arrive(store, said("And now?"));
        const second = await begin(store, conversation, running.lease);
        const nothing = { state: "failed", fault: why, parts: [], deliveries: [] } as const;
        assert.equal(value(await store.finishTurn(second.lease, answerOf(second, "", nothing))).message, undefined);
        assert.equal((await store.records.trace(tenant, silent.event))?.messages.length, 1);
      }),
    );

    test(
      "after a takeover no answer is stored",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        const running = await begin(store, conversation);
        const taken = await store.records.setControl(tenant, conversation, "human", running.event.conversation.controlVersion, by, noon);
        assert.ok(taken);
        refused(await store.finishTurn(running.lease, answerOf(running, "too late")), "version-conflict");
        await store.records.setControl(tenant, conversation, "agent", taken.controlVersion, by, noon);
        refused(await store.finishTurn(running.lease, answerOf(running, "still too late")), "version-conflict");
        assert.equal((await store.records.counts(tenant)).messages, 1);
        value(await store.cancelTurn(running.lease, running.turn, { reason: "control-human", at: noon, calls: [running.call] }));
        assert.deepEqual((await stages(store, event)).slice(-2), ["model-end", "turn-cancel (control-human)"]);
        assert.equal(await store.nextEvent(conversation), undefined);
      }),
    );

    test(
      "a retry waits, and what came later waits behind it",
      using(open, async (_, store) => {
        const [first] = await receive(store, said("one"), said("two"));
        assert.ok(first);
        const running = await begin(store, first.conversation);
        const why = fault("provider-unavailable", "busy");
        value(
          await store.retryTurn(running.lease, running.turn, {
            fault: why,
            dueAt: noon + 500,
            at: noon,
            calls: [{ ...running.call, fault: why }],
          }),
        );
        const again = await store.nextEvent(first.conversation);
        assert.deepEqual([again?.id, again?.tries, again?.dueAt], [first.event, 1, noon + 500]);
        await store.release(running.lease);
        assert.deepEqual(await due(store, noon + 499, 9), []);
        assert.deepEqual(await due(store, noon + 500, 9), [`turn:${first.conversation}`]);
        const second = await begin(store, first.conversation);
        assert.deepEqual([second.turn.id, second.turn.tries], [running.turn.id, 2]);
        refused(await store.finishTurn(second.lease, answerOf({ ...running }, "from the first try")), "fenced");
        value(await store.finishTurn(second.lease, answerOf(second, "done")));
        const told = [
          "turn-retry (provider-unavailable)",
          "routed",
          "turn-start",
          "model-start",
          "model-end",
          "turn-done",
          "delivery-queued",
        ];
        assert.deepEqual((await stages(store, first.event)).slice(5), told);
      }),
    );

    test(
      "an ignored event tells why",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        const lease = await take(store, "turn", conversation);
        const queued = await store.nextEvent(conversation);
        assert.ok(queued);
        value(await store.ignoreEvent(lease, queued, "sender-not-allowed", noon + 5));
        assert.deepEqual(await stages(store, event), ["received", "ignored (sender-not-allowed)"]);
        const [story] = await store.records.stories(tenant, { limit: 1 });
        assert.deepEqual([story?.state, story?.reason, story?.endedAt], ["ignored", "sender-not-allowed", noon + 5]);
      }),
    );

    test(
      "steps tell calls and tools, and store each call once",
      using(open, async (_, store) => {
        const { conversation, event } = await arrive(store);
        const running = await begin(store, conversation);
        const next = newCall();
        const tools = [
          { name: "clock", callId: "t1", ok: true, ms: 3 },
          { name: "search", callId: "t2", ok: false, ms: 9 },
        ];
        value(
          await store.stepTurn(running.lease, running.turn, { ended: { ...running.call, endedAt: noon + 1 }, tools, next, at: noon + 1 }),
        );
        value(await store.finishTurn(running.lease, answerOf({ ...running, call: next }, "found")));
        const told = ["model-start", "model-end", "tool", "tool (tool-failed)", "model-start", "model-end", "turn-done", "delivery-queued"];
        assert.deepEqual((await stages(store, event)).slice(3), told);
      }),
    );

    test(
      "what the steps of an agent finish is kept until the turn is over, also over a crash",
      using(open, async (opened, store) => {
        const { conversation, event } = await arrive(store);
        const running = await begin(store, conversation);
        const finished = { key: "k1", role: "translate", text: "hello" } as const;
        const step = {
          ended: { ...running.call, endedAt: noon + 1 },
          step: { role: "translate", finished },
          tools: [],
          at: noon + 1,
        } as const;
        value(await store.stepTurn(running.lease, running.turn, step));
        const failed = { role: "review", fault: fault("provider-unavailable", "503") } as const;
        value(await store.stepTurn(running.lease, running.turn, { step: failed, tools: [], at: noon + 2 }));
        assert.deepEqual((await stages(store, event)).slice(-3), ["model-end", "step", "step (provider-unavailable)"]);
        const reopened = await opened.crash();
        await reopened.recover(noon + 3);
        const queued = await reopened.nextEvent(conversation);
        assert.deepEqual(queued?.steps, [finished]);
        const lease = await take(reopened, "turn", conversation);
        assert.ok(queued);
        const again = value(await reopened.beginTurn(lease, { event: queued, agent: "main" as AgentId, route: 0, at: noon + 4 }));
        const second = { ...finished, key: "k2" };
        value(await reopened.stepTurn(lease, again.turn, { step: { role: "translate", finished: second }, tools: [], at: noon + 5 }));
        value(
          await reopened.retryTurn(lease, again.turn, { fault: fault("provider-quota", "429"), dueAt: noon + 6, at: noon + 6, calls: [] }),
        );
        assert.deepEqual((await reopened.nextEvent(conversation))?.steps, [finished, second]);
        assert.ok(!(await stages(reopened, event)).slice(-4).includes("model-start"));
      }),
    );

    test(
      "a turn that is handed on is the other agent's, also over a crash, and the conversation stays with it where its end says so",
      using(open, async (opened, store) => {
        const { conversation, event } = await arrive(store);
        const running = await begin(store, conversation);
        const handed = { from: "main" as AgentId, to: "billing" as AgentId, reason: "invoices", stays: true };
        const hand = { ...handed, version: "b7" };
        value(
          await store.stepTurn(running.lease, running.turn, {
            ended: { ...running.call, endedAt: noon + 1 },
            hand,
            tools: [],
            at: noon + 1,
          }),
        );
        const reopened = await opened.crash();
        await reopened.recover(noon + 2);
        const queued = await reopened.nextEvent(conversation);
        assert.deepEqual(queued?.handed, [handed]);
        const again = await begin(reopened, conversation);
        value(await reopened.finishTurn(again.lease, { ...answerOf(again, "here"), agent: handed.to }));
        assert.equal((await stages(reopened, event)).filter((stage) => stage === "handed").length, 1);
        assert.equal((await reopened.records.conversation(tenant, conversation))?.agent, "billing");
        await reopened.release(again.lease);
        await arrive(reopened, said("next", { key: "k-next" }));
        const next = await begin(reopened, conversation);
        value(await reopened.finishTurn(next.lease, { ...answerOf(next, "here"), agent: null }));
        assert.equal((await reopened.records.conversation(tenant, conversation))?.agent, undefined);
      }),
    );

    test(
      "fetched attachments replace the remote ones",
      using(open, async (opened, store) => {
        const remote = { type: "image", source: { at: "platform", ref: "x" } } as const;
        const { conversation, event, message } = await arrive(store, said("", { parts: [remote] }));
        const lease = await take(store, "turn", conversation);
        const stored = [{ type: "image", source: { at: "store", id: newId("file", noon), mediaType: "image/png", size: 3 } }] as const;
        const entries = [{ tenant, trace: event, stage: "file", at: noon, detail: { size: 3 } }] as const;
        value(await store.saveParts(lease, event, message as never, stored, entries));
        const reopened = await opened.crash();
        assert.deepEqual((await reopened.nextEvent(conversation))?.event, {
          ...(await store.nextEvent(conversation))?.event,
          parts: stored,
        });
        assert.deepEqual(await stages(reopened, event), ["received", "file"]);
      }),
    );

    test(
      "a crash in the middle begins the turn again, and says so",
      using(open, async (opened, store) => {
        const { conversation, event } = await arrive(store);
        await begin(store, conversation);
        const reopened = await opened.crash();
        assert.deepEqual(await reopened.recover(noon + 9), { turns: 1, repeated: 0, unknown: 0 });
        assert.deepEqual(await reopened.recover(noon + 9), { turns: 0, repeated: 0, unknown: 0 });
        assert.deepEqual(await due(reopened, noon + 9, 9), [`turn:${conversation}`]);
        assert.equal((await stages(reopened, event)).at(-1), "turn-retry (gateway-stopped)");
        const again = await begin(reopened, conversation);
        assert.deepEqual([again.turn.tries, again.event.tries, again.event.crashes], [2, 1, 1]);
        value(await reopened.finishTurn(again.lease, answerOf(again, "at last")));
        assert.equal((await reopened.records.counts(tenant)).messages, 2);
      }),
    );

    test(
      "recovery leaves alone what a living worker holds, and takes what a worker gave up",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store);
        const { lease } = await begin(store, conversation);
        assert.equal((await store.recover(noon)).turns, 0);
        await store.release(lease);
        assert.equal((await store.recover(noon)).turns, 1);
      }),
    );
  });

  describe("history", () => {
    const texts = (past: readonly { parts: readonly unknown[] }[]) => past.map(({ parts }) => (parts[0] as { text: string }).text);

    test(
      "answers stand with what they answer, and later events aren't known yet",
      using(open, async (_, store) => {
        const [a, b, c] = await receive(store, said("A"), said("B"), said("C"));
        await receive(store, said("elsewhere", { chat: { id: "c2", kind: "direct" } }));
        assert.ok(a && b && c);
        const { conversation } = a;
        assert.deepEqual(await store.history(conversation, a.message, 10), []);
        await answer(store, conversation, "to A");
        assert.deepEqual(texts(await store.history(conversation, b.message, 10)), ["A", "to A"]);
        await answer(store, conversation, "to B");
        assert.deepEqual(texts(await store.history(conversation, c.message, 10)), ["A", "to A", "B", "to B"]);
        assert.deepEqual(texts(await store.history(conversation, c.message, 3)), ["to A", "B", "to B"]);
        assert.deepEqual(texts(await store.history(conversation, undefined, 2)), ["to B", "C"]);
        assert.deepEqual(await store.history(conversation, c.message, 0), []);
        const answered = (await store.history(conversation, undefined, 9)).find(({ author }) => author === "agent");
        assert.deepEqual(texts(await store.history(conversation, answered?.id, 10)), ["A"]);
      }),
    );

    test(
      "a press, too, knows nothing of what came after it",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store, said("A"));
        await answer(store, conversation, "to A");
        const press = { kind: "press", key: "p", platformId: "1", token: "ms_x:0", interaction: "i1" } as const;
        const [pressed] = await receive(store, said("", press as never), said("B"));
        assert.ok(pressed);
        assert.deepEqual(texts(await store.history(conversation, pressed.event, 10)), ["A", "to A"]);
        await answer(store, conversation, "to the press");
        const next = (await store.nextEvent(conversation)) ?? assert.fail();
        assert.deepEqual(texts(await store.history(conversation, next.message, 10)), ["A", "to A", "to the press"]);
      }),
    );

    test(
      "events without words don't push the words out",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store, said("A"));
        const reactions = Array.from({ length: 30 }, (_, i) => said("", { kind: "reaction", key: `x${i}`, reactions: ["👍"] } as never));
        await receive(store, ...reactions);
        const last = await arrive(store, said("B"));
        assert.deepEqual(texts(await store.history(conversation, last.message, 5)), ["A"]);
      }),
    );

    test(
      "a command ends with what it changes and what is told of it, together",
      using(open, async (opened, store) => {
        const { conversation } = await arrive(store, said("before"));
        const before = await begin(store, conversation);
        value(await store.finishTurn(before.lease, answerOf(before, "an answer")));
        const asked = await arrive(store, said("/reset"));
        const event = await store.nextEvent(conversation);
        assert.ok(event);
        const reply = operatorSays("Done.", { author: "system" });
        const end = { at: noon + 5, reply, reset: true, model: "test/two", human: {} } as const;
        refused(await store.endCommand({ ...before.lease, fence: 1 }, event, end), "fenced");
        const ended = value(await store.endCommand(before.lease, event, end));
        assert.equal(ended.reply?.deliveries.length, 1);
        assert.deepEqual([ended.conversation.control, ended.conversation.controlVersion], ["human", 2]);
        assert.deepEqual(await stages(store, asked.event), ["received", "ignored (command)"]);
        assert.equal((await store.records.conversation(tenant, conversation))?.model, "test/two");
        // The reply isn't the agent's: it leaves although a human has the conversation. What the agent wrote before doesn't.
        const after = await opened.crash();
        const { delivery } = await attempt(after, conversation, noon + 6);
        assert.equal(delivery.content.text, "Done.");
        const later = await arrive(after, said("later"));
        const past = await after.history(conversation, later.message, 10);
        assert.deepEqual(
          past.map(({ parts: [part] }) => part?.type === "text" && part.text),
          ["Done."],
        );
      }),
    );
  });
}

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ConversationId, OperatorId } from "../../../src/core/ids.ts";
import { newId } from "../../../src/core/ids.ts";
import type { Store } from "../../../src/core/store.ts";
import { answerOf, arrive, begin, by, noon, type Open, operatorSays, other, refused, said, tenant, using, value } from "./fixture.ts";

const ada = "op_ada" as OperatorId;
const bob = "op_bob" as OperatorId;

export function handoversContract(open: Open): void {
  const handoverOf = async (store: Store, id: ConversationId) => (await store.records.conversation(tenant, id))?.handover;

  describe("people who speak in place of an agent", () => {
    test(
      "who was called waits, and is one operator's once he takes it",
      using(open, async (_, store) => {
        const { records } = store;
        const { conversation } = await arrive(store);
        const running = await begin(store, conversation);
        const handOver = { reason: "wants a refund", summary: "Order 12 never came." };
        value(await store.finishTurn(running.lease, answerOf(running, "A person comes.", { handOver })));
        const waits = await handoverOf(store, conversation);
        assert.deepEqual({ ...waits, id: "" }, { id: "", since: noon + 2, assignedAt: noon + 2, by: "agent:main", ...handOver });
        assert.deepEqual(
          (await records.waitingHandovers(tenant, 9)).map((one) => [one.conversation, one.agent]),
          [[conversation, "main"]],
        );
        assert.deepEqual(await records.waitingHandovers(other, 9), []);

        const taken = value(await records.takeOver(tenant, conversation, { operator: ada }, ada, noon + 7));
        assert.deepEqual([taken.handover?.assignee, taken.handover?.assignedAt, taken.handover?.since], [ada, noon + 7, noon + 2]);
        assert.deepEqual(await records.waitingHandovers(tenant, 9), []);
        const [row] = await records.conversations(tenant, { limit: 9 });
        assert.deepEqual(row?.handover, taken.handover, "the list says so too");
        assert.deepEqual(
          (await records.auditLog(tenant, { limit: 2 })).map(({ actor, action, detail }) => [actor, action, detail]),
          [
            [ada, "conversation-assign", { to: ada }],
            ["agent:main", "control-set", { control: "human", reason: "wants a refund" }],
          ],
        );
      }),
    );

    test(
      "those in which people speak are listed page by page, who waits the longest first",
      using(open, async (_, store) => {
        const { records } = store;
        const made: string[] = [];
        for (const chat of ["a", "b", "c"]) {
          const { conversation } = await arrive(store, said("Help!", { chat: { id: chat, kind: "direct" } }));
          value(await records.takeOver(tenant, conversation, { operator: ada }, ada, noon + made.push(conversation)));
        }
        const filter = { sort: "waiting", limit: 2, reader: ada } as const;
        const first = await records.conversations(tenant, filter);
        const then = await records.conversations(tenant, { ...filter, before: first[1]?.cursor as number });
        assert.deepEqual(
          [...first, ...then].map(({ id }) => id),
          made,
        );
        assert.deepEqual(await records.conversations(other, filter), []);
      }),
    );

    test(
      "of two who take it one has it; the other takes it from him, or not",
      using(open, async (_, { records, ...store }) => {
        const { conversation } = await arrive({ records, ...store });
        const [first, second] = await Promise.all([
          records.takeOver(tenant, conversation, { operator: ada }, ada, noon),
          records.takeOver(tenant, conversation, { operator: bob }, bob, noon),
        ]);
        assert.equal(value(first).handover?.assignee, ada);
        refused(second, "conversation-taken");
        refused(
          await records.takeOver(tenant, conversation, { operator: bob, from: "op_eve" as OperatorId }, bob, noon),
          "conversation-taken",
        );
        const now = value(await records.takeOver(tenant, conversation, { operator: bob, from: ada }, bob, noon + 1));
        assert.deepEqual(
          [now.handover?.assignee, now.controlVersion],
          [bob, value(first).controlVersion],
          "the agent speaks in neither case",
        );
        assert.deepEqual(value(await records.takeOver(tenant, conversation, { operator: bob }, bob, noon + 9)), now, "twice is once");
        refused(await records.takeOver(other, conversation, { operator: bob }, bob, noon), "not-found");
      }),
    );

    test(
      "it is given to another, or to nobody, by who knows who has it",
      using(open, async (_, store) => {
        const { records } = store;
        const { conversation } = await arrive(store);
        refused(await records.assign(tenant, conversation, { to: ada, from: undefined }, by, noon), "version-conflict");
        value(await records.takeOver(tenant, conversation, { operator: ada }, ada, noon));
        refused(await records.assign(tenant, conversation, { to: bob, from: undefined }, by, noon), "version-conflict");
        assert.equal(value(await records.assign(tenant, conversation, { to: bob, from: ada }, by, noon + 1)).handover?.assignee, bob);
        const free = value(await records.assign(tenant, conversation, { to: undefined, from: bob }, by, noon + 2));
        assert.deepEqual([free.handover?.assignee, free.handover?.assignedAt], [undefined, noon + 2]);
        assert.equal((await records.waitingHandovers(tenant, 9)).length, 1, "it waits again");
        refused(await records.assign(other, conversation, { to: ada, from: undefined }, by, noon), "not-found");
      }),
    );

    test(
      "the time until it goes back begins anew with each word of an operator, and moves with a clock that is set",
      using(open, async (opened, store) => {
        const { conversation } = await arrive(store);
        const of = { operator: ada, returnAfterMs: 600_000 };
        const taken = value(await store.records.takeOver(tenant, conversation, of, ada, noon));
        assert.equal(taken.handover?.returnAt, noon + 600_000);
        await store.enqueue({ ...operatorSays("hello"), at: noon + 60_000 });
        assert.equal((await handoverOf(store, conversation))?.returnAt, noon + 660_000);
        assert.deepEqual(await store.records.dueReturns(noon + 659_999, 9), []);
        await store.tellTime({ now: noon, upMs: 0, boot: "a" });
        await store.tellTime({ now: noon + 3_600_000, upMs: 0, boot: "a" });
        const again = await opened.crash();
        assert.equal((await handoverOf(again, conversation))?.returnAt, noon + 4_260_000);
        const [due] = await again.records.dueReturns(noon + 4_260_000, 9);
        assert.deepEqual([due?.conversation, due?.tenant, due?.assignee], [conversation, tenant, ada]);
      }),
    );

    test(
      "what its agent is told of it stays until its past is begun anew",
      using(open, async (_, store) => {
        const { records } = store;
        const { conversation, message } = await arrive(store);
        const taken = value(await records.takeOver(tenant, conversation, { operator: ada }, ada, noon));
        const { controlVersion: version } = taken;
        assert.equal(await records.setControl(tenant, conversation, "agent", version - 1, ada, noon), undefined);
        const back = await records.setControl(tenant, conversation, "agent", version, ada, noon + 5, { note: "Refunded." });
        assert.deepEqual([back?.control, back?.handover, back?.controlVersion], ["agent", undefined, version + 1]);
        assert.deepEqual(back?.handedBack, { since: noon, until: noon + 5, note: "Refunded.", last: message });
        const [over] = await records.handovers(tenant, { conversation, limit: 9 });
        assert.deepEqual([over?.endedAt, over?.endedBy, over?.note, over?.takenAt], [noon + 5, ada, "Refunded.", noon]);
        assert.deepEqual(await records.handovers(other, { limit: 9 }), []);
        assert.equal((await records.handovers(tenant, { limit: 9 })).length, 1);
        assert.deepEqual(await records.dueReturns(Number.MAX_SAFE_INTEGER, 9), []);
      }),
    );

    test(
      "notes are the operators' own: they stand beside the messages",
      using(open, async (_, store) => {
        const { records } = store;
        const { conversation } = await arrive(store);
        const note = (text: string) => ({ id: newId("note", noon), conversation, by: ada, text, at: noon });
        await records.addNote(tenant, note("first"));
        await records.addNote(tenant, note("second"));
        const [second, first] = await records.notes(tenant, conversation, { limit: 9 });
        assert.deepEqual([first?.text, second?.text], ["first", "second"]);
        assert.deepEqual(await records.notes(tenant, conversation, { limit: 9, before: second?.seq as number }), [first]);
        assert.deepEqual(await records.notes(other, conversation, { limit: 9 }), []);
        assert.equal((await records.messages(tenant, conversation, { limit: 9 })).length, 1);
        assert.equal((await store.history(conversation, undefined, 9)).length, 1);
      }),
    );
  });
}

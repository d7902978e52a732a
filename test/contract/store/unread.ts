import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { OperatorId } from "../../../src/core/ids.ts";
import { mostUnread } from "../../../src/core/records.ts";
import type { Store } from "../../../src/core/store.ts";
import { answer, arrive, type Open, operatorSays, other, receive, said, tenant, using } from "./fixture.ts";

const ada = "op_ada" as OperatorId;
const grace = "op_grace" as OperatorId;

const chat = (id: string) => ({ chat: { id, kind: "direct" } }) as const;

async function unread(store: Store, reader?: OperatorId, of = tenant): Promise<Record<string, number>> {
  const rows = await store.records.conversations(of, { limit: 9, ...(reader && { reader }) });
  for (const row of rows) if (row.unreadCount > 0) assert.ok(row.unread, "what is counted is unread");
  return Object.fromEntries(rows.map((row) => [row.chat.id, row.unreadCount]));
}

export function unreadContract(open: Open): void {
  describe("unread messages", () => {
    test(
      "are counted for each reader until they were seen, one conversation or all of them",
      using(open, async (_, store) => {
        const { records } = store;
        const { conversation } = await arrive(store, said("a1", chat("a")));
        await receive(store, said("b1", chat("b")), said("a2", chat("a")), said("a3", chat("a")), said("b2", chat("b")));
        assert.deepEqual(await unread(store, ada), { a: 3, b: 2 });
        assert.deepEqual(await unread(store), { a: 0, b: 0 }, "without a reader nothing is unread");
        assert.deepEqual(await unread(store, ada, other), {});

        await records.markSeen({ tenant, operator: ada, conversation });
        assert.deepEqual(await unread(store, ada), { a: 0, b: 2 });
        assert.deepEqual(await unread(store, grace), { a: 3, b: 2 }, "a reader's own");
        await receive(store, said("a4", chat("a")), said("a5", chat("a")));
        assert.deepEqual(await unread(store, ada), { a: 2, b: 2 });

        await records.markSeen({ tenant, operator: ada });
        assert.deepEqual(await unread(store, ada), { a: 0, b: 0 });
        await receive(store, said("b3", chat("b")));
        assert.deepEqual(await unread(store, ada), { a: 0, b: 1 });
        await records.markSeen({ tenant, operator: ada, conversation });
        assert.deepEqual(await unread(store, ada), { a: 0, b: 1 }, "there was nothing new to see");
      }),
    );

    test(
      "are those of people, operators and the system; an answer belongs to its question, a press is none before it is answered",
      using(open, async (_, store) => {
        const { conversation } = await arrive(store, said("a1", chat("a")));
        await answer(store, conversation, "to a1");
        assert.deepEqual(await unread(store, ada), { a: 1 });
        await store.enqueue({ ...operatorSays("from a colleague"), ...chat("a") });
        assert.deepEqual(await unread(store, ada), { a: 2 });
        await store.records.markSeen({ tenant, operator: ada, conversation });
        await receive(store, said("", { ...chat("a"), kind: "press", token: "yes" }));
        const [row] = await store.records.conversations(tenant, { limit: 1, reader: ada });
        assert.deepEqual([row?.unread, row?.unreadCount], [true, 0]);
        await answer(store, conversation, "you pressed yes");
        assert.deepEqual(await unread(store, ada), { a: 1 });
      }),
    );

    test(
      "are counted up to a bound",
      using(open, async (_, store) => {
        await receive(store, ...Array.from({ length: mostUnread - 1 }, (_, n) => said(`a${n}`, chat("a"))));
        assert.deepEqual(await unread(store, ada), { a: mostUnread - 1 });
        await receive(store, ...Array.from({ length: 9 }, (_, n) => said(`and ${n}`, chat("a"))));
        assert.deepEqual(await unread(store, ada), { a: mostUnread });
      }),
    );
  });
}

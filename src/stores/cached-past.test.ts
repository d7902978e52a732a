import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answer, arrive, said, using } from "../../test/contract/store/fixture.ts";
import { pastContract, pastOf } from "../../test/contract/store/past.ts";
import { storeContract } from "../../test/contract/store.ts";
import { sqliteInstallations } from "../../test/support/sqlite-store.ts";
import type { ConversationId, TenantId } from "../core/ids.ts";
import type { KnownPast, PastCache } from "../core/past.ts";
import type { Store } from "../core/store.ts";
import { cachePast } from "./cached-past.ts";
import { memoryPasts } from "./memory-pasts.ts";

storeContract(
  "sqlite behind a cache of pasts",
  sqliteInstallations((store) => cachePast(store, memoryPasts()).store),
);

/** What a cache may do without anybody noticing. */
const allowed: Readonly<Record<string, () => PastCache>> = {
  "forgets at once": () => memoryPasts({ conversations: 1, bytes: 1 }),
  "holds one conversation": () => memoryPasts({ conversations: 1, bytes: 1_000_000 }),
  "can't be reached": () => ({ get: () => Promise.reject(new Error("down")), put: () => Promise.reject(new Error("down")) }),
  "loses every second write": () => {
    const pasts = memoryPasts();
    let writes = 0;
    return { get: pasts.get, put: async (...given) => (++writes % 2 === 0 ? undefined : pasts.put(...given)) };
  },
  "answers the first that it was ever told": () => {
    const first = new Map<ConversationId, KnownPast>();
    return {
      get: async (_, conversation) => first.get(conversation),
      async put(_, conversation, past) {
        if (!first.has(conversation)) first.set(conversation, past);
      },
    };
  },
};

for (const [what, cache] of Object.entries(allowed)) {
  describe(`with a cache that ${what}`, () => pastContract(sqliteInstallations((store) => cachePast(store, cache()).store)));
}

describe("with a cache that replicas share", () => {
  const shared = memoryPasts();
  pastContract(sqliteInstallations((store) => cachePast(store, shared).store));
});

/** A store whose reads of the past are counted, behind the cache. */
function counted(pasts: PastCache) {
  let asked = 0;
  let reads = () => ({ kept: 0, newer: 0, whole: 0 });
  const wrap = (store: Store): Store => {
    const past: Store["past"] = (...given) => {
      asked += 1;
      return store.past(...given);
    };
    const cached = cachePast({ ...store, past }, pasts);
    reads = cached.reads;
    return cached.store;
  };
  return { open: sqliteInstallations(wrap), asked: () => asked, reads: () => reads() };
}

const after = counted(memoryPasts());
test(
  "a conversation's past is read once, and what comes between two turns once more",
  using(after.open, async (_, store) => {
    for (let n = 0; n < 10; n++) {
      const { conversation } = await arrive(store, said(`question ${n}`));
      assert.equal((await pastOf(store, conversation, 4)).length, Math.min(4, 2 * n));
      await answer(store, conversation, `answer ${n}`);
    }
    assert.equal(after.asked(), 1);
    const { conversation } = await arrive(store, said("elsewhere", { chat: { id: "c2", kind: "direct" } }));
    await pastOf(store, conversation);
    await answer(store, conversation, "there");
    assert.deepEqual(after.reads(), { kept: 9, newer: 0, whole: 2 });
  }),
);

test("what was asked for longest ago goes first, by count and by size; tenants are apart", async () => {
  const pasts = memoryPasts({ conversations: 2, bytes: 10_000 });
  const past = (text: string): KnownPast => {
    const message = { id: "ms_1", conversation: "cv_1", direction: "in", parts: [{ type: "text", text, markup: "plain" }], at: 0 } as never;
    return { upTo: 1, from: 0, version: 0, limit: 9, whole: true, messages: [message] };
  };
  const found = async (tenant: string, id: string) => (await pasts.get(tenant as TenantId, id as ConversationId)) !== undefined;
  const put = (tenant: string, id: string, text = "") => pasts.put(tenant as TenantId, id as ConversationId, past(text));
  await put("a", "cv_1");
  await put("a", "cv_2");
  assert.deepEqual([await found("a", "cv_1"), await found("b", "cv_1")], [true, false]);
  await put("a", "cv_3");
  assert.deepEqual([await found("a", "cv_1"), await found("a", "cv_2")], [true, false]);
  await put("a", "cv_4", "x".repeat(9_000));
  assert.deepEqual([await found("a", "cv_1"), await found("a", "cv_3"), await found("a", "cv_4")], [false, false, true]);
  await put("a", "cv_5", "x".repeat(20_000));
  assert.equal(await found("a", "cv_5"), false, "one that is larger than all the room");
  assert.ok(pasts.size().bytes <= 10_000);
});

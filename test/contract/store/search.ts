import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AccountId } from "../../../src/core/ids.ts";
import { textPart } from "../../../src/core/message.ts";
import { readQuery, type SearchFilter } from "../../../src/core/search.ts";
import type { Store } from "../../../src/core/store.ts";
import { account, answer, arrive, noon, type Open, other, receive, said, tenant, value } from "./fixture.ts";

async function index(store: Store): Promise<void> {
  while (await store.indexMessages());
}

async function find(store: Store, query: string, more: Partial<SearchFilter> = {}): Promise<readonly string[]> {
  await index(store);
  const read = readQuery(query);
  const page = await store.records.search(tenant, { limit: 20, ...(read && { query: read }), ...more });
  assert.equal(page.behind, false);
  return page.hits.map(({ snippet }) => marked(snippet));
}

function marked({ text, marks }: { text: string; marks: readonly { from: number; to: number }[] }): string {
  return marks.toReversed().reduce((so, { from, to }) => `${so.slice(0, from)}[${so.slice(from, to)}]${so.slice(to)}`, text);
}

export function searchContract(open: Open): void {
  describe("search", () => {
    test("finds words by their beginning, phrases and what is written without spaces, the newest first", async () => {
      const { store, close } = await open();
      const texts = [
        "My parcel hasn't arrived, order 4711",
        "Ma commande n'est pas arrivée",
        "你好我的包裹还没有到",
        "ครับพัสดุยังไม่มาถึง",
        "Die Rückerstattung ist da",
        "order something else",
      ];
      for (const text of texts) await arrive(store, said(text));
      assert.deepEqual(await find(store, "ord"), ["[order] something else", "My parcel hasn't arrived, [order] 4711"]);
      assert.deepEqual(await find(store, '"order 4711"'), ["My parcel hasn't arrived, [order 4711]"]);
      assert.deepEqual(await find(store, '"ord"'), []);
      assert.deepEqual(await find(store, "order -parcel"), ["[order] something else"]);
      assert.deepEqual(await find(store, '-"something else" order'), ["My parcel hasn't arrived, [order] 4711"]);
      assert.deepEqual(await find(store, "ARRIVEE"), ["Ma commande n'est pas [arrivée]"]);
      assert.deepEqual(await find(store, "ruckerst"), ["Die [Rückerstattung] ist da"]);
      assert.deepEqual(await find(store, "包裹"), ["你好我的[包裹]还没有到"]);
      assert.deepEqual(await find(store, "พัสดุ"), ["ครับ[พัสดุ]ยังไม่มาถึง"]);
      assert.deepEqual(await find(store, "裹包"), []);
      await close();
    });

    test("holds itself to account, direction, sender, time and tenant, and goes on page by page", async () => {
      const { store, close } = await open();
      const { conversation } = await arrive(store, said("the blue one"));
      await answer(store, conversation, "the blue one is sold out");
      const day = 86_400_000;
      await receive(
        store,
        said("a blue one later", { chat: { id: "c2", kind: "direct" }, sender: { id: "u2", name: "Grace H.", bot: false, self: false } }),
      );
      const elsewhere = { channel: "test", events: [said("blue elsewhere")] };
      await store.receive({ tenant, account: "front" as AccountId, at: noon + 3 * day, ...elsewhere });
      await store.receive({ tenant: other, account, at: noon, channel: "test", events: [said("blue of others")] });

      assert.equal((await find(store, "blue")).length, 4);
      assert.deepEqual(await find(store, "blue", { account: "front" as AccountId }), ["[blue] elsewhere"]);
      assert.deepEqual(await find(store, "blue", { direction: "out" }), ["the [blue] one is sold out"]);
      assert.equal((await find(store, "blue", { conversation })).length, 2);
      const grace = readQuery("grace");
      assert.ok(grace);
      assert.deepEqual(await find(store, "", { sender: grace }), ["a blue one later"]);
      assert.deepEqual(await find(store, "", { sender: grace, from: noon + day }), []);
      assert.equal((await find(store, "-sold", { from: noon, to: noon + day - 1 })).length, 2);

      const query = readQuery("blue");
      assert.ok(query);
      const seen: string[] = [];
      for (let before: number | undefined, pages = 0; pages < 4; pages++) {
        const page = await store.records.search(tenant, { query, limit: 2, ...(before !== undefined && { before }) });
        seen.push(...page.hits.map(({ message }) => message));
        before = page.next;
        if (before === undefined) break;
      }
      assert.equal(new Set(seen).size, 4);
      assert.equal(seen.length, 4);
      await close();
    });

    test("says that it is behind, and doesn't find what was edited or emptied, before the index has heard of it either", async () => {
      const { store, close } = await open();
      const { conversation } = await arrive(store, said("the word was banana", { platformId: "m1" }));
      const query = readQuery("banana");
      assert.ok(query);
      assert.equal((await store.records.search(tenant, { query, limit: 5 })).behind, true);
      assert.equal((await find(store, "banana")).length, 1);

      await receive(store, said("", { kind: "edit", platformId: "m1", parts: [textPart("the word is cherry")] } as never));
      const lease = await store.lease(`turn:${conversation}`);
      assert.ok(lease);
      for (let event = await store.nextEvent(conversation); event; event = await store.nextEvent(conversation)) {
        value(await store.ignoreEvent(lease, event, "nothing-to-answer", noon));
      }
      assert.deepEqual((await store.records.search(tenant, { query, limit: 5 })).hits, []);
      assert.deepEqual(await find(store, "banana"), []);
      assert.deepEqual(await find(store, "cherry"), ["the word is [cherry]"]);
      await close();
    });

    test("goes on where it was after a crash, and never errs whatever is asked", async () => {
      const opened = await open();
      for (let n = 0; n < 250; n++) await arrive(opened.store, said(`number ${n} of many`));
      await opened.store.indexMessages();
      await opened.store.indexMessages();
      const store = await opened.crash();
      assert.equal((await find(store, "number", { limit: 300 })).length, 250);
      assert.equal((await find(store, '"number 249"')).length, 1);
      const hostile = [
        '"',
        '""',
        "-",
        '-"',
        "*",
        "NEAR(a b, 2)",
        "a AND OR NOT b",
        "words:x",
        "{place}: t",
        "^a",
        "((((",
        "'; DROP TABLE search_words; --",
      ];
      hostile.push(
        "\u0000",
        "\ud800",
        "a\udc00",
        "x".repeat(5_000),
        "- - - -",
        "place : d",
        '"a" * "b',
        "\u0301\u0301",
        "💥",
        "½ ﬀ ℌ",
        "İstanbul",
        "%_%",
      );
      for (const query of hostile) await find(store, query, { limit: 1 });
      assert.equal(readQuery('" - * "'), undefined);
      await opened.close();
    });
  });
}

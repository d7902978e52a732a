import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { answer, arrive, said, tenant, value } from "../../../test/contract/store/fixture.ts";
import { type MessageId, newId } from "../../core/ids.ts";
import { readQuery } from "../../core/search.ts";
import type { Store } from "../../core/store.ts";
import { openSqliteStore } from "../sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "search-index-"));
after(() => rmSync(folder, { recursive: true }));

async function open(name: string): Promise<{ store: Store; file: string }> {
  const file = join(folder, name, "store.sqlite");
  return { store: value(await openSqliteStore({ file, role: "owner" })), file };
}

async function find(store: Store, words: string) {
  const query = readQuery(words);
  assert.ok(query);
  return store.records.search(tenant, { query, limit: 9 });
}

/** What a word of the index stands in, by the index alone. */
function rowsWith(file: string, word: string): readonly unknown[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare("SELECT rowid FROM search_words WHERE search_words MATCH ?").all(`words: "${word}"`);
  } finally {
    database.close();
  }
}

/** Whether its letters stand anywhere in what the index keeps on disk. */
function holds(file: string, letters: string): boolean {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const blocks = database.prepare("SELECT block FROM search_words_data").all() as { block: Uint8Array }[];
    return blocks.some(({ block }) => Buffer.from(block).includes(letters));
  } finally {
    database.close();
  }
}

test("an index that is damaged or gone is made anew, and the store lives on", async () => {
  const { store, file } = await open("damaged");
  for (let n = 0; n < 120; n++) await arrive(store, said(`parcel ${n}`));
  while (await store.indexMessages());
  assert.equal((await find(store, '"parcel 7"')).hits.length, 1);

  const beside = new DatabaseSync(file, { defensive: false });
  beside.exec("UPDATE search_words_data SET block = zeroblob(40) WHERE id > 10");
  const damaged = await find(store, '"parcel 7"');
  assert.deepEqual([damaged.hits, damaged.behind], [[], true]);
  while (await store.indexMessages());
  assert.equal((await find(store, '"parcel 7"')).hits.length, 1);

  beside.exec("DROP TABLE search_words");
  beside.close();
  assert.equal((await find(store, "parcel")).behind, true);
  await arrive(store, said("one more parcel"));
  while (await store.indexMessages());
  assert.equal((await find(store, '"more parcel"')).hits.length, 1);
  await store.close();
});

test("words of a message that was taken back leave the index with the next step, and the disk with the next pass", async () => {
  const { store, file } = await open("erased");
  const { conversation } = await arrive(store, said("what is the word?"));
  await answer(store, conversation, "xylophonist it is");
  for (let n = 0; n < 400; n++) await arrive(store, said(`nothing of that kind ${n}`));
  while (await store.indexMessages());
  assert.equal(rowsWith(file, "xylophonist").length, 1);

  const [sent] = (await find(store, "xylophonist")).hits;
  const message = sent?.message ?? newId("message", 0);
  const touch = { tenant, message: message as MessageId, touch: { kind: "take-back" }, by: "op_t" } as const;
  const touched = value(await store.beginTouch(touch, 1));
  await store.endTouch(touched, touch, undefined, 2);
  assert.deepEqual((await find(store, "xylophonist")).hits, [], "at once");
  while (await store.indexMessages());
  assert.equal(rowsWith(file, "xylophonist").length, 0);
  let steps = 0;
  for (let first = true; await store.purgeIndex(first); first = false) assert.ok(++steps < 1_000, "a pass ends");
  assert.equal(holds(file, "ylophonist"), false);
  assert.equal((await find(store, '"kind 399"')).hits.length, 1, "the others are still found");
  assert.equal(await store.purgeIndex(true), false, "nothing went since");
  await store.close();
});

test("several messages that go at once don't end the store: FTS5 numbers what it keeps of them beyond JavaScript's numbers", async () => {
  const { store } = await open("tombstones");
  for (let round = 0; round < 3; round++) {
    const gone: MessageId[] = [];
    for (let n = 0; n < 10; n++) {
      const { conversation } = await arrive(store, said(`again ${round} ${n}`));
      await answer(store, conversation, `a word that goes ${n}`);
      const newest = await store.records.messages(tenant, conversation, { limit: 200 });
      const sent = newest.find(({ direction, id }) => direction === "out" && !gone.includes(id));
      if (sent) gone.push(sent.id);
    }
    while (await store.indexMessages());
    for (const message of gone) {
      const touch = { tenant, message, touch: { kind: "take-back" }, by: "op_t" } as const;
      await store.endTouch(value(await store.beginTouch(touch, 1)), touch, undefined, 2);
    }
    while (await store.indexMessages());
    assert.deepEqual((await find(store, '"a word that goes"')).hits, []);
    await arrive(store, said("and on"));
  }
  await store.close();
});

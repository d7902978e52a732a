import assert from "node:assert/strict";
import { test } from "node:test";
import * as module from "fake-indexeddb";
import type { AccountState, StateChanges } from "../../core/account-state.ts";
import { ok } from "../../core/errors.ts";
import { completed, type Database, type IndexedDbModule, openDatabase, type Transaction } from "./indexed-db.ts";
import { keepDatabases } from "./kept-database.ts";

const library = module as unknown as IndexedDbModule;
let opened = 0;

function memory(): AccountState & { readonly rows: Map<string, Uint8Array>; writes: number } {
  const rows = new Map<string, Uint8Array>();
  return {
    rows,
    writes: 0,
    read: async () => new Map(rows),
    async write(changes: StateChanges) {
      this.writes += 1;
      for (const [key, value] of changes) value === undefined ? rows.delete(key) : rows.set(key, value);
    },
    key: async () => ok(new Uint8Array(32)),
  };
}

const make = (database: Database) => {
  const store = database.createObjectStore("things", { keyPath: null, autoIncrement: false });
  store.createIndex("by_kind", "kind", { unique: false, multiEntry: false });
};

async function change(database: Database, act: (transaction: Transaction) => void): Promise<void> {
  const transaction = database.transaction(["things"], "readwrite");
  act(transaction);
  await completed(transaction);
}

function ask<Value>(request: { result: Value; addEventListener(event: "success", run: () => void): void }): Promise<Value> {
  const { promise, resolve } = Promise.withResolvers<Value>();
  request.addEventListener("success", () => resolve(request.result));
  return promise;
}

type Store = ReturnType<Transaction["objectStore"]> & {
  getAll(): Parameters<typeof ask<object[]>>[0];
  openCursor(): { result: { key: string; update(value: unknown): void; delete(): void; continue(): void } | null; onsuccess: () => void };
};
const things = (transaction: Transaction) => transaction.objectStore("things") as Store;

/** What another process would find. */
async function found(state: AccountState): Promise<object[]> {
  const prefix = `test-${++opened}|`;
  await keepDatabases(library, state, prefix);
  const database = await openDatabase(library.indexedDB, `${prefix}memory`);
  const all = await ask(things(database.transaction(["things"])).getAll());
  const kept = things(database.transaction(["things"])).index("by_kind").keyPath;
  assert.equal(kept, "kind");
  database.close();
  return all;
}

test("what was committed is there again, whichever way it was written, and nothing else", async () => {
  const state = memory();
  const kept = await keepDatabases(library, state, "first|");
  const database = await openDatabase(library.indexedDB, "first|memory", 3, make);
  await change(database, (transaction) => {
    for (const key of ["a", "b", "c", "d", "e"]) things(transaction).put({ kind: "letter", key }, key);
    things(transaction).add({ kind: "letter", key: "f" }, "f");
  });
  assert.equal(state.writes, 0, "nothing is written before it is asked for");
  await kept.flush();
  assert.equal(state.writes, 1);
  assert.deepEqual((await found(state)).length, 6);

  await change(database, (transaction) => {
    things(transaction).delete("a");
    things(transaction).delete(module.IDBKeyRange.bound("c", "d"));
    const cursor = things(transaction).openCursor();
    cursor.onsuccess = () => {
      const at = cursor.result;
      if (at?.key === "e") at.delete();
      if (at?.key === "f") at.update({ kind: "letter", key: "F" });
      at?.continue();
    };
  });
  await kept.flush();
  assert.deepEqual(await found(state), [
    { kind: "letter", key: "b" },
    { kind: "letter", key: "F" },
  ]);

  await change(database, (transaction) => {
    things(transaction).clear();
    things(transaction).put({ kind: "number", key: "1" }, "b");
  });
  const given = database.transaction(["things"], "readwrite");
  things(given).put({ kind: "lost", key: "x" }, "x");
  const ended = completed(given);
  (given as Transaction & { abort(): void }).abort();
  await assert.rejects(ended);
  await kept.flush();
  assert.deepEqual(await found(state), [{ kind: "number", key: "1" }]);
  const { writes } = state;
  await kept.flush();
  assert.equal(state.writes, writes, "where nothing changed nothing is written");
});

test("what the disk didn't take goes with the next, and others' databases are none of ours", async () => {
  const state = memory();
  const [kept] = [await keepDatabases(library, state, "ours|"), await keepDatabases(library, memory(), "theirs|")];
  const [ours, theirs] = [
    await openDatabase(library.indexedDB, "ours|memory", 1, make),
    await openDatabase(library.indexedDB, "theirs|memory", 1, make),
  ];
  await change(theirs, (transaction) => void things(transaction).put({ kind: "theirs" }, "a"));
  await change(ours, (transaction) => void things(transaction).put({ kind: "ours" }, "a"));
  const { write } = state;
  state.write = async () => Promise.reject(new Error("no room"));
  await assert.rejects(kept.flush(), /no room/);
  state.write = write;
  await change(ours, (transaction) => void things(transaction).put({ kind: "more" }, "b"));
  await kept.flush();
  assert.deepEqual(await found(state), [{ kind: "ours" }, { kind: "more" }]);
});

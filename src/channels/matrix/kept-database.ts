import { deserialize, serialize } from "node:v8";
import type { AccountState } from "../../core/account-state.ts";
import {
  type Awaited,
  type Cursor,
  completed,
  type Database,
  type IndexedDbModule,
  type ObjectStore,
  openDatabase,
  type Transaction,
} from "./indexed-db.ts";

/**
 * The library's memory is an IndexedDB. Node has none, and the one that we give it lives in memory: what each of its transactions
 * changed is noted here, and goes to disk with the next `flush`, which comes before anything else may happen.
 */
export interface KeptDatabases {
  /** Resolves when all that was committed so far is on disk, in one transaction. What failed goes with the next. */
  flush(): Promise<void>;
}

interface StoreShape {
  readonly name: string;
  readonly keyPath: string | null;
  readonly autoIncrement: boolean;
  readonly indices: readonly {
    readonly name: string;
    readonly keyPath: string | readonly string[];
    readonly unique: boolean;
    readonly multiEntry: boolean;
  }[];
}

interface DatabaseShape {
  readonly name: string;
  readonly version: number;
  readonly stores: readonly StoreShape[];
}

/** Of the rows in the account's state: one that says how the databases are built, and one for each record. */
const shapeKey = "databases";
const recordPrefix = "record:";

export function isDatabaseKey(key: string): boolean {
  return key === shapeKey || key.startsWith(recordPrefix);
}

/** Fills the databases whose names begin with `prefix` from the state, and keeps there what becomes of them. */
export async function keepDatabases(module: IndexedDbModule, state: AccountState, prefix: string): Promise<KeptDatabases> {
  const rows = await state.read();
  const known = rows.get(shapeKey);
  const shapes = known ? (deserialize(known) as DatabaseShape[]) : [];
  for (const shape of shapes) await restore(module, prefix, shape, rows);
  const pending = new Map<string, Uint8Array | undefined>();
  watch(module, (database, changes) => {
    if (!database.startsWith(prefix)) return;
    for (const [store, key, value] of changes) pending.set(rowKey(database.slice(prefix.length), store, key), value);
  });
  let versions = versionsOf(shapes);
  let last: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const changes = new Map(pending);
    pending.clear();
    try {
      const now = await describe(module, prefix, versions);
      if (now) changes.set(shapeKey, serialize(now));
      if (changes.size > 0) await state.write(changes);
      versions = now ? versionsOf(now) : versions;
    } catch (thrown) {
      for (const [key, value] of changes) if (!pending.has(key)) pending.set(key, value);
      throw thrown;
    }
  }
  return {
    flush() {
      const flushed = last.then(write);
      last = flushed.catch(() => {});
      return flushed;
    },
  };
}

function rowKey(database: string, store: string, key: unknown): string {
  if (typeof key !== "string" && typeof key !== "number" && !Array.isArray(key)) throw new Error(`a key of ${store} is no text`);
  return recordPrefix + JSON.stringify([database, store, key]);
}

function versionsOf(shapes: readonly { readonly name: string; readonly version: number }[]): string {
  return JSON.stringify(shapes.map(({ name, version }) => [name, version]).sort());
}

/** How the databases are built, where that isn't `versions` any more. */
async function describe({ indexedDB }: IndexedDbModule, prefix: string, versions: string): Promise<DatabaseShape[] | undefined> {
  const all = await indexedDB.databases();
  const ours = all.filter(({ name }) => name.startsWith(prefix)).map((one) => ({ ...one, name: one.name.slice(prefix.length) }));
  if (versionsOf(ours) === versions) return undefined;
  const shapes: DatabaseShape[] = [];
  for (const { name, version } of ours) {
    const database = await openDatabase(indexedDB, prefix + name);
    const names = [...database.objectStoreNames];
    const transaction = names.length > 0 ? database.transaction(names) : undefined;
    shapes.push({ name, version, stores: names.map((store) => shapeOf((transaction as Transaction).objectStore(store))) });
    database.close();
  }
  return shapes;
}

function shapeOf(store: ObjectStore): StoreShape {
  const { name, keyPath, autoIncrement } = store;
  const indices = [...store.indexNames].map((index) => {
    const { keyPath: of, unique, multiEntry } = store.index(index);
    return { name: index, keyPath: typeof of === "string" ? of : [...of], unique, multiEntry };
  });
  return { name, keyPath, autoIncrement, indices };
}

async function restore(
  { indexedDB }: IndexedDbModule,
  prefix: string,
  { name, version, stores }: DatabaseShape,
  rows: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const make = (database: Database) => {
    for (const { name: store, keyPath, autoIncrement, indices } of stores) {
      const made = database.createObjectStore(store, { keyPath, autoIncrement });
      for (const { name: index, keyPath: of, unique, multiEntry } of indices) made.createIndex(index, of, { unique, multiEntry });
    }
  };
  const database = await openDatabase(indexedDB, prefix + name, version, make);
  const there = new Set(stores.map((store) => store.name));
  if (there.size > 0) {
    const transaction = database.transaction([...there], "readwrite");
    for (const [row, value] of rows) {
      if (!row.startsWith(recordPrefix)) continue;
      const [of, store, key] = JSON.parse(row.slice(recordPrefix.length)) as [string, string, unknown];
      if (of === name && there.has(store)) transaction.objectStore(store).put(deserialize(value), key);
    }
    await completed(transaction);
  }
  database.close();
}

type Change = readonly [store: string, key: unknown, value: Uint8Array | undefined];
type Tell = (database: string, changes: readonly Change[]) => void;

/** Who hears of what the transactions of a module changed. */
const listeners = new WeakMap<IndexedDbModule, Set<Tell>>();

/** The methods that write are wrapped, once for the process: the module is a copy that nobody else uses. */
function watch(module: IndexedDbModule, tell: Tell): void {
  const known = listeners.get(module);
  if (known) return void known.add(tell);
  const all = new Set([tell]);
  listeners.set(module, all);
  const { IDBObjectStore, IDBCursor, IDBKeyRange } = module;
  const open = new WeakMap<Transaction, Change[]>();
  const changesOf = (transaction: Transaction): Change[] => {
    const known = open.get(transaction);
    if (known) return known;
    const changes: Change[] = [];
    open.set(transaction, changes);
    transaction.addEventListener("complete", () => {
      for (const one of all) one(transaction.db.name, changes);
    });
    return changes;
  };
  /** Requests of a transaction succeed in the order in which they were made. */
  const note = ({ transaction, name, keyPath }: ObjectStore, request: Awaited, key: unknown, value: Uint8Array | undefined) => {
    if (keyPath !== null || key === undefined) throw new Error(`the store ${name} has keys within its values, which aren't kept`);
    const changes = changesOf(transaction);
    request.addEventListener("success", () => changes.push([name, key, value]));
  };
  const noteGone = (store: ObjectStore, query?: unknown) => {
    const changes = changesOf(store.transaction);
    const keys = store.getAllKeys(query);
    keys.addEventListener("success", () => {
      for (const key of keys.result) changes.push([store.name, key, undefined]);
    });
  };
  const stores = IDBObjectStore.prototype as { -readonly [Key in keyof ObjectStore]: ObjectStore[Key] };
  for (const name of ["put", "add"] as const) {
    const original = stores[name];
    stores[name] = function (this: ObjectStore, value: unknown, key?: unknown) {
      const request = original.call(this, value, key);
      note(this, request, key, serialize(value));
      return request;
    };
  }
  const { delete: remove, clear } = stores;
  stores.delete = function (this: ObjectStore, query: unknown) {
    if (query instanceof IDBKeyRange) noteGone(this, query);
    const request = remove.call(this, query);
    if (!(query instanceof IDBKeyRange)) note(this, request, query, undefined);
    return request;
  };
  stores.clear = function (this: ObjectStore) {
    noteGone(this);
    return clear.call(this);
  };
  const cursors = IDBCursor.prototype as { -readonly [Key in keyof Cursor]: Cursor[Key] };
  const { update, delete: drop } = cursors;
  const storeOf = ({ source }: Cursor) => ("objectStore" in source ? source.objectStore : source);
  cursors.update = function (this: Cursor, value: unknown) {
    const request = update.call(this, value);
    note(storeOf(this), request, this.primaryKey, serialize(value));
    return request;
  };
  cursors.delete = function (this: Cursor) {
    const request = drop.call(this);
    note(storeOf(this), request, this.primaryKey, undefined);
    return request;
  };
}

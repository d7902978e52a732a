/** What is used of fake-indexeddb 6.2, an IndexedDB in memory: https://www.w3.org/TR/IndexedDB-3/ */
export interface IndexedDbModule {
  readonly indexedDB: Factory;
  readonly IDBObjectStore: { readonly prototype: ObjectStore };
  readonly IDBCursor: { readonly prototype: Cursor };
  readonly IDBKeyRange: abstract new () => object;
}

export interface Factory {
  open(name: string, version?: number): OpenRequest;
  databases(): Promise<readonly { readonly name: string; readonly version: number }[]>;
}

export interface Awaited {
  addEventListener(event: "success", run: () => void): void;
}

interface Request<Value> extends Awaited {
  readonly result: Value;
  readonly error: Error | null;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}

interface OpenRequest extends Request<Database> {
  onupgradeneeded: (() => void) | null;
}

export interface Database {
  readonly name: string;
  readonly objectStoreNames: Iterable<string>;
  createObjectStore(name: string, options: { readonly keyPath: string | null; readonly autoIncrement: boolean }): ObjectStore;
  transaction(stores: readonly string[], mode?: "readonly" | "readwrite"): Transaction;
  close(): void;
}

export interface Transaction {
  readonly db: Database;
  readonly error: Error | null;
  objectStore(name: string): ObjectStore;
  addEventListener(event: "complete" | "abort", run: () => void): void;
}

type KeyPath = string | readonly string[];

export interface ObjectStore {
  readonly name: string;
  readonly keyPath: string | null;
  readonly autoIncrement: boolean;
  readonly transaction: Transaction;
  readonly indexNames: Iterable<string>;
  index(name: string): { readonly keyPath: KeyPath; readonly unique: boolean; readonly multiEntry: boolean };
  createIndex(name: string, keyPath: KeyPath, options: { readonly unique: boolean; readonly multiEntry: boolean }): unknown;
  getAllKeys(query?: unknown): Request<readonly unknown[]>;
  put(value: unknown, key?: unknown): Awaited;
  add(value: unknown, key?: unknown): Awaited;
  delete(query: unknown): Awaited;
  clear(): Awaited;
}

export interface Cursor {
  readonly source: ObjectStore | { readonly objectStore: ObjectStore };
  readonly primaryKey: unknown;
  update(value: unknown): Awaited;
  delete(): Awaited;
}

/** The database at that version; `make` makes its stores when it is new. */
export function openDatabase(factory: Factory, name: string, version?: number, make?: (database: Database) => void): Promise<Database> {
  const { promise, resolve, reject } = Promise.withResolvers<Database>();
  const request = factory.open(name, version);
  request.onupgradeneeded = () => make?.(request.result);
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error ?? new Error(`the database ${name} can't be opened`));
  return promise;
}

export function completed(transaction: Transaction): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  transaction.addEventListener("complete", resolve);
  transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("the transaction was given up")));
  return promise;
}

/** What can stand for a `?`, and in a row. */
export type Value = null | number | bigint | string | Uint8Array;

/** What a database is asked for that doesn't answer at once. */
export interface Query {
  readonly sql: string;
  readonly values: readonly Value[];
  /** Nobody waits for its answer: what is asked next may be sent behind it at once. If it fails, so does the transaction. */
  readonly quiet?: true;
}

export interface Answer {
  readonly rows: readonly unknown[];
  readonly changes: number;
}

/**
 * What a store does, up to what comes out. Where the database answers at once (SQLite, in this process) it runs through in
 * one go; where it doesn't (PostgreSQL) it rests at each question, and the process does other things meanwhile. Written
 * once, it keeps the same promises on both.
 */
export type Work<Result> = Generator<Query, Result, Answer>;

/** A prepared statement whose rows have the shape that its SQL says. Parameters are `?`, in order, or `?1`. */
export interface Statement<Row = Record<string, never>> {
  get(...values: Value[]): Work<Row | undefined>;
  all(...values: Value[]): Work<Row[]>;
  run(...values: Value[]): Work<{ readonly changes: number }>;
  /** Runs it, and nobody asks how many rows it changed: over a network that is a way there and back less. */
  do(...values: Value[]): Work<void>;
}

/** What query files get: their statements are prepared once, when the store opens. Their SQL is what SQLite and PostgreSQL share. */
export type Prepare = <Row = Record<string, never>>(sql: string) => Statement<Row>;

/** Runs a query outside of any transaction; what the database does becomes a FaultError. */
export type Read = <Result>(query: () => Work<Result>) => Promise<Result>;

/** Runs a job in a transaction with others; resolves when it is on disk. It may run more than once, and must leave memory alone. */
export type Write = <Result>(job: () => Work<Result>) => Promise<Result>;

/**
 * A column that no index is to serve. Without it the planner may read a whole tenant by `(tenant, account, seq)` and sort
 * it, where the newest rows in their order, or an index of the few that are open, are wanted.
 */
export const unserved = (column: string) => `(${column} || '')`;

/** What `Array.map` does, where the function asks the database. */
export function* each<Item, Result>(items: readonly Item[], of: (item: Item, index: number) => Work<Result>): Work<Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < items.length; index++) results.push(yield* of(items[index] as Item, index));
  return results;
}

/** Work that is done already. */
export function answered<Result>(value: Result): Work<Result> {
  return new Answered(value) as unknown as Work<Result>;
}

/** The outcome of work whose database answers at once. */
export function atOnce<Result>(work: Work<Result>): Result {
  const { done, value } = work.next();
  if (!done) throw new Error("The database was to answer at once.");
  return value as Result;
}

/** Lighter than a generator that has nothing to wait for: the path makes a hundred of these a message. */
class Answered<Result> {
  declare readonly done: true;
  readonly value: Result;

  constructor(value: Result) {
    this.value = value;
  }

  next(): this {
    return this;
  }

  [Symbol.iterator](): this {
    return this;
  }
}
Object.defineProperty(Answered.prototype, "done", { value: true });

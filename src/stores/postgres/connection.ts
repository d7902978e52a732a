import pg from "pg";
import { type Fault, FaultError, fault } from "../../core/errors.ts";
import type { Answer, Prepare, Query, Statement, Value, Work } from "../../tables/work.ts";

/**
 * Numbers of ours are whole and small enough for JavaScript's; conditions in a list of columns are 0 and 1, as in SQLite.
 * https://github.com/brianc/node-pg-types, and the numbers of https://www.postgresql.org/docs/current/catalog-pg-type.html
 */
const readers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => (text === "t" ? 1 : 0), // bool
  17: (text) => new Uint8Array(Buffer.from(text.slice(2), "hex")), // bytea, as `\x…`
  20: Number, // int8
  1700: Number, // numeric: sums of int8
};
const asText = (text: string) => text;
const types = { getTypeParser: (type: number) => readers[type] ?? (pg.types.getTypeParser(type, "text") as typeof asText) };

/** How long a connection may take to come about, and a statement to be answered before the connection counts as dead. */
const connectMs = 10_000;
/** Who stands still in a transaction for so long loses it: others wait for its lock. */
const idleMs = 5_000;
/** Who answers nothing for so long is gone, whatever the network says; and the server gives up a statement that takes as long. */
export const answerMs = 15_000;

export function clientOf(url: string, name: string): pg.Client {
  return new pg.Client(settingsOf(url, name));
}

/** Sends what is asked without waiting for the answers before it: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING */
export function writingClientOf(url: string): pg.Client {
  return new pg.Client({
    ...settingsOf(url, "polylogue-write"),
    ...{ pipeline: true, idle_in_transaction_session_timeout: idleMs, statement_timeout: answerMs, query_timeout: answerMs },
  } as pg.ClientConfig);
}

export function poolOf(url: string, most: number): pg.Pool {
  return new pg.Pool({ ...settingsOf(url, "polylogue-read"), max: most });
}

function settingsOf(url: string, name: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    types: types as pg.CustomTypesConfig,
  };
}

/** What can be asked on one connection, or on any of several. */
export type Asker = Pick<pg.ClientBase, "query">;

/** Statements of a transaction that are on their way, and whose answers nobody waits for until it ends. */
export interface Flight {
  add(asked: Promise<unknown>): void;
  /** Once all are answered: what went wrong first. What comes behind it in the same transaction fails for that alone. */
  failure(): Promise<unknown>;
}

export function takeOff(): Flight {
  let failure: unknown;
  let last: Promise<unknown> = Promise.resolve();
  return {
    add(asked) {
      // They are answered in their order: the last one's answer is behind all others'.
      last = asked.catch((thrown: unknown) => {
        failure ??= thrown;
      });
    },
    async failure() {
      await last;
      return failure;
    },
  };
}

const unheard: Answer = { rows: [], changes: 0 };

/** Carries work through: each question is asked, and the work goes on with its answer; at once, where nobody waits for it. */
export async function carryOut<Result>(asker: Asker, work: Work<Result>, flight?: Flight): Promise<Result> {
  let step = work.next();
  while (!step.done) {
    const question = step.value;
    if (question.quiet && flight) {
      flight.add(ask(asker, question));
      step = work.next(unheard);
      continue;
    }
    step = await ask(asker, question).then(
      (answer) => work.next(answer),
      (thrown) => work.throw(thrown),
    );
  }
  return step.value;
}

/** The names of what is prepared are the same on every connection: each prepares what it is asked first. */
const names = new Map<string, { readonly name: string; readonly text: string }>();

async function ask(asker: Asker, { sql, values }: Query): Promise<Answer> {
  const { rows, rowCount } = await asker.query({ ...preparedOf(sql), values: values.map(storable) });
  return { rows, changes: rowCount ?? 0 };
}

function preparedOf(sql: string): { readonly name: string; readonly text: string } {
  const known = names.get(sql);
  if (known) return known;
  const made = { name: `q${names.size}`, text: withDollars(sql) };
  names.set(sql, made);
  return made;
}

/** `?` and `?1` become `$1`. Nothing of ours has a question mark in quotes. */
export function withDollars(sql: string): string {
  let last = 0;
  return sql.replace(/\?(\d*)/g, (_, number: string) => `$${number === "" ? ++last : number}`);
}

/** PostgreSQL's text holds every character but this one: https://www.postgresql.org/docs/current/datatype-character.html */
function storable(value: Value): unknown {
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\uFFFD") : value;
}

export const prepare: Prepare = <Row>(sql: string): Statement<Row> => ({
  *get(...values) {
    return (yield { sql, values }).rows[0] as Row | undefined;
  },
  *all(...values) {
    return (yield { sql, values }).rows as Row[];
  },
  *run(...values) {
    return { changes: (yield { sql, values }).changes };
  },
  *do(...values) {
    yield { sql, values, quiet: true };
  },
});

/**
 * What a failed statement means.
 *
 * - `lost`: the connection is gone. Whether a commit under way took effect, only the server knows.
 * - `again`: the server gave it up for another transaction; the next try may succeed.
 * - `unavailable`: the server doesn't take it: no room, shutting down, no right to.
 * - `bug`: ours.
 */
export type Failure = "lost" | "again" | "unavailable" | "bug";

/** Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html. */
export function failureOf(thrown: unknown): Failure {
  const code = (thrown as { code?: unknown } | undefined)?.code;
  if (!(thrown instanceof pg.DatabaseError)) return thrown instanceof FaultError || !isNetwork(thrown) ? "bug" : "lost";
  if (typeof code !== "string") return "bug";
  if (code === "40001" || code === "40P01" || code === "55P03") return "again";
  // Connection exceptions, and what an administrator, a crash or a time that ran out does to a session.
  if (/^(?:08|57P|25P03$|25P04$)/.test(code)) return "lost";
  // Resources, wrong state of the server, rights, a transaction that may only read.
  if (/^(?:53|54|55|57|58|28|42501|25006)/.test(code)) return "unavailable";
  return "bug";
}

/** What `pg` and the sockets below it throw; https://github.com/brianc/node-postgres gives its own no code. */
function isNetwork(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (typeof code === "string" && /^(?:E[A-Z]+|ERR_SOCKET\w*|ERR_STREAM\w*)$/.test(code)) return true;
  return /connection|timeout|not queryable/i.test(message);
}

/** The server gave a statement up because of its time limit, which it reckons by its wall clock: a clock that is set on ends it early. */
export function ranOutOfTime(thrown: unknown): boolean {
  return thrown instanceof pg.DatabaseError && thrown.code === "57014";
}

/** What the caller gets: a fault where the server is the cause, the error itself where we are. */
export function rejection(thrown: unknown): unknown {
  return thrown instanceof FaultError || failureOf(thrown) === "bug" ? thrown : new FaultError(unavailable(thrown));
}

export function unavailable(thrown: unknown): Fault {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return fault("store-unavailable", `PostgreSQL doesn't take it: ${text}.`, thrown);
}

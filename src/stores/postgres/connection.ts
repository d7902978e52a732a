import pg from "pg";
import { type Fault, FaultError, fault } from "../../core/errors.ts";
import type { Answer, Prepare, Query, Statement, Work } from "../../tables/work.ts";
import { type Asker, askAll, readerOf, type Told } from "./batch.ts";

const types = { getTypeParser: readerOf };

/** How long a connection may take to come about, and a statement to be answered before the connection counts as dead. */
const connectMs = 10_000;
/** Who stands still in a transaction for so long loses it: others wait for its lock. */
const idleMs = 5_000;
/** Who answers nothing for so long is gone, whatever the network says; and the server gives up a statement that takes as long. */
export const answerMs = 15_000;

export function clientOf(url: string, name: string): pg.Client {
  return new pg.Client(settingsOf(url, name));
}

export function writingClientOf(url: string): pg.Client {
  return new pg.Client({
    ...settingsOf(url, "polylogue-write"),
    ...{ idle_in_transaction_session_timeout: idleMs, statement_timeout: answerMs, query_timeout: answerMs },
  });
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

/** A question whose answer may be heard later than those behind it are asked. */
export interface Question extends Query {
  readonly heard?: (answer: Answer) => void;
}

/** So many questions go out together at most. */
const mostTogether = 100;
const unheard: Answer = { rows: [], changes: 0 };

/**
 * Carries work through: each question is asked, and the work goes on with its answer. `before`: those of its transaction that nobody waits for; they go
 * out with the next that is waited for, since each write to a socket costs more than what it carries.
 */
export async function carryOut<Result>(asker: Asker, work: Work<Result>, before?: Question[]): Promise<Result> {
  let step = work.next();
  while (!step.done) {
    const question = step.value;
    if (before && question.quiet && before.length < mostTogether) {
      before.push(question);
      step = work.next(unheard);
      continue;
    }
    step = await ask(asker, question, before).then(
      (answer) => work.next(answer),
      (thrown) => work.throw(thrown),
    );
  }
  return step.value;
}

/** Asks what waits to be asked, and this; gives the answer to this. */
export async function ask(asker: Asker, question: Question, before: Question[] = []): Promise<Told> {
  before.push(question);
  return (await askWaiting(asker, before)) as Told;
}

/** Asks all that waits to be asked; gives the last answer. */
export async function askWaiting(asker: Asker, waiting: Question[]): Promise<Told | undefined> {
  const questions = waiting.splice(0);
  const told = await askAll(asker, questions);
  for (const [n, { heard }] of questions.entries()) heard?.(told[n] ?? unheard);
  return told.at(-1);
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

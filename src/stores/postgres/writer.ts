import type pg from "pg";
import { type Fault, FaultError, fault } from "../../core/errors.ts";
import type { TransactionFrame } from "../../tables/transaction.ts";
import type { Query, Work } from "../../tables/work.ts";
import {
  answerMs,
  ask,
  askWaiting,
  carryOut,
  failureOf,
  type Question,
  ranOutOfTime,
  rejection,
  unavailable,
  writingClientOf,
} from "./connection.ts";
import { locks } from "./locks.ts";

/** Calls that share one transaction at most: what bounds the time that one takes. */
const groupSize = 256;
/** How often the server may give a group up for another transaction. */
const mostAgain = 5;
/** Between two tries to come back to a server that is away. */
const pauseMs = 250;

export interface Writer {
  /** Runs `job` in a transaction with what else waits; resolves after the commit. What it throws rejects this call only. */
  write<Result>(job: () => Work<Result>): Promise<Result>;
  /** Waits for what is under way, then closes. */
  close(): Promise<void>;
}

export interface WriterOptions extends TransactionFrame {
  readonly url: string;
  /** The first connection. */
  readonly client: pg.Client;
  /** Called on every later connection before it is used. A fault ends the writer. */
  readonly again: (client: pg.Client) => Promise<Fault | undefined>;
  readonly onFatal: (fault: Fault) => void;
  /** Told of each transaction that is durable: the milliseconds since it began. */
  readonly onCommit?: (ms: number) => void;
}

const begin: Query = { sql: "BEGIN", values: [] };
const lock: Query = { sql: locks.write, values: [] };
const number: Query = { sql: "SELECT pg_current_xact_id()::text AS id", values: [] };
const commitNow: Query = { sql: "COMMIT", values: [] };

interface Call {
  readonly job: () => Work<unknown>;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** How a transaction ended that didn't do its work. */
interface End {
  /** How often it was begun anew. */
  readonly tries: number;
  /** It began on a connection that was there. */
  readonly connected: boolean;
  /** Its number, once its COMMIT was sent. */
  readonly xact: string | undefined;
  readonly ms: number;
}

/** One connection on which one transaction after the other gathers what was asked for meanwhile. */
export function writerOn({ url, client: first, again, onFatal, onCommit, enter, leave, forget }: WriterOptions): Writer {
  let client: pg.Client | undefined = first;
  let queue: Call[] = [];
  let working: Promise<void> | undefined;
  let stopped: Fault | undefined;
  let closing = false;
  watch(first);

  /** A connection that ends while nothing is asked says so by an event; without a listener it would end the process. */
  function watch(one: pg.Client): void {
    one.on("error", () => {
      if (client === one) client = undefined;
    });
  }

  async function work(): Promise<void> {
    // What the same turn of the event loop brings shares the transaction.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const group = queue.slice(0, groupSize);
      queue = queue.slice(groupSize);
      await commit(group, 0);
    }
    working = undefined;
  }

  async function commit(group: readonly Call[], tries: number): Promise<void> {
    const values: unknown[] = [];
    let xact: string | undefined;
    let ending = false;
    const began = performance.now();
    const connected = client !== undefined;
    try {
      if (stopped) throw new FaultError(stopped);
      client ??= await connect();
      const on = client;
      const before: Question[] = [begin, lock, { ...number, heard: ({ rows }) => (xact = (rows as { id: string }[])[0]?.id) }];
      const refused = await carryOut(on, enter(), before);
      if (refused) throw stop(refused);
      for (const { job } of group) values.push(await carryOut(on, job(), before));
      await carryOut(on, leave(), before);
      // Whoever doesn't know its number can't ask what became of a COMMIT.
      if (xact === undefined) await askWaiting(on, before);
      ending = true;
      // Behind a statement that failed it is a ROLLBACK, and says so.
      const { tag } = await ask(on, commitNow, before);
      if (tag !== "COMMIT") throw new Error(`COMMIT was answered with ${tag}`);
    } catch (thrown) {
      forget();
      return recover(group, values, thrown, { tries, connected, xact: ending ? xact : undefined, ms: performance.now() - began });
    }
    onCommit?.(performance.now() - began);
    for (const [i, call] of group.entries()) call.resolve(values[i]);
  }

  async function recover(group: readonly Call[], values: readonly unknown[], thrown: unknown, end: End): Promise<void> {
    const { tries, connected, xact, ms } = end;
    const failure = failureOf(thrown);
    if (failure === "lost") {
      await drop();
      if (xact !== undefined && (await tookEffect(xact))) {
        for (const [i, call] of group.entries()) call.resolve(values[i]);
        return;
      }
    } else await rollback();
    // Nothing of it is stored: who asked for it needn't learn that a line was cut or a clock was set, where the next try gets through.
    const soon = ms < answerMs;
    const again = (failure === "again" || (soon && ranOutOfTime(thrown))) && tries < mostAgain;
    const elsewhere = failure === "lost" && soon && connected && tries === 0;
    if (!stopped && (again || elsewhere)) return commit(group, tries + 1);
    // One call's failure must not be its neighbours': each alone finds out whose it is.
    if (failure === "bug" && group.length > 1 && !stopped) {
      for (const call of group) await commit([call], 0);
      return;
    }
    for (const call of group) call.reject(rejection(thrown));
  }

  /** Only the server knows what became of a COMMIT whose answer was lost. */
  async function tookEffect(xact: string): Promise<boolean> {
    for (const until = performance.now() + 10_000; performance.now() < until; ) {
      try {
        client ??= await connect();
        const { rows } = await client.query<{ status: string | null }>("SELECT pg_xact_status($1::xid8) AS status", [xact]);
        if (rows[0]?.status !== "in progress") return rows[0]?.status === "committed";
      } catch (thrown) {
        // A standby that took over may not know it; a right may be gone. To guess would be worse than to end.
        if (failureOf(thrown) !== "lost") break;
        await drop();
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    // Nobody knows: going on could say that something isn't stored which is.
    stop(
      fault(
        "store-unavailable",
        "PostgreSQL went away during a commit and couldn't say what became of it: what holds is known after a start.",
      ),
    );
    return false;
  }

  async function connect(): Promise<pg.Client> {
    const made = writingClientOf(url);
    watch(made);
    await made.connect();
    const refused = await again(made).catch(async (thrown: unknown) => {
      await made.end().catch(() => {});
      throw thrown;
    });
    if (!refused) return made;
    await made.end().catch(() => {});
    throw stop(refused);
  }

  async function rollback(): Promise<void> {
    try {
      await client?.query("ROLLBACK");
    } catch {
      await drop();
    }
  }

  async function drop(): Promise<void> {
    const lost = client;
    client = undefined;
    // It may hang in a socket that nobody answers on.
    void lost?.end().catch(() => {});
  }

  function stop(reason: Fault): FaultError {
    if (!stopped) onFatal(reason);
    stopped ??= reason;
    return new FaultError(reason);
  }

  return {
    write<Result>(job: () => Work<Result>): Promise<Result> {
      if (stopped || closing) return Promise.reject(new FaultError(stopped ?? unavailable("the store is closed")));
      return new Promise<Result>((resolve, reject) => {
        queue.push({ job, resolve: resolve as (value: unknown) => void, reject });
        working ??= work();
      });
    },
    async close() {
      while (working) await working;
      closing = true;
      const last = client;
      client = undefined;
      await last?.end().catch(() => {});
    },
  };
}

import type { DatabaseSync } from "node:sqlite";
import { type Fault, FaultError, fault } from "../../core/errors.ts";
import { failureOf, rejection, unavailable } from "./database.ts";

/** Calls that share one transaction at most: what bounds the time that one takes. */
const groupSize = 256;
/** Between two tries to get the write lock from another process. */
const busyPauseMs = 20;
/** After this long without the write lock, calls are rejected. */
const patienceMs = 10_000;

export interface Commits {
  /**
   * Runs `job` in a transaction with what else the event loop's turn brought; resolves after the commit. The job runs
   * synchronously, may run more than once, and must leave memory alone. What it throws rejects this call only.
   */
  write<Value>(job: () => Value): Promise<Value>;
  /** Resolves when nothing is under way. */
  drain(): Promise<void>;
}

export interface CommitHooks {
  /** Called first in every transaction; a fault says that this process may no longer write. */
  enter(): Fault | undefined;
  /** Called last, to write what the jobs added up. */
  leave(): void;
  /** Called when the transaction was given up. */
  forget(): void;
  /** Makes durable what is committed so far. Absent: COMMIT does. */
  sync?(done: (failure: Error | null) => void): void;
  /** Calls `run` once the calls to come have been gathered. Absent: after this turn of the event loop. */
  gather?(run: () => void): void;
  /** Called before COMMIT; throws when the disk has no room. Absent: COMMIT itself does. */
  room?(): void;
  /** Called when calls are durable, with the milliseconds since their transaction began. */
  durable?(ms: number): void;
  onFatal(fault: Fault): void;
}

interface Committed {
  readonly group: Call[];
  /** In milliseconds of the process. */
  readonly begunAt: number;
  readonly values: readonly unknown[];
}

interface Call {
  readonly job: () => unknown;
  /** When it first found the write lock taken, in milliseconds of the process. */
  refusedAt?: number;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

export function groupCommit(database: Pick<DatabaseSync, "prepare" | "isTransaction">, hooks: CommitHooks): Commits {
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const rollback = database.prepare("ROLLBACK");
  let queue: Call[] = [];
  let scheduled = false;
  let stopped: Fault | undefined;
  let drained: (() => void)[] = [];
  let committed: Committed[] = [];
  let syncing = false;

  function schedule(): void {
    // What comes during a sync has to wait for the next one anyway; until then it gathers.
    if (scheduled || (syncing && queue.length < groupSize)) return;
    scheduled = true;
    (hooks.gather ?? setImmediate)(flush);
  }

  function flush(): void {
    scheduled = false;
    if (queue.length === 0) {
      rest();
      return;
    }
    const group = queue.length <= groupSize ? queue : queue.slice(0, groupSize);
    queue = group === queue ? [] : queue.slice(groupSize);
    const busy = commitGroup(group);
    if (busy) {
      queue = queue.length === 0 ? busy : busy.concat(queue);
      scheduled = true;
      setTimeout(flush, busyPauseMs);
    } else if (queue.length > 0) schedule();
    else rest();
  }

  function rest(): void {
    if (scheduled || syncing || queue.length > 0) return;
    for (const resolve of drained) resolve();
    drained = [];
  }

  /** One sync at a time; what was committed meanwhile shares the next. */
  function sync(): void {
    if (syncing || committed.length === 0) return;
    const groups = committed;
    committed = [];
    syncing = true;
    (hooks.sync ?? durableAlready)((failure) => {
      syncing = false;
      if (failure) {
        // The kernel may have dropped what it couldn't write, and nothing can be taken back any more.
        const lost = groups.flatMap(({ group }) => group);
        return stop(lost, unavailable(failure));
      }
      for (const one of groups) answer(one);
      sync();
      if (queue.length > 0) schedule();
      else rest();
    });
  }

  function answer({ group, begunAt, values }: Committed): void {
    hooks.durable?.(performance.now() - begunAt);
    for (let i = 0; i < group.length; i++) (group[i] as Call).resolve(values[i]);
  }

  /** Answers the calls; returns those that wait for another process. */
  function commitGroup(group: Call[]): Call[] | undefined {
    if (stopped) return stop(group, stopped);
    const values: unknown[] = [];
    const begunAt = performance.now();
    try {
      begin.run();
      const refused = hooks.enter();
      if (refused) return stop(group, refused);
      for (const call of group) values.push(call.job());
      hooks.leave();
      hooks.room?.();
      commit.run();
    } catch (thrown) {
      return recoverGroup(group, thrown);
    }
    committed.push({ group, begunAt, values });
    sync();
    return undefined;
  }

  function recoverGroup(group: Call[], thrown: unknown): Call[] | undefined {
    if (!undo()) return stop(group, unavailable(thrown));
    const failure = failureOf(thrown);
    if (failure === "fatal") return stop(group, unavailable(thrown));
    if (failure === "busy") {
      const now = performance.now();
      const waiting = group.filter((call) => {
        call.refusedAt ??= now;
        return call.refusedAt > now - patienceMs;
      });
      for (const call of group) if (!waiting.includes(call)) call.reject(rejection(thrown));
      return waiting.length > 0 ? waiting : undefined;
    }
    // One call's failure must not be its neighbours': each alone finds out whose it is. None overtakes one that waits.
    if (group.length > 1 && failure === "bug") {
      for (const [i, call] of group.entries()) if (commitGroup([call])) return group.slice(i);
      return undefined;
    }
    for (const call of group) call.reject(rejection(thrown));
    return undefined;
  }

  /** False when the transaction couldn't be taken back: then nobody knows what holds. */
  function undo(): boolean {
    hooks.forget();
    try {
      if (database.isTransaction) rollback.run();
      return true;
    } catch {
      return false;
    }
  }

  function stop(group: Call[], reason: Fault): undefined {
    undo();
    const first = stopped === undefined;
    stopped = reason;
    const calls = [...group, ...committed.flatMap((one) => one.group), ...queue];
    committed = [];
    queue = [];
    for (const call of calls) call.reject(new FaultError(reason));
    if (first) hooks.onFatal(reason);
    rest();
    return undefined;
  }

  return {
    write<Value>(job: () => Value): Promise<Value> {
      if (stopped) return Promise.reject(new FaultError(fault("store-unavailable", stopped.message, stopped.cause)));
      return new Promise<Value>((resolve, reject) => {
        queue.push({ job, resolve: resolve as (value: unknown) => void, reject });
        schedule();
      });
    },
    drain() {
      return new Promise((resolve) => {
        drained.push(resolve);
        rest();
      });
    },
  };
}

function durableAlready(done: (failure: Error | null) => void): void {
  done(null);
}

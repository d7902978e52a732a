import type { DatabaseSync } from "node:sqlite";
import { type Fault, FaultError, fault } from "../../core/errors.ts";
import { failureOf, rejection, unavailable } from "./database.ts";

/** Calls that share one transaction and one fsync at most. */
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
  onFatal(fault: Fault): void;
}

interface Call {
  readonly job: () => unknown;
  readonly since: number;
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

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  }

  function flush(): void {
    scheduled = false;
    const group = queue.length <= groupSize ? queue : queue.slice(0, groupSize);
    queue = group === queue ? [] : queue.slice(groupSize);
    const busy = commitGroup(group);
    if (busy) {
      queue = queue.length === 0 ? busy : busy.concat(queue);
      scheduled = true;
      setTimeout(flush, busyPauseMs);
    } else if (queue.length > 0) schedule();
    else if (drained.length > 0) {
      for (const resolve of drained) resolve();
      drained = [];
    }
  }

  /** Answers the calls; returns those that wait for another process. */
  function commitGroup(group: Call[]): Call[] | undefined {
    const values: unknown[] = [];
    try {
      begin.run();
      const refused = hooks.enter();
      if (refused) return stop(group, refused);
      for (const call of group) values.push(call.job());
      hooks.leave();
      commit.run();
    } catch (thrown) {
      return recoverGroup(group, thrown);
    }
    for (let i = 0; i < group.length; i++) (group[i] as Call).resolve(values[i]);
    return undefined;
  }

  function recoverGroup(group: Call[], thrown: unknown): Call[] | undefined {
    if (!undo()) return stop(group, unavailable(thrown));
    const failure = failureOf(thrown);
    if (failure === "fatal") return stop(group, unavailable(thrown));
    if (failure === "busy") {
      const oldest = performance.now() - patienceMs;
      const waiting = group.filter((call) => call.since > oldest);
      for (const call of group) if (call.since <= oldest) call.reject(rejection(thrown));
      return waiting.length > 0 ? waiting : undefined;
    }
    // One call's failure must not be its neighbours': each alone finds out whose it is.
    if (group.length > 1 && failure === "bug") {
      let waiting: Call[] | undefined;
      for (const call of group) {
        const busy = commitGroup([call]);
        if (busy) waiting = waiting ? waiting.concat(busy) : busy;
      }
      return waiting;
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
    const rest = queue;
    queue = [];
    for (const call of group.concat(rest)) call.reject(new FaultError(reason));
    if (first) hooks.onFatal(reason);
    return undefined;
  }

  return {
    write<Value>(job: () => Value): Promise<Value> {
      if (stopped) return Promise.reject(new FaultError(fault("store-unavailable", stopped.message, stopped.cause)));
      return new Promise<Value>((resolve, reject) => {
        queue.push({ job, since: performance.now(), resolve: resolve as (value: unknown) => void, reject });
        schedule();
      });
    },
    drain() {
      return !scheduled && queue.length === 0 ? Promise.resolve() : new Promise((resolve) => drained.push(resolve));
    },
  };
}

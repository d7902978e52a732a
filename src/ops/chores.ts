import type { Cancel, Clock } from "../core/clock.ts";
import type { TenantId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Store } from "../core/store.ts";

export interface ChoreParts {
  readonly store: Store;
  readonly tenant: TenantId;
  readonly clock: Clock;
  readonly log: Log;
  /** Days that dedupe keys are kept. */
  readonly dedupeDays: () => number;
  /** Another process (the command line) changed settings, secrets, pauses or control. */
  readonly changed: () => void;
}

const day = 86_400_000;
const lookMs = 1_000;
const recoverMs = 5_000;
const sweepMs = 60_000;
/** Rows a sweep drops at a time, so that the path never waits for it. */
const sweepRows = 500;

/** What has to be done now and then. Returns how to stop. */
export function startChores({ store, tenant, clock, log, dedupeDays, changed }: ChoreParts): () => void {
  let version: number | undefined;
  const look = async () => {
    const now = await store.records.version(tenant);
    if (version !== undefined && now !== version) changed();
    version = now;
  };
  const sweep = async () => {
    while ((await store.sweep(clock.now() - dedupeDays() * day, sweepRows)) === sweepRows);
  };
  /** A worker that gave up because the disk didn't take its outcome leaves its work like a dead one. */
  const recover = async () => {
    const found = await store.recover(clock.now());
    if (found.turns + found.repeated + found.unknown > 0) log.warn("recovered", found);
  };
  const stops = [every(look, lookMs), every(recover, recoverMs), every(sweep, sweepMs)];
  return () => {
    for (const stop of stops) stop();
  };

  function every(chore: () => Promise<void>, ms: number): Cancel {
    let stopped = false;
    let cancel = clock.after(ms, run);
    function run() {
      chore()
        .catch((cause: unknown) => log.warn("chore-fail", { chore: chore.name, cause }))
        .finally(() => {
          if (!stopped) cancel = clock.after(ms, run);
        });
    }
    return () => {
      stopped = true;
      cancel();
    };
  }
}

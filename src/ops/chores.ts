import type { Cancel, Clock } from "../core/clock.ts";
import type { TenantId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Store } from "../core/store.ts";
import { countNew, indexNew, purgeIndex } from "./followers.ts";
import { type SweepParts, strayFileLook, sweepOnce } from "./sweep.ts";

export interface ChoreParts extends Pick<SweepParts, "files" | "keep"> {
  readonly store: Store;
  readonly tenant: TenantId;
  readonly clock: Clock;
  readonly log: Log;
  /** Of gateways that share a store, one does what is to be done once. */
  readonly leads: () => boolean;
  /** Tells the store what the clocks say. */
  readonly tellTime: () => Promise<unknown>;
  /** Another process (the command line) changed settings, secrets, pauses or control. */
  readonly changed: () => void;
  /** Says the reminders that are due. */
  readonly remind: () => Promise<void>;
  /** Makes the backup that is due. */
  readonly backUp: () => Promise<void>;
  /** Hands conversations back that nobody wrote in for long enough. */
  readonly returnDue: () => Promise<void>;
  /** Looks whether alerts fire or are over. */
  readonly lookAtAlerts: () => Promise<void>;
  /** The figures of Analytics aren't what they were. */
  readonly counted: () => void;
  /** Looks for documents that changed. */
  readonly readDocuments: () => Promise<void>;
}

const lookMs = 1_000;
const remindMs = 1_000;
const returnMs = 1_000;
const alertsMs = 10_000;
const firstAlertsMs = 1_000;
const recoverMs = 5_000;
const timeMs = 60_000;
const documentsMs = 30_000;
const foldMs = 60_000;
const backUpMs = 60_000;
const dayMs = 86_400_000;
/** As often as the store marks what is how old. */
const sweepMs = 6 * 3_600_000;
const firstSweepMs = 60_000;
const firstStraysMs = 3_600_000;
const indexMs = 500;
const figuresMs = 1_000;
const firstPurgeMs = 1_800_000;

/** What has to be done now and then. Returns how to stop. */
export function startChores({
  store,
  files,
  tenant,
  clock,
  log,
  leads,
  keep,
  tellTime,
  changed,
  remind,
  backUp,
  returnDue,
  lookAtAlerts,
  counted,
  readDocuments,
}: ChoreParts): () => void {
  // From the start on: what another process changes before the first look is to be seen by it.
  let version: Promise<number | undefined> = store.records.version(tenant).catch(() => undefined);
  let stopping = false;
  const look = async () => {
    const before = await version;
    const now = await store.records.version(tenant);
    version = Promise.resolve(now);
    if (before !== undefined && now !== before) changed();
  };
  const sweeping = { store, files, tenant, clock, log, keep, stopped: () => stopping };
  const sweep = () => sweepOnce(sweeping);
  const strays = strayFileLook(sweeping);
  /** A worker that gave up because the disk didn't take its outcome leaves its work like a dead one. */
  const recover = async () => {
    const found = await store.recover(clock.now());
    if (found.turns + found.repeated + found.unknown > 0) log.warn("recovered", found);
  };
  const foldUsage = async () => {
    const { messagesDays } = keep();
    const oldest = messagesDays === undefined ? undefined : new Date(clock.now() - messagesDays * dayMs).toISOString().slice(0, 10);
    while (!stopping && (await store.foldUsage(oldest)));
  };
  const indexing = { store, clock, stopped: () => stopping };
  const index = () => indexNew(indexing);
  const countFigures = () => countNew({ ...indexing, counted });
  const purge = () => purgeIndex(indexing);
  const stops = [
    every(look, lookMs),
    every(recover, recoverMs),
    every(tellTime, timeMs),
    every(readDocuments, documentsMs),
    ...[
      once(remind, remindMs),
      once(returnDue, returnMs),
      once(lookAtAlerts, alertsMs, firstAlertsMs),
      once(foldUsage, foldMs),
      once(backUp, backUpMs),
      once(sweep, sweepMs, firstSweepMs),
      once(strays, sweepMs, firstStraysMs),
      once(index, indexMs),
      once(countFigures, figuresMs),
      once(purge, dayMs, firstPurgeMs),
    ],
  ];
  return () => {
    stopping = true;
    for (const stop of stops) stop();
  };

  function once(chore: () => Promise<unknown>, ms: number, firstMs = ms): Cancel {
    const mine = { [chore.name]: async () => leads() && chore() };
    return every(mine[chore.name] as typeof chore, ms, firstMs);
  }

  function every(chore: () => Promise<unknown>, ms: number, firstMs = ms): Cancel {
    let stopped = false;
    let cancel = clock.after(firstMs, run);
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

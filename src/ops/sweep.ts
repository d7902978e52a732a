import type { AnswerStore } from "../core/answers.ts";
import type { Clock } from "../core/clock.ts";
import { sleep } from "../core/clock.ts";
import type { FileId, TenantId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Retention, RetentionStore, SweepPlace } from "../core/retention.ts";
import type { FileStore, TurnStore } from "../core/store.ts";

export interface SweepParts {
  readonly store: RetentionStore & Pick<AnswerStore, "dropAnswers"> & Pick<TurnStore, "dropApprovals">;
  readonly files: Pick<FileStore, "remove" | "list">;
  readonly tenant: TenantId;
  readonly clock: Clock;
  readonly log: Log;
  /** `answerHours`: for which answers may stand in. */
  readonly keep: () => Retention & { readonly dedupeDays: number; readonly answerHours?: number };
  readonly stopped: () => boolean;
}

/** After each step the sweep rests so many times as long as that took, and at least a little: the path comes first. */
const restFactor = 4;
const leastRestMs = 5;
const filesAtATime = 50;
const hourMs = 3_600_000;

/** One pass over everything that is kept for a time, in small steps. */
export async function sweepOnce({ store, files, clock, keep, stopped }: SweepParts): Promise<void> {
  let place: SweepPlace | undefined;
  do {
    const started = clock.elapsed();
    place = await store.sweep(keep(), place);
    await sleep(clock, Math.max(leastRestMs, (clock.elapsed() - started) * restFactor));
  } while (place && !stopped());
  while (!stopped()) {
    const dropped = await store.droppedFiles(filesAtATime);
    for (const { tenant, id } of dropped) await files.remove(tenant, id);
    if (dropped.length > 0) await store.forgetFiles(dropped.map(({ id }) => id));
    if (dropped.length < filesAtATime) break;
  }
  await store.dropApprovals(clock.now() - 24 * hourMs);
  const { answerHours = 0, messagesDays = Number.POSITIVE_INFINITY } = keep();
  await store.dropAnswers(clock.now() - Math.min(answerHours, messagesDays * 24) * hourMs);
}

/**
 * Looks for files that no message holds: a crash between a download and its message leaves one. Such a file may also be
 * on its way to its message: it goes when the next look, hours later, finds it alone again.
 */
export function strayFileLook({ store, files, tenant, clock, log, stopped }: SweepParts): () => Promise<void> {
  let suspects = new Set<FileId>();
  return async () => {
    const alone = new Set<FileId>();
    let removed = 0;
    for await (const ids of files.list(tenant)) {
      if (stopped()) return;
      for (const id of ids.length === 0 ? [] : await store.strayFiles(tenant, ids)) {
        if (!suspects.has(id)) alone.add(id);
        else {
          await files.remove(tenant, id);
          removed += 1;
        }
      }
      await sleep(clock, leastRestMs);
    }
    suspects = alone;
    if (removed > 0) log.info("stray-files-remove", { removed });
  };
}

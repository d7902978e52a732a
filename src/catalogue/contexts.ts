import type { Clock } from "../core/clock.ts";
import type { Result } from "../core/errors.ts";
import type { Log } from "../core/log.ts";

/** What one server says about the room of its models: asked beside the work, and again after an hour. */
export interface LearnedContexts {
  /** Tokens as far as known now; a model that nobody has asked about yet is asked about. */
  of(model: string): number | undefined;
  /** Resolves once all that was asked about is known, or can't be had. */
  settled(): Promise<void>;
  close(): void;
}

export interface ContextsDoor {
  readonly clock: Clock;
  readonly log: Log;
  /** By the models' own names; those that the server says nothing of are missing. */
  readonly ask: (models: readonly string[], signal: AbortSignal) => Promise<Result<ReadonlyMap<string, number>>>;
}

/** A server may be started again with other limits. */
const keptMs = 3_600_000;
/** After it couldn't be reached. */
const againMs = 60_000;
const patienceMs = 10_000;
/** As in the configuration: what lies outside is a mistake, and would cut all that is said. */
const sane = { least: 256, most: 100_000_000 } as const;

export function learnContexts({ clock, log, ask }: ContextsDoor): LearnedContexts {
  const known = new Map<string, { readonly tokens: number | undefined; readonly until: number }>();
  const wanted = new Set<string>();
  const closed = new AbortController();
  let asking: Promise<void> | undefined;

  async function look(): Promise<void> {
    await Promise.resolve(); // those that are wanted at once are asked about at once
    while (wanted.size > 0 && !closed.signal.aborted) {
      const models = [...wanted];
      wanted.clear();
      const found = await inTime(models);
      for (const model of models) {
        const before = known.get(model)?.tokens;
        const told = found?.get(model);
        const usable = told !== undefined && told >= sane.least && told <= sane.most ? told : undefined;
        known.set(
          model,
          found ? { tokens: usable, until: clock.elapsed() + keptMs } : { tokens: before, until: clock.elapsed() + againMs },
        );
      }
    }
    asking = undefined;
  }

  async function inTime(models: readonly string[]): Promise<ReadonlyMap<string, number> | undefined> {
    const late = new AbortController();
    const cancel = clock.after(patienceMs, () => late.abort());
    try {
      const told = await ask(models, AbortSignal.any([closed.signal, late.signal]));
      if (told.ok) return told.value;
      log.debug("model-contexts-fail", { code: told.fault.code, why: told.fault.message });
    } catch (cause) {
      log.warn("model-contexts-fail", { cause });
    } finally {
      cancel();
    }
    return undefined;
  }

  return {
    of(model) {
      const now = known.get(model);
      if ((!now || now.until <= clock.elapsed()) && !closed.signal.aborted) {
        wanted.add(model);
        asking ??= look();
      }
      return now?.tokens;
    },
    settled: async () => asking,
    close: () => closed.abort(),
  };
}

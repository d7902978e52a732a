import { isDeepStrictEqual } from "node:util";
import type { Cancel, Clock } from "../core/clock.ts";
import { faultOf } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import type { Log } from "../core/log.ts";
import type { Json } from "../core/terms.ts";
import { configurationFile, fileMark, keepLastGood, readConfigurationFile } from "./disk.ts";
import { type Loaded, loadConfiguration } from "./load.ts";
import type { FileSource, Sources } from "./sources.ts";

export interface WatchOptions extends Omit<Sources, "file" | "problem" | "settings"> {
  /** The version first and the settings only when it moved: `Records.version` and `Records.settings` of the tenant. */
  readonly store: { version(): Promise<number>; settings(): Promise<ReadonlyMap<string, Json>> };
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between two looks; 500 if absent. */
  readonly everyMs?: number;
}

export interface ConfigurationWatch {
  readonly current: Loaded;
  /** Looks now. Resolves when what is on disk and in the store at this moment runs. */
  look(): Promise<Loaded>;
  stop(): Promise<void>;
}

/**
 * The configuration as it is now, looked at every half second: the file's and the secret files' marks, and the store's
 * version. It asks rather than listens, because editors replace files, network folders tell nothing, and the store's own
 * files in the same folder would wake a listener with every message. A file that can't be read must be so twice before
 * it counts: an editor may be in the middle of writing it.
 */
export async function watchConfiguration(options: WatchOptions, changed: (loaded: Loaded) => void): Promise<ConfigurationWatch> {
  const { home, store, clock, log } = options;
  let running: FileSource | undefined;
  let watched: readonly string[] = [];
  let told: ReadonlySet<string> = new Set();
  let marks = "";
  let suspect = "";
  let stopped = false;
  let cancel: Cancel = () => {};
  let current = await load();
  let turn: Promise<unknown> = Promise.resolve();
  schedule();

  return {
    get current() {
      return current;
    },
    look: () => inTurn(() => look(true)),
    async stop() {
      stopped = true;
      cancel();
      await turn;
    },
  };

  function inTurn(work: () => Promise<Loaded>): Promise<Loaded> {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  }

  function schedule() {
    if (stopped) return;
    cancel = clock.after(options.everyMs ?? 500, () => {
      inTurn(() => look(false))
        .catch((thrown) => log.warn("config-look-fail", { fault: faultOf(thrown) }))
        .finally(schedule);
    });
  }

  async function look(now: boolean): Promise<Loaded> {
    const seen = await mark();
    if (seen === marks || stopped) return current;
    if (!now && suspect !== seen) {
      const read = await readConfigurationFile(home, running);
      if (read.problem) {
        suspect = seen;
        return current;
      }
    }
    const before = current;
    current = await load();
    if (!isDeepStrictEqual(before.configuration, current.configuration) || !isDeepStrictEqual(before.log, current.log)) changed(current);
    return current;
  }

  async function load(): Promise<Loaded> {
    // Marks are taken before reading: what changes meanwhile is then seen by the next look.
    const before = { own: await ownMarks(), watched, others: await otherMarks() };
    const { file, problem } = await readConfigurationFile(home, running);
    const loaded = await loadConfiguration({
      ...options,
      ...(file && { file }),
      ...(problem && { problem }),
      settings: await store.settings(),
    });
    if (!problem && !loaded.findings.some((finding) => finding.code === "config-unreadable")) {
      running = file;
      await keepLastGood(home, file);
    }
    tell(loaded.findings);
    watched = loaded.files;
    const others = isDeepStrictEqual(before.watched, watched) ? before.others : await otherMarks();
    marks = `${before.own}\n${others}`;
    return loaded;
  }

  /** Each finding once, when it comes up. */
  function tell(findings: readonly Finding[]): void {
    const before = told;
    told = new Set(findings.map(({ code, subject }) => `${code} ${subject}`));
    for (const { code, severity, subject, message, hint } of findings) {
      if (!before.has(`${code} ${subject}`))
        log[severity === "error" ? "error" : "warn"]("config-finding", { code, subject, why: message, hint });
    }
  }

  async function mark(): Promise<string> {
    return `${await ownMarks()}\n${await otherMarks()}`;
  }

  async function ownMarks(): Promise<string> {
    return `${await fileMark(configurationFile(home))} ${await store.version()}`;
  }

  async function otherMarks(): Promise<string> {
    return (await Promise.all(watched.map(fileMark))).join("\n");
  }
}

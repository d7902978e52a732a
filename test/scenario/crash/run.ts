import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { temporaryHome } from "../../gateway-process.ts";
import { readEvidence } from "./evidence.ts";
import { brokenOf, judge, type Verdict } from "./oracle.ts";
import type { Broken, FaultPlan, LifePlan } from "./plan.ts";
import { openWindow } from "./shown.ts";
import { World } from "./world.ts";

export interface Outcome extends Verdict {
  /** Planned boundaries that a life didn't reach. */
  readonly missed: readonly string[];
  /** The last life came to an end of what there was to do: what isn't answered never will be. */
  readonly settled: boolean;
  /** The witnesses' logs; kept where something is broken, gone otherwise. */
  readonly logs: string;
}

export interface Script {
  readonly seed: number;
  readonly lives: readonly LifePlan[];
  /** Messages that people write at most in a second. */
  readonly perSecond: number;
  readonly chats: number;
  readonly faults?: FaultPlan;
  readonly broken?: Broken;
  /** A database's address in place of the data folder's file. */
  readonly store?: string;
  /** Milliseconds for the last life to answer what is left. */
  readonly settleMs?: number;
  readonly tell?: (progress: Progress) => void;
}

export interface Progress {
  readonly lives: number;
  readonly said: number;
  readonly answers: number;
}

/** Messages before the first kill: what they need is compiled once, and V8's code of it kept for all lives. */
const firstMessages = 40;

/** One gateway through many lives on one data folder, while people write; then a life in peace, and the verdict. */
export async function runLives(script: Script): Promise<Outcome> {
  const { seed, lives, perSecond, chats, faults = () => undefined, broken, store, settleMs = 180_000 } = script;
  await using home = await temporaryHome();
  const logs = await mkdtemp(join(tmpdir(), "polylogue-crash-"));
  const world = await World.open({
    home: home.path,
    logs,
    seed,
    chats,
    faults,
    ...(broken ? { broken } : {}),
    ...(store ? { store } : {}),
  });
  const { crowd } = world;
  const missed: string[] = [];
  await Promise.all([crowd.speak(firstMessages, perSecond), world.peace(() => crowd.answers >= firstMessages - 5, 20_000)]);

  let spoken = lives.some(({ messages }) => messages === undefined) ? crowd.speak(Number.POSITIVE_INFINITY, perSecond) : Promise.resolve();
  for (const [index, plan] of lives.entries()) {
    const { messages, crash } = plan;
    if (messages !== undefined) spoken = spoken.then(() => crowd.speak(messages, perSecond));
    const crashed = await world.live(plan, messages === undefined ? Promise.resolve() : spoken);
    if (!crashed && crash) missed.push(`${crash.when} ${crash.point} #${crash.nth}`);
    script.tell?.({ lives: index + 1, said: crowd.said, answers: crowd.answers });
  }
  crowd.hush();
  await spoken;

  const window = await openWindow(home.path, store);
  const settled = await world.peace(async () => crowd.accepted && (await window.idle()), settleMs, 1_500);
  await world.close();
  const verdict = judge(readEvidence(logs), await window.read());
  await window.close();
  if (brokenOf(verdict) === 0) await rm(logs, { recursive: true });
  return { ...verdict, missed, settled, logs };
}

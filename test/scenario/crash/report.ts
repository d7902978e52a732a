import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { brokenOf, laws, type Verdict } from "./oracle.ts";
import type { Outcome, Progress } from "./run.ts";

export interface SoakPlan {
  readonly kills: number;
  readonly messages: number;
  readonly seed: number;
}

const lines = 20;
/** Of each kind of what is broken, so many are told in full. */
const told = 20;
const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = `${root}bench/results/`;

/** What a soak prints as it goes on, and leaves behind when it is over. */
export class History {
  readonly plan: SoakPlan;
  readonly #started = performance.now();
  readonly #lines: string[] = [];

  constructor(plan: SoakPlan) {
    this.plan = plan;
    this.#say(`soak: ${plan.kills} kills, ${plan.messages} messages, seed ${plan.seed}`);
  }

  tell({ lives, said, answers }: Progress): void {
    if (lives % Math.ceil(this.plan.kills / lines) === 0 || lives === this.plan.kills)
      this.#say(`${this.#seconds()} s: ${lives} lives, ${said} messages written, ${answers} answered`);
  }

  /** Prints the verdict and writes both files; says whether every promise was kept. */
  async conclude(outcome: Outcome): Promise<boolean> {
    const seconds = this.#seconds();
    const { logs, missed: _, settled, ...verdict } = outcome;
    for (const line of words(verdict)) this.#say(line);
    if (!settled) this.#say("the last life didn't come to an end with what there was to do");
    this.#say(`${seconds} s`);
    const at = new Date().toISOString();
    const { kills, messages, seed } = this.plan;
    const result = {
      what: "soak",
      at,
      commit: commit(),
      command: `npm run soak -- --kills ${kills} --messages ${messages} --seed ${seed}`,
      machine: {
        cpus: cpus().length,
        model: cpus()[0]?.model,
        memory: totalmem(),
        node: process.version,
        platform: `${process.platform} ${process.arch}`,
      },
      seconds,
      verdict,
      history: this.#lines,
    };
    await mkdir(folder, { recursive: true });
    const name = `soak-${at.slice(0, 19).replaceAll(":", "-")}`;
    await writeFile(`${folder}${name}.json`, `${JSON.stringify(result, null, 2)}\n`);
    await writeFile(`${folder}${name}.txt`, `${this.#lines.join("\n")}\n`);
    console.log(`bench/results/${name}.json`);
    if (brokenOf(verdict) > 0) {
      console.log(`the logs of what was seen: ${logs}`);
      return false;
    }
    // A kill that didn't happen proves nothing.
    return settled && verdict.kills === kills && verdict.attempted >= messages;
  }

  #say(line: string): void {
    this.#lines.push(line);
    console.log(line);
  }

  #seconds(): number {
    return Math.round((performance.now() - this.#started) / 1000);
  }
}

/** The verdict, line by line. */
export function words(verdict: Verdict): string[] {
  const { attempted, acknowledged, indeterminate, failed, kills, duplicated, held, broken } = verdict;
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ") || "none";
  return [
    `attempted ${attempted}: acknowledged ${acknowledged}, indeterminate ${indeterminate}, failed ${failed}`,
    `kills ${kills}; faults of platforms: ${list(verdict.faults)}`,
    `answers to a message: ${Object.entries(verdict.answers)
      .map(([answers, messages]) => `${answers} × ${messages}`)
      .join(", ")}; unknown and held ${held}`,
    `duplicated: on the wire ${duplicated.wire}, visible after dedupe ${duplicated.visible}, messages with two replies ${duplicated.replies}`,
    `explained: ${list(verdict.explained)}`,
    laws.map((law) => `${law} ${broken[law].length}`).join(", "),
    ...laws.flatMap((law) => broken[law].slice(0, told).map(({ n, why }) => `  ${law}: ${n}, ${why}`)),
  ];
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown";
  }
}

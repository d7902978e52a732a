import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { TelegramSimulator } from "../../simulators/telegram.ts";
import { startBot } from "./bots.ts";
import { Crowd } from "./crowd.ts";
import { Journal, now } from "./journal.ts";
import { startModel } from "./model.ts";
import type { Broken, CrashPlan, FaultPlan, LifePlan } from "./plan.ts";
import { quietPort } from "./server.ts";
import { startSink } from "./sink.ts";

/** A line of the log of lives: `code` is the exit code or the signal. */
export type LifeLine =
  | { readonly kind: "start" | "ready" | "kill" | "stop"; readonly life: number; readonly at: number }
  | { readonly kind: "end"; readonly life: number; readonly at: number; readonly code: number | string };

export interface WorldOptions {
  /** The gateway's data folder. */
  readonly home: string;
  /** Where the witnesses write their logs. */
  readonly logs: string;
  readonly seed: number;
  /** Of each account; enough that none gets more than Telegram's one message a second. */
  readonly chats: number;
  readonly faults: FaultPlan;
  readonly broken?: Broken;
  /** See Script.store. */
  readonly store?: string;
}

const witnesses = ["crowd", "hold", "resend", "desk", "model", "lives"] as const;
type Witness = (typeof witnesses)[number];

/** `crashes` is the gateway's own: where it killed itself by plan. */
export function logOf(logs: string, witness: Witness | "crashes"): string {
  return join(logs, `${witness}.jsonl`);
}

const tokens = {
  hold: "123456:TEST_abcdefghijklmnopqrstuvwxyz-0123456",
  resend: "654321:TEST_abcdefghijklmnopqrstuvwxyz-0123456",
} as const;
const secret = Buffer.from("0123456789abcdef0123456789abcdef");
const entry = fileURLToPath(new URL("./gateway.ts", import.meta.url));

/**
 * Two bots, a signed webhook with its receiver, a model and people who write to them: all outside of the gateway, each with
 * a log of its own on disk. One of the bots holds what is in doubt, the other sends it again.
 */
export class World {
  readonly crowd: Crowd;
  readonly #home: string;
  readonly #lives: Journal;
  readonly #crashes: string;
  readonly #port: number;
  readonly #broken: Broken | undefined;
  readonly #store: string | undefined;
  readonly #close: () => Promise<void>;
  #life = 0;

  private constructor(
    { home, logs, broken, store }: WorldOptions,
    parts: { crowd: Crowd; lives: Journal; port: number; close: () => Promise<void> },
  ) {
    this.#home = home;
    this.#crashes = logOf(logs, "crashes");
    this.#broken = broken;
    this.#store = store;
    this.crowd = parts.crowd;
    this.#lives = parts.lives;
    this.#port = parts.port;
    this.#close = parts.close;
  }

  static async open(options: WorldOptions): Promise<World> {
    const { home, logs, faults } = options;
    await mkdir(logs, { recursive: true });
    await appendFile(logOf(logs, "crashes"), "");
    const journals = Object.fromEntries(witnesses.map((name) => [name, new Journal(logOf(logs, name))])) as Record<Witness, Journal>;
    const heard = (n: number) => crowd.heard(n);
    const bots = {
      hold: await startBot(tokens.hold, journals.hold, heard),
      resend: await startBot(tokens.resend, journals.resend, heard),
    };
    const sink = await startSink(journals.desk, faults, heard);
    const model = await startModel(journals.model);
    const port = await quietPort();
    const crowd = new Crowd({ ...options, bots, port, secret, journal: journals.crowd });
    await writeFile(join(home, "polylogue.json5"), JSON.stringify(configurationOf(bots, sink.url, model.url)));
    async function close(): Promise<void> {
      await crowd.close();
      await Promise.all([bots.hold.close(), bots.resend.close(), sink.close(), model.close()]);
      await Promise.all(Object.values(journals).map((journal) => journal.close()));
    }
    return new World(options, { crowd, lives: journals.lives, port, close });
  }

  /**
   * A life in peace, until what people wrote so far is answered or time is up; it ends as by an operator's hand, so that
   * V8's compiled code is kept for the lives to come. Says which of the two it was.
   */
  async peace(settled: () => boolean | Promise<boolean>, ms: number, lingerMs = 0): Promise<boolean> {
    const { child, ended, life } = await this.#spawn({});
    const until = performance.now() + ms;
    let done = false;
    while (!done && child.exitCode === null && child.signalCode === null && performance.now() < until) {
      await wait(100);
      done = await settled();
    }
    // What would come twice has its chance to come.
    await wait(lingerMs);
    void this.#lives.note({ kind: "stop", life, at: now() } satisfies LifeLine);
    child.kill("SIGTERM");
    await ended;
    return done;
  }

  /** One life of the gateway: to its planned crash, or to a kill -9 from outside. Says whether the crash came. */
  async live(plan: LifePlan, spoken: Promise<void>): Promise<boolean> {
    const before = (await readFile(this.#crashes, "utf8")).length;
    const { child, ready, ended, life } = await this.#spawn(plan.crash ?? {});
    const { after, ms } = plan.kill;
    const due = (async () => {
      if (after === "ready") await Promise.all([ready, spoken]);
      await wait(ms, undefined, { ref: false });
    })();
    if ((await Promise.race([due, ended.then(() => "over")])) !== "over") {
      // Noted first, but nothing waits for the disk: the moment is random, not that of an fsync.
      void this.#lives.note({ kind: "kill", life, at: now() } satisfies LifeLine);
      child.kill("SIGKILL");
    }
    await ended;
    return (await readFile(this.#crashes, "utf8")).length > before;
  }

  async close(): Promise<void> {
    await this.#close();
  }

  async #spawn(crash: Pick<CrashPlan, "point" | "when" | "nth">) {
    const life = this.#life++;
    const plan: CrashPlan = { life, log: this.#crashes, ...crash, ...(this.#broken ? { broken: this.#broken } : {}) };
    await this.#lives.note({ kind: "start", life, at: now() } satisfies LifeLine);
    const { PATH = "" } = process.env;
    const env = {
      PATH,
      HOME: this.#home,
      POLYLOGUE_HOME: this.#home,
      POLYLOGUE_PORT: String(this.#port),
      ...(this.#store && { POLYLOGUE_STORE: this.#store }),
      CRASH_PLAN: JSON.stringify(plan),
      NODE_COMPILE_CACHE: join(this.#home, "compile-cache"),
    };
    const child = spawn(process.execPath, [entry], { env, stdio: ["pipe", "pipe", process.env.CRASH_VERBOSE ? "inherit" : "ignore"] });
    const ready = once(child.stdout, "data").then(() => this.#lives.note({ kind: "ready", life, at: now() } satisfies LifeLine));
    const ended = once(child, "exit").then(([code, signal]) =>
      this.#lives.note({ kind: "end", life, at: now(), code: (signal ?? code) as number | string } satisfies LifeLine),
    );
    return { child, ready, ended, life };
  }
}

function configurationOf(bots: Readonly<Record<"hold" | "resend", TelegramSimulator>>, sink: string, model: string): object {
  const bot = ({ token, url }: TelegramSimulator, onUnknown: string) => ({
    channel: "telegram",
    token,
    apiRoot: url,
    onUnknown,
    access: { direct: "open" },
  });
  return {
    accounts: {
      hold: bot(bots.hold, "hold"),
      resend: bot(bots.resend, "resend"),
      desk: {
        channel: "webhook",
        secret: `whsec_${secret.toString("base64")}`,
        deliverTo: `${sink}/sink`,
        access: { direct: "open" },
      },
    },
    providers: { outside: { kind: "openai-compatible", baseUrl: `${model}/v1` } },
    agents: { main: { instructions: "", models: ["outside/test"], tools: ["current_time"], limits: { history: 0 } } },
    routes: [{ agent: "main" }],
    // These people are machines, and write like ones.
    limits: { loopTurns: 0 },
    log: { level: "error" },
  };
}

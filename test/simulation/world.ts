import { loadConfiguration } from "../../src/config/load.ts";
import type { Sources } from "../../src/config/sources.ts";
import type { Configuration } from "../../src/core/configuration.ts";
import { faultOf } from "../../src/core/errors.ts";
import type { ConversationId } from "../../src/core/ids.ts";
import type { Broken } from "./broken.ts";
import { Calls } from "./calls.ts";
import { kindOf, settings } from "./channel.ts";
import { Disk } from "./disk.ts";
import { Seen } from "./door.ts";
import { Life, type Surroundings } from "./life.ts";
import { Network } from "./network.ts";
import type { Plan } from "./plan.ts";
import { Platform } from "./platform.ts";
import { type Random, seededRandom } from "./random.ts";
import { type Owner, Scheduler } from "./scheduler.ts";
import { Witness } from "./witness.ts";

export interface WorldOptions {
  /** Keeps the trace, not only its hash. */
  readonly trace: boolean;
  readonly broken?: Broken;
  /** A store without content, as a file. */
  readonly empty: Buffer;
}

/** Platforms, network, disk, clock and one gateway: everything that a seed decides about, and what was seen of it. */
export class World implements Surroundings {
  readonly plan: Plan;
  readonly broken: Broken | undefined;
  readonly random: Random;
  readonly witness: Witness;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly disk: Disk;
  readonly seen = new Seen();
  readonly calls: Calls;
  readonly platforms: readonly Platform[];
  /** Whatever outlives a gateway: platforms, people, who starts it again. */
  readonly outside: Owner = { name: "outside", over: false };
  configuration!: Configuration;
  wallOffset = Date.UTC(2026, 10, 22, 12);
  life: Life | undefined;
  calm = false;
  #lives = 0;
  #boot = { number: 1, at: 0 };

  constructor(plan: Plan, { trace, broken, empty }: WorldOptions) {
    this.plan = plan;
    this.broken = broken;
    this.random = seededRandom(plan.seed + 0x51ed);
    this.witness = new Witness(trace, () => this.scheduler.steps);
    this.scheduler = new Scheduler(this.random, (line) => this.witness.tell(line), plan.starved);
    this.disk = new Disk(empty, this.scheduler, this.random, broken === "no-fsync");
    this.network = new Network(this.scheduler, this.random, () => {
      if (!this.random.chance(this.chance(plan.weather))) return "fair";
      return this.random.weighted({ closed: 3, lost: 2, cut: 3, mute: 1 });
    });
    this.calls = new Calls(this.scheduler, this.witness, this.seen, plan.diskTrouble === 0);
    this.platforms = plan.accounts.map((account) => new Platform(account, this.random, this.witness, () => this.chance(plan.moody)));
  }

  static async open(plan: Plan, options: WorldOptions): Promise<World> {
    const world = new World(plan, options);
    world.configuration = await configurationOf(plan, world.disk.folder);
    return world;
  }

  uptime(): { readonly upMs: number; readonly boot: string } {
    return { upMs: this.scheduler.now - this.#boot.at, boot: `boot ${this.#boot.number}` };
  }

  chance(probability: number): number {
    return this.calm ? 0 : probability;
  }

  /** The next gateway starts, on what the last one left. */
  begin(): void {
    const life = new Life(this, ++this.#lives);
    this.life = life;
    this.witness.tell(`${life.name} starts`);
    void life.start().catch((cause: unknown) => {
      if (life.over) return;
      // What watches over the process starts it again.
      if (faultOf(cause).code === "store-unavailable") this.scheduler.add(life, "it can't start", () => void this.crash("process"));
      else this.witness.blame("the start", cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
    });
  }

  /** The process dies: its memory is gone, and of the disk that is left which a crash leaves. */
  async crash(cut: "power" | "process"): Promise<void> {
    const { life } = this;
    if (!life) return;
    this.witness.tell(`CRASH of ${life.name} (${cut})`);
    this.#end(life);
    if (cut === "power") this.#boot = { number: this.#boot.number + 1, at: this.scheduler.now };
    this.network.crash(life);
    await life.bury(this.disk.crash(cut));
    this.#again();
  }

  /** The gateway is asked to stop, and started again when it has. */
  async stop(again = true): Promise<void> {
    const { life } = this;
    if (life?.state !== "up") return;
    this.witness.tell(`${life.name} is to stop`);
    await life.stop();
    if (life.over) return;
    this.#end(life);
    if (again) this.#again();
  }

  jump(ms: number): void {
    this.witness.tell(`the wall clock jumps by ${ms} ms`);
    this.wallOffset += ms;
  }

  placeOf(n: number): string {
    for (const { name, happened } of this.platforms) {
      const found = happened.find((candidate) => candidate.n === n);
      if (found) return `${name}/${found.event.chat.id}`;
    }
    return `nowhere/${n}`;
  }

  conversationOf(n: number): ConversationId | undefined {
    return this.seen.conversations.get(this.placeOf(n));
  }

  close(): void {
    this.disk.remove();
  }

  #end(life: Life): void {
    this.scheduler.end(life);
    this.life = undefined;
    // What was stored and not made died with it; what it had begun is begun anew.
    this.seen.intents.clear();
  }

  #again(): void {
    this.scheduler.add(this.outside, "restart", () => this.begin(), this.random.between(0, 3_000));
  }
}

/** As an operator would write it, through the product's own reading of it. */
async function configurationOf(plan: Plan, home: string): Promise<Configuration> {
  const accounts = plan.accounts.map((account) => [
    account.name,
    {
      channel: kindOf(account),
      onUnknown: account.onUnknown,
      streaming: account.streaming,
      access: { direct: "open", group: "open", mention: true },
    },
  ]);
  const written = {
    accounts: { web: false, ...Object.fromEntries(accounts) },
    providers: { sim: { kind: "sim" } },
    agents: {
      main: { instructions: "", models: plan.models, tools: ["look"], limits: { history: plan.history, steps: 4, turnMs: 30_000 } },
    },
    routes: [{ agent: "main", mode: plan.mode }],
    limits: plan.limits,
  };
  const kinds: Sources["kinds"] = {
    channel: async (kind) => ({ kind, settings }),
    provider: async (kind) => ({ kind, settings }),
    channels: plan.accounts.map(kindOf),
    providers: ["sim"],
    tools: ["look"],
  };
  const file = { name: "polylogue.json5", text: JSON.stringify(written) };
  const { configuration } = await loadConfiguration({ home, file, settings: new Map(), environment: {}, kinds });
  if (configuration.findings.length > 0) throw new Error(JSON.stringify(configuration.findings));
  return configuration;
}

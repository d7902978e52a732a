import { isDeepStrictEqual } from "node:util";
import { type Accounts, createAccounts } from "../../src/accounts.ts";
import type { Configuration } from "../../src/core/configuration.ts";
import type { Engine, Lane, LaneOwner } from "../../src/core/engine.ts";
import { FaultError, fail, fault, ok } from "../../src/core/errors.ts";
import type { Gateway } from "../../src/core/gateway.ts";
import type { HttpClient } from "../../src/core/http.ts";
import { type ConversationId, defaultTenant, newId } from "../../src/core/ids.ts";
import type { Live } from "../../src/core/live.ts";
import type { Log, LogFields } from "../../src/core/log.ts";
import { plainText } from "../../src/core/message.ts";
import type { FileStore, PastMessage, Store } from "../../src/core/store.ts";
import { roughTokens } from "../../src/core/tokens.ts";
import { createEmbeddedEngine } from "../../src/engines/embedded.ts";
import { createEmbeddedLive } from "../../src/engines/embedded-live.ts";
import { createGateway } from "../../src/gateway.ts";
import { startChores } from "../../src/ops/chores.ts";
import { watchJumps } from "../../src/ops/jumps.ts";
import { planDeliveries } from "../../src/outbox/render.ts";
import { cachePast } from "../../src/stores/cached-past.ts";
import { memoryPasts } from "../../src/stores/memory-pasts.ts";
import { openSqliteStore } from "../../src/stores/sqlite.ts";
import { type Broken, breakStore } from "./broken.ts";
import type { Calls } from "./calls.ts";
import { kindOf, simulatedChannel } from "./channel.ts";
import type { Disk } from "./disk.ts";
import { type LeaseBook, type Seen, watchedStore } from "./door.ts";
import { simulatedProvider, simulatedTool } from "./model.ts";
import type { Network } from "./network.ts";
import type { Plan } from "./plan.ts";
import type { Platform } from "./platform.ts";
import type { Random } from "./random.ts";
import type { Owner, Scheduler } from "./scheduler.ts";
import type { Witness } from "./witness.ts";

const drainMs = 10_000;

/** What a gateway finds around it. */
export interface Surroundings {
  readonly plan: Plan;
  readonly broken: Broken | undefined;
  readonly random: Random;
  readonly witness: Witness;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly disk: Disk;
  readonly seen: Seen;
  readonly calls: Calls;
  readonly platforms: readonly Platform[];
  readonly configuration: Configuration;
  /** Milliseconds that the wall clock is ahead of simulated time. */
  readonly wallOffset: number;
  /** By a counter that nobody sets, and what it counts from. */
  uptime(): { readonly upMs: number; readonly boot: string };
  /** The probability, while there is trouble at all. */
  chance(probability: number): number;
  /** Where the event was said, as `<account>/<chat>`, and in which conversation. */
  placeOf(n: number): string;
  conversationOf(n: number): ConversationId | undefined;
}

/** One life of the gateway: the product's parts as its start puts them together, from its first step to its end. */
export class Life implements Owner {
  readonly name: string;
  over = false;
  state: "starting" | "up" | "stopping" = "starting";
  /** As the gateway sees it. */
  store!: Store;
  /** As it is. */
  real!: Store;
  gateway!: Gateway;
  live!: Live;
  readonly #world: Surroundings;
  #accounts!: Accounts;
  #leases!: LeaseBook;
  /** What lies under the watched store: the real one, or one that is broken on purpose. */
  #under!: Store;
  #stopChores: () => void = () => {};
  #applying: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  /** Second workers at a lane, which the engine doesn't know of, and what stops them. */
  readonly #intruders = new Set<Promise<unknown>>();
  readonly #seconds = new AbortController();
  /** Has a second worker take up a lane. */
  /** Of every lane that ever ran. */
  readonly #owners = new Map<Lane, LaneOwner>();
  #intrude: (lane: Lane) => void = () => {};

  constructor(world: Surroundings, number: number) {
    this.#world = world;
    this.name = `gateway ${number}`;
  }

  async start(): Promise<void> {
    const { disk, scheduler, random, witness, seen, calls, plan } = this.#world;
    const onFatal = () => witness.blame("the store", "it gave up");
    const opened = await openSqliteStore({ file: disk.file, role: "owner", timing: disk.timing(this), onFatal });
    if (!opened.ok) throw new Error(opened.fault.message);
    disk.opened();
    this.real = opened.value;
    const system = scheduler.clock(this, random.between(0, 1_000_000), () => this.#world.wallOffset);
    const pasts = memoryPasts();
    this.#under = breakStore(this.real, this.#world.broken, { scheduler, life: this, pasts });
    const { store, leases } = watchedStore(truthful(cachePast(this.#under, pasts).store, this.real, witness), {
      ...{ life: this, scheduler, random, witness, seen },
      disk,
      diskTrouble: () => this.#world.chance(plan.diskTrouble),
      slowReads: () => this.#world.chance(plan.slowReads),
    });
    this.store = store;
    this.#leases = leases;
    const log = this.#log();
    const tellTime = () => store.tellTime({ now: system.now(), ...this.#world.uptime() }).catch(() => log.warn("clock-move-fail"));
    const clock = watchJumps(system, () => void tellTime());
    const live = createEmbeddedLive();
    this.live = live;
    const files = this.#files();
    const { configuration } = this.#world;
    const channels = new Map(
      this.#world.platforms.map((platform) => {
        const begin = (...[method, outbound]: Parameters<Parameters<typeof simulatedChannel>[0]["calls"]>) =>
          calls.begin(method, outbound, platform, this, this.real);
        const door = { scheduler, network: this.#world.network, life: this, platform, calls: begin };
        return [kindOf(platform.plan), simulatedChannel(door)] as const;
      }),
    );
    const provider = simulatedProvider({
      ...{ scheduler, random, life: this },
      trouble: () => this.#world.chance(plan.modelTrouble),
      asked: (n) => calls.think(n, this.#world.placeOf(n), this.#world.conversationOf(n), this),
    });
    const tool = simulatedTool(scheduler, this);
    this.#accounts = createAccounts({
      ...{ tenant: defaultTenant, http: noHttp, files, clock, log, live, random },
      loadChannel: async (kind) => channels.get(kind),
      resolveSettings: async (_, settings) => ok(settings),
      receive: (account, _, events, cursor) => this.gateway.receive(account, events, cursor),
      cursor: (account) => store.cursor(defaultTenant, account),
    });
    const { concurrentTurns } = configuration.limits;
    this.gateway = createGateway({
      plan: planDeliveries,
      ...{ tenant: defaultTenant, store, files, live, clock, random, accounts: this.#accounts },
      engine: this.#watched(createEmbeddedEngine({ clock, log, concurrency: { turn: () => concurrentTurns, send: () => 16 } })),
      configuration: () => configuration,
      keys: () => 1,
      provider: (id) => (id === "sim" ? { provider, account: { id, settings: {}, stallMs: 60_000, http: noHttp, log } } : undefined),
      prices: { cost: () => undefined },
      capabilities: () => ({ reads: [] }),
      tokenizer: async () => roughTokens,
      tools: (names) => (names.includes(tool.name) ? [tool] : []),
      searchKnowledge: async () => [],
      fetchPage: async () => fail("http-unreachable", "there is no network"),
      download: ({ url }, { signal }) => this.#download(url, signal),
      changed: () => void this.#apply(configuration),
    });
    await tellTime();
    await store.recover(clock.now());
    await this.#apply(configuration);
    await this.gateway.start();
    const keep = () => ({ ...configuration.retention, dedupeDays: configuration.limits.dedupeDays });
    this.#stopChores = startChores({
      leads: () => true,
      store,
      files,
      tenant: defaultTenant,
      clock,
      log,
      keep,
      tellTime,
      changed: this.gateway.wake,
      remind: async () => {},
      backUp: async () => {},
      returnDue: async () => {},
      lookAtAlerts: async () => {},
      counted: () => {},
      readDocuments: async () => {},
    });
    this.state = "up";
    witness.tell(`${this.name} is up`);
  }

  /** As at SIGTERM. */
  async stop(): Promise<void> {
    this.state = "stopping";
    this.#stopChores();
    this.#seconds.abort();
    await this.gateway.drain(drainMs);
    await Promise.all(this.#intruders);
    await this.#close();
  }

  /** Closes what a crash left open. */
  async bury(finish: () => void): Promise<void> {
    const closing = this.#close();
    finish();
    await closing;
  }

  #close(): Promise<void> {
    this.#closing ??= this.real.close();
    return this.#closing;
  }

  /** The lease of a lane runs out under its worker, and perhaps another one takes the lane up at once. */
  expire(): void {
    if (this.state !== "up") return;
    const leases = this.#leases.lanes();
    if (leases.length === 0) return;
    const lease = this.#world.random.pick(leases);
    this.#world.witness.tell(`the lease of ${lease.lane} runs out`);
    this.#world.calls.share(lease.lane.split(":")[1] as ConversationId);
    this.#leases.void(lease.lane);
    void this.#under.release(lease);
    if (this.#world.random.chance(0.5)) this.#intrude(lease.lane);
  }

  #apply(configuration: Configuration): Promise<void> {
    this.#applying = this.#applying.then(async () => {
      try {
        await this.#accounts.apply(configuration, new Set(await this.store.records.pausedAccounts(defaultTenant)));
      } catch (cause) {
        this.#world.witness.blame("the start", String(cause));
      }
    });
    return this.#applying;
  }

  /** The engine, which now and then gives one lane to two workers. */
  #watched(engine: Engine): Engine {
    return {
      ...engine,
      start: (door) => {
        this.#intrude = (lane) => {
          const owner = this.#owners.get(lane) as LaneOwner;
          const work: Promise<unknown> = door.work(lane, owner, this.#seconds.signal).catch(() => {});
          this.#intruders.add(work);
          void work.then(() => this.#intruders.delete(work));
        };
        return engine.start({
          ...door,
          work: (lane, owner, signal) => {
            this.#owners.set(lane, owner);
            if (this.#world.random.chance(this.#world.chance(this.#world.plan.twice))) this.#intrude(lane);
            return door.work(lane, owner, signal);
          },
        });
      },
    };
  }

  async *#download(url: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const reply = await this.#world.network.request(this, `download ${url}`, signal, () => undefined);
    if (reply.kind !== "answered") throw new FaultError(fault("http-unreachable", "no answer"));
    yield new TextEncoder().encode(url);
  }

  #files(): FileStore {
    return {
      put: async (_, bytes) => {
        let size = 0;
        for await (const chunk of bytes) size += chunk.length;
        await this.#world.scheduler.pass(this, "file on disk");
        return { at: "store", id: newId("file", this.#world.wallOffset), mediaType: "text/plain", size };
      },
      read: async () => new Uint8Array(),
      remove: async () => {},
      async *list() {},
    };
  }

  /** What the gateway calls an error is one, but for those that the simulation made. */
  #log(): Log {
    const { witness } = this.#world;
    const line = (level: string) => (event: string, fields?: LogFields) => {
      if (this.over || level === "debug") return;
      witness.tell(`  log ${level} ${event}`);
      const cause = fields?.cause;
      const ours = cause instanceof FaultError && cause.fault.code === "store-unavailable";
      if (level === "error" && event !== "channel-throw" && !ours) witness.blame("no bugs", `${event}: ${describe(cause)}`);
    };
    const log: Log = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error"), with: () => log };
    return log;
  }
}

/** What turns read of their conversation is held against what the store has at that moment. */
function truthful(store: Store, real: Store, witness: Witness): Store {
  return {
    ...store,
    async nextEvent(id) {
      const told = await store.nextEvent(id);
      const stored = told && (await real.records.conversation(told.tenant, id));
      if (!isDeepStrictEqual(told?.conversation, stored)) {
        witness.blame("what turns read", `${told?.id} came with ${JSON.stringify(told?.conversation)}, not ${JSON.stringify(stored)}`);
      }
      return told;
    },
    async past(event, limit, after) {
      const told = await store.past(event, limit, after);
      const { id, message, conversation } = event;
      // A worker whose lane went to another one may see less than there is now: nothing comes of its turn.
      if ((await real.nextEvent(conversation.id))?.id !== id) return told;
      const stored = await real.history(conversation.id, message ?? id, limit);
      if (!isDeepStrictEqual(told, stored)) witness.blame("what turns read", `${id} was told ${shown(told)}, not ${shown(stored)}`);
      return told;
    },
  };
}

function shown(past: readonly PastMessage[]): string {
  return JSON.stringify(past.map(({ parts }) => plainText(parts)));
}

function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

const noHttp: HttpClient = {
  send: () => Promise.reject(new Error("there is no network in a simulation")),
  stream: () => Promise.reject(new Error("there is no network in a simulation")),
};

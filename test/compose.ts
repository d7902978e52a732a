import { join } from "node:path";
import { createAccounts } from "../src/accounts.ts";
import type { Channel } from "../src/core/channel.ts";
import type { Clock } from "../src/core/clock.ts";
import type { Configuration, Streaming } from "../src/core/configuration.ts";
import type { PriceList } from "../src/core/cost.ts";
import { ok } from "../src/core/errors.ts";
import type { Gateway } from "../src/core/gateway.ts";
import { type AccountId, defaultTenant } from "../src/core/ids.ts";
import type { SearchKnowledge } from "../src/core/knowledge.ts";
import type { LedgerEntry } from "../src/core/ledger.ts";
import { type Live, type LiveEvent, liveTypes } from "../src/core/live.ts";
import type { Log } from "../src/core/log.ts";
import type { Capabilities, Provider } from "../src/core/provider.ts";
import type { Access, Agent, Route } from "../src/core/route.ts";
import type { Store } from "../src/core/store.ts";
import { roughTokens } from "../src/core/tokens.ts";
import type { Tool } from "../src/core/tool.ts";
import { createEmbeddedEngine } from "../src/engines/embedded.ts";
import { createEmbeddedLive } from "../src/engines/embedded-live.ts";
import { createGateway } from "../src/gateway.ts";
import { createHttpClient } from "../src/http/client.ts";
import { fetchFile, fetchPage } from "../src/http/download.ts";
import { sendPlaces } from "../src/outbox/gate.ts";
import { planDeliveries } from "../src/outbox/render.ts";
import { openFileStore } from "../src/stores/files.ts";
import { openSqliteStore } from "../src/stores/sqlite.ts";
import { systemClock } from "../src/system-clock.ts";
import type { HandClock } from "./clock.ts";
import { agentOf } from "./support/agent.ts";

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => quiet };

export interface TestGatewayOptions {
  readonly home: string;
  readonly channels: readonly Channel<never>[];
  readonly accounts: Readonly<
    Record<
      string,
      {
        channel: string;
        settings: object;
        access?: Partial<Access>;
        onUnknown?: "hold" | "resend";
        streaming?: Streaming | boolean;
        maxConcurrentRequests?: number;
      }
    >
  >;
  readonly provider: Provider<never>;
  readonly budgets?: Configuration["budgets"];
  readonly prices?: PriceList;
  readonly capabilities?: (model: string) => Capabilities;
  readonly stallMs?: number;
  readonly tools?: readonly Tool<never>[];
  readonly searchKnowledge?: SearchKnowledge;
  readonly agent?: Partial<Agent>;
  /** Besides that one. */
  readonly agents?: readonly Partial<Agent>[];
  /** How messages come to the agent, one route of it for each. Absent: one, which takes everything. */
  readonly routes?: readonly Omit<Route, "agent">[];
  readonly limits?: Partial<Configuration["limits"]>;
  /** Of the provider that the model names `test`. */
  readonly providerCalls?: number;
  readonly wrap?: (store: Store) => Store;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** False: `events` stays empty, and `until` can't be used. */
  readonly remember?: boolean;
}

export interface TestGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly store: Store;
  readonly live: Live;
  readonly events: readonly LiveEvent[];
  readonly configuration: Configuration;
  publish(event: LiveEvent): void;
  /** Waits until the ledger told of this stage so often (once by default). */
  until(stage: LedgerEntry["stage"], times?: number): Promise<LedgerEntry>;
}

/** The product's parts in this process, with channels and a model that the test brings. */
export async function composeTestGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const opened = await openSqliteStore({ file: join(options.home, "polylogue.db"), role: "owner" });
  if (!opened.ok) throw new Error(opened.fault.message);
  const kept = "waitFor" in clock ? waitedFor(opened.value, clock as HandClock) : opened.value;
  const store = options.wrap?.(kept) ?? kept;
  const files = openFileStore(join(options.home, "files"));
  const http = createHttpClient();
  const live = createEmbeddedLive();
  const events: LiveEvent[] = [];
  const ears = new Set<() => void>();
  live.subscribe(defaultTenant, liveTypes, (event) => {
    if (options.remember === false) return;
    events.push(event);
    for (const hear of [...ears]) hear();
  });
  const configuration = configurationOf(options);
  const channels = new Map<string, Channel>(options.channels.map((channel) => [channel.kind, channel as unknown as Channel]));
  const accounts = createAccounts({
    ...{ tenant: defaultTenant, http, files, clock, log: quiet, live, random },
    loadChannel: async (kind) => channels.get(kind),
    resolveSettings: async (channel, settings) => ok(channel.settings.parse(settings)),
    receive: (account, _, batch, cursor) => gateway.receive(account, batch, cursor),
    cursor: (account) => store.cursor(defaultTenant, account),
  });
  const gateway = createGateway({
    ...{ tenant: defaultTenant, store, files, live, clock, accounts, random },
    engine: createEmbeddedEngine({
      ...{ clock, log: quiet },
      concurrency: { turn: () => configuration.limits.concurrentTurns, send: () => sendPlaces(accounts.list().length) },
      accountTurns: (account) => configuration.accounts.get(account)?.maxConcurrentRequests,
    }),
    configuration: () => configuration,
    keys: () => 1,
    provider: (id) => {
      const account = { id, settings: {}, stallMs: options.stallMs ?? 60_000, http, log: quiet };
      return { provider: options.provider as unknown as Provider, account };
    },
    prices: options.prices ?? { cost: () => undefined },
    capabilities: options.capabilities ?? (() => ({ reads: [] })),
    plan: planDeliveries,
    tokenizer: async () => roughTokens,
    tools: (names) => ((options.tools ?? []) as unknown as Tool[]).filter((tool) => names.includes(tool.name)),
    fetchPage: (url, signal) => fetchPage(http, url, signal),
    searchKnowledge: options.searchKnowledge ?? (async () => []),
    download: (request, limits) => fetchFile(http, request, limits),
    changed: () => {},
  });
  await store.recover(clock.now());
  await accounts.apply(configuration, new Set());
  await gateway.start();
  return {
    ...{ gateway, store, live, events, configuration },
    publish: (event) => live.publish(defaultTenant, event),
    until(stage, times = 1) {
      return new Promise((resolve) => {
        const look = () => {
          const found = events.flatMap((event) => (event.type === "ledger" && event.entry.stage === stage ? [event.entry] : []));
          if (found.length < times) return;
          ears.delete(look);
          resolve(found[times - 1] as LedgerEntry);
        };
        ears.add(look);
        look();
      });
    },
    async [Symbol.asyncDispose]() {
      await gateway.drain(2_000);
      await store.close();
      await http.close();
    },
  };
}

/** The same, and no time passes by the clock while it has something to do. */
function waitedFor<Part extends object>(part: Part, clock: HandClock): Part {
  return new Proxy(part, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value === "object" && value !== null) return waitedFor(value, clock);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        const answer = value.apply(target, given) as unknown;
        if (answer instanceof Promise) clock.waitFor(answer);
        return answer;
      };
    },
  });
}

function configurationOf(options: TestGatewayOptions): Configuration {
  const agent = agentOf(options.agent);
  const accounts = Object.entries(options.accounts).map(
    ([name, { channel, settings, access: given, onUnknown, streaming, maxConcurrentRequests }]) => {
      const id = name as AccountId;
      const schema = options.channels.find((candidate) => candidate.kind === channel)?.settings;
      const access = { direct: "open", group: "open", allow: [], groups: [], mention: true, ...given } as const;
      return [
        id,
        {
          ...{ id, channel, settings: schema?.parse(settings), access, maxConcurrentRequests },
          ...{
            onUnknown: onUnknown ?? "hold",
            streaming: typeof streaming === "string" ? streaming : streaming === false ? "off" : "edit",
          },
        },
      ] as const;
    },
  );
  return {
    accounts: new Map(accounts),
    mcp: new Map(),
    knowledge: new Map(),
    providers: new Map([
      [
        "test",
        {
          id: "test",
          kind: "test",
          settings: {},
          moreKeys: [],
          models: {},
          stallMs: 60_000,
          prices: new Map(),
          maxConcurrentRequests: options.providerCalls,
        },
      ],
    ]),
    agents: new Map([agent, ...(options.agents ?? []).map(agentOf)].map((one) => [one.id, one])),
    routes: (options.routes ?? [{}]).map((route) => ({ ...route, agent: agent.id })),
    budgets: options.budgets ?? [],
    alerts: [],
    limits: {
      concurrentTurns: 16,
      turnTries: 3,
      deliveryAttempts: 5,
      deliveryAgeMs: 60_000,
      dedupeDays: 8,
      fileBytes: 1 << 20,
      ...options.limits,
    },
    retention: { newestMessages: 40 },
    http: { hosts: [], origins: [], allowPrivate: [], trustedProxies: [] },
    findings: [],
  };
}

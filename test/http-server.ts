import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Access } from "../src/access/access.ts";
import { watchConfiguration } from "../src/config/watch.ts";
import type { AccountStatus } from "../src/core/account-status.ts";
import type { Calls } from "../src/core/calls.ts";
import { type Channel, defineChannel, type WebhookRequest, type WebhookResponse } from "../src/core/channel.ts";
import type { Clock } from "../src/core/clock.ts";
import type { PriceList } from "../src/core/cost.ts";
import { fail, ok, type Result } from "../src/core/errors.ts";
import type { GatewayDoor, ModelHealth, OperatorMessage } from "../src/core/gateway.ts";
import { type AccountId, type DeliveryId, defaultTenant, type MessageId } from "../src/core/ids.ts";
import type { Live } from "../src/core/live.ts";
import { alone } from "../src/core/replica.ts";
import { secret } from "../src/core/secret.ts";
import type { FileStore, Store } from "../src/core/store.ts";
import { roughTokens } from "../src/core/tokens.ts";
import type { Tool } from "../src/core/tool.ts";
import type { TouchRequest } from "../src/core/touch.ts";
import { plain } from "../src/dialects/plain.ts";
import { createEmbeddedLive } from "../src/engines/embedded-live.ts";
import { createConfigDoor } from "../src/http/config-door.ts";
import { type HttpServer, type ServerParts, startServer } from "../src/http/server.ts";
import { createAlerts } from "../src/ops/alerts.ts";
import { createBackups } from "../src/ops/backups.ts";
import { createHealth } from "../src/ops/health.ts";
import { createLog } from "../src/ops/log.ts";
import { createMetrics, watchCommits } from "../src/ops/metrics.ts";
import type { NoticesDoor } from "../src/ops/notices.ts";
import { watchPulse } from "../src/ops/pulse.ts";
import { watchToday } from "../src/ops/today.ts";
import { renderMessage } from "../src/outbox/enqueue.ts";
import { tryRoutes } from "../src/router/decide.ts";
import { openFileStore } from "../src/stores/files.ts";
import { clientOf } from "../src/stores/postgres/connection.ts";
import { openSqliteStore } from "../src/stores/sqlite.ts";
import { systemClock } from "../src/system-clock.ts";
import { createPlayground } from "../src/turn/playground.ts";
import { createMask } from "../src/vault/mask.ts";
import { createVault } from "../src/vault/vault.ts";
import { openPostgres } from "./support/postgres-store.ts";

/** A channel with what a form can show: a secret, a choice, an address with a default. */
export const toy: Channel = defineChannel({
  kind: "toy",
  name: "Toy",
  summary: "Nothing real.",
  guide: "1. Nothing.",
  settings: z.strictObject({
    token: secret("The key."),
    mode: z.enum(["poll", "webhook"]).default("poll").describe("How it receives."),
    apiRoot: z.url().default("https://toy.example").describe("Where it is."),
  }),
  dialect: plain,
  limits: { text: { max: 100, unit: "utf16", counts: "sent" }, rate: { account: 1, conversation: 1 } },
  idempotent: false,
  translations: {
    de: {
      name: "Spielzeug",
      summary: "Nichts Wirkliches.",
      guide: "1. Nichts.",
      settings: {
        token: ["Schlüssel", "Der Schlüssel."],
        mode: ["Modus", "Wie es empfängt."],
        apiRoot: ["Adresse", "Wo es ist."],
      },
    },
  },
  probe: async () => ok({ id: "1", name: "@toy" }),
  webhook: () => fail("signature-missing", "not used"),
  send: async () => ({ kind: "sent", receipt: "1" }),
}) as Channel;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON; tests say what they expect in it. */
  readonly json: { readonly [key: string]: unknown } & { readonly error?: ErrorView };
}

interface ErrorView {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly requestId: string;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is, instead of `body` as JSON. */
  readonly raw?: string | Uint8Array;
  readonly cookie?: string;
  readonly token?: string;
}

export interface TestServer extends AsyncDisposable {
  readonly server: HttpServer;
  readonly store: Store;
  readonly files: FileStore;
  readonly live: Live;
  readonly access: Access;
  readonly home: string;
  readonly setupToken: string;
  /** All log lines so far. */
  readonly lines: readonly string[];
  readonly sent: readonly OperatorMessage[];
  readonly touched: readonly TouchRequest[];
  readonly hooked: readonly WebhookRequest[];
  /** Account and chat in which a sign of writing was shown. */
  readonly typing: readonly (readonly [string, string])[];
  readonly gateway: {
    draining: boolean;
    accounts: Map<string, AccountStatus>;
    webhook: (request: WebhookRequest) => Promise<Result<WebhookResponse>>;
    probe: (settings: unknown) => Promise<Result<{ id: string; name: string }>>;
    notices: NoticesDoor;
    models: readonly ModelHealth[];
  };
  ask(path: string, ask?: Ask): Promise<Answer>;
  /** Makes the owner; answers his cookie. */
  setup(): Promise<string>;
}

const password = "correct horse battery staple";
export const owner = { name: "Ada", password };

const noModel = () => {
  throw new Error("this server was given no models");
};
const noCalls: Calls = { stream: noModel, complete: noModel, embed: noModel, transcribe: noModel };

/** A database for each server, where `test/scenario/http-postgres.test.ts` names a PostgreSQL; else a file. */
async function openStore(home: string): Promise<Store> {
  const elsewhere = process.env.POLYLOGUE_TEST_POSTGRES;
  if (elsewhere) return openPostgres(await newDatabase(elsewhere), "owner");
  const opened = await openSqliteStore({ file: join(home, "polylogue.db"), role: "owner" });
  if (!opened.ok) throw new Error(opened.fault.message);
  return opened.value;
}

async function newDatabase(server: string): Promise<string> {
  const client = clientOf(server, "polylogue-tests");
  await client.connect();
  const name = `t_${randomUUID().replaceAll("-", "")}`;
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}

/** The real server over a real store, vault and configuration; the gateway behind it is a stand-in that notes its calls. */
export async function startTestServer(
  options: { clock?: Clock; cost?: PriceList["cost"]; calls?: Calls; tools?: readonly Tool[]; configuration?: object } & Pick<
    ServerParts,
    "ui" | "mounts" | "timeouts" | "tls"
  > = {},
): Promise<TestServer> {
  const clock = options.clock ?? systemClock;
  const home = await mkdtemp(join(tmpdir(), "polylogue-http-"));
  if (options.configuration) await writeFile(join(home, "polylogue.json5"), JSON.stringify(options.configuration));
  const store = await openStore(home);
  const files = openFileStore(join(home, "files"));
  const { records } = store;
  const lines: string[] = [];
  const mask = createMask();
  const { log } = createLog({ level: "debug", mask: mask.mask, write: (line) => void lines.push(line), pretty: false });
  const live = createEmbeddedLive();
  const vault = createVault({ home, environment: {}, keychain: async () => "none in tests", tenant: defaultTenant, records, clock });
  const kinds = {
    ...{ channels: ["toy"], providers: [], tools: [] },
    channel: async (kind: string) => (kind === "toy" ? toy : undefined),
    provider: async () => undefined,
  };
  const sources = { home, environment: {}, kinds, vault: vault.read, learn: mask.add };
  const watch = await watchConfiguration(
    { ...sources, clock, log, store: { version: () => records.version(defaultTenant), settings: () => records.settings(defaultTenant) } },
    () => {},
  );
  const access = new Access({ records, clock, log, tenant: defaultTenant, passwordCost: { memory: 64, passes: 1, parallelism: 1 } });
  const sent: OperatorMessage[] = [];
  const touched: TouchRequest[] = [];
  const typing: [string, string][] = [];
  const hooked: WebhookRequest[] = [];
  const behind: TestServer["gateway"] = {
    draining: false,
    accounts: new Map(),
    webhook: async () => ok({ status: 200 }),
    models: [],
    probe: async () => ok({ id: "1", name: "@toy" }),
    notices: {
      findings: async () => watch.current.findings.map((finding) => ({ finding, told: [] })),
      places: () => [],
      soon: () => {},
      test: async () => [],
    },
  };
  const gateway: GatewayDoor = {
    quiet: async () => true,
    receive: async () => [],
    webhook: (_, request) => {
      hooked.push(request);
      return behind.webhook(request);
    },
    send: async (message) => {
      sent.push(message);
      return ok({ message: "ms_1" as MessageId, deliveries: ["dl_1" as DeliveryId] });
    },
    touch: async (request) => {
      touched.push(request);
      return ok({ lost: 0 });
    },
    wake: () => {},
    calls: options.calls ?? noCalls,
    accounts: {
      list: () => [...behind.accounts.values()],
      get: (id) => behind.accounts.get(id),
      probe: (_, settings) => behind.probe(settings),
      templates: async () => fail("template-refused", "Toy has no templates"),
      showTyping: (account, { id }) => void typing.push([account, id]),
    },
    findings: () => watch.current.findings,
    models: () => behind.models,
    load: () => ({ running: 0, waiting: 0, held: 0 }),
    get draining() {
      return behind.draining;
    },
  };
  const setupToken = (await access.prepareSetup()) as string;
  const metrics = createMetrics({
    ...{ version: "1.2.3", tenant: defaultTenant, live, own: live, membership: alone, records, gateway, commits: watchCommits() },
    pastReads: () => ({ kept: 0, newer: 0, whole: 0 }),
  });
  const config = createConfigDoor({ tenant: defaultTenant, watch, records, clock, sources });
  const channels = { kinds: ["toy"], load: kinds.channel };
  const knowledge = { list: () => [], search: async () => [] };
  const prices = { cost: options.cost ?? (() => undefined) };
  const notices: NoticesDoor = {
    findings: () => behind.notices.findings(),
    places: () => behind.notices.places(),
    soon: () => behind.notices.soon(),
    test: (by, to) => behind.notices.test(by, to),
  };
  const backups = createBackups({
    ...{ home, store, clock, log, version: "1.2.3", tenant: defaultTenant },
    ...{ storeFile: join(home, "polylogue.db"), filesFolder: join(home, "files"), folder: join(home, "backups") },
    settings: () => watch.current.backups,
  });
  const started = await startServer({
    door: {
      version: "1.2.3",
      gateway,
      store,
      files,
      live,
      access,
      config,
      vault,
      channels,
      providers: { kinds: [], load: kinds.provider },
      notices,
      alerts: createAlerts({
        ...{ tenant: defaultTenant, clock, log, records, accounts: gateway.accounts.list },
        alerts: () => watch.current.configuration.alerts,
      }),
      backups,
      pulse: watchPulse({ tenant: defaultTenant, live, clock }),
      today: watchToday({ tenant: defaultTenant, records, clock }),
      tryRoutes: (text, where, configuration = config.current()) => tryRoutes(text, where, configuration, clock.now()),
      playground: createPlayground({
        ...{ clock, prices, calls: gateway.calls, capabilities: () => ({ reads: [] }), tokenizer: async () => roughTokens },
        ...{
          tools: async () => options.tools ?? [],
          searchKnowledge: knowledge.search,
          fetchPage: async () => fail("address-refused", "no web here"),
        },
      }),
      handovers: {
        ...{ records, clock, log, live, configuration: () => watch.current.configuration, wake: () => {} },
        render: (message) => renderMessage({ store, clock, account: () => ({ channel: toy, onUnknown: "hold" }) }, message),
      },
      prices,
      serverTools: () => [],
      knowledge,
      clock,
      log,
      mask: mask.mask,
    },
    health: createHealth({ gateway, store, clock }),
    ...{ metrics, host: "127.0.0.1", port: 0, checkAnswers: true },
    ...(options.ui === undefined ? {} : { ui: options.ui }),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.mounts === undefined ? {} : { mounts: options.mounts }),
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
  });
  if (!started.ok) throw new Error(started.fault.message);
  const server = started.value;
  const ask = (path: string, of: Ask = {}) => askServer(server.port, path, of);
  return {
    ...{ server, store, files, live, access, home, setupToken, lines, sent, touched, hooked, typing, gateway: behind, ask },
    async setup() {
      const made = await ask("/api/setup", { method: "POST", body: { token: setupToken, ...owner } });
      if (made.status !== 201) throw new Error(`setup: ${made.status} ${made.text}`);
      return cookieOf(made);
    },
    async [Symbol.asyncDispose]() {
      await server.close(100);
      metrics.stop();
      await watch.stop();
      await store.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The cookie that an answer sets, as a browser sends it back. */
export function cookieOf(answer: Answer): string {
  return String(answer.headers["set-cookie"]).split(";", 1)[0] as string;
}

export function accountStatus(id: string, more: Partial<AccountStatus> = {}): AccountStatus {
  return { id: id as AccountId, channel: "toy", state: "ready", since: 1, ...more };
}

function askServer(port: number, path: string, ask: Ask): Promise<Answer> {
  const body = ask.raw ?? (ask.body === undefined ? undefined : JSON.stringify(ask.body));
  const headers: Record<string, string> = {
    ...(ask.body === undefined ? {} : { "content-type": "application/json" }),
    ...(ask.cookie === undefined ? {} : { cookie: ask.cookie }),
    ...(ask.token === undefined ? {} : { authorization: `Bearer ${ask.token}` }),
    ...ask.headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, path, method: ask.method ?? "GET", headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("close", () => {
        if (!incoming.complete) reject(new Error("the answer was cut off"));
        const text = Buffer.concat(chunks).toString();
        const json = text !== "" && /json/.test(String(incoming.headers["content-type"])) ? JSON.parse(text) : {};
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

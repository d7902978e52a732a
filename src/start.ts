import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { Access } from "./access/access.ts";
import { accountState } from "./account-state.ts";
import { type Accounts, createAccounts } from "./accounts.ts";
import type { Cluster } from "./cluster.ts";
import type { Environment, Sources } from "./config/sources.ts";
import { resolveSettings } from "./config/unsaved.ts";
import { type ConfigurationWatch, watchConfiguration } from "./config/watch.ts";
import type { Clock } from "./core/clock.ts";
import type { Configuration } from "./core/configuration.ts";
import { type Fault, ok, type Result } from "./core/errors.ts";
import type { Gateway } from "./core/gateway.ts";
import type { HttpClient } from "./core/http.ts";
import { type AccountId, defaultTenant } from "./core/ids.ts";
import { type Live, tellLedger } from "./core/live.ts";
import type { Log } from "./core/log.ts";
import type { FilePart } from "./core/message.ts";
import { modelsNamed } from "./core/outage.ts";
import { alone } from "./core/replica.ts";
import type { Store } from "./core/store.ts";
import { enginePlace } from "./engine-place.ts";
import { createEmbeddedEngine } from "./engines/embedded.ts";
import { createEmbeddedLive } from "./engines/embedded-live.ts";
import { createGateway } from "./gateway.ts";
import { createHttpClient } from "./http/client.ts";
import { createConfigDoor } from "./http/config-door.ts";
import { fetchFile, fetchPage } from "./http/download.ts";
import { createFileLinks } from "./http/file-links.ts";
import { keptKey } from "./http/kept-key.ts";
import { startServer } from "./http/server.ts";
import { createModelEndpoint } from "./http/v1.ts";
import { createWebchat } from "./http/webchat.ts";
import { type AllKinds, allKinds } from "./kinds.ts";
import { createKnowledge } from "./knowledge/sources.ts";
import { createModels } from "./models.ts";
import { createAlerts } from "./ops/alerts.ts";
import { createBackups } from "./ops/backups.ts";
import { budgetFindings } from "./ops/budget-findings.ts";
import { openTls } from "./ops/certificate.ts";
import { startChores } from "./ops/chores.ts";
import { watchFindingCues } from "./ops/finding-cues.ts";
import { gatherFindings, machineSource, storedFindings } from "./ops/findings.ts";
import { type HandoversDoor, handoverFindings, returnDue } from "./ops/handovers.ts";
import { createHealth } from "./ops/health.ts";
import { watchJumps } from "./ops/jumps.ts";
import { createLog } from "./ops/log.ts";
import { createMetrics, watchCommits } from "./ops/metrics.ts";
import { createNotices, type NoticeTimes } from "./ops/notices.ts";
import { pairingFindings } from "./ops/pairing-findings.ts";
import { watchPulse } from "./ops/pulse.ts";
import { type RemindersDoor, sayDueReminders } from "./ops/reminders.ts";
import { watchToday } from "./ops/today.ts";
import type { Traces } from "./ops/traces.ts";
import { renderMessage } from "./outbox/enqueue.ts";
import { sendPlaces } from "./outbox/gate.ts";
import { planDeliveries } from "./outbox/render.ts";
import { createPackages } from "./packages.ts";
import { backupsFolder, filesFolder, knowledgeFile, packagesFolder, storeFile } from "./places.ts";
import { tryRoutes } from "./router/decide.ts";
import { storePlace } from "./store-place.ts";
import { cachePast } from "./stores/cached-past.ts";
import { openFileStore } from "./stores/files.ts";
import { memoryPasts } from "./stores/memory-pasts.ts";
import { readClock, systemClock } from "./system-clock.ts";
import { createPlayground } from "./turn/playground.ts";
import { systemKeychain } from "./vault/keychain.ts";
import { createMask } from "./vault/mask.ts";
import { createVault } from "./vault/vault.ts";

export interface GatewayOptions {
  /** The data folder. */
  readonly home: string;
  readonly version: string;
  readonly environment: Environment;
  readonly host: string;
  readonly port: number;
  /** What a scenario test puts between the gateway and its store, and between it and the network. */
  readonly wrapStore?: (store: Store) => Store;
  readonly wrapHttp?: (client: HttpClient) => HttpClient;
  /** Other channels, providers and tools than those in the folders. */
  readonly kinds?: AllKinds;
  /** Shorter waits than an operator wants, for a test that tells of findings. */
  readonly noticeTimes?: Partial<NoticeTimes>;
}

export interface RunningGateway {
  /** Where the web app is, with `#setup=…` while there is no owner. */
  readonly address: string;
  /** Takes nothing new, ends what runs within a grace, closes everything. */
  stop(): Promise<void>;
}

const tenant = defaultTenant;
const drainMs = 10_000;

/** The running gateway, put together from its concrete parts. */
export async function startGateway(options: GatewayOptions): Promise<Result<RunningGateway>> {
  const { home, environment, version } = options;
  const mask = createMask();
  const { log, setLevel } = createLog({ level: "info", mask: mask.mask });
  const place = storePlace(home, environment);
  if (!place.ok) return place;
  const commits = watchCommits();
  const joined = enginePlace(environment);
  if (!joined.ok) return joined;
  const replicaName = environment.POLYLOGUE_REPLICA || `${hostname()}:${options.port}`;
  const opened = await place.value.open("owner", {
    ...{ onCommit: commits.add, onFatal: (fault) => die(fault, log) },
    shared: joined.value && { name: replicaName, version },
  });
  if (!opened.ok) return opened;
  const cached = cachePast(opened.value, memoryPasts());
  const store = options.wrapStore?.(cached.store) ?? cached.store;
  const { records } = store;
  const { now = systemClock.now } = opened.value.shared ?? {};
  const wallClock = { ...systemClock, now };
  const tellTime = async () =>
    membership.leads() &&
    store.tellTime(readClock(wallClock)).then(
      (movedMs) => movedMs !== 0 && log.warn("clock-move", { movedMs }),
      (cause: unknown) => log.warn("clock-move-fail", { cause }),
    );
  const clock = watchJumps(wallClock, () => void tellTime());
  const files = opened.value.files ?? openFileStore(filesFolder(home));
  const vault = createVault({ home, environment, clock, keychain: () => systemKeychain(home), tenant, records });
  const cluster = await openShared();

  /** Loaded only where several gateways share the store. */
  async function openShared(): Promise<Cluster | undefined> {
    const [to, shared] = [joined.ok ? joined.value : undefined, opened.ok ? opened.value.shared : undefined];
    if (!to || !shared) return undefined;
    const { openCluster } = await import("./cluster.ts");
    return openCluster({
      ...{ place: to, shared, tenant, clock, log },
      wanted: () => [...current().accounts.keys()],
      statuses: () => accounts.list(),
      async changed(gained) {
        await listen();
        if (gained) await takeOver();
      },
      told: () => accounts.hear(),
      async accountOf(message) {
        const said = await store.message(tenant, message);
        return said && (await records.conversation(tenant, said.conversation))?.account;
      },
      hooked: (account, why) => accounts.hooked(account, why),
      back: () => gateway.wake(),
    });
  }
  const membership = cluster?.membership ?? alone;
  const live: Live = cluster?.live ?? createEmbeddedLive();
  /** What is counted here and added up elsewhere. */
  const own = cluster?.live.own ?? live;
  const connections = createHttpClient({ allowPrivate: () => current().http.allowPrivate, userAgent: `polylogue/${version}` });
  const http = options.wrapHttp?.(connections) ?? connections;
  const kinds = options.kinds ?? allKinds();
  const packages = createPackages(packagesFolder(home), environment);
  const models = createModels({
    ...{ loadProvider: kinds.provider, loadTool: kinds.tool, loadPackage: packages.load, http, clock, log },
    async acceptTools(server, found) {
      const known = await records.acceptedTools(tenant, server);
      return known.size > 0 ? known : records.meetTools(tenant, server, found, clock.now());
    },
  });
  const knowledge = createKnowledge({ file: knowledgeFile(home), tenant, log });
  const sources: Omit<Sources, "file" | "problem" | "settings"> = { home, environment, kinds, vault: vault.read, learn: mask.add };
  let watch: ConfigurationWatch | undefined;
  const current = (): Configuration => (watch as ConfigurationWatch).current.configuration;

  const links = createFileLinks({
    ...{ files, clock, publicUrl: () => current().http.publicUrl },
    key: () => keptKey("file-link-key", vault, log),
  });
  const fileUrl = (file: FilePart) => links.url(tenant, file);
  const accounts: Accounts = createAccounts({
    ...{ tenant, http, files, fileUrl, clock, log, live, random: Math.random, loadChannel: kinds.channel },
    resolveSettings: (channel, settings) => resolveSettings(channel, settings, sources),
    receive: (account, _, events, cursor) => gateway.receive(account, events, cursor),
    cursor: (account) => store.cursor(tenant, account),
    load: packages.load,
    state: (account) => accountState({ tenant, account, store, vault }),
    ...(cluster && { owns: membership.owns, told: cluster.membership.told, elsewhere: cluster.elsewhere }),
  });
  const ownEngine = createEmbeddedEngine({
    clock,
    log,
    concurrency: { turn: () => current().limits.concurrentTurns, send: () => sendPlaces(accounts.list().length) },
    accountTurns: (account) => current().accounts.get(account)?.maxConcurrentRequests,
  });
  const engine = cluster?.engine(ownEngine) ?? ownEngine;
  const local: Gateway = createGateway({
    others: cluster?.others,
    ...{ tenant, store, files, engine, live, clock, accounts, random: Math.random, configuration: current },
    ...{ provider: models.provider, keys: models.keys, prices: models.prices, capabilities: models.capabilities, tools: models.tools },
    tokenizer: models.tokenizer,
    searchKnowledge: knowledge.search,
    plan: (parts, channel, message, replyTo) => planDeliveries(parts, channel, message, replyTo, fileUrl),
    fetchPage: (url, signal) => fetchPage(http, url, signal),
    download: (request, limits) => fetchFile(http, request, { ...limits, redirects: 3 }),
    changed: () => void apply(),
    spent: () => notices.soon(),
  });
  const gateway = cluster?.gateway(local, records) ?? local;

  /** Accounts have come to this gateway: what their owner left is put back, and what is due begins. */
  async function takeOver(): Promise<void> {
    const recovered = await store.recover(clock.now());
    if (recovered.turns + recovered.repeated + recovered.unknown > 0) log.warn("recovered", recovered);
    engine.look();
  }

  /** Listens to the accounts that are this gateway's, and to no others. */
  function listen(): Promise<void> {
    applying = applying
      .then(async () => accounts.apply(current(), new Set(await records.pausedAccounts(tenant))))
      .catch((cause: unknown) => log.error("config-apply-fail", { cause }));
    return applying;
  }

  let applying: Promise<void> = Promise.resolve();
  /** Brings what runs to what is configured now, one change after the other. */
  function apply(): Promise<void> {
    applying = applying.then(async () => {
      try {
        setLevel((watch as ConfigurationWatch).current.log.level);
        await links.prepare();
        await models.apply(current());
        // Servers are asked what room their models have before the first turn wants to know it.
        for (const model of modelsNamed(current()).keys()) models.capabilities(model);
        // Thousands of documents take a while; until they are read, what was read before is found.
        void knowledge.apply(current().knowledge);
        await accounts.apply(current(), new Set(await records.pausedAccounts(tenant)));
        await records.noteAgents(tenant, toldOf(current()), clock.now());
        live.publish(tenant, { type: "config" });
      } catch (cause) {
        log.error("config-apply-fail", { cause });
      }
    });
    return applying;
  }

  const settings = { version: () => records.version(tenant), settings: () => records.settings(tenant) };
  watch = await watchConfiguration({ ...sources, clock, log, store: settings }, () => void apply());
  const ownTls = current().http.tls;
  const openedTls = ownTls && (await openTls(ownTls, { clock, log }));
  if (openedTls?.ok === false) {
    await watch.stop();
    await store.close();
    await connections.close();
    return openedTls;
  }
  const tls = openedTls?.value;
  await tellTime();
  const recovered = await store.recover(clock.now());
  if (recovered.turns + recovered.repeated + recovered.unknown > 0) log.warn("recovered", recovered);
  const access = new Access({ records, clock, log, tenant, others: cluster?.hearsay("attempt") });
  const setupToken = await access.prepareSetup(environment.POLYLOGUE_SETUP_TOKEN);
  const metrics = createMetrics({ version, tenant, live, own, membership, records, gateway, commits, pastReads: cached.reads });
  const traces = await startTraces({ version, environment, live, leads: membership.leads, clock, http, log, learn: mask.add });
  const pulse = watchPulse({ tenant, live, clock });
  const today = watchToday({ tenant, records, clock });
  const health = createHealth({ gateway, store, clock });
  /** What is said by the gateway itself: how it is rendered, and what follows once it is stored. */
  const said: Pick<RemindersDoor, "render" | "queued"> = {
    render: (message) => renderMessage({ store, clock, account: accounts.active }, message),
    queued({ conversation, deliveries, entries }, account) {
      tellLedger(live)(entries, conversation);
      engine.wake(`send:${conversation}`, { tenant, account }, deliveries.length);
    },
  };
  const backups = createBackups({
    ...{ home, version, clock, store, tenant, log, storeFile: storeFile(home), filesFolder: filesFolder(home) },
    settings: () => (watch as ConfigurationWatch).current.backups,
    folder: backupsFolder(home, environment),
    among: opened.value.shared && {
      ...{ gateway: replicaName, together: Boolean(environment.POLYLOGUE_BACKUPS), backupAlone: opened.value.shared.backupAlone },
    },
  });
  const handovers: HandoversDoor = { records, clock, log, live, configuration: current, render: said.render, wake: gateway.wake };
  const alerts = createAlerts({ tenant, clock, log, records, accounts: accounts.list, alerts: () => current().alerts });
  const notices = createNotices({
    ...{ tenant, clock, log, store, mask: mask.mask, ...(options.noticeTimes && { times: options.noticeTimes }) },
    changed: () => live.publish(tenant, { type: "finding" }),
    findings: gatherFindings({
      gateway: () => [...gateway.findings(), ...models.findings(), ...knowledge.findings()],
      store: () => storedFindings(records, tenant, clock.now()),
      pairings: () => pairingFindings(records, tenant, clock.now()),
      handovers: () => handoverFindings(records, tenant, clock.now()),
      budgets: () => budgetFindings(records, tenant, current(), models.prices, clock.now()),
      alerts: alerts.findings,
      backups: backups.findings,
      tls: () => tls?.findings() ?? [],
      machine: machineSource({ health, home, clock }),
      replicas: () => cluster?.findings() ?? [],
    }),
    settings: () => (watch as ConfigurationWatch).current.notices,
    ownWay: alerts.ownWay,
    publicUrl: () => current().http.publicUrl,
    usable: (account) => accounts.get(account)?.state === "ready",
    leads: membership.leads,
    ...said,
  });
  const config = createConfigDoor({ tenant, watch, records, clock, sources });
  const channels = { kinds: kinds.channels, load: kinds.channel };
  const webchat = createWebchat({
    ...{ tenant, gateway, store, live, clock, log, http: () => current().http },
    settings: (account) => accounts.active(account as AccountId)?.configuration.settings,
    key: () => keptKey("webchat-key", vault, log),
  });
  // Accounts first: a webhook that came before them would be told that its account doesn't exist.
  await apply();
  await cluster?.membership.join();
  // Before that there was nobody who could tell for all.
  if (cluster) await tellTime();
  const server = await startServer({
    door: {
      version,
      gateway,
      store,
      files,
      live,
      presenceElsewhere: cluster?.hearsay("presence"),
      access,
      config,
      vault,
      channels,
      providers: { kinds: kinds.providers, load: kinds.provider },
      notices,
      alerts,
      backups,
      pulse,
      today,
      tryRoutes: (text, where, configuration = current()) => tryRoutes(text, where, configuration, clock.now()),
      playground: createPlayground({
        ...{ clock, calls: gateway.calls, prices: models.prices, capabilities: models.capabilities, tokenizer: models.tokenizer },
        ...{ tools: models.anyTools, searchKnowledge: knowledge.search, fetchPage: (url, signal) => fetchPage(http, url, signal) },
      }),
      handovers,
      prices: models.prices,
      serverTools: models.serverTools,
      ...{ knowledge, clock, log, mask: mask.mask },
    },
    ...{ metrics, health, host: options.host, port: options.port },
    mounts: [
      webchat,
      links.mount,
      createModelEndpoint({
        ...{ gateway, access, configuration: current, clock, log },
        ...{ capabilities: models.capabilities, searchKnowledge: knowledge.search },
      }),
    ],
    ...webApp(),
    ...(tls && { tls }),
  });
  if (!server.ok) {
    tls?.stop();
    await watch.stop();
    await accounts.stop();
    await store.close();
    await connections.close();
    return server;
  }
  await gateway.start();
  notices.start();
  const stopCues = watchFindingCues({ tenant, live: own, budgets: () => current().budgets.length > 0, look: notices.soon });
  // The figures of the last hour come a moment later: nobody waits for them.
  pulse.fill(records).catch((cause: unknown) => log.warn("pulse-fill-fail", { cause }));
  const keep = () => {
    const { retention, limits, agents } = current();
    const answerHours = Math.max(0, ...[...agents.values()].map(({ whenDown }) => whenDown.cacheHours));
    return { ...retention, dedupeDays: limits.dedupeDays, answerHours };
  };
  const remind = () => sayDueReminders({ store, clock, log, ...said });
  const stopChores = startChores({
    leads: membership.leads,
    store,
    files,
    tenant,
    clock,
    log,
    keep,
    tellTime,
    changed() {
      gateway.wake();
      notices.soon();
    },
    remind,
    backUp: backups.makeDue,
    readDocuments: knowledge.look,
    lookAtAlerts: alerts.look,
    counted: () => live.publish(tenant, { type: "figures" }),
    returnDue: () => returnDue(handovers),
  });
  log.info("started", { version, url: server.value.url, home, accounts: accounts.list().length });

  return ok({
    address: server.value.url + (setupToken === undefined ? "" : `#setup=${setupToken}`),
    async stop() {
      health.leave();
      log.info("stopping", gateway.load());
      stopChores();
      webchat.close();
      await watch?.stop();
      stopCues();
      await notices.stop();
      await cluster?.membership.leave(drainMs);
      await Promise.all([gateway.drain(drainMs), server.value.close(drainMs)]);
      tls?.stop();
      metrics.stop();
      pulse.stop();
      await traces?.stop();
      await models.close();
      await knowledge.close();
      await cluster?.membership.end().catch((cause: unknown) => log.warn("leave-fail", { cause }));
      await cluster?.close();
      await store.close();
      await connections.close();
      log.info("stopped");
    },
  });
}

/** Loaded only where somebody receives them. */
async function startTraces(
  parts: Pick<GatewayOptions, "version" | "environment"> & {
    readonly live: Live;
    readonly leads: () => boolean;
    readonly clock: Clock;
    readonly http: HttpClient;
    readonly log: Log;
    readonly learn: (secret: string) => void;
  },
): Promise<Traces | undefined> {
  const { environment, live, leads, clock, learn } = parts;
  if (!environment.OTEL_EXPORTER_OTLP_ENDPOINT && !environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return undefined;
  const [{ createSpanSender, traceTarget }, { watchTraces }] = await Promise.all([import("./ops/otlp.ts"), import("./ops/traces.ts")]);
  const target = traceTarget(environment);
  if (!target) return undefined;
  for (const value of Object.values(target.headers)) learn(value);
  return watchTraces({ tenant, live, leads, clock, share: target.share, sender: createSpanSender({ ...parts, target }) });
}

function toldOf({ agents }: Configuration) {
  return [...agents.values()].map(({ id, version, instructions, examples, style, steps }) => ({
    agent: id,
    version,
    told: { instructions, examples, style, steps },
  }));
}

function webApp(): { ui?: string } {
  const ui = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../dist/ui/" : "./ui/", import.meta.url));
  return existsSync(ui) ? { ui } : {};
}

/** Nobody knows what is on disk any more: the next start reads what is really there. */
function die(fault: Fault, log: Log): void {
  log.error("store-fatal", { code: fault.code, why: fault.message });
  process.exit(1);
}

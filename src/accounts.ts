import type { AccountState } from "./core/account-state.ts";
import type { AccountStatus } from "./core/account-status.ts";
import { mayEnter } from "./core/admission.ts";
import { backoff } from "./core/backoff.ts";
import type { Account, Channel, Identity } from "./core/channel.ts";
import { type Clock, sleep } from "./core/clock.ts";
import { type MenuCommand, menuOf } from "./core/command-menu.ts";
import type { AccountConfiguration, Configuration } from "./core/configuration.ts";
import { cutOff } from "./core/cut-off.ts";
import type { OnUnknown, SendOutcome } from "./core/delivery.ts";
import { errorTable, type Fault, fail, fault, faultOf, ok, type Result } from "./core/errors.ts";
import type { PlatformEvent } from "./core/event.ts";
import { accountFinding, finding, partFinding, type SaidFinding } from "./core/finding.ts";
import type { AccountsDoor } from "./core/gateway.ts";
import type { HttpClient } from "./core/http.ts";
import type { AccountId, TenantId } from "./core/ids.ts";
import type { Live } from "./core/live.ts";
import type { Log } from "./core/log.ts";
import type { PackageLoader } from "./core/packages.ts";
import { say } from "./core/say.ts";
import type { FileStore } from "./core/store.ts";

export interface AccountsOptions {
  readonly tenant: TenantId;
  readonly loadChannel: (kind: string) => Promise<Channel | undefined>;
  /** Checks settings that aren't saved yet against the channel's schema and resolves their secrets. */
  readonly resolveSettings: (channel: Channel, settings: unknown) => Promise<Result<unknown>>;
  readonly receive: (account: AccountId, channel: string, events: readonly PlatformEvent[], cursor?: string) => Promise<unknown>;
  readonly cursor: (account: AccountId) => Promise<string | undefined>;
  readonly http: HttpClient;
  readonly files: FileStore;
  /** See `Account.state`. */
  readonly state?: (account: AccountId) => AccountState;
  readonly load?: PackageLoader;
  /** See `Account.fileUrl`. */
  readonly fileUrl?: NonNullable<Account["fileUrl"]>;
  readonly clock: Clock;
  readonly log: Log;
  readonly live: Live;
  readonly random: () => number;
  /** Whether this gateway listens to the account, and not another that it shares the store with. Absent: it has all. */
  readonly owns?: (account: AccountId) => boolean;
  /** How an account is that another one has. */
  readonly told?: (account: AccountId) => AccountStatus | undefined;
  /** Passes on what that one has to know or to do. */
  readonly elsewhere?: Pick<Accounts, "hooked" | "showTyping">;
}

/** A configured account at work. */
export interface ActiveAccount {
  readonly configuration: AccountConfiguration;
  readonly channel: Channel;
  readonly account: Account;
  /** Where the platform drops a second send, one that nobody knows of is repeated; elsewhere the operator decides. */
  readonly onUnknown: OnUnknown;
}

/** The configured accounts: each proves itself with a real round trip, listens, and keeps its health. */
export interface Accounts extends AccountsDoor {
  /** Starts what is new, restarts what changed, stops what is gone. */
  apply(configuration: Configuration, paused: ReadonlySet<AccountId>): Promise<void>;
  /** Whatever its health. */
  active(id: AccountId): ActiveAccount | undefined;
  /** Nothing while it can't send: paused, refused or not yet proven. Its deliveries wait. */
  usable(id: AccountId): ActiveAccount | undefined;
  /** The account that a platform's request is for. */
  reachable(id: string): Result<ActiveAccount>;
  /** How others' accounts are was told: asks for it. */
  hear(): void;
  /** What a send said about the credential. */
  report(id: AccountId, outcome: SendOutcome): void;
  /** Its sends fail one after the other, or one came through again. */
  failing(id: AccountId, why: Fault | undefined): void;
  /** A webhook came in, and was verified and stored, or why not. */
  hooked(id: AccountId, why: Fault | undefined): void;
  findings(): readonly SaidFinding[];
  stop(): Promise<void>;
}

interface Entry {
  readonly configuration: AccountConfiguration;
  readonly fingerprint: string;
  readonly owned: boolean;
  readonly channel: Channel;
  readonly onUnknown: OnUnknown;
  readonly aborter: AbortController;
  account: Account;
  status: AccountStatus;
  commands: readonly MenuCommand[];
  /** The last ones that the platform took. */
  shownCommands?: string;
  /** Parts of it that don't work, as `listen` told. */
  readonly troubles: Map<string, Fault>;
  running: Promise<void>;
}

const probeMs = 20_000;
/** Later it would be a sign of nothing. */
const typingMs = 4_000;
/** Milliseconds between two looks at an account that only waits for webhooks, or that was refused. */
const checkMs = 5 * 60_000;

export function createAccounts(options: AccountsOptions): Accounts {
  const { clock, log, live, tenant, owns = () => true } = options;
  const entries = new Map<AccountId, Entry>();

  function setStatus(entry: Entry, change: Pick<AccountStatus, "state"> & Partial<AccountStatus>): void {
    const { fault: _, ...before } = entry.status;
    const moved = before.state !== change.state;
    entry.status = { ...before, ...change, since: moved ? clock.now() : before.since };
    if (!moved) return;
    live.publish(tenant, { type: "account", account: entry.configuration.id });
    const fields = {
      account: entry.configuration.id,
      state: change.state,
      ...(change.fault ? { code: change.fault.code, why: change.fault.message } : {}),
    };
    if (change.state === "refused" || change.state === "retrying") log.warn("account-state", fields);
    else log.info("account-state", fields);
  }

  async function keep(entry: Entry): Promise<void> {
    const { signal } = entry.aborter;
    let failures = 0;
    while (!signal.aborted) {
      const fault = await proveAndListen(entry);
      if (signal.aborted) return;
      if (!fault) {
        failures = 0;
        await sleep(clock, entry.channel.listen ? 0 : checkMs, signal);
        continue;
      }
      const refused = !errorTable[fault.code].retryable;
      failures = entry.status.state === "ready" ? 1 : failures + 1;
      setStatus(entry, { state: refused ? "refused" : "retrying", fault });
      await sleep(clock, refused ? checkMs : Math.min(30_000, backoff(failures, undefined, options.random)), signal);
    }
  }

  async function proveAndListen(entry: Entry): Promise<Fault | undefined> {
    const { signal } = entry.aborter;
    try {
      const cut = cutOff(signal, { clock, ms: probeMs });
      const proven = await entry.channel.probe(entry.account, cut.signal).finally(cut.end);
      if (!proven.ok) return proven.fault;
      if (signal.aborted) return undefined;
      entry.account = { ...entry.account, identity: proven.value };
      setStatus(entry, { state: "ready", identity: proven.value, aliveAt: clock.now() });
      void showCommands(entry);
      if (!entry.channel.listen) return undefined;
      const { id, channel } = entry.configuration;
      const inbox = {
        cursor: await options.cursor(id),
        receive: async (events: readonly PlatformEvent[], cursor?: string) => void (await options.receive(id, channel, events, cursor)),
        alive: () => setStatus(entry, { state: "ready", aliveAt: clock.now() }),
        trouble: (part: string, why: Fault | undefined) => void (why ? entry.troubles.set(part, why) : entry.troubles.delete(part)),
      };
      entry.troubles.clear();
      return await entry.channel.listen(entry.account, inbox, signal);
    } catch (thrown) {
      const fault = faultOf(thrown);
      // A store that can't take an event has already said so; the rest is a bug in the channel.
      return fault.code === "internal" ? { ...fault, message: `${entry.channel.name} threw: ${fault.message}` } : fault;
    }
  }

  /** Nothing of the account waits for it, or fails with it. */
  async function showCommands(entry: Entry): Promise<void> {
    const { account, aborter, channel, commands, status } = entry;
    const wanted = JSON.stringify(commands);
    if (!channel.showCommands || status.state !== "ready" || entry.shownCommands === wanted) return;
    const cut = cutOff(aborter.signal, { clock, ms: probeMs });
    const why = await channel.showCommands(account, commands, cut.signal).catch(faultOf).finally(cut.end);
    if (!why) entry.shownCommands = wanted;
    else if (!aborter.signal.aborted) account.log.warn("commands-fail", { code: why.code, why: why.message });
  }

  async function open(
    configuration: AccountConfiguration,
    publicUrl: string | undefined,
    paused: boolean,
    commands: readonly MenuCommand[],
  ): Promise<void> {
    const { id } = configuration;
    const channel = await options.loadChannel(configuration.channel);
    if (!channel) return void entries.delete(id);
    const webhookUrl = publicUrl !== undefined && channel.webhook ? `${publicUrl.replace(/\/$/, "")}/hooks/${id}` : undefined;
    const address = webhookUrl === undefined ? {} : { webhookUrl };
    const owned = owns(id);
    const entry: Entry = {
      configuration,
      owned,
      fingerprint: fingerprintOf(configuration, publicUrl, { paused, owned }),
      channel,
      onUnknown: channel.idempotent === true ? "repeat" : configuration.onUnknown,
      aborter: new AbortController(),
      account: {
        ...accountOf(configuration.id, configuration.settings, address),
        ...(options.state && { state: options.state(id) }),
        admits: (where) => mayEnter(configuration.access, where),
      },
      status: { id, channel: configuration.channel, state: paused ? "paused" : "starting", since: clock.now(), ...address },
      commands,
      troubles: new Map(),
      running: Promise.resolve(),
    };
    entries.set(id, entry);
    live.publish(tenant, { type: "account", account: id });
    if (!owned) hear(entry);
    else if (!paused) entry.running = keep(entry);
  }

  /** What it is on the platform decides how its events are read, by whichever gateway takes them. */
  function hear(entry: Entry): void {
    const told = options.told?.(entry.configuration.id);
    if (!told) return;
    const { webhook } = entry.status;
    const changed = told.state !== entry.status.state || told.failing?.code !== entry.status.failing?.code;
    entry.status = { ...told, ...(webhook && { webhook }) };
    if (told.identity) entry.account = { ...entry.account, identity: told.identity };
    if (changed) live.publish(tenant, { type: "account", account: entry.configuration.id });
  }

  function accountOf(id: AccountId, settings: unknown, address: { webhookUrl?: string }): Account {
    const { http, files, fileUrl, load } = options;
    return {
      tenant,
      id,
      settings,
      http,
      clock,
      log: log.with({ account: id }),
      readFile: (file) => files.read(tenant, file),
      ...(fileUrl && { fileUrl }),
      ...(load && { load }),
      ...address,
    };
  }

  /** One that starts again stays in its place until then: what arrives meanwhile is stored, and nobody is told that it is gone. */
  async function close(entry: Entry, again: boolean): Promise<void> {
    entry.aborter.abort();
    if (!again) entries.delete(entry.configuration.id);
    await entry.running;
  }

  return {
    async apply(configuration, paused) {
      const { publicUrl } = configuration.http;
      const stale = [...entries.values()].filter((entry) => {
        const wanted = configuration.accounts.get(entry.configuration.id);
        return !wanted || fingerprintOf(wanted, publicUrl, { paused: paused.has(wanted.id), owned: owns(wanted.id) }) !== entry.fingerprint;
      });
      await Promise.all(stale.map((entry) => close(entry, configuration.accounts.has(entry.configuration.id))));
      const gone = new Set(stale);
      const fresh = [...configuration.accounts.values()].filter((wanted) => {
        const entry = entries.get(wanted.id);
        return !entry || gone.has(entry);
      });
      await Promise.all(fresh.map((wanted) => open(wanted, publicUrl, paused.has(wanted.id), menuOf(configuration, wanted))));
      for (const entry of entries.values()) {
        entry.commands = menuOf(configuration, entry.configuration);
        void showCommands(entry);
      }
    },
    active: (id) => entries.get(id),
    usable(id) {
      const entry = entries.get(id);
      return entry?.owned && entry.status.state === "ready" ? entry : undefined;
    },
    reachable(id) {
      const entry = entries.get(id as AccountId);
      if (!entry) return fail("account-unknown", say`there is no account ${JSON.stringify(id)}`);
      return entry.status.state === "paused" ? fail("account-paused", say`the account ${id} is paused`) : ok(entry);
    },
    hear() {
      for (const entry of entries.values()) if (!entry.owned) hear(entry);
    },
    report(id, outcome) {
      const entry = entries.get(id);
      if (!entry) return;
      if (outcome.kind === "sent") entry.status = { ...entry.status, aliveAt: clock.now() };
      else if (outcome.code === "channel-auth" && entry.status.state === "ready") {
        setStatus(entry, { state: "refused", fault: fault(outcome.code, outcome.message) });
      }
    },
    failing(id, why) {
      const entry = entries.get(id);
      if (!entry) return;
      const { failing: before, ...status } = entry.status;
      entry.status = why ? { ...status, failing: why } : status;
      if ((before === undefined) === (why === undefined)) return;
      live.publish(tenant, { type: "account", account: id });
      if (why) log.warn("account-failing", { account: id, code: why.code, why: why.message });
      else log.info("account-recovered", { account: id });
    },
    hooked(id, why) {
      const entry = entries.get(id);
      if (!entry) return;
      const at = clock.now();
      const { webhook: before = {}, ...status } = entry.status;
      entry.status = why
        ? { ...status, webhook: { ...before, refused: { at, fault: why } } }
        : { ...status, aliveAt: at, webhook: { ...before, verifiedAt: at } };
      const first = why ? before.refused?.fault.code !== why.code : before.verifiedAt === undefined;
      if (!first) return;
      live.publish(tenant, { type: "account", account: id });
      if (!entry.owned) options.elsewhere?.hooked(id, why);
    },
    list: () => [...entries.values()].map((entry) => entry.status),
    get: (id) => entries.get(id as AccountId)?.status,
    showTyping(id, chat) {
      if (!owns(id)) return options.elsewhere?.showTyping(id, chat);
      const { channel, account } = this.usable(id) ?? {};
      if (!channel?.typing || !account) return;
      const cut = cutOff(new AbortController().signal, { clock, ms: typingMs });
      channel
        .typing(account, chat, cut.signal)
        .catch((cause: unknown) => account.log.debug("typing-fail", { cause }))
        .finally(cut.end);
    },
    async probe(kind, settings): Promise<Result<Identity>> {
      const channel = await options.loadChannel(kind);
      if (!channel) return fail("account-invalid", say`there is no channel named ${JSON.stringify(kind)}`);
      const resolved = await options.resolveSettings(channel, settings);
      if (!resolved.ok) return resolved;
      const cut = cutOff(new AbortController().signal, { clock, ms: probeMs });
      try {
        const proven = await channel.probe(accountOf("probe" as AccountId, resolved.value, {}), cut.signal);
        return proven.ok ? ok(proven.value) : proven;
      } catch (thrown) {
        return { ok: false, fault: faultOf(thrown) };
      } finally {
        cut.end();
      }
    },
    async templates(id) {
      const entry = entries.get(id as AccountId);
      if (!entry) return fail("account-unknown", say`there is no account ${JSON.stringify(id)}`);
      if (!entry.channel.templates) return fail("template-refused", say`${entry.channel.name} has no templates`);
      const cut = cutOff(new AbortController().signal, { clock, ms: probeMs });
      try {
        return await entry.channel.templates(entry.account, cut.signal);
      } catch (thrown) {
        return { ok: false, fault: faultOf(thrown) };
      } finally {
        cut.end();
      }
    },
    findings: () => [...entries.values()].flatMap(findingsOf),
    async stop() {
      await Promise.all([...entries.values()].map((entry) => close(entry, false)));
    },
  };
}

function fingerprintOf(
  configuration: AccountConfiguration,
  publicUrl: string | undefined,
  at: { readonly paused: boolean; readonly owned: boolean },
): string {
  // The engine asks for the limit each time: a change of it alone is no reason to connect anew.
  return JSON.stringify([{ ...configuration, maxConcurrentRequests: undefined }, publicUrl, at]);
}

function findingsOf({ status: { id, state, fault, failing }, troubles }: Entry): SaidFinding[] {
  const subject = `accounts.${id}`;
  const findings = state === "ready" ? [...troubles].map(([part, why]) => partFinding(id, part, why)) : [];
  if (fault && (state === "refused" || state === "retrying")) findings.push(accountFinding(id, fault));
  if (failing && state !== "paused") {
    findings.push(
      finding(
        { code: "account-failing", severity: "warning", subject },
        say`Its sends fail, the last one so: ${failing}`,
        say`What is to be sent waits and goes out by itself once one attempt succeeds; look at the platform's status and your network.`,
      ),
    );
  }
  return findings;
}

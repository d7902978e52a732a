import type { AccountStatus } from "./core/account-status.ts";
import type { Cancel, Clock } from "./core/clock.ts";
import { FaultError } from "./core/errors.ts";
import { finding, type SaidFinding } from "./core/finding.ts";
import type { AccountId, TenantId } from "./core/ids.ts";
import type { Log } from "./core/log.ts";
import {
  type AccountOwner,
  fairShare,
  goneMs,
  leaderOf,
  type Membership,
  type Replica,
  type SharedStore,
  type Standing,
  silenceMs,
} from "./core/replica.ts";
import { say } from "./core/say.ts";

export interface MembershipOptions {
  readonly shared: SharedStore;
  readonly tenant: TenantId;
  readonly clock: Clock;
  readonly log: Log;
  /** Accounts that somebody has to work for: all that are configured. */
  readonly wanted: () => readonly AccountId[];
  /** How the accounts are that this one owns. */
  readonly statuses: () => readonly AccountStatus[];
  /** Other accounts are owned now. Resolves once what listens is what should. */
  readonly changed: (gained: boolean) => Promise<void>;
  /** How others' accounts are was told. */
  readonly told: () => void;
  /** Resolves when nothing of the account runs here. */
  readonly idle: (account: AccountId) => Promise<void>;
  /** Tells the others to beat now: something has come free. */
  readonly hurry: () => void;
}

/** A replica's place among the others, kept by a beat every second. */
export interface LivingMembership extends Membership {
  /** The first beat. */
  join(): Promise<void>;
  /** Beats now, because something has come free. */
  beat(): void;
  /** What is known of an account that another replica owns. */
  told(account: AccountId): AccountStatus | undefined;
  replicas(): readonly (Replica & { readonly accounts: number })[];
  /** Takes nothing more and lets go of each account once nothing of it runs, for at most so long. */
  leave(graceMs: number): Promise<void>;
  /** The last of it: afterwards the others may take what is left. */
  end(): Promise<void>;
}

const beatMs = 1_000;
/** After one that failed: the connection may be back at once. */
const againMs = 200;
/** Who could say nothing for so long stops by itself, before the others take over; sooner when it knows that its connection is gone. */
const aloneMs = silenceMs - 1_000;
const cutOffMs = goneMs - 700;

export function createMembership(options: MembershipOptions): LivingMembership {
  const { shared, clock, log, tenant } = options;
  let standing: Standing = { replicas: [], owners: new Map(), dead: [] };
  let owned: ReadonlySet<AccountId> = new Set();
  /** Accounts that are on their way to another. */
  const going = new Map<AccountId, Promise<void>>();
  let released: AccountId[] = [];
  /** What the others know of ours, as it was told. */
  const shown = new Map<AccountId, string>();
  let joined = false;
  let leaving = false;
  let ended = false;
  let beating: Promise<void> | undefined;
  let again = false;
  let cancelBeat: Cancel = () => {};
  let cancelAlone: Cancel = () => {};
  /** When the row of beats without a gap began, and the last of it. */
  let row: { readonly since: number; readonly last: number } | undefined;

  function statuses(): readonly AccountStatus[] {
    if (!joined) return [];
    return options.statuses().filter((status) => owned.has(status.id) && shown.get(status.id) !== JSON.stringify(status));
  }

  async function beatOnce(): Promise<void> {
    const began = clock.elapsed();
    if (row && began - row.last > 2 * beatMs + 500) row = undefined;
    const judges = row !== undefined && began - row.since > silenceMs;
    const [gone, changed] = [released, statuses()];
    released = [];
    try {
      // A long start must not look like a death; it takes nothing yet.
      const wanted = joined ? options.wanted() : [];
      standing = await shared.beat({ tenant, wanted, judges, leaving: leaving || !joined, released: gone, statuses: changed });
    } catch (thrown) {
      released = [...gone, ...released];
      throw thrown;
    }
    for (const status of changed) shown.set(status.id, JSON.stringify(status));
    for (const account of gone) going.delete(account);
    row = { since: row?.since ?? began, last: began };
    cancelAlone();
    cancelAlone = clock.after(Math.max(0, aloneMs - (clock.elapsed() - began)), stopAlone);
    for (const { id, name } of standing.dead) log.warn("replica-dead", { replica: id, name });
    if (!joined) return;
    await take();
    share();
  }

  /** Nobody could be told of this one's life: others may work for its accounts in a moment. */
  function stopAlone(): void {
    if (owned.size === 0) return;
    log.warn("replica-alone", { accounts: owned.size });
    row = undefined;
    void set(new Set());
  }

  async function set(now: ReadonlySet<AccountId>): Promise<void> {
    const gained = [...now].filter((account) => !owned.has(account));
    const lost = [...owned].filter((account) => !now.has(account));
    owned = now;
    for (const account of [...gained, ...lost]) shown.delete(account);
    shared.own(now);
    if (gained.length + lost.length > 0) log.info("accounts-owned", { owned: now.size, gained: gained.length, lost: lost.length });
    await options.changed(gained.length > 0);
  }

  async function take(): Promise<void> {
    const now = new Set<AccountId>();
    for (const [account, { replica }] of standing.owners) if (replica === shared.self && !going.has(account)) now.add(account);
    const same = now.size === owned.size && [...now].every((account) => owned.has(account));
    if (!same) await set(now);
    options.told();
  }

  /** Lets go of what is more than a fair share, while another has less. */
  function share(): void {
    const wanted = new Set(options.wanted());
    const others = standing.replicas.some(({ id, leaving }) => id !== shared.self && !leaving);
    const surplus = leaving
      ? [...owned]
      : others
        ? [...owned].filter((account) => wanted.has(account)).slice(fairShare(wanted.size, standing.replicas))
        : [];
    if (surplus.length === 0) return;
    for (const account of surplus) going.set(account, letGo(account));
    const kept = new Set([...owned].filter((account) => !going.has(account)));
    void set(kept).catch((cause: unknown) => log.error("membership-fail", { cause }));
  }

  async function letGo(account: AccountId): Promise<void> {
    await Promise.resolve();
    // No new lane of it starts; those that run come to their end, and what listens to it has stopped.
    await options.changed(false);
    await options.idle(account);
    released.push(account);
    beat();
    options.hurry();
  }

  function beat(): void {
    if (ended) return;
    if (beating) {
      again = true;
      return;
    }
    cancelBeat();
    let next = beatMs;
    beating = beatOnce()
      .catch((thrown: unknown) => {
        log.warn("beat-fail", { cause: thrown instanceof FaultError ? thrown.fault : thrown });
        next = againMs;
        if (row && clock.elapsed() - row.last > cutOffMs) stopAlone();
      })
      .finally(() => {
        beating = undefined;
        if (ended) return;
        cancelBeat = clock.after(again ? 0 : next, beat);
        again = false;
      });
  }

  cancelBeat = clock.after(beatMs, beat);
  const ownerOf = (account: AccountId): AccountOwner | undefined => standing.owners.get(account);

  return {
    self: shared.self,
    owns: (account) => owned.has(account),
    ownerOf: (account) => ownerOf(account)?.replica,
    leads: () => !leaving && leaderOf(standing.replicas)?.id === shared.self && row !== undefined,
    count: () => Math.max(1, standing.replicas.length),
    told: (account) => (owned.has(account) ? undefined : ownerOf(account)?.status),
    replicas: () =>
      standing.replicas.map((replica) => ({
        ...replica,
        accounts: [...standing.owners.values()].filter((owner) => owner.replica === replica.id).length,
      })),
    async join() {
      cancelBeat();
      await beating;
      cancelBeat();
      joined = true;
      await beatOnce();
      cancelBeat = clock.after(beatMs, beat);
    },
    beat,
    async leave(graceMs) {
      leaving = true;
      await beating;
      share();
      const over = Promise.withResolvers<void>();
      const cancel = clock.after(graceMs, over.resolve);
      await Promise.race([over.promise, Promise.all(going.values())]);
      cancel();
    },
    async end() {
      ended = true;
      cancelBeat();
      cancelAlone();
      await beating;
      await shared.leave();
    },
  };
}

/** What an operator should know about the others. */
export function replicaFindings(cutMs: number | undefined): readonly SaidFinding[] {
  if (cutMs === undefined || cutMs < 5_000) return [];
  return [
    finding(
      { code: "engine-unreachable", severity: "warning", subject: "POLYLOGUE_ENGINE" },
      say`Redis hasn't answered for ${Math.round(cutMs / 1_000)} seconds: what another replica took is begun up to a second later, and windows show others' news late.`,
      say`Nothing is lost, and it is used again by itself; see that the server runs and that this machine reaches it.`,
    ),
  ];
}

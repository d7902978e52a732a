import type { AccountStatus } from "./account-status.ts";
import type { AccountId, TenantId } from "./ids.ts";
import type { Instant } from "./terms.ts";

/** One gateway among those that share a store. Every start has a number of its own, and they grow: it is the upper part of its fences. */
export type ReplicaId = number;

export interface Replica {
  readonly id: ReplicaId;
  /** Told apart by people: a host and its port, a pod. */
  readonly name: string;
  readonly version: string;
  /** It stops, and takes no more accounts. */
  readonly leaving: boolean;
}

/** What a replica tells the others about once a second. */
export interface Beat {
  readonly tenant: TenantId;
  /** Accounts that somebody has to work for. */
  readonly wanted: readonly AccountId[];
  /** Accounts that it has let go of: nothing of them runs here any more. */
  readonly released: readonly AccountId[];
  /** How its accounts are, where that has changed. */
  readonly statuses: readonly AccountStatus[];
  readonly leaving: boolean;
  /** Whether it may call others dead: who was silent itself can't tell their silence from its own. */
  readonly judges: boolean;
}

/** How things stand after a beat. */
export interface Standing {
  /** Those that live, oldest first. */
  readonly replicas: readonly Replica[];
  readonly owners: ReadonlyMap<AccountId, AccountOwner>;
  /** Found dead by this beat: what they had is free. */
  readonly dead: readonly Replica[];
}

export interface AccountOwner {
  readonly replica: ReplicaId;
  /** As its owner last told. */
  readonly status?: AccountStatus;
}

/** A replica that was silent for longer is dead, and can't write any more. */
export const silenceMs = 5_000;
/** The same for one whose connection to the store is gone: a process that was killed leaves none, one that lives makes another. */
export const goneMs = 2_500;

/**
 * What a store offers that several gateways share. Each account has one owner at a time, and only the owner listens to it and
 * works on its lanes; so order, pacing and limits of an account are what they are in one process. What an owner that was
 * declared dead still tries to write is refused, whatever it thinks.
 */
export interface SharedStore {
  readonly self: ReplicaId;
  /** The same for all who share the store, and for nobody else. */
  readonly cluster: string;
  /** The wall clock of all of them, whatever their machines' clocks say. */
  now(): Instant;
  beat(beat: Beat): Promise<Standing>;
  /** Only lanes of these accounts are handed out, found due and recovered here from now on. */
  own(accounts: ReadonlySet<AccountId>): void;
  /** Makes a backup where no other gateway makes one; nothing, when one does. */
  backupAlone<Done>(work: () => Promise<Done>): Promise<Done | undefined>;
  /** The end of this process: what it still had is free. */
  leave(): Promise<void>;
}

/** Where a replica stands among the others, as far as it knows. */
export interface Membership {
  readonly self: ReplicaId;
  owns(account: AccountId): boolean;
  ownerOf(account: AccountId): ReplicaId | undefined;
  /** Whether it does what one alone has to do. */
  leads(): boolean;
  /** How many share the work: at least one. */
  count(): number;
}

/** A gateway without others. */
export const alone: Membership = { self: 0, owns: () => true, ownerOf: () => 0, leads: () => true, count: () => 1 };

/** Accounts that one replica takes at most, so that all have about as many. */
export function fairShare(accounts: number, replicas: readonly Replica[]): number {
  return Math.ceil(accounts / Math.max(1, replicas.filter(({ leaving }) => !leaving).length));
}

/** The oldest that stays. */
export function leaderOf(replicas: readonly Replica[]): Replica | undefined {
  return replicas.find(({ leaving }) => !leaving);
}

import type { LaneOwner } from "../core/engine.ts";

/** What stands in a queue: in one at a time. */
export interface Standing<One> {
  behind: One | undefined;
}

interface Queue<One> {
  first: One | undefined;
  last: One | undefined;
}

/** A tenant, an account or a sender; it exists while something of it waits or runs. */
export interface Group<Item> extends Standing<Group<Item>> {
  readonly key: string;
  readonly up: Group<Item> | undefined;
  /** A sender has none. */
  readonly groups: Map<string, Group<Item>> | undefined;
  /** Those of its groups that are to be picked, in turns. */
  readonly turns: Queue<Group<Item>>;
  /** A sender's own items. */
  readonly items: Queue<Item>;
  /** Whether it stands in the queue of the group above. */
  lined: boolean;
  /** Items in memory that don't run. */
  held: number;
  /** Those of them that stand in the line. */
  ready: number;
  running: number;
}

/**
 * A line in which tenants take turns, inside each its accounts, inside each its senders, and a sender's own items go first
 * come first served. Each step costs the same however many wait. An account that runs as much as it may stands aside.
 *
 * Room is shared by what is left of it (dynamic thresholds, Choudhury and Hahne 1998): a tenant holds no more than it
 * leaves to the others, an account no more than it leaves to its tenant, a sender no more than it leaves to its account. So
 * nobody fills it, and who comes new finds a place.
 */
export interface FairLine<Item> {
  /** Room for one item, or nothing when its owner has taken its share. */
  admit(owner: LaneOwner): Group<Item> | undefined;
  /** An admitted item enters the line. */
  push(sender: Group<Item>, item: Item): void;
  /** The next one; it counts as running until `end`. */
  shift(): Item | undefined;
  /** An admitted item that isn't in the line is given up. */
  dismiss(sender: Group<Item>): void;
  end(sender: Group<Item>): void;
  /** Limits may have changed. */
  review(): void;
  /** Items in memory that don't run. */
  readonly held: number;
  /** Those of them that can go as soon as there is a worker. */
  readonly ready: number;
  readonly running: number;
}

export interface FairLineOptions {
  /** Items held at most. */
  readonly room: number;
  /** Items of an account that run at the same time; asked each time. Nothing: no limit of its own. */
  readonly limit: (account: string) => number | undefined;
}

export function createFairLine<Item extends Standing<Item>>({ room, limit }: FairLineOptions): FairLine<Item> {
  const root = newGroup<Item>("", undefined, new Map());
  /** Accounts with ready items that run as much as they may. */
  const aside = new Set<Group<Item>>();

  function isFull({ key, running }: Group<Item>): boolean {
    const most = limit(key);
    return most !== undefined && running >= most;
  }

  /** The account and its tenant stand where they are picked, or the account stands aside. */
  function lineUp(account: Group<Item>): void {
    if (account.lined || !account.turns.first) return;
    if (isFull(account)) {
      if (aside.has(account)) return;
      aside.add(account);
      root.ready -= account.ready;
      return;
    }
    if (aside.delete(account)) root.ready += account.ready;
    const tenant = account.up as Group<Item>;
    standIn(tenant, account);
    if (!tenant.lined) standIn(root, tenant);
  }

  function countReady(account: Group<Item>, change: 1 | -1): void {
    account.ready += change;
    if (!aside.has(account)) root.ready += change;
  }

  function count(sender: Group<Item>, held: number, running: number): void {
    for (let group: Group<Item> | undefined = sender; group; group = group.up) {
      group.held += held;
      group.running += running;
    }
  }

  function forget(sender: Group<Item>): void {
    for (let group = sender; group.up && group.held === 0 && group.running === 0; group = group.up) group.up.groups?.delete(group.key);
  }

  return {
    admit({ tenant, account, sender = "" }) {
      const ofTenant = root.groups?.get(tenant);
      const ofAccount = ofTenant?.groups?.get(account);
      const ofSender = ofAccount?.groups?.get(sender);
      const taken = root.held + (ofTenant?.held ?? 0) + (ofAccount?.held ?? 0) + (ofSender?.held ?? 0);
      if (taken >= room) return undefined;
      const group = ofSender ?? senderIn(ofAccount ?? groupIn(ofTenant ?? groupIn(root, tenant), account), sender);
      count(group, 1, 0);
      return group;
    },

    push(sender, item) {
      const account = sender.up as Group<Item>;
      append(sender.items, item);
      if (!sender.lined) standIn(account, sender);
      countReady(account, 1);
      lineUp(account);
    },

    shift() {
      for (;;) {
        const tenant = leave(root);
        if (!tenant) return undefined;
        const account = leave(tenant) as Group<Item>;
        if (tenant.turns.first) standIn(root, tenant);
        if (isFull(account)) {
          // Its limit was lowered while it stood in the line.
          lineUp(account);
          continue;
        }
        const sender = leave(account) as Group<Item>;
        const item = take(sender.items) as Item;
        count(sender, -1, 1);
        countReady(account, -1);
        if (sender.items.first) standIn(account, sender);
        lineUp(account);
        return item;
      }
    },

    dismiss(sender) {
      count(sender, -1, 0);
      forget(sender);
    },

    end(sender) {
      count(sender, 0, -1);
      lineUp(sender.up as Group<Item>);
      forget(sender);
    },

    review() {
      for (const account of [...aside]) lineUp(account);
    },

    get held() {
      return root.held;
    },
    get ready() {
      return root.ready;
    },
    get running() {
      return root.running;
    },
  };
}

function newGroup<Item>(key: string, up: Group<Item> | undefined, groups?: Map<string, Group<Item>>): Group<Item> {
  // Senders come and go with every message: they get only what they need.
  const turns: Queue<Group<Item>> = groups ? { first: undefined, last: undefined } : none;
  const items: Queue<Item> = groups ? none : { first: undefined, last: undefined };
  return { key, up, groups, turns, items, behind: undefined, lined: false, held: 0, ready: 0, running: 0 };
}

/** Where nobody ever stands. */
const none: Queue<never> = { first: undefined, last: undefined };

function groupIn<Item>(up: Group<Item>, key: string): Group<Item> {
  const group = newGroup(key, up, new Map());
  up.groups?.set(key, group);
  return group;
}

function senderIn<Item>(up: Group<Item>, key: string): Group<Item> {
  const sender = newGroup(key, up);
  up.groups?.set(key, sender);
  return sender;
}

function standIn<Item>(up: Group<Item>, group: Group<Item>): void {
  group.lined = true;
  append(up.turns, group);
}

function leave<Item>(up: Group<Item>): Group<Item> | undefined {
  const group = take(up.turns);
  if (group) group.lined = false;
  return group;
}

function append<One extends Standing<One>>(queue: Queue<One>, one: One): void {
  one.behind = undefined;
  if (queue.last) queue.last.behind = one;
  else queue.first = one;
  queue.last = one;
}

function take<One extends Standing<One>>(queue: Queue<One>): One | undefined {
  const { first } = queue;
  if (!first) return undefined;
  queue.first = first.behind;
  if (!queue.first) queue.last = undefined;
  first.behind = undefined;
  return first;
}

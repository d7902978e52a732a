import type { Conversation } from "../../src/core/conversation.ts";
import type { Lane, Lease } from "../../src/core/engine.ts";
import { FaultError, fault, type Result } from "../../src/core/errors.ts";
import type { ConversationId, DeliveryId, EventId } from "../../src/core/ids.ts";
import type { QueuedEvent, Received, Store, TurnBegin } from "../../src/core/store.ts";
import type { Turn } from "../../src/core/turn.ts";
import type { Disk } from "./disk.ts";
import type { Random } from "./random.ts";
import type { Owner, Scheduler } from "./scheduler.ts";
import type { Witness } from "./witness.ts";

/** What was seen at the store's door, over all lives of the gateway. */
export class Seen {
  /** When the store said that a delivery exists, with the words that it has now. */
  readonly born = new Map<DeliveryId, number>();
  /** When the store said that control went to somebody else. */
  readonly takenOver = new Map<ConversationId, { readonly moment: number; readonly step: number }>();
  /** Where somebody asked for control, whether or not the store ever answered. */
  readonly wanted = new Set<ConversationId>();
  /** Deliveries that an operator answers for. */
  readonly settled = new Map<DeliveryId, number>();
  /** The order in which events were said to be stored. */
  readonly arrived = new Map<EventId, number>();
  /** The event whose turn was begun last, per conversation, until it ended. */
  readonly open = new Map<ConversationId, { readonly event: EventId; readonly life: Owner }>();
  readonly lastEnded = new Map<ConversationId, number>();
  /** By `<account>/<chat>`. */
  readonly conversations = new Map<string, ConversationId>();
  /** Model calls that are stored and not yet made, per conversation. */
  readonly intents = new Map<ConversationId, number>();
}

export interface StoreDoor {
  readonly life: Owner;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly witness: Witness;
  readonly seen: Seen;
  readonly disk: Pick<Disk, "fill">;
  readonly diskTrouble: () => number;
  readonly slowReads: () => number;
}

const reads = new Set(["nextEvent", "waitingEvents", "interrupted", "nextDelivery", "past", "history", "message", "due", "cursor"]);
/** Writes that end a stage: their first argument is the lease that allows them. */
const fenced = new Set([
  ...["ignoreEvent", "postponeEvent", "beginTurn", "stepTurn", "saveParts", "finishTurn", "retryTurn", "cancelTurn"],
  ...["beginDraft", "beginAttempt", "endAttempt", "draftSent", "draftRefused"],
]);
const silent = new Set(["due", "release", "lease", "version", "counts", "trace", "stories", "delivery", "conversation", "pausedAccounts"]);

/** The store as the gateway of one life sees it: slow or troubled at times, watched always, and silent once that life is over. */
export function watchedStore(real: Store, door: StoreDoor): { readonly store: Store; readonly leases: LeaseBook } {
  const leases = new LeaseBook();
  const never = new Promise<never>(() => {});

  async function call(target: object, name: string, given: readonly unknown[]): Promise<unknown> {
    if (door.life.over) return never;
    const valid = !fenced.has(name) || leases.holds(given[0] as Lease);
    try {
      await trouble(name);
      if (door.life.over) return await never;
      if (name === "setControl" && given[2] !== "agent") door.seen.wanted.add(given[1] as ConversationId);
      const result = await (target as Record<string, (...given: readonly unknown[]) => unknown>)[name]?.(...given);
      if (reads.has(name) && door.random.chance(door.slowReads())) await door.scheduler.pass(door.life, `read ${name}`);
      if (door.life.over) return await never;
      if (!silent.has(name)) door.witness.tell(`  ${name} ${told(given)} → ${told([result])}`);
      if (!valid && wrote(name, result)) door.witness.blame("law 3", `${name} was written with a void lease`);
      leases.note(name, given, result);
      note(door, name, given, result);
      return result;
    } catch (thrown) {
      if (door.life.over) return never;
      if (!silent.has(name)) door.witness.tell(`  ${name} ${told(given)} ✖ ${(thrown as Error).message}`);
      throw thrown;
    }
  }

  async function trouble(name: string): Promise<void> {
    if (silent.has(name) || reads.has(name) || !door.random.chance(door.diskTrouble())) return;
    // What becomes of a time that wasn't stored is the store's own business: there it fails, with all that it shares a commit with.
    if (name === "tellTime") return door.disk.fill();
    await door.scheduler.pass(door.life, `disk full for ${name}`);
    throw new FaultError(fault("store-unavailable", "the disk is full"));
  }

  const wrap = <Target extends object>(target: Target, kept: Partial<Target> = {}): Target => {
    const methods = Object.entries(target).filter(([, method]) => typeof method === "function");
    return {
      ...target,
      ...Object.fromEntries(methods.map(([name]) => [name, (...given: unknown[]) => call(target, name, given)])),
      ...kept,
    };
  };
  return { store: wrap(real, { records: wrap(real.records) }), leases };
}

/** Which leases hold, by what the store gave and took back. */
export class LeaseBook {
  readonly #held = new Map<Lane, number>();

  holds({ lane, fence }: Lease): boolean {
    return this.#held.get(lane) === fence;
  }

  lanes(): readonly Lease[] {
    return [...this.#held].map(([lane, fence]) => ({ lane, fence }));
  }

  void(lane: Lane): void {
    this.#held.delete(lane);
  }

  note(name: string, [given]: readonly unknown[], result: unknown): void {
    if (name === "lease" && result) this.#held.set((result as Lease).lane, (result as Lease).fence);
    if (name === "release" && this.holds(given as Lease)) this.#held.delete((given as Lease).lane);
  }
}

function wrote(name: string, result: unknown): boolean {
  if (name === "beginAttempt") return (result as { kind: string }).kind === "begun";
  if (name === "beginDraft") return result !== undefined;
  return (result as { ok: boolean }).ok;
}

function note({ life, witness, seen, scheduler }: StoreDoor, name: string, given: readonly unknown[], result: unknown): void {
  const done = (result as { ok?: boolean } | undefined)?.ok === true;
  const born = (id: DeliveryId) => seen.born.set(id, witness.moment());
  const more = (conversation: ConversationId) => seen.intents.set(conversation, (seen.intents.get(conversation) ?? 0) + 1);
  const end = (conversation: ConversationId, event: EventId) => {
    if (seen.open.get(conversation)?.event === event) seen.open.delete(conversation);
  };
  const endTurn = (conversation: ConversationId, event: EventId) => {
    end(conversation, event);
    seen.lastEnded.set(conversation, Math.max(seen.lastEnded.get(conversation) ?? 0, seen.arrived.get(event) ?? 0));
  };
  switch (name) {
    case "receive":
      for (const { event, duplicate } of result as readonly Received[]) if (!duplicate) seen.arrived.set(event, witness.moment());
      break;
    case "beginTurn": {
      if (!done) break;
      const { event } = given[1] as TurnBegin;
      const conversation = event.conversation.id;
      seen.conversations.set(`${event.account}/${event.conversation.chat.id}`, conversation);
      const open = seen.open.get(conversation);
      if (open && open.event !== event.id && open.life === life) {
        witness.blame("order", `the turn of ${event.id} began while that of ${open.event} was open`);
      }
      if ((seen.arrived.get(event.id) ?? Number.POSITIVE_INFINITY) < (seen.lastEnded.get(conversation) ?? 0)) {
        witness.blame("order", `the turn of ${event.id} began after that of a later event had ended`);
      }
      seen.open.set(conversation, { event: event.id, life });
      more(conversation);
      break;
    }
    case "stepTurn":
      if (done && (given[2] as { next?: unknown }).next) more((given[1] as Turn).conversation);
      break;
    case "finishTurn": {
      if (!done) break;
      const { turn } = given[1] as { turn: Turn };
      for (const id of (result as Extract<Result<{ deliveries: readonly DeliveryId[] }>, { ok: true }>).value.deliveries) born(id);
      endTurn(turn.conversation, turn.event);
      break;
    }
    case "cancelTurn":
      if (done) endTurn((given[1] as Turn).conversation, (given[1] as Turn).event);
      break;
    case "ignoreEvent":
      if (done) end((given[1] as QueuedEvent).conversation.id, (given[1] as QueuedEvent).id);
      break;
    case "beginDraft":
      if (result !== undefined) born(result as DeliveryId);
      break;
    case "enqueue":
      for (const id of (result as { deliveries: readonly DeliveryId[] }).deliveries) born(id);
      break;
    case "settle":
      for (const { id } of result as readonly { id: DeliveryId }[]) seen.settled.set(id, witness.moment());
      break;
    case "setControl": {
      const changed = result as Conversation | undefined;
      if (changed && changed.control !== "agent") seen.takenOver.set(changed.id, { moment: witness.moment(), step: scheduler.steps });
      break;
    }
  }
}

/** Ids and kinds of what went in or came out; enough to follow, and the same in every run. */
function told(values: readonly unknown[]): string {
  return values.map(word).filter(Boolean).join(" ");
}

function word(value: unknown): string {
  if (Array.isArray(value)) return value.map(word).join(",");
  if (typeof value !== "object" || value === null) return String(value ?? "");
  if ("lane" in value) return String(value.lane);
  if ("ok" in value)
    return value.ok ? `ok ${word((value as { value?: unknown }).value)}` : `✖ ${word((value as { fault?: unknown }).fault)}`;
  if ("turn" in value) return word(value.turn);
  if ("kind" in value) return `${String(value.kind)} ${"delivery" in value ? word(value.delivery) : ""}`.trim();
  if ("stage" in value) return `${String(value.stage)}${"reason" in value ? `(${String(value.reason)})` : ""}`;
  if ("outcome" in value) return word(value.outcome);
  if ("event" in value && typeof value.event === "string") return value.event;
  if ("id" in value) return String(value.id);
  if ("code" in value) return String(value.code);
  if ("deliveries" in value) return word(value.deliveries);
  return "";
}

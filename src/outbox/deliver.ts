import { backoff } from "../core/backoff.ts";
import type { Account, Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import type { Limits } from "../core/configuration.ts";
import { cutOff } from "../core/cut-off.ts";
import type { Delivery, SendOutcome } from "../core/delivery.ts";
import type { Lease, Worked } from "../core/engine.ts";
import { faultOf } from "../core/errors.ts";
import type { AccountId, ConversationId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { OutboxStore } from "../core/store.ts";
import type { Gate, Judgement } from "./gate.ts";
import type { Pace } from "./pace.ts";

export interface DeliverDoor {
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly gate: Gate;
  readonly random: () => number;
  readonly limits: () => Pick<Limits, "deliveryAttempts" | "deliveryAgeMs">;
  /** The account, when it can send now; otherwise its deliveries wait, in order, until it can. */
  readonly account: (id: AccountId) => { readonly channel: Channel; readonly account: Account } | undefined;
  /** What the account's credential met: its health, and a finding when a person must act. */
  readonly report: (id: AccountId, outcome: SendOutcome) => void;
  readonly tell: (entries: readonly LedgerEntry[], conversation: ConversationId) => void;
}

const sendMs = 60_000;
const probeMs = 20_000;

/**
 * Sends the conversation's first delivery, if it is due. Law 4: the attempt is stored before the platform hears of it,
 * the outcome after. Answers when the lane wants to run again; nothing when it has to be woken: by the gate, where it waits
 * for a place or its pace.
 */
export async function deliverNext(
  door: DeliverDoor,
  lease: Lease,
  account: AccountId,
  conversation: ConversationId,
  signal: AbortSignal,
): Promise<Worked> {
  const { store, clock, gate } = door;
  if (signal.aborted) return {};
  const from = door.account(account);
  if (!from) {
    gate.away(account);
    return {};
  }
  const place = gate.enter(account, conversation);
  if (place === undefined || typeof place === "number") return { againInMs: place };
  try {
    if (place.probing) {
      const next = await store.nextDelivery(conversation);
      if (!next || next.dueAt > clock.now()) return { againInMs: next && next.dueAt - clock.now() };
      if (!(await proves(door, from, conversation, signal))) return {};
    }
    return await attempt(door, lease, conversation, from, signal);
  } finally {
    place.leave();
  }
}

type From = NonNullable<ReturnType<DeliverDoor["account"]>>;

/**
 * Before a message is risked on a platform that failed, it has to answer at all: a send into the void would leave one more
 * outcome that nobody knows.
 */
async function proves({ clock, gate }: DeliverDoor, from: From, conversation: ConversationId, stop: AbortSignal): Promise<boolean> {
  const { channel, account } = from;
  if (channel.idempotent === true) return true;
  const cut = cutOff(stop, { clock, ms: probeMs });
  const proven = await channel.probe(account, cut.signal).catch((thrown: unknown) => ({ ok: false, fault: faultOf(thrown) }) as const);
  cut.end();
  if (proven.ok || stop.aborted) return proven.ok;
  const { code, message } = proven.fault;
  gate.heard({ account: account.id, conversation }, { kind: "retry", code, message });
  return false;
}

async function attempt(door: DeliverDoor, lease: Lease, conversation: ConversationId, from: From, signal: AbortSignal): Promise<Worked> {
  const { store, clock, gate } = door;
  const account = from.account.id;
  const turn = door.pace.take(account, conversation, from.channel.limits.rate);
  if (turn.waitMs > 0) {
    gate.later(account, conversation, turn.waitMs, turn.whose);
    return {};
  }
  // The clock may be set from here on: the store moves what it holds, not what is held here.
  const started = clock.now();
  const begun = await store.beginAttempt(lease, conversation, started);
  if (begun.kind !== "begun") {
    turn.giveBack();
    return begun.kind === "wait" ? { againInMs: Math.max(1, begun.dueAt - clock.now()) } : {};
  }
  const { delivery } = begun;
  door.tell(begun.entries, conversation);
  const cut = cutOff(signal, { clock, ms: sendMs });
  const outcome = await send(from, delivery, cut.signal);
  cut.end();
  door.report(account, outcome);
  const judgement = gate.heard({ account, conversation, delivery: delivery.id }, outcome);
  const awaited = from.channel.receipts === true;
  const end = { outcome, awaited, at: clock.now(), ...retryOf(door, delivery, started - delivery.createdAt, outcome, judgement) };
  const written = await store.endAttempt(lease, delivery, end);
  if (!written.ok) return {};
  const { entries, more } = written.value;
  door.tell(entries, conversation);
  return end.retryAt === undefined ? { more } : { againInMs: Math.max(1, end.retryAt - clock.now()) };
}

async function send({ channel, account }: From, delivery: Delivery, signal: AbortSignal): Promise<SendOutcome> {
  const { id, chat, content, heardAt } = delivery;
  const outbound = { delivery: id, chat, content, ...(heardAt !== undefined && { heardAt }) };
  try {
    if (delivery.receipt !== undefined && channel.edit) {
      const edited = await channel.edit(account, { ...outbound, receipt: delivery.receipt }, signal);
      // The draft is gone (its reader deleted it): the answer still has to arrive. A platform that dedupes would take it for
      // the draft, and nobody would see it.
      if (edited.kind !== "refused" || edited.code !== "channel-permanent" || channel.idempotent) return edited;
    }
    return await channel.send(account, outbound, signal);
  } catch (thrown) {
    account.log.error("channel-throw", { delivery: delivery.id, cause: thrown });
    return { kind: "unknown", code: "channel-unknown", message: `the channel threw: ${faultOf(thrown).message}` };
  }
}

/**
 * Whether there is a next try, and when. An outcome that nobody knows is repeated only where repeating changes nothing,
 * or where the operator said so; the store keeps it as `unknown` otherwise. Attempts that failed because the platform
 * failed all alike don't count, but where each may reach people once more they do.
 */
function retryOf(
  door: DeliverDoor,
  delivery: Delivery,
  ageMs: number,
  outcome: SendOutcome,
  judgement: Judgement,
): { retryAt?: number; spared?: boolean } {
  const again = outcome.kind === "retry" || (outcome.kind === "unknown" && delivery.onUnknown !== "hold");
  if (!again) return {};
  const now = door.clock.now();
  const { deliveryAttempts, deliveryAgeMs } = door.limits();
  const spared = judgement.spared && (outcome.kind === "retry" || delivery.onUnknown === "repeat" || delivery.receipt !== undefined);
  const counted = delivery.attempts - delivery.spared - (spared ? 1 : 0);
  if (counted >= deliveryAttempts || ageMs > deliveryAgeMs) return {};
  const ownMs = spared ? 0 : backoff(counted, undefined, door.random);
  return { retryAt: now + Math.max(ownMs, judgement.waitMs), spared };
}

import { backoff } from "../core/backoff.ts";
import type { Account, Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import type { Limits } from "../core/configuration.ts";
import { cutOff } from "../core/cut-off.ts";
import type { Delivery, SendOutcome } from "../core/delivery.ts";
import type { Lease } from "../core/engine.ts";
import { faultOf } from "../core/errors.ts";
import type { AccountId, ConversationId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { OutboxStore } from "../core/store.ts";
import type { Pace } from "./pace.ts";

export interface DeliverDoor {
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly random: () => number;
  readonly limits: () => Pick<Limits, "deliveryAttempts" | "deliveryAgeMs">;
  /** The account, when it can send now; otherwise its deliveries wait, in order, until it can. */
  readonly account: (id: AccountId) => { readonly channel: Channel; readonly account: Account } | undefined;
  /** What the account's credential met: its health, and a finding when a person must act. */
  readonly report: (id: AccountId, outcome: SendOutcome) => void;
  readonly tell: (entries: readonly LedgerEntry[], conversation: ConversationId) => void;
}

const sendMs = 60_000;

/**
 * Sends the conversation's first delivery, if it is due. Law 4: the attempt is stored before the platform hears of it,
 * the outcome after. Answers in how many milliseconds the lane wants to run again (0: one is sent, there may be more);
 * nothing when it has to be woken.
 */
export async function deliverNext(
  door: DeliverDoor,
  lease: Lease,
  conversation: ConversationId,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { store, clock, pace } = door;
  const next = await store.nextDelivery(conversation);
  const from = next && door.account(next.account);
  if (!from || signal.aborted) return undefined;
  if (next.dueAt > clock.now()) return next.dueAt - clock.now();
  const place = pace.take(next.account, conversation, from.channel.limits.rate);
  if (place.waitMs > 0) return place.waitMs;
  const attempt = await store.beginAttempt(lease, conversation, clock.now());
  if (attempt.kind !== "begun") {
    place.giveBack();
    return attempt.kind === "wait" ? Math.max(1, attempt.dueAt - clock.now()) : undefined;
  }
  door.tell(attempt.entries, conversation);
  const cut = cutOff(signal, { clock, ms: sendMs });
  const outcome = await send(from, attempt.delivery, cut.signal);
  cut.end();
  door.report(next.account, outcome);
  const end = { outcome, at: clock.now(), ...retryOf(door, attempt.delivery, outcome) };
  const written = await store.endAttempt(lease, attempt.delivery, end);
  if (!written.ok) return undefined;
  door.tell(written.value, conversation);
  return end.retryAt === undefined ? 0 : Math.max(1, end.retryAt - clock.now());
}

async function send(
  { channel, account }: { channel: Channel; account: Account },
  delivery: Delivery,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const outbound = { delivery: delivery.id, chat: delivery.chat, content: delivery.content };
  try {
    if (delivery.receipt !== undefined && channel.edit) {
      const edited = await channel.edit(account, { ...outbound, receipt: delivery.receipt }, signal);
      // The draft is gone (its reader deleted it): the answer still has to arrive.
      if (edited.kind !== "refused" || edited.code !== "channel-permanent") return edited;
    }
    return await channel.send(account, outbound, signal);
  } catch (thrown) {
    account.log.error("channel-throw", { delivery: delivery.id, cause: thrown });
    return { kind: "unknown", code: "channel-unknown", message: `the channel threw: ${faultOf(thrown).message}` };
  }
}

/**
 * Whether there is a next try, and when. An outcome that nobody knows is repeated only where repeating changes nothing,
 * or where the operator said so; the store keeps it as `unknown` otherwise.
 */
function retryOf(door: DeliverDoor, delivery: Delivery, outcome: SendOutcome): { retryAt?: number } {
  const again = outcome.kind === "retry" || (outcome.kind === "unknown" && delivery.onUnknown !== "hold");
  if (!again) return {};
  const now = door.clock.now();
  const { deliveryAttempts, deliveryAgeMs } = door.limits();
  if (delivery.attempts >= deliveryAttempts || now - delivery.createdAt > deliveryAgeMs) return {};
  const afterMs = outcome.kind === "retry" ? outcome.afterMs : undefined;
  if (afterMs !== undefined) door.pace.hold(delivery.conversation, afterMs);
  return { retryAt: now + backoff(delivery.attempts, afterMs, door.random) };
}

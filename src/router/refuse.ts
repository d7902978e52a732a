import type { Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import type { DeliveryContent, OnUnknown } from "../core/delivery.ts";
import type { Lease } from "../core/engine.ts";
import { type ConversationId, type MessageId, newId } from "../core/ids.ts";
import type { IgnoreReason, LedgerEntry } from "../core/ledger.ts";
import { type Live, tellControl } from "../core/live.ts";
import { type Part, textPart } from "../core/message.ts";
import { pairingCodeFor, pairingText } from "../core/pairing.ts";
import { planned } from "../core/planned.ts";
import type { Notice, QueuedEvent, Store } from "../core/store.ts";
import type { Guard } from "./guard.ts";

export interface RefuseDoor {
  readonly store: Pick<Store, "ignoreEvent" | "pairing" | "records">;
  readonly clock: Clock;
  readonly guard: Pick<Guard, "notice">;
  /** The outbox's plan of a message. */
  readonly plan: (parts: readonly Part[], channel: Channel, message: MessageId) => readonly DeliveryContent[];
  readonly tell: (entries: readonly LedgerEntry[], conversation: ConversationId) => void;
  readonly live: Live;
  /** A notice is stored, and its deliveries are queued. */
  readonly answered: (queued: QueuedEvent, notice: Pick<Notice, "message" | "parts" | "deliveries"> & { readonly at: number }) => void;
}

/**
 * Ends an event without a turn, tells the sender where that is due, and pauses a conversation in which machines answer each
 * other. `say`: what the sender is told in place of the guard's own sentence. Answers in how many milliseconds to look at the lane again; nothing when that is another's business.
 */
export async function refuseEvent(
  door: RefuseDoor,
  lease: Lease,
  queued: QueuedEvent,
  reason: IgnoreReason,
  from: { readonly channel: Channel; readonly onUnknown: OnUnknown } | undefined,
  say?: string,
): Promise<number | undefined> {
  const { store, clock, guard } = door;
  const { tenant, conversation } = queued;
  const at = clock.now();
  if (reason === "loop-guard") {
    const paused = await store.records.setControl(tenant, conversation.id, "paused", conversation.controlVersion, "loop-guard", at);
    // Somebody changed it meanwhile: the event is decided anew.
    if (!paused) return 0;
    tellControl(door.live, paused);
  }
  const told = from && (reason === "sender-unpaired" ? await pairingNotice(door, queued, at) : guard.notice(queued, reason, at, say));
  const notice = told && noticeOf(door, told, from, at);
  const written = await store.ignoreEvent(lease, queued, reason, at, notice);
  if (!written.ok) return undefined;
  door.tell(written.value, conversation.id);
  if (notice && written.value.some(({ stage }) => stage === "delivery-queued")) door.answered(queued, { ...notice, at });
  return 0;
}

/** A stranger who writes is told a code, now and then. */
async function pairingNotice({ store }: RefuseDoor, { tenant, account, event }: QueuedEvent, at: number): Promise<Told | undefined> {
  if (event.kind !== "message") return undefined;
  const { sender } = event;
  const code = pairingCodeFor(await store.pairing(tenant, account, sender.id), at);
  return code === undefined ? undefined : { text: pairingText(code), pairing: { sender, code, at } };
}

type Told = Pick<Notice, "onceOn" | "pairing"> & { readonly text: string };

function noticeOf(
  door: RefuseDoor,
  { text, onceOn, pairing }: Told,
  { channel, onUnknown }: { readonly channel: Channel; readonly onUnknown: OnUnknown },
  at: number,
): Notice {
  const message = newId("message", at);
  const parts = [textPart(text)];
  return { message, parts, deliveries: planned(door.plan(parts, channel, message), { channel, onUnknown }), onceOn, pairing };
}

import type { Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import type { DeliveryContent, OnUnknown } from "../core/delivery.ts";
import type { Engine } from "../core/engine.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import type { Chat } from "../core/event.ts";
import type { OperatorMessage } from "../core/gateway.ts";
import { type AccountId, type ConversationId, type MessageId, newId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { Part } from "../core/message.ts";
import { planned } from "../core/planned.ts";
import { say } from "../core/say.ts";
import type { EnqueuedMessage, NewOutbound, Store } from "../core/store.ts";
import { checkTemplate } from "../core/template.ts";
import { planDeliveries } from "./render.ts";

export interface EnqueueDoor {
  readonly store: Store;
  readonly clock: Clock;
  /** The running gateway's. A command beside it has none: the gateway finds in the store what it left there. */
  readonly tell?: (entries: readonly LedgerEntry[], conversation: ConversationId) => void;
  readonly wake?: Engine["wake"];
  /** Absent: files have no address of their own. */
  readonly plan?: (parts: readonly Part[], channel: Channel, message: MessageId) => readonly DeliveryContent[];
  readonly account: (id: AccountId) => { readonly channel: Channel; readonly onUnknown: OnUnknown } | undefined;
}

/** Stores an operator's message with its deliveries, and wakes its conversation's lane: they leave in order. */
export async function enqueueMessage(door: EnqueueDoor, message: OperatorMessage): Promise<Result<EnqueuedMessage>> {
  const outbound = await renderMessage(door, message);
  if (!outbound.ok) return outbound;
  const queued = await door.store.enqueue(outbound.value);
  const { tenant, account } = outbound.value;
  door.tell?.(queued.entries, queued.conversation);
  door.wake?.(`send:${queued.conversation}`, { tenant, account }, queued.deliveries.length);
  return ok(queued);
}

/** The same, ready to be stored. */
export async function renderMessage(door: EnqueueDoor, asked: OperatorMessage): Promise<Result<NewOutbound>> {
  const { tenant, to, parts, notice, purpose = notice ? "notice" : "message" } = asked;
  const { records } = door.store;
  const known = await ("conversation" in to
    ? records.conversation(tenant, to.conversation)
    : records.findConversation(tenant, to.account, to.chat, to.thread));
  if (!known && "conversation" in to) return fail("not-found", say`there is no conversation ${to.conversation}`);
  const account = known?.account ?? (to as { account: AccountId }).account;
  const from = door.account(account);
  if (!from) return fail("account-unknown", say`there is no account ${account}`);
  const { templates, byHand, name } = from.channel;
  for (const part of parts) {
    if (part.type !== "template") continue;
    const checked = templates ? checkTemplate(part) : fail("template-refused", say`${name} has no templates`);
    if (!checked.ok) return checked;
  }
  const at = door.clock.now();
  const message = newId("message", at);
  const contents = (door.plan ?? planDeliveries)(parts, from.channel, message);
  const about = { ...(templates && { purpose }), ...(byHand && asked.byHand && { byHand }) };
  const deliveries = planned(
    contents.map((content) => ({ ...content, ...about })),
    from,
  );
  const chat = known?.chat ?? newChat(to as { chat: string; thread?: string });
  const by = notice ? ({ author: "system", notice } as const) : ({ author: "operator" } as const);
  return ok({ tenant, account, channel: from.channel.kind, chat, ...by, message, parts, deliveries, at });
}

/** Nobody has written from there yet, so nothing says whether it is a group; the stricter kind paces it. */
function newChat({ chat, thread }: { readonly chat: string; readonly thread?: string }): Chat {
  return { id: chat, kind: "group", ...(thread === undefined ? {} : { thread }) };
}

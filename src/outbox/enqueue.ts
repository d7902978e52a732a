import type { Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import type { OnUnknown } from "../core/delivery.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import type { Chat } from "../core/event.ts";
import type { OperatorMessage } from "../core/gateway.ts";
import { type AccountId, type ConversationId, type DeliveryId, type MessageId, newId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { Store } from "../core/store.ts";
import { planDeliveries } from "./render.ts";

export interface EnqueueDoor {
  readonly store: Store;
  readonly clock: Clock;
  readonly account: (id: AccountId) => { readonly channel: Channel; readonly onUnknown: OnUnknown } | undefined;
}

export interface Enqueued {
  readonly conversation: ConversationId;
  readonly message: MessageId;
  readonly deliveries: readonly DeliveryId[];
  readonly entries: readonly LedgerEntry[];
}

/** Stores an operator's message with its deliveries; they leave in the order of their conversation. */
export async function enqueueMessage(door: EnqueueDoor, { tenant, to, parts }: OperatorMessage): Promise<Result<Enqueued>> {
  const { records } = door.store;
  const known = await ("conversation" in to
    ? records.conversation(tenant, to.conversation)
    : records.findConversation(tenant, to.account, to.chat, to.thread));
  if (!known && "conversation" in to) return fail("not-found", `there is no conversation ${to.conversation}`);
  const account = known?.account ?? (to as { account: AccountId }).account;
  const from = door.account(account);
  if (!from) return fail("account-unknown", `there is no account ${account}`);
  const at = door.clock.now();
  const message = newId("message", at);
  const deliveries = planDeliveries(parts, from.channel, message).map((content) => ({ content, onUnknown: from.onUnknown }));
  const chat = known?.chat ?? newChat(to as { chat: string; thread?: string });
  return ok(
    await door.store.enqueue({ tenant, account, channel: from.channel.kind, chat, author: "operator", message, parts, deliveries, at }),
  );
}

/** Nobody has written from there yet, so nothing says whether it is a group; the stricter kind paces it. */
function newChat({ chat, thread }: { readonly chat: string; readonly thread?: string }): Chat {
  return { id: chat, kind: "group", ...(thread === undefined ? {} : { thread }) };
}

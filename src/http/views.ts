import type { Actor } from "../access/actor.ts";
import type { Conversation, PastMessage } from "../core/conversation.ts";
import type { DeadLetter } from "../core/dead.ts";
import type { Delivery } from "../core/delivery.ts";
import { type Fault, hintOf } from "../core/errors.ts";
import type { HandoverRecord } from "../core/handover.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { NoticePlace } from "../core/notice.ts";
import type { ConversationSummary, StoredMessage, Story, Trace } from "../core/records.ts";
import type { Speak } from "../languages/speak.ts";
import type { Tested, ToldFinding } from "../ops/notices.ts";

/** What of our records the API shows. Each names its fields: what is added to a record isn't shown by accident. */

export function showConversation(of: Conversation) {
  const { id, account, channel, chat, control, controlVersion, agent, handover } = of;
  return { id, account, channel, chat, control, controlVersion, ...present({ agent, handover }) };
}

export function showHandover({ tenant: _, ...of }: HandoverRecord & { readonly seq: number }) {
  const { id, seq, conversation, since, by, assignedAt } = of;
  const { reason, summary, assignee, returnAt, agent, takenAt, endedAt, endedBy, note, score, scoredAt } = of;
  const more = { reason, summary, assignee, returnAt, agent, takenAt, endedAt, endedBy, note, score, scoredAt };
  return { id, seq, conversation, since, by, assignedAt, ...present(more) };
}

export function showSummary(of: ConversationSummary) {
  const { cursor, lastAt, lastPreview, unread, unreadCount, trouble } = of;
  return { ...showConversation(of), cursor, lastAt, lastPreview, unread, unreadCount, trouble };
}

export function showPastMessage(of: PastMessage) {
  const { id, conversation, direction, author, sender, parts, at } = of;
  return { id, conversation, direction, ...present({ author, sender }), parts, at };
}

export function showMessage(of: StoredMessage) {
  return { ...showPastMessage(of), seq: of.seq, trace: of.trace, ...present({ delivery: of.delivery, broken: of.broken }) };
}

export function showDelivery(of: Delivery, speak: Speak) {
  const {
    id,
    trace,
    account,
    conversation,
    chat,
    message,
    turn,
    state,
    content,
    attempts,
    dueAt,
    createdAt,
    onUnknown,
    receipt,
    confirmed,
    error,
  } = of;
  const file = content.file && (content.file.name ?? content.file.type);
  const fields = { id, trace, account, conversation, chat, message, state, text: content.visible, attempts, dueAt, createdAt, onUnknown };
  return { ...fields, ...present({ turn, file, receipt, confirmed, error: error && { ...error, message: speak(error) } }) };
}

export function showDeadLetter(of: DeadLetter, speak: Speak) {
  const { id, state, trace, account, conversation, chat, attempts, createdAt, at, preview, error } = of;
  const cause = { ...error, message: speak(error) };
  return { id, state, trace, account, conversation, chat, attempts, createdAt, at, preview, error: cause };
}

export function showEntry(of: LedgerEntry) {
  const { trace, stage, at, reason, detail } = of;
  return { trace, stage, at, ...present({ reason, detail }) };
}

export function showStory(of: Story) {
  const { trace, cursor, conversation, account, channel, senderName, preview, state, reason, delivery, receivedAt, endedAt } = of;
  return {
    trace,
    cursor,
    conversation,
    account,
    channel,
    preview,
    state,
    receivedAt,
    ...present({ senderName, reason, delivery, endedAt }),
  };
}

export function showTrace(of: Trace, speak: Speak) {
  const event = of.event && { id: of.event.id, kind: of.event.kind, key: of.event.key, state: of.event.state, repeats: of.event.repeats };
  return {
    trace: of.trace,
    ...present({ joined: of.joined }),
    conversation: showConversation(of.conversation),
    ...present({ event }),
    messages: of.messages.map(showPastMessage),
    entries: of.entries.map(showEntry),
    deliveries: of.deliveries.map((one) => showDelivery(one, speak)),
  };
}

export function showFinding({ finding, since, told }: ToldFinding, speak: Speak) {
  const { code, severity, subject, message, hint, said = { message, hint } } = finding;
  const spoken = { message: speak(said.message), hint: speak(said.hint) };
  return { code, severity, subject, ...spoken, ...present({ since }), told: told.map((one) => ({ ...showPlace(one), at: one.at })) };
}

export function showPlace({ account, chat, thread }: NoticePlace) {
  return { account, chat, ...present({ thread }) };
}

export function showTest({ place, result }: Tested, speak: Speak) {
  return { ...showPlace(place), ...(result.ok ? { message: result.value.message } : { fault: showFault(result.fault, speak) }) };
}

export function showFault(of: Fault, speak: Speak) {
  return { code: of.code, message: speak(of), hint: speak(hintOf(of.code)) };
}

export function showActor(of: Actor) {
  const { id, name, role, createdAt } = of.operator;
  return { operator: { id, name, role, createdAt }, role: of.role, via: of.via, label: of.label, ...present({ expiresAt: of.expiresAt }) };
}

/** Without the fields that are undefined. */
export function present<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

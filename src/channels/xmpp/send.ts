import { randomUUID } from "node:crypto";
import { type Element, xml } from "@xmpp/client";
import type { Outbound, Reaction } from "../../core/channel.ts";
import { outcomeOfFault, type SendOutcome } from "../../core/delivery.ts";
import { type Fault, fault, ok, type Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { looksLikeDelivery } from "../../core/ids.ts";
import { ns } from "../../wires/xmpp/names.ts";
import type { Room } from "../../wires/xmpp/room.ts";
import type { XmppConnection } from "./connection.ts";
import { upload } from "./upload.ts";

/** What XML has no way to write. https://www.w3.org/TR/xml/#charsets */
const unwritable = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/**
 * One message, under the delivery's id: what comes back with it, from a room or an archive, is known as ours. What an earlier connection left open may have
 * arrived: then it stands in the chat's archive.
 */
export async function send(connection: XmppConnection, { chat, content, delivery }: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const reached = await reach(connection, chat);
  if (!reached.ok) return outcomeOfFault(reached.fault);
  const arrived = (await connection.arrived(chat)).get(delivery);
  if (arrived !== undefined) return { kind: "sent", receipt: arrived };
  const file = content.file && (await upload(connection.account, connection.stream, content.file, signal));
  if (file && !file.ok) return outcomeOfFault(file.fault);
  const url = file?.value;
  const words = bodyOf(url ?? content.text);
  const parts = [
    ...words,
    ...(url === undefined ? [] : [xml("x", { xmlns: ns.oob }, xml("url", {}, url))]),
    ...(content.replyTo === undefined
      ? []
      : [xml("reply", { xmlns: ns.reply, id: content.replyTo, to: chat.kind === "direct" ? chat.id : undefined })]),
    ...(chat.kind === "direct" ? [xml("request", { xmlns: ns.receipts }), xml("markable", { xmlns: ns.markers })] : []),
    xml("active", { xmlns: ns.chatStates }),
  ];
  return write(connection, chat, delivery, parts, signal);
}

/** https://xmpp.org/extensions/xep-0308.html: the last correction counts, so one that is sent twice changes nothing. */
export async function edit(
  connection: XmppConnection,
  { chat, content, receipt }: Outbound & { readonly receipt: string },
  signal: AbortSignal,
): Promise<SendOutcome> {
  const reached = await reach(connection, chat);
  if (!reached.ok) return outcomeOfFault(reached.fault);
  const room = reached.value;
  // In a room the receipt is the room's id; a correction names the sender's.
  const own = receipt.replace(/^called:/, "");
  const called = !room || looksLikeDelivery(own) ? own : (room.calledOf(receipt) ?? (await calledOf(connection, chat, receipt)));
  if (called === undefined) return { kind: "refused", code: "channel-permanent", message: "the room's archive has the message no more" };
  const outcome = await write(
    connection,
    chat,
    randomUUID(),
    [...bodyOf(content.text), xml("replace", { xmlns: ns.correct, id: called })],
    signal,
  );
  return outcome.kind === "sent" ? { kind: "sent", receipt } : outcome;
}

/** https://xmpp.org/extensions/xep-0444.html: all of our reactions to the message, which are one or none. */
export function react(
  connection: XmppConnection,
  { chat, platformId, reaction }: Reaction,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const reactions = reaction === undefined ? [] : [xml("reaction", {}, reaction)];
  return tell(
    connection,
    chat,
    [xml("reactions", { xmlns: ns.reactions, id: platformId }, ...reactions), xml("store", { xmlns: ns.hints })],
    signal,
  );
}

/** https://xmpp.org/extensions/xep-0424.html */
export function retract(
  connection: XmppConnection,
  { chat, receipt }: { readonly chat: Chat; readonly receipt: string },
  signal: AbortSignal,
) {
  const instead = xml("body", {}, "This message was taken back, but your app doesn't know how to hide it.");
  const fallback = xml("fallback", { xmlns: ns.fallback, for: ns.retract });
  return tell(
    connection,
    chat,
    [instead, fallback, xml("retract", { xmlns: ns.retract, id: receipt }), xml("store", { xmlns: ns.hints })],
    signal,
  );
}

/** https://xmpp.org/extensions/xep-0085.html */
export function typing(connection: XmppConnection, chat: Chat): void {
  if (chat.kind === "group" && !connection.rooms.known.get(chat.id)?.joined) return;
  connection.stream.hint(messageTo(chat, randomUUID(), [xml("composing", { xmlns: ns.chatStates }), xml("no-store", { xmlns: ns.hints })]));
}

/** What we called a message of which only the room's id is known. */
async function calledOf(connection: XmppConnection, chat: Chat, receipt: string): Promise<string | undefined> {
  for await (const { message, place } of connection.newest(chat, 3)) if (place.id === receipt) return message.attrs.id;
  return undefined;
}

async function tell(connection: XmppConnection, chat: Chat, parts: readonly Element[], signal: AbortSignal): Promise<Fault | undefined> {
  const reached = await reach(connection, chat);
  if (!reached.ok) return reached.fault;
  const outcome = await write(connection, chat, randomUUID(), parts, signal);
  return outcome.kind === "sent" ? undefined : fault(outcome.code, outcome.message);
}

async function write(
  connection: XmppConnection,
  chat: Chat,
  id: string,
  parts: readonly Element[],
  signal: AbortSignal,
): Promise<SendOutcome> {
  const origin = xml("origin-id", { xmlns: ns.ids, id });
  const outcome = await connection.stream.deliver(messageTo(chat, id, [...parts, origin]), signal);
  if (outcome.kind === "unknown") connection.forget(chat);
  const lost = outcome.kind === "refused" && chat.kind === "group" && !connection.rooms.known.has(chat.id) && !connection.isGone(chat.id);
  return lost ? { kind: "retry", code: "channel-retry", message: `the room doesn't count us in any more: ${outcome.message}` } : outcome;
}

function messageTo(chat: Chat, id: string, parts: readonly Element[]): Element {
  return xml("message", { to: chat.id, type: chat.kind === "group" ? "groupchat" : "chat", id }, ...parts);
}

function bodyOf(text: string): Element[] {
  return text === "" ? [] : [xml("body", {}, text.replace(unwritable, "\u{fffd}"))];
}

async function reach(connection: XmppConnection, chat: Chat): Promise<Result<Room | undefined>> {
  return chat.kind === "group" ? connection.enter(chat.id) : ok(undefined);
}

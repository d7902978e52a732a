import type { Outbound, Reaction } from "../../core/channel.ts";
import type { SendOutcome } from "../../core/delivery.ts";
import { emojiName } from "../../core/emoji-names.ts";
import { type Fault, fault } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import type { FilePart } from "../../core/message.ts";
import { outgoingFile } from "../../core/outgoing-file.ts";
import { failed, fieldsOf, multipart, outcomeOf } from "../../core/platform-call.ts";
import { type Answer, call, idShape, unnamed } from "./api.ts";
import type { RocketAccount } from "./settings.ts";

/** Bytes of one file; the server's default for `FileUpload_MaxFileSize` is 100 MB. */
export const maxUploadBytes = 50_000_000;

const nowhere = failed("channel-permanent", "the chat or message has no id of Rocket.Chat's").fault;

/**
 * https://developer.rocket.chat/apidocs/send-message. The message gets the delivery's id as its own. Of a second one with it the server stores nothing,
 * but then stumbles over having nothing to answer (its sendMessage.ts and normalizeMessagesForUser.ts): an error without a name. So after such
 * an answer the message is asked for.
 */
export async function send(account: RocketAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const { chat, content, delivery } = outbound;
  if (!isPlace(chat)) return outcomeOf(nowhere);
  if (content.file) return sendFile(account, outbound, content.file, signal);
  const message = { _id: delivery, rid: chat.id, msg: content.text, ...(chat.thread ? { tmid: chat.thread } : {}) };
  const answer = await call(account, "POST", "chat.sendMessage", { json: { message, ...previews(account) }, signal });
  const sent = answer.ok ? idIn(answer.value) : undefined;
  if (sent) return { kind: "sent", receipt: sent };
  if (answer.ok || answer.fault.word === unnamed) {
    const found = await call(account, "GET", `chat.getMessage?msgId=${delivery}`, { signal });
    if (found.ok && idIn(found.value) === delivery) return { kind: "sent", receipt: delivery };
  }
  if (!answer.ok) return outcomeOf(answer.fault);
  return { kind: "unknown", code: "channel-unknown", message: "Rocket.Chat accepted the message, but its answer names none" };
}

/**
 * https://developer.rocket.chat/apidocs/upload-file-to-a-room-media and -confirm. The message is said with the second call, under an id of the server's: it has
 * no key against doubles.
 */
async function sendFile(account: RocketAccount, { chat, content }: Outbound, file: FilePart, signal: AbortSignal): Promise<SendOutcome> {
  const read = await outgoingFile(account, file, maxUploadBytes);
  if (!read.ok) return { kind: "refused", code: "file-refused", message: read.fault.message };
  const form = await multipart({}, [{ field: "file", ...read.value }]);
  const uploaded = await call(account, "POST", `rooms.media/${chat.id}`, { form, signal });
  if (!uploaded.ok) return outcomeOf({ ...uploaded.fault, sure: true });
  const { _id: id } = fieldsOf(uploaded.value.fields.file);
  const json = { msg: content.text, ...(chat.thread ? { tmid: chat.thread } : {}) };
  const answer = await call(account, "POST", `rooms.mediaConfirm/${chat.id}/${encodeURIComponent(String(id))}`, { json, signal });
  if (!answer.ok) return outcomeOf(answer.fault);
  const receipt = idIn(answer.value);
  return receipt
    ? { kind: "sent", receipt }
    : { kind: "unknown", code: "channel-unknown", message: "Rocket.Chat took the file, but names no message" };
}

type Edit = Outbound & { readonly receipt: string };

/** https://developer.rocket.chat/apidocs/update-message */
export async function edit(account: RocketAccount, { chat, content, receipt }: Edit, signal: AbortSignal): Promise<SendOutcome> {
  if (!isPlace(chat) || !idShape.test(receipt)) return outcomeOf(nowhere);
  const json = { roomId: chat.id, msgId: receipt, text: content.text, ...previews(account) };
  const answer = await call(account, "POST", "chat.update", { json, signal });
  return answer.ok ? { kind: "sent", receipt } : outcomeOf(answer.fault);
}

/** https://developer.rocket.chat/apidocs/delete-message */
export async function remove(
  account: RocketAccount,
  { chat, receipt }: Pick<Edit, "chat" | "receipt">,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  if (!isPlace(chat) || !idShape.test(receipt)) return nowhere.fault;
  const answer = await call(account, "POST", "chat.delete", { json: { roomId: chat.id, msgId: receipt }, signal });
  return answer.ok || answer.fault.fault.message.includes("No message found") ? undefined : answer.fault.fault;
}

/** https://developer.rocket.chat/apidocs/react-to-message. What we had on the message before is taken away. */
export async function react(account: RocketAccount, { platformId, reaction }: Reaction, signal: AbortSignal): Promise<Fault | undefined> {
  const wanted = reaction === undefined ? undefined : emojiName(reaction);
  if (wanted === undefined && reaction !== undefined) return fault("channel-permanent", "no name of Rocket.Chat's is known for this emoji");
  if (!idShape.test(platformId)) return nowhere.fault;
  const got = await call(account, "GET", `chat.getMessage?msgId=${platformId}`, { signal });
  if (!got.ok) return got.fault.fault;
  const all = Object.entries(fieldsOf(fieldsOf(got.value.fields.message).reactions));
  const self = account.identity?.name.slice(1) ?? "";
  const ours = all.flatMap(([name, of]) => ([fieldsOf(of).usernames].flat().includes(self) ? [name.replaceAll(":", "")] : []));
  const changes = [
    ...ours.filter((one) => one !== wanted).map((one) => [one, false] as const),
    ...(wanted ? [[wanted, true] as const] : []),
  ];
  for (const [emoji, shouldReact] of changes) {
    const answer = await call(account, "POST", "chat.react", { json: { messageId: platformId, emoji, shouldReact }, signal });
    if (!answer.ok) return answer.fault.fault;
  }
  return undefined;
}

/** The method that its clients call (notifications.module.ts), by https://developer.rocket.chat/apidocs/method-call. Clients forget it by themselves. */
export async function typing(account: RocketAccount, chat: Chat, signal: AbortSignal): Promise<void> {
  const params = [`${chat.id}/user-activity`, account.identity?.name.slice(1), ["user-typing"], chat.thread ? { tmid: chat.thread } : {}];
  const message = JSON.stringify({ msg: "method", id: "typing", method: "stream-notify-room", params });
  if (isPlace(chat)) await call(account, "POST", "method.call/stream-notify-room", { json: { message }, signal });
}

function previews({ settings }: RocketAccount): { readonly previewUrls?: readonly string[] } {
  return settings.linkPreviews ? {} : { previewUrls: [] };
}

function idIn({ fields }: Answer): string | undefined {
  const { _id: id } = fieldsOf(fields.message);
  return typeof id === "string" ? id : undefined;
}

function isPlace({ id, thread }: Chat): boolean {
  return idShape.test(id) && (thread === undefined || idShape.test(thread));
}

import { crc32 } from "node:zlib";
import type { Outbound, Preview, PreviewOutcome, Reaction } from "../../core/channel.ts";
import type { SendOutcome } from "../../core/delivery.ts";
import { type Fault, fault, type Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { fieldsOf, outcomeOf } from "../../core/platform-call.ts";
import { type ApiFailure, call, type Upload } from "./api.ts";
import { chatId, isOfGroup, messageId, messageNumber } from "./ids.ts";
import type { TelegramAccount } from "./settings.ts";
import { placeFile } from "./upload.ts";

interface Request {
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The parameter that holds the text in HTML. */
  readonly words: "text" | "caption";
  readonly upload?: Upload;
  /** It is about a message of the group that the chat was, which no supergroup has. */
  readonly bound?: boolean;
  /** What to try instead when Telegram can't show the file in this way. */
  readonly plainer?: Request;
}

/** https://core.telegram.org/bots/api#sendmessage and the methods for files below it. */
export async function send(account: TelegramAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const { chat, content } = outbound;
  const answered = content.replyTo === undefined ? undefined : messageNumber(chat, content.replyTo);
  const where = {
    chat_id: chatId(chat.id),
    message_thread_id: chat.thread === undefined ? undefined : Number(chat.thread),
    reply_parameters: answered === undefined ? undefined : { message_id: answered, allow_sending_without_reply: true },
    reply_markup: keyboard(outbound),
  };
  if (!content.file) {
    return deliver(account, outbound, { method: "sendMessage", parameters: { ...where, ...previews(account) }, words: "text" }, signal);
  }
  const placed = await placeFile(account, content.file);
  if (!placed.ok) return { kind: "refused", code: placed.fault.code, message: placed.fault.message };
  const [best, ...others] = placed.value.map(({ method, field, fileId, upload }): Request => {
    return { method, parameters: fileId ? { ...where, [field]: fileId } : where, words: "caption", ...(upload ? { upload } : {}) };
  });
  return deliver(account, outbound, { ...(best as Request), ...(others[0] ? { plainer: others[0] } : {}) }, signal);
}

/** https://core.telegram.org/bots/api#editmessagetext; the caption is what can be changed of a message with a file. */
export async function edit(
  account: TelegramAccount,
  outbound: Outbound & { readonly receipt: string },
  signal: AbortSignal,
): Promise<SendOutcome> {
  const number = messageNumber(outbound.chat, outbound.receipt);
  if (number === undefined) return { kind: "refused", code: "channel-permanent", message: leftBehind };
  const target = { chat_id: chatId(outbound.chat.id), message_id: number, reply_markup: keyboard(outbound) };
  const bound = isOfGroup(outbound.receipt);
  const request: Request = outbound.content.file
    ? { method: "editMessageCaption", parameters: target, words: "caption", bound }
    : { method: "editMessageText", parameters: { ...target, ...previews(account) }, words: "text", bound };
  const outcome = await deliver(account, outbound, request, signal);
  // "message is not modified" comes before anything else is looked at: it shows just what it was to show.
  return outcome.kind === "refused" && /message is not modified/.test(outcome.message)
    ? { kind: "sent", receipt: outbound.receipt }
    : outcome;
}

/**
 * https://core.telegram.org/bots/api#sendmessagedraft: shown for 30 seconds, replaced by the next of the same `draft_id`, gone
 * with the bot's next message.
 */
export async function preview(account: TelegramAccount, { turn, chat, content }: Preview, signal: AbortSignal): Promise<PreviewOutcome> {
  const parameters = {
    chat_id: chatId(chat.id),
    message_thread_id: chat.thread === undefined ? undefined : Number(chat.thread),
    // Any positive number: it only tells this answer's previews from another's.
    draft_id: crc32(turn) & 0x7fffffff || 1,
  };
  const answer = await call(account, "sendMessageDraft", { ...parameters, text: content.text, parse_mode: "HTML" }, { signal });
  if (answer.ok) return { kind: "sent" };
  const { status, word = "" } = answer.fault;
  // A server of before March 2026 doesn't know the method, or not for every bot (TEXTDRAFT_PEER_INVALID).
  if (status === 404 || status === 400) return { kind: "refused", code: "channel-permanent", message: word };
  return outcomeOf(answer.fault);
}

/** https://core.telegram.org/bots/api#setmessagereaction: one at most; Telegram's emoji come without the mark that asks for colour. */
export async function react(account: TelegramAccount, reaction: Reaction, signal: AbortSignal): Promise<Fault | undefined> {
  const emoji = reaction.reaction?.replaceAll("\u{FE0F}", "");
  const number = messageNumber(reaction.chat, reaction.platformId);
  if (number === undefined) return fault("channel-permanent", leftBehind);
  const parameters = {
    chat_id: chatId(reaction.chat.id),
    message_id: number,
    reaction: emoji === undefined ? [] : [{ type: "emoji", emoji }],
  };
  const answer = await call(account, "setMessageReaction", parameters, { signal });
  if (answer.ok) return undefined;
  return answer.fault.word?.includes("REACTION_INVALID")
    ? fault("channel-permanent", `Telegram has no reaction ${emoji}, or this chat doesn't allow it`)
    : answer.fault.fault;
}

/** https://core.telegram.org/bots/api#deletemessage: for 48 hours. */
export async function remove(
  account: TelegramAccount,
  { chat, receipt }: { readonly chat: Chat; readonly receipt: string },
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const number = messageNumber(chat, receipt);
  if (number === undefined) return fault("channel-permanent", leftBehind);
  const answer = await call(account, "deleteMessage", { chat_id: chatId(chat.id), message_id: number }, { signal });
  return answer.ok || /message to delete not found/.test(answer.fault.word ?? "") ? undefined : answer.fault.fault;
}

const leftBehind = "the message was left behind when the group became a supergroup";

/**
 * Makes the call, and makes it once more in a simpler way where Telegram said clearly that it did nothing: without
 * markup it can't parse, as a plain document, or in the supergroup that the group became.
 */
async function deliver(account: TelegramAccount, outbound: Outbound, request: Request, signal: AbortSignal): Promise<SendOutcome> {
  const { text, visible } = outbound.content;
  const formatted = text ? { [request.words]: text, parse_mode: "HTML" } : {};
  let current = request;
  let words: Readonly<Record<string, unknown>> = formatted;
  let answer = await attempt(account, current, words, signal);
  for (let tries = 0; !answer.ok && answer.fault.sure && tries < 3; tries++) {
    const { word: description = "", migratedTo, status } = answer.fault;
    if (migratedTo !== undefined && current.parameters.chat_id !== Number(migratedTo)) {
      account.log.info("telegram-chat-migrated", { from: outbound.chat.id, to: migratedTo });
      if (current.bound) return { kind: "refused", code: "channel-permanent", message: leftBehind };
      current = { ...current, parameters: { ...current.parameters, chat_id: Number(migratedTo), reply_parameters: undefined } };
    } else if (status === 400 && /can't parse entities/i.test(description) && words === formatted) {
      account.log.warn("telegram-markup-refused", { delivery: outbound.delivery, description });
      words = { [current.words]: visible };
    } else if (status === 400 && current.plainer && unshowable.test(description)) {
      current = { ...current.plainer, parameters: { ...current.plainer.parameters, chat_id: current.parameters.chat_id } };
    } else break;
    answer = await attempt(account, current, words, signal);
  }
  if (!answer.ok) return outcomeOf(answer.fault);
  const { message_id: id, chat } = fieldsOf(answer.value);
  if (Number.isSafeInteger(id)) return { kind: "sent", receipt: messageId({ message_id: Number(id), chat: fieldsOf(chat) }) };
  return { kind: "unknown", code: "channel-unknown", message: `Telegram accepted ${current.method}, but its answer names no message` };
}

function attempt(
  account: TelegramAccount,
  request: Request,
  words: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<Result<unknown, ApiFailure>> {
  const { upload } = request;
  return call(account, request.method, { ...request.parameters, ...words }, { signal, ...(upload ? { uploads: [upload] } : {}) });
}

/** Refusals of a photo, video, … whose bytes are fine as a document. */
const unshowable = /PHOTO_|IMAGE_PROCESS_FAILED|VIDEO_|VOICE_|wrong (file|type)|failed to get HTTP URL content|unsupported file/i;

function previews(account: TelegramAccount): { link_preview_options: { is_disabled: boolean } } {
  return { link_preview_options: { is_disabled: !account.settings.linkPreviews } };
}

/** https://core.telegram.org/bots/api#inlinekeyboardbutton: the token is made to fit the 64 bytes of callback_data, a link has none. */
function keyboard({ content }: Outbound): unknown {
  if (!content.buttons?.length) return undefined;
  return {
    inline_keyboard: content.buttons.map((row) =>
      row.map(({ label, token, url }) => ({ text: label, ...(url === undefined ? { callback_data: token } : { url }) })),
    ),
  };
}

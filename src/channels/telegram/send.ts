import { crc32 } from "node:zlib";
import type { Outbound, Preview, PreviewOutcome, Reaction } from "../../core/channel.ts";
import type { SendOutcome, ShownPart } from "../../core/delivery.ts";
import { type Fault, fault } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { fieldsOf, outcomeOf } from "../../core/platform-call.ts";
import { call, type Upload } from "./api.ts";
import { chatId, isOfGroup, messageId, messageNumber } from "./ids.ts";
import type { TelegramAccount } from "./settings.ts";
import { fields, methods, type Placed, placeFile } from "./upload.ts";

interface Request {
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The parameter that holds the text in HTML; absent where nothing is said besides. */
  readonly words?: "text" | "caption";
  /** Of an album; the first one has the caption. */
  readonly media?: readonly Readonly<Record<string, unknown>>[];
  readonly uploads?: readonly Upload[];
  /** It is about a message of the group that the chat was, which no supergroup has. */
  readonly bound?: boolean;
  /** What to try instead when Telegram can't show it in this way. */
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
    const text: Request = { method: "sendMessage", parameters: { ...where, ...previews(account) }, words: "text" };
    const shown = content.shown && shownBy(content.shown);
    const request: Request = shown ? { method: shown.method, parameters: { ...where, ...shown.parameters }, plainer: text } : text;
    return deliver(account, outbound, request, signal);
  }
  const files = [content.file, ...(content.album ?? [])];
  const placed: (readonly Placed[])[] = [];
  for (const file of files) {
    const ways = await placeFile(account, file);
    if (!ways.ok) return { kind: "refused", code: ways.fault.code, message: ways.fault.message };
    placed.push(ways.value);
  }
  const request = files.length > 1 ? albumOf : ([way]: readonly Placed[]) => fileOf(way as Placed);
  const best = request(placed.map(([way]) => way as Placed));
  const plain = request(placed.map((ways) => ways.at(-1) as Placed));
  const all = (one: Request): Request => ({ ...one, parameters: { ...where, ...one.parameters } });
  return deliver(account, outbound, { ...all(best), ...(placed.some(({ length }) => length > 1) ? { plainer: all(plain) } : {}) }, signal);
}

function fileOf({ type, fileId, upload }: Placed): Request {
  const field = fields[type];
  const parameters = fileId ? { [field]: fileId } : {};
  return { method: methods[type], parameters, words: "caption", ...(upload ? { uploads: [{ ...upload, field }] } : {}) };
}

/** https://core.telegram.org/bots/api#sendmediagroup: documents and music only among themselves. */
function albumOf(files: readonly Placed[]): Request {
  const alike = files.every(({ type }) => type === files[0]?.type || (type !== "file" && type !== "audio"));
  const media = files.map(({ type, fileId }, index) => ({ type: fields[alike ? type : "file"], media: fileId ?? `attach://file${index}` }));
  const uploads = files.flatMap(({ upload }, index) => (upload ? [{ ...upload, field: `file${index}` }] : []));
  return { method: "sendMediaGroup", parameters: { reply_markup: undefined }, words: "caption", media, uploads };
}

/** Telegram's own form of a place, contact or poll, where it has one for just this. */
function shownBy(part: ShownPart): Pick<Request, "method" | "parameters"> | undefined {
  switch (part.type) {
    case "location": {
      const { latitude, longitude, title } = part;
      if (title === undefined) return { method: "sendLocation", parameters: { latitude, longitude } };
      return { method: "sendVenue", parameters: { latitude, longitude, title, address: `${latitude}, ${longitude}` } };
    }
    case "contact":
      return part.phone ? { method: "sendContact", parameters: { phone_number: part.phone, first_name: part.name } } : undefined;
    case "poll": {
      const { question, options, multiple } = part;
      // https://core.telegram.org/bots/api#sendpoll and #inputpolloption
      const fits = question.length <= 300 && options.length >= 2 && options.length <= 12 && options.every(({ length }) => length <= 100);
      if (!fits) return undefined;
      const choices = options.map((text) => ({ text }));
      return { method: "sendPoll", parameters: { question, options: choices, ...(multiple ? { allows_multiple_answers: true } : {}) } };
    }
  }
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

/** https://core.telegram.org/bots/api#deletemessage: for 48 hours. An album is several messages. */
export async function remove(
  account: TelegramAccount,
  { chat, receipt }: { readonly chat: Chat; readonly receipt: string },
  signal: AbortSignal,
): Promise<Fault | undefined> {
  for (const id of receipt.split(",")) {
    const number = messageNumber(chat, id);
    if (number === undefined) return fault("channel-permanent", leftBehind);
    const answer = await call(account, "deleteMessage", { chat_id: chatId(chat.id), message_id: number }, { signal });
    if (!answer.ok && !/message to delete not found/.test(answer.fault.word ?? "")) return answer.fault.fault;
  }
  return undefined;
}

const leftBehind = "the message was left behind when the group became a supergroup";

/**
 * Makes the call, and makes it once more in a simpler way where Telegram said clearly that it did nothing: without
 * markup it can't parse, as a plain document, or in the supergroup that the group became.
 */
async function deliver(account: TelegramAccount, outbound: Outbound, request: Request, signal: AbortSignal): Promise<SendOutcome> {
  const { text, visible } = outbound.content;
  let current = request;
  let formatted = true;
  const attempt = () => {
    const { method, parameters, words, media, uploads } = current;
    const said = !text || words === undefined ? {} : formatted ? { [words]: text, parse_mode: "HTML" } : { [words]: visible };
    const [first, ...others] = media ?? [];
    const whole = media ? { ...parameters, media: [{ ...first, ...said }, ...others] } : { ...parameters, ...said };
    return call(account, method, whole, { signal, ...(uploads ? { uploads } : {}) });
  };
  let answer = await attempt();
  for (let tries = 0; !answer.ok && answer.fault.sure && tries < 3; tries++) {
    const { word: description = "", migratedTo, status } = answer.fault;
    if (migratedTo !== undefined && current.parameters.chat_id !== Number(migratedTo)) {
      account.log.info("telegram-chat-migrated", { from: outbound.chat.id, to: migratedTo });
      if (current.bound) return { kind: "refused", code: "channel-permanent", message: leftBehind };
      current = { ...current, parameters: { ...current.parameters, chat_id: Number(migratedTo), reply_parameters: undefined } };
    } else if (status === 400 && /can't parse entities/i.test(description) && formatted) {
      account.log.warn("telegram-markup-refused", { delivery: outbound.delivery, description });
      formatted = false;
    } else if (status === 400 && current.plainer && (current.words === undefined || unshowable.test(description))) {
      current = { ...current.plainer, parameters: { ...current.plainer.parameters, chat_id: current.parameters.chat_id } };
    } else break;
    answer = await attempt();
  }
  if (!answer.ok) return outcomeOf(answer.fault);
  const sent = (Array.isArray(answer.value) ? answer.value : [answer.value]).flatMap((message) => {
    const { message_id: id, chat } = fieldsOf(message);
    return Number.isSafeInteger(id) ? [messageId({ message_id: Number(id), chat: fieldsOf(chat) })] : [];
  });
  if (sent.length > 0) return { kind: "sent", receipt: sent.join(",") };
  return { kind: "unknown", code: "channel-unknown", message: `Telegram accepted ${current.method}, but its answer names no message` };
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

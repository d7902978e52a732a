import { createHash } from "node:crypto";
import { isFile, type SentFile } from "./body.ts";
import { type Entity, parseHtml } from "./html.ts";
import { bad, type Outcome, type Refusal, type Values } from "./outcome.ts";
import { deleteMessage, reactTo } from "./reactions.ts";
import type { Chat, Json, Seen, World } from "./world.ts";

const uploads = ["photo", "document", "audio", "video", "voice"] as const;

/**
 * Carries out a method that touches chats; undefined when it isn't one. Limits and words as in
 * https://core.telegram.org/bots/api and in the server's published source.
 */
export function perform(world: World, method: string, values: Values): Outcome | undefined {
  switch (method) {
    case "sendMessage":
      return sendMessage(world, values, undefined);
    case "sendMessageDraft":
      return previewMessage(world, values);
    case "sendPhoto":
    case "sendDocument":
    case "sendAudio":
    case "sendVideo":
    case "sendVoice":
      return sendMessage(world, values, method.slice(4).toLowerCase() as (typeof uploads)[number]);
    case "sendMediaGroup":
      return sendAlbum(world, values);
    case "sendLocation":
    case "sendVenue":
    case "sendContact":
    case "sendPoll":
      return sendShown(world, values, method.slice(4).toLowerCase());
    case "editMessageText":
    case "editMessageCaption":
      return editMessage(world, values, method === "editMessageText" ? "text" : "caption");
    case "sendChatAction": {
      const chat = openChat(world, values);
      if ("description" in chat) return chat;
      const known =
        /^(typing|upload_(photo|video|voice|document|video_note)|record_(video|voice|video_note)|choose_sticker|find_location)$/;
      return known.test(String(values.action)) ? { result: true, effect: { chat: chat.id } } : bad("wrong parameter action in request");
    }
    case "setMessageReaction":
    case "deleteMessage": {
      const chat = openChat(world, values);
      if ("description" in chat) return chat;
      return method === "deleteMessage" ? deleteMessage(world, chat, values) : reactTo(chat, values);
    }
    case "answerCallbackQuery": {
      const id = String(values.callback_query_id);
      if (world.queries.get(id) !== false) return bad("query is too old and response timeout expired or query ID is invalid");
      world.queries.set(id, true);
      return { result: true, effect: {} };
    }
    case "getFile":
      return getFile(world, String(values.file_id));
    default:
      return undefined;
  }
}

/** https://core.telegram.org/bots/api#getfile: bots download at most 20 MB. */
function getFile(world: World, id: string): Outcome {
  const file = world.files.get(id);
  if (!file) return bad("wrong file_id or the file is temporarily unavailable");
  if (file.size > 20_971_520) return bad("file is too big");
  return { result: { file_id: id, file_unique_id: id.slice(-12), file_size: file.size, file_path: file.path } };
}

function sendMessage(world: World, values: Values, field: (typeof uploads)[number] | undefined): Outcome {
  const chat = openChat(world, values);
  if ("description" in chat) return chat;
  const words = readWords(values, field ? "caption" : "text");
  if ("description" in words) return words;
  const buttons = readKeyboard(values.reply_markup);
  if ("description" in buttons) return buttons;
  const place = readPlace(chat, values);
  if ("description" in place) return place;
  const file = field && readUpload(world, values[field], field);
  if (file && "description" in file) return file;
  const message = world.add(chat, world.bot.id, { ...words, buttons: buttons.rows, ...place, ...(file ? { file } : {}) });
  return { result: shown(world, chat, message), effect: { chat: chat.id, message: message.id, text: message.text } };
}

/** https://core.telegram.org/bots/api#sendmediagroup: 2 to 10; documents and audio files only among themselves. */
function sendAlbum(world: World, values: Values): Outcome {
  const chat = openChat(world, values);
  if ("description" in chat) return chat;
  const media = (structure(values.media) ?? []) as readonly { type: string; media: string; caption?: string; parse_mode?: string }[];
  if (media.length < 2 || media.length > 10) return bad("wrong number of messages to send");
  const kinds = new Set(media.map(({ type }) => type));
  if (kinds.size > 1 && (kinds.has("document") || kinds.has("audio")))
    return bad("document and audio can't be mixed with other media types");
  const place = readPlace(chat, values);
  if ("description" in place) return place;
  const seen: Omit<Partial<Seen>, "id">[] = [];
  for (const { type, media: given, ...more } of media) {
    const field = uploads.find((one) => one === type);
    if (!field) return bad(`type ${type} can't be in an album`);
    const words = readWords(more, "caption");
    if ("description" in words) return words;
    const file = readUpload(world, given.startsWith("attach://") ? values[given.slice(9)] : given, field);
    if ("description" in file) return file;
    seen.push({ ...words, ...place, file });
  }
  const messages = seen.map((one) => world.add(chat, world.bot.id, one));
  const group = `album-${messages[0]?.id}`;
  return {
    result: messages.map((message) => ({ ...shown(world, chat, message), media_group_id: group })),
    effect: { chat: chat.id, message: messages[0]?.id ?? 0, text: messages[0]?.text ?? "" },
  };
}

/** A place, contact or poll: limits of https://core.telegram.org/bots/api#sendpoll, #sendvenue, #sendcontact. */
function sendShown(world: World, values: Values, kind: string): Outcome {
  const chat = openChat(world, values);
  if ("description" in chat) return chat;
  if (chat.noPolls && kind === "poll") return bad("not enough rights to send polls to the chat");
  const buttons = readKeyboard(values.reply_markup);
  if ("description" in buttons) return buttons;
  const place = readPlace(chat, values);
  if ("description" in place) return place;
  const options = kind === "poll" ? (structure(values.options) as readonly { text: string }[]) : [];
  if (kind === "poll" && (options.length < 1 || options.length > 12)) return bad("poll must have from 1 to 12 answer options");
  if (options.some(({ text }) => text.length < 1 || text.length > 100)) return bad("poll options length must not exceed 100");
  if (kind === "poll" && String(values.question).length > 300) return bad("poll question length must not exceed 300");
  if (kind === "venue" && (!values.title || !values.address)) return bad("venue title and address must be non-empty");
  const { chat_id: _, reply_parameters: __, reply_markup: ___, message_thread_id: ____, ...content } = values;
  const message = world.add(chat, world.bot.id, { ...place, buttons: buttons.rows, shown: { [kind]: content } });
  return { result: world.messageJson(chat, message, message.shown), effect: { chat: chat.id, message: message.id } };
}

/** https://core.telegram.org/bots/api#sendmessagedraft: private chats only; it is no message, and lasts for 30 seconds. */
function previewMessage(world: World, values: Values): Outcome {
  const chat = openChat(world, values);
  if ("description" in chat) return chat;
  if (chat.type !== "private") return bad("TEXTDRAFT_PEER_INVALID");
  const id = Number(values.draft_id);
  if (id === 0) return bad("RANDOM_ID_INVALID");
  const words = readWords(values, "text");
  if ("description" in words) return words;
  chat.preview = { id, texts: [...(chat.preview?.id === id ? chat.preview.texts : []), words.text] };
  return { result: true, effect: { chat: chat.id, text: words.text } };
}

/** https://core.telegram.org/bots/api#editmessagetext */
function editMessage(world: World, values: Values, field: "text" | "caption"): Outcome {
  const chat = openChat(world, values);
  if ("description" in chat) return chat;
  const message = chat.messages.get(Number(values.message_id));
  if (!message) return bad("message to edit not found");
  if (message.from !== world.bot.id) return bad("message can't be edited");
  if (field === "text" && message.file) return bad("there is no text in the message to edit");
  if (field === "caption" && !message.file) return bad("there is no caption in the message to edit");
  const words = readWords(values, field);
  if ("description" in words) return words;
  const buttons = readKeyboard(values.reply_markup);
  if ("description" in buttons) return buttons;
  const state = (of: { text: string; entities: readonly Entity[]; buttons: unknown }) => JSON.stringify([of.text, of.entities, of.buttons]);
  if (state(message) === state({ ...words, buttons: buttons.rows })) {
    const why =
      "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";
    return bad(why);
  }
  message.history.push(message.text);
  Object.assign(message, words, { buttons: buttons.rows });
  return { result: shown(world, chat, message), effect: { chat: chat.id, message: message.id, text: message.text } };
}

function openChat(world: World, values: Values): Chat | Refusal {
  const given = values.chat_id;
  if (given === undefined || given === "") return bad("chat_id is empty");
  const chat = world.chats.get(Number(given));
  if (!chat) return bad("chat not found");
  if (chat.migratedTo !== undefined) {
    return {
      status: 400,
      description: "Bad Request: group chat was upgraded to a supergroup chat",
      parameters: { migrate_to_chat_id: chat.migratedTo },
    };
  }
  return chat.closed ? { status: 403, description: chat.closed } : chat;
}

/** Text after entities parsing: 1–4096 characters, a caption 0–1024; blanks around it are cut off. */
function readWords(values: Values, field: "text" | "caption"): { text: string; entities: readonly Entity[] } | Refusal {
  const given = values[field] === undefined ? "" : String(values[field]);
  const mode = values.parse_mode;
  if (mode !== undefined && String(mode).toLowerCase() !== "html") return bad("unsupported parse_mode (this server reads HTML only)");
  const parsed = mode === undefined ? { text: given, entities: [] } : parseHtml(given);
  if ("error" in parsed) return bad(parsed.error);
  const text = parsed.text.trim();
  if (field === "text" && text === "") return bad("message text is empty");
  if (text.length > (field === "text" ? 4096 : 1024)) return bad(field === "text" ? "message is too long" : "message caption is too long");
  return { text, entities: parsed.entities };
}

/** https://core.telegram.org/bots/api#inlinekeyboardbutton: callback_data has 1–64 bytes. */
function readKeyboard(given: unknown): { rows: Seen["buttons"] } | Refusal {
  const markup = structure(given) as { inline_keyboard?: Seen["buttons"] } | undefined;
  if (given !== undefined && !Array.isArray(markup?.inline_keyboard)) return bad("can't parse reply keyboard markup JSON object");
  const rows = markup?.inline_keyboard ?? [];
  for (const button of rows.flat()) {
    if (!button.text) return bad("text buttons are unallowed in the inline keyboard");
    if (button.url !== undefined) {
      if (button.callback_data !== undefined || !/^(https?|tg):\/\//.test(button.url)) return bad("BUTTON_URL_INVALID");
      continue;
    }
    const size = Buffer.byteLength(button.callback_data ?? "");
    if (size < 1 || size > 64) return bad("BUTTON_DATA_INVALID");
  }
  if (rows.flat().length > 100) return bad("reply markup is too long");
  return { rows };
}

function readPlace(chat: Chat, values: Values): { thread?: number; replyTo?: number } | Refusal {
  const place: { thread?: number; replyTo?: number } = {};
  if (values.message_thread_id !== undefined) {
    place.thread = Number(values.message_thread_id);
    if (!chat.topics.has(place.thread)) return bad("message thread not found");
  }
  const reply = structure(values.reply_parameters) as { message_id?: number; allow_sending_without_reply?: boolean } | undefined;
  if (reply?.message_id !== undefined) {
    if (chat.messages.has(reply.message_id)) place.replyTo = reply.message_id;
    else if (!reply.allow_sending_without_reply) return bad("message to be replied not found");
  }
  return place;
}

/** https://core.telegram.org/bots/api#sending-files: 10 MB for photos, 50 MB for others. */
function readUpload(world: World, given: unknown, field: (typeof uploads)[number]): NonNullable<Seen["file"]> | Refusal {
  if (typeof given === "string") {
    const known = world.files.get(given);
    return known
      ? { field, id: given, name: "", size: known.size, sha256: sha256(known.bytes) }
      : bad("wrong file identifier/HTTP URL specified");
  }
  if (!isFile(given)) return bad(`there is no ${field} in the request`);
  const sent: SentFile = given;
  if (sent.bytes.length === 0) return bad("file must be non-empty");
  if (sent.bytes.length > (field === "photo" ? 10_485_760 : 52_428_800)) return { status: 413, description: "Request Entity Too Large" };
  if (field === "photo" && !/^(\xff\xd8\xff|\x89PNG|RIFF)/.test(Buffer.from(sent.bytes.subarray(0, 4)).toString("latin1")))
    return bad("IMAGE_PROCESS_FAILED");
  const file = world.store(sent.bytes, field, sent.name.split(".").at(-1) ?? "bin");
  return { field, id: file.id, name: sent.name, size: sent.bytes.length, sha256: sha256(sent.bytes) };
}

function shown(world: World, chat: Chat, message: Seen): Json {
  const { file } = message;
  if (!file) return world.messageJson(chat, message);
  const object = { file_id: file.id, file_unique_id: file.id.slice(-12), file_size: file.size, file_name: file.name };
  return world.messageJson(chat, message, { [file.field]: file.field === "photo" ? [{ ...object, width: 900, height: 600 }] : object });
}

/** Structured parameters come as JSON objects, or as JSON text in forms. */
function structure(given: unknown): unknown {
  if (typeof given !== "string") return given;
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

import { isFile, type Parameters } from "./body.ts";

/** The published description of the Bot API, in the form of telegram-bot-api-spec's api.json. */
export interface Description {
  readonly methods: Readonly<Record<string, Shape>>;
  readonly types: Readonly<Record<string, Shape>>;
}

interface Shape {
  readonly fields?: readonly Field[];
  readonly subtypes?: readonly string[];
}

interface Field {
  readonly name: string;
  readonly types: readonly string[];
  readonly required: boolean;
}

/**
 * What a call breaks of the description, or nothing. The real server ignores unknown parameters and reads numbers from
 * strings; here both are faults, so that a misspelt or mistyped parameter can't hide.
 */
export function violation(description: Description, method: string, { values, form }: Parameters): string | undefined {
  const shape = Object.hasOwn(description.methods, method) ? description.methods[method] : undefined;
  if (!shape) return `${method}: no such method`;
  const fields = new Map((shape.fields ?? []).map((field) => [field.name, field]));
  for (const [name, value] of Object.entries(values)) {
    const field = fields.get(name);
    // A file that another parameter names: https://core.telegram.org/bots/api#inputmedia
    if (!field && isFile(value) && Object.values(values).some((other) => String(other).includes(`"attach://${name}"`))) continue;
    if (!field) return `${method}: no parameter ${name}`;
    if (!field.types.some((type) => (form ? fitsForm(description, type, value) : fits(description, type, value)))) {
      return `${method}: ${name} is not ${field.types.join(" or ")}`;
    }
  }
  for (const field of fields.values()) if (field.required && !(field.name in values)) return `${method}: ${field.name} is missing`;
  return undefined;
}

function fits(description: Description, type: string, value: unknown): boolean {
  if (type.startsWith("Array of ")) return Array.isArray(value) && value.every((item) => fits(description, type.slice(9), item));
  switch (type) {
    case "Integer":
      return Number.isSafeInteger(value);
    case "Float":
      return typeof value === "number" && Number.isFinite(value);
    case "String":
      return typeof value === "string";
    case "Boolean":
      return typeof value === "boolean";
    case "InputFile":
      return false; // only in multipart
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const shape = Object.hasOwn(description.types, type) ? description.types[type] : undefined;
  if (!shape) return true; // the short built-in description names no types
  if (shape.subtypes?.length) return shape.subtypes.some((subtype) => fits(description, subtype, value));
  const fields = new Map((shape.fields ?? []).map((field) => [field.name, field]));
  const known = Object.entries(value).every(
    ([name, inner]) => fields.get(name)?.types.some((one) => fits(description, one, inner)) ?? false,
  );
  return known && [...fields.values()].every((field) => !field.required || field.name in value);
}

/** In forms everything but files is text; structured values are JSON in it. */
function fitsForm(description: Description, type: string, value: unknown): boolean {
  if (isFile(value)) return type === "InputFile";
  if (typeof value !== "string" || type === "InputFile") return false;
  switch (type) {
    case "String":
      return true;
    case "Integer":
      return /^-?\d+$/.test(value);
    case "Float":
      return value !== "" && Number.isFinite(Number(value));
    case "Boolean":
      return /^(true|false|1|0)$/i.test(value);
  }
  try {
    return fits(description, type, JSON.parse(value));
  } catch {
    return false;
  }
}

/** For runs without the published description: the methods that a bot like ours calls. `!` marks what is required. */
export const builtIn: Description = {
  types: {},
  methods: Object.fromEntries(
    Object.entries({
      getMe: "",
      getMyCommands: "scope:BotCommandScope language_code:String",
      setMyCommands: "commands!:Array of BotCommand scope:BotCommandScope language_code:String",
      deleteMyCommands: "scope:BotCommandScope language_code:String",
      getUpdates: "offset:Integer limit:Integer timeout:Integer allowed_updates:Array of String",
      setWebhook:
        "url!:String ip_address:String max_connections:Integer allowed_updates:Array of String drop_pending_updates:Boolean secret_token:String",
      deleteWebhook: "drop_pending_updates:Boolean",
      getWebhookInfo: "",
      getFile: "file_id!:String",
      sendChatAction: "chat_id!:Integer|String message_thread_id:Integer action!:String",
      setMessageReaction: "chat_id!:Integer|String message_id!:Integer reaction:Array of ReactionType is_big:Boolean",
      deleteMessage: "chat_id!:Integer|String message_id!:Integer",
      answerCallbackQuery: "callback_query_id!:String text:String show_alert:Boolean url:String cache_time:Integer",
      sendMessage: `${common()} text!:String parse_mode:String entities:Array of MessageEntity link_preview_options:LinkPreviewOptions`,
      sendMessageDraft: "chat_id!:Integer message_thread_id:Integer draft_id!:Integer text:String parse_mode:String",
      sendPhoto: media("photo"),
      sendDocument: media("document"),
      sendAudio: media("audio"),
      sendVideo: media("video"),
      sendVoice: media("voice"),
      sendMediaGroup: `${common()} media!:Array of InputMedia`,
      sendLocation: `${common()} latitude!:Float longitude!:Float`,
      sendVenue: `${common()} latitude!:Float longitude!:Float title!:String address!:String`,
      sendContact: `${common()} phone_number!:String first_name!:String last_name:String`,
      sendPoll: `${common()} question!:String options!:Array of InputPollOption allows_multiple_answers:Boolean`,
      editMessageText:
        "chat_id:Integer|String message_id:Integer text:String parse_mode:String link_preview_options:LinkPreviewOptions reply_markup:InlineKeyboardMarkup",
      editMessageCaption: "chat_id:Integer|String message_id:Integer caption:String parse_mode:String reply_markup:InlineKeyboardMarkup",
    }).map(([name, fields]) => [
      name,
      {
        fields: fields
          .split(/ (?=[a-z_]+!?:)/)
          .filter(Boolean)
          .map(readField),
      },
    ]),
  ),
};

function common(): string {
  return "chat_id!:Integer|String message_thread_id:Integer disable_notification:Boolean protect_content:Boolean reply_parameters:ReplyParameters reply_markup:InlineKeyboardMarkup";
}

function media(field: string): string {
  return `${common()} ${field}!:InputFile|String caption:String parse_mode:String`;
}

function readField(text: string): Field {
  const [, name, mark, types] = /^([a-z_]+)(!?):(.*)$/.exec(text) as unknown as [string, string, string, string];
  return { name, types: types.split("|"), required: mark === "!" };
}

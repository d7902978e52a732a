import { defineChannel, type Identity } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import type { HttpRequest } from "../../core/http.ts";
import { fieldsOf } from "../../core/platform-call.ts";
import { telegramHtml } from "../../dialects/telegram-html.ts";
import { call, fileUrl } from "./api.ts";
import { showCommands } from "./commands.ts";
import { german } from "./german.ts";
import { guide, pictures } from "./guide.ts";
import { chatId } from "./ids.ts";
import { listen, webhookSecretShape } from "./listen.ts";
import { edit, preview, react, remove, send } from "./send.ts";
import { type Settings, settings, type TelegramAccount } from "./settings.ts";
import { maxUploadBytes } from "./upload.ts";
import { webhook } from "./webhook.ts";

/** https://core.telegram.org/bots/api */
export default defineChannel<Settings>({
  kind: "telegram",
  name: "Telegram",
  summary: "A Telegram bot, by long poll or webhook: private chats, groups, topics and channels.",
  settings,
  dialect: telegramHtml,
  limits: {
    text: { max: 4096, unit: "utf16", counts: "visible" },
    caption: { max: 1024, unit: "utf16", counts: "visible" },
    // https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this (a group also: 20 in a minute)
    rate: { account: 30, conversation: 1 },
    editEvery: { direct: 1100, group: 3100 },
    // https://core.telegram.org/bots/api#sendmessagedraft: private chats, 30 seconds. Its pace isn't published.
    preview: { chats: ["direct"], everyMs: 500, lastsMs: 30_000 },
    file: { inbound: 20_000_000, outbound: maxUploadBytes },
    buttons: { count: 100, label: 64 },
    album: { count: 10, kinds: [["image", "video"], ["file"], ["audio"]] },
    shows: ["location", "contact", "poll"],
    // https://core.telegram.org/bots/api#sendchataction: 5 seconds or less.
    typingEvery: 4_500,
  },
  access: { direct: "open", group: "open", public: true },
  idempotent: false,
  threads: true,
  guide,
  pictures,
  translations: { de: german },
  probe,
  listen,
  webhook,
  send,
  edit,
  preview,
  react,
  delete: remove,

  async typing(account, chat, signal) {
    const thread = chat.thread === undefined ? undefined : Number(chat.thread);
    await call(account, "sendChatAction", { chat_id: chatId(chat.id), message_thread_id: thread, action: "typing" }, { signal });
  },

  async acknowledgePress(account, press, signal) {
    if (press.interaction) await call(account, "answerCallbackQuery", { callback_query_id: press.interaction }, { signal });
  },

  showCommands,
  locateFile,
});

/** https://core.telegram.org/bots/api#getme */
async function probe(account: TelegramAccount, signal: AbortSignal): Promise<Result<Identity>> {
  if (account.settings.mode === "webhook" && !webhookSecretShape.test(account.settings.webhookSecret ?? "")) {
    return fail("account-invalid", "webhookSecret must be 1 to 256 characters of A-Z, a-z, 0-9, _ and -");
  }
  const answer = await call(account, "getMe", {}, { signal });
  if (!answer.ok) {
    const { fault, status, word } = answer.fault;
    if (fault.code !== "channel-auth" || status === undefined) return { ok: false, fault };
    return fail("channel-auth", `Telegram refused the token: ${status} ${word}`);
  }
  const { id, username, first_name: name } = fieldsOf(answer.value);
  if (!Number.isSafeInteger(id)) return fail("channel-permanent", "the server's answer to getMe is not the Bot API's: check apiRoot");
  return ok({ id: String(id), name: typeof username === "string" ? `@${username}` : String(name) });
}

/** https://core.telegram.org/bots/api#getfile: the address holds for at least an hour, and it holds the token. */
async function locateFile(account: TelegramAccount, ref: string, signal: AbortSignal): Promise<Result<HttpRequest>> {
  const answer = await call(account, "getFile", { file_id: ref }, { signal });
  if (!answer.ok) {
    const { fault, status, word } = answer.fault;
    return status === 400 ? fail("file-refused", `Telegram doesn't hand out the file: ${word}`) : { ok: false, fault };
  }
  const { file_path: path } = fieldsOf(answer.value);
  if (typeof path !== "string" || path === "") return fail("file-refused", "Telegram doesn't hand out the file: it named no path");
  if (path.startsWith("/") || path.split("/").includes("..")) {
    return fail("file-refused", "the Bot API server names a path on its own disk; start it without --local");
  }
  // The operator named the server (apiRoot), a self-hosted one often in a private network; the path was checked above.
  return ok({ method: "GET", url: fileUrl(account, path), trust: "configured" });
}

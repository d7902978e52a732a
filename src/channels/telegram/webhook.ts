import type { WebhookRequest, WebhookResult } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { parseForeignJson } from "../../core/json.ts";
import { sameText } from "../../core/same-text.ts";
import { decode } from "./decode.ts";
import { ownId, ownName, type TelegramAccount } from "./settings.ts";
import { readUpdate } from "./update.ts";

/**
 * One Update that Telegram posts. The secret is compared before anything of the body is looked at.
 * https://core.telegram.org/bots/api#setwebhook
 */
export function webhook(account: TelegramAccount, request: WebhookRequest): Result<WebhookResult> {
  const { mode, webhookSecret } = account.settings;
  if (mode !== "webhook" || !webhookSecret) return fail("signature-missing", "this account takes no webhooks: its mode is poll");
  const given = request.headers["x-telegram-bot-api-secret-token"];
  if (!given) return fail("signature-missing", "the header X-Telegram-Bot-Api-Secret-Token is missing");
  if (!sameText(given, webhookSecret)) {
    return fail("signature-invalid", "X-Telegram-Bot-Api-Secret-Token is not the account's webhookSecret");
  }
  if (request.method !== "POST") return fail("method-refused", `Telegram posts its updates; this was ${request.method}`);
  const body = parseForeignJson(request.body);
  if (!body.ok) return body;
  const { update, problem } = readUpdate(body.value);
  if (!update) return fail("payload-unknown", `the body is no Update: ${problem}`);
  if (problem) account.log.error("telegram-update-unreadable", { update: update.update_id, problem });
  const event = decode(update, { id: ownId(account), name: ownName(account) }, account.clock.now());
  if (event?.kind === "move") account.log.warn("telegram-chat-moved", { from: event.from, to: event.chat.id });
  // A kind of update that holds nothing for us is taken all the same: refused, Telegram would send it again for a day.
  return ok({ events: event ? [event] : [], response: { status: 200 } });
}

import type { WebhookRequest, WebhookResult } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import { fieldsOf } from "../../core/platform-call.ts";
import { sameText } from "../../core/same-text.ts";
import { decode, placeOf } from "./decode.ts";
import { posted } from "./message.ts";
import type { RocketAccount } from "./settings.ts";

/** An outgoing integration: https://docs.rocket.chat/docs/outgoing-webhook. It signs nothing; its secret stands in the body. */
export function webhook({ settings, identity }: RocketAccount, request: WebhookRequest): Result<WebhookResult> {
  const { mode, webhookToken, userId: self, replyInThread } = settings;
  if (mode !== "webhook" || !webhookToken) return fail("signature-missing", "this account takes no webhooks: its mode is socket");
  if (request.method !== "POST") return fail("method-refused", `Rocket.Chat posts; this was ${request.method}`);
  const json = parseJson(request.body);
  if (!json.ok) return json;
  const { token } = fieldsOf(json.value);
  if (typeof token !== "string") return fail("signature-missing", "the body has no token");
  if (!sameText(token, webhookToken)) return fail("signature-invalid", "the token is not the account's webhookToken");
  const { data, error } = posted.safeParse(json.value);
  if (!data) return fail("payload-unknown", `the body is no message: ${error.issues[0]?.path.join(".")}`);
  const { channel_id: rid, channel_name: name, message_id: _id, user_id, user_name: username, text: msg, timestamp: ts, tmid, bot } = data;
  const view = {
    self,
    name: identity?.name ?? "",
    replyInThread,
    since: 0,
    ...placeOf({ t: name ? "c" : "d", name, fname: "", usersCount: 2 }),
  };
  const nothing = { t: "", mentions: [], files: [], attachments: [], file: undefined, _updatedAt: undefined };
  const u = { _id: user_id, username, name: "" };
  // An edit comes without its time, and so without a key.
  const events = data.isEdited ? [] : decode({ ...nothing, _id, rid, msg, ts, tmid, u, bot: bot || undefined, editedAt: undefined }, view);
  return ok({ events, response: { status: 200 } });
}

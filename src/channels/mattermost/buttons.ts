import { createHmac } from "node:crypto";
import type { WebhookRequest, WebhookResult } from "../../core/channel.ts";
import type { DeliveryContent } from "../../core/delivery.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { parseJson } from "../../core/json.ts";
import { sameText } from "../../core/same-text.ts";
import { action } from "./post.ts";
import type { MattermostAccount } from "./settings.ts";

/**
 * https://developers.mattermost.com/integrate/plugins/interactive-messages/: a row each. The server doesn't sign what it posts when one is
 * pressed, but gives back the `context`, which it shows nobody: that proves the press.
 */
export function attachmentsOf(account: MattermostAccount, chat: Chat, rows: NonNullable<DeliveryContent["buttons"]>): readonly object[] {
  return rows.map((row, line) => ({
    fallback: row.map(({ label }) => label).join(" | "),
    actions: row.map(({ label, token }, index) => {
      const context = { token, kind: chat.kind, thread: chat.thread, proof: proofOf(account, token, chat) };
      return { id: `button${line}x${index}`, name: label, type: "button", integration: { url: account.webhookUrl, context } };
    }),
  }));
}

/** Bound to the account's token: with a new one, the buttons of before are void. */
function proofOf({ settings, id }: MattermostAccount, token: string, chat: Chat): string {
  const bound = JSON.stringify([id, token, chat.id, chat.kind, chat.thread ?? ""]);
  return createHmac("sha256", settings.token).update(`polylogue button ${bound}`).digest("base64url");
}

/** A press. The server repeats none; each has another `trigger_id`. */
export function webhook(account: MattermostAccount, request: WebhookRequest): Result<WebhookResult> {
  if (request.method !== "POST") return fail("method-refused", `Mattermost posts; this was ${request.method}`);
  const json = parseJson(request.body);
  if (!json.ok) return json;
  const { data: press } = action.safeParse(json.value);
  if (!press) return fail("signature-missing", "the body is no press of a button of ours");
  const { token, kind, thread, proof } = press.context;
  const chat: Chat = { id: press.channel_id, kind, ...(thread === undefined ? {} : { thread }) };
  if (!sameText(proof, proofOf(account, token, chat))) {
    return fail("signature-invalid", "the press carries no proof that the button was this account's");
  }
  const { user_id, user_name: name, post_id: platformId, trigger_id } = press;
  const sender = { id: user_id, ...(name ? { name, handle: `@${name}` } : {}), bot: false, self: false };
  return ok({
    events: [{ kind: "press", key: `press:${trigger_id}`, chat, sender, at: account.clock.now(), platformId, token }],
    response: { status: 200, headers: { "content-type": "application/json" }, body: "{}" },
  });
}

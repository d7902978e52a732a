import { createHmac } from "node:crypto";
import type { WebhookRequest, WebhookResult } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { isForm, parseForm } from "../../core/form.ts";
import { parseJson } from "../../core/json.ts";
import { sameText } from "../../core/same-text.ts";
import { decode, type View } from "./decode.ts";
import { readPayload } from "./payload.ts";
import type { SlackAccount } from "./settings.ts";

/** Seconds by which X-Slack-Request-Timestamp may differ from our clock, either way. */
const tolerance = 300;

/**
 * Events (JSON), and interactions and slash commands (a form), all signed in the same way and posted to the same address.
 * What Slack repeats (X-Slack-Retry-Num) has the same event id.
 */
export function webhook(account: SlackAccount, request: WebhookRequest): Result<WebhookResult> {
  const verified = verify(account, request);
  if (!verified.ok) return verified;
  if (request.method !== "POST") return fail("method-refused", `Slack posts; this was ${request.method}`);
  const raw = bodyOf(request);
  if (!raw.ok) return raw;
  const { payload, problem } = readPayload(raw.value);
  if (!payload) return fail("payload-unknown", `the body is nothing of Slack's: ${problem}`);
  if (payload.is === "challenge") {
    return ok({ events: [], response: { status: 200, headers: { "content-type": "text/plain" }, body: payload.challenge } });
  }
  return ok({ events: decode(payload, viewOf(account), account.clock.now()), response: { status: 200 } });
}

export function viewOf(account: SlackAccount): View {
  return { id: account.identity?.id, name: account.identity?.name, replyInThread: account.settings.replyInThread };
}

/** https://docs.slack.dev/authentication/verifying-requests-from-slack, over the raw bytes. Without a secret nothing is taken. */
function verify(account: SlackAccount, request: WebhookRequest): Result<true> {
  const { mode, signingSecret } = account.settings;
  if (mode !== "webhook" || !signingSecret) return fail("signature-missing", "this account takes no webhooks: its mode is socket");
  const { "x-slack-signature": given, "x-slack-request-timestamp": timestamp } = request.headers;
  if (!given || !timestamp) return fail("signature-missing", "X-Slack-Signature and X-Slack-Request-Timestamp must be there");
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Math.floor(account.clock.now() / 1000) - Number(timestamp)) > tolerance) {
    return fail("signature-stale", `X-Slack-Request-Timestamp must be within ${tolerance} s of this machine's clock`);
  }
  if (!sameText(given, sign(signingSecret, timestamp, request.body))) {
    return fail("signature-invalid", "X-Slack-Signature doesn't fit the account's signingSecret and the body");
  }
  return ok(true);
}

function sign(secret: string, timestamp: string, body: Uint8Array): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest("hex")}`;
}

/** Interactions are a form with one field of JSON, commands a form of many fields. */
function bodyOf(request: WebhookRequest): Result<unknown> {
  if (!isForm(request.headers)) return parseJson(request.body);
  const form = parseForm(request.body);
  if (!form.ok) return form;
  const payload = form.value.get("payload");
  if (payload !== null) return parseJson(new TextEncoder().encode(payload));
  return ok(Object.fromEntries(form.value));
}

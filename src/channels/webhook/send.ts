import { Buffer } from "node:buffer";
import type { Outbound } from "../../core/channel.ts";
import type { SendOutcome } from "../../core/delivery.ts";
import type { ErrorCode } from "../../core/errors.ts";
import type { HttpResponse } from "../../core/http.ts";
import { parseJson } from "../../core/json.ts";
import { keysOf, type WebhookAccount } from "./settings.ts";
import { sign } from "./signature.ts";

/** Headers of one signed request. The time is the attempt's: a repetition hours later is as fresh as the first. */
export function signedHeaders(account: WebhookAccount, id: string, body: string): Readonly<Record<string, string>> | undefined {
  const key = keysOf(account.settings).signing;
  if (key === undefined) return undefined;
  const seconds = Math.floor(account.clock.now() / 1000);
  return { "webhook-id": id, "webhook-timestamp": String(seconds), "webhook-signature": sign(key, id, seconds, body) };
}

/** Posts one message to `deliverTo`, as docs/channels/webhook.md describes it. */
export async function send(account: WebhookAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const body = await bodyOf(account, outbound);
  const signed = signedHeaders(account, outbound.delivery, body);
  if (signed === undefined)
    return { kind: "refused", code: "account-invalid", message: "the account's secret is no Standard Webhooks secret" };
  const answer = await account.http.send({
    method: "POST",
    url: account.settings.deliverTo,
    headers: { "content-type": "application/json", "user-agent": "polylogue", ...signed },
    body,
    maxBytes: 65_536,
    signal,
  });
  if (answer.ok) return outcomeOf(answer.value, outbound, account.clock.now());
  const { code, message, ambiguous } = answer.fault;
  return ambiguous ? { kind: "unknown", code: "channel-unknown", message } : { kind: "retry", code, message };
}

async function bodyOf(account: WebhookAccount, { delivery, chat, content }: Outbound): Promise<string> {
  const { file } = content;
  return JSON.stringify({
    type: "message",
    id: delivery,
    account: account.id,
    conversation: chat.id,
    thread: chat.thread,
    replyTo: content.replyTo,
    text: content.text,
    plain: content.visible,
    buttons: content.buttons?.map((row) => row.map(({ label, token, url }) => (url === undefined ? { label, token } : { label, url }))),
    file: file && file.source.at === "store" ? await fileOf(account, file.source.id, file.source.mediaType, file) : undefined,
  });
}

async function fileOf(
  account: WebhookAccount,
  id: Parameters<WebhookAccount["readFile"]>[0],
  mediaType: string,
  { type, name }: { type: string; name?: string },
) {
  const bytes = await account.readFile(id);
  return { type, name, mediaType, size: bytes.length, data: Buffer.from(bytes).toString("base64") };
}

/**
 * The receiver dedupes by webhook-id, so whatever may pass is tried again; what the specification says of statuses:
 * 2xx is success, 410 means never again, 429 and 503 may name a time. There is one receiver, so the time is the account's.
 */
function outcomeOf(answer: HttpResponse, outbound: Outbound, now: number): SendOutcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: "sent", receipt: receiptOf(answer) ?? outbound.delivery };
  const message = `the receiver answered ${status}`;
  const never = final[status];
  if (never !== undefined) return { kind: "refused", code: never, message };
  if (status >= 300 && status < 400)
    return { kind: "refused", code: "channel-permanent", message: `${message}: redirects are not followed` };
  const afterMs = retryAfter(answer.headers["retry-after"], now);
  return { kind: "retry", code: "channel-retry", message, ...(afterMs === undefined ? {} : { afterMs, scope: "account" }) };
}

const final: Readonly<Record<number, ErrorCode>> = {
  400: "channel-permanent",
  401: "channel-auth",
  403: "channel-auth",
  410: "channel-gone",
  413: "channel-permanent",
  415: "channel-permanent",
  422: "channel-permanent",
};

/** The receiver may name its own id of the message in its answer: `{"id": "…"}`. */
function receiptOf(answer: HttpResponse): string | undefined {
  if (!/^application\/json\b/i.test(answer.headers["content-type"] ?? "")) return undefined;
  const body = parseJson(answer.body, 8);
  if (!body.ok || typeof body.value !== "object" || body.value === null || Array.isArray(body.value)) return undefined;
  const { id } = body.value;
  return typeof id === "string" && id.length > 0 && id.length <= 256 ? id : undefined;
}

/** Seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3. A day at most. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, 86_400_000) : undefined;
}

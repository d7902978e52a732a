import { type ErrorCode, ok, type Result } from "../../core/errors.ts";
import { type CallFailure, callPlatform, fieldsOf, type PlatformAnswer, type Refusal } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import type { Settings, TwilioAccount } from "./settings.ts";

export type Answer = Readonly<Record<string, Json>>;

/** One call. A form goes as Twilio's older API wants it, anything else as JSON. https://www.twilio.com/docs/usage/requests-to-twilio */
export async function call(
  account: TwilioAccount,
  method: "GET" | "POST",
  path: string,
  { body, signal }: { readonly body?: URLSearchParams | object; readonly signal?: AbortSignal } = {},
): Promise<Result<Answer, CallFailure>> {
  const { authorization } = credentials(account.settings);
  const form = body instanceof URLSearchParams;
  const answer = await callPlatform(account.http, {
    platform: "Twilio",
    what: `${method} ${path.replace(/\?.*/, "").replace(/[A-Z]{2}[0-9a-fA-F]{32}/g, "…")}`,
    request: {
      method,
      url: address(account.settings, path),
      headers: {
        authorization,
        ...(body ? { "content-type": form ? "application/x-www-form-urlencoded" : "application/json" } : {}),
      },
      ...(body ? { body: form ? body.toString() : JSON.stringify(body) } : {}),
      ...(signal ? { signal } : {}),
    },
    secrets: [account.settings.authToken, authorization.slice("Basic ".length)],
    refusal,
  });
  return answer.ok ? ok(fieldsOf(answer.value.json)) : answer;
}

export function credentials({ accountSid, authToken }: Settings): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}` };
}

/** The account's own resources. */
export function own({ settings: { accountSid } }: TwilioAccount, rest: string): string {
  return `/2010-04-01/Accounts/${accountSid}${rest}`;
}

/** Each product has a host of its own in the same place: https://www.twilio.com/docs/global-infrastructure/understanding-twilio-regions */
export function address({ apiRoot }: Settings, path: string): string {
  const product = /^\/v\d\/Content/.test(path) ? "content" : /^\/v\d\/Indicators\b/.test(path) ? "messaging" : "api";
  return apiRoot.replace(/^(https?:\/\/)api\./, `$1${product}.`).replace(/\/+$/, "") + path;
}

/** https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions. "A request that receives 429 is never processed": /docs/api/errors/20429 */
function refusal({ status, json }: PlatformAnswer): Refusal | undefined {
  const { code, message } = fieldsOf(json);
  if (status < 300) return undefined;
  if (typeof code !== "number") return undefined;
  const said = typeof message === "string" ? message : undefined;
  return { code: status === 429 ? "channel-retry" : codeOf(code), word: String(code), said };
}

/** What an error's number means, in an answer and in a status callback; the rest is permanent. https://www.twilio.com/docs/api/errors */
export function codeOf(error: number): ErrorCode {
  return codes.get(error) ?? "channel-permanent";
}

const codes = new Map<number, ErrorCode>([
  // Wrong or old credential, account suspended or closed.
  ...each("channel-auth", 20003, 20403, 30002),
  // Too many at once, a queue that is full, maintenance, WhatsApp's rate.
  ...each("channel-retry", 14107, 20429, 20503, 21611, 21730, 30001, 63018),
  // WhatsApp's 24 hours.
  ...each("window-closed", 63016),
  // No such template, its variables, its form; not in that language, the number of variables; rejected, paused, disabled.
  ...each("template-refused", 21655, 21656, 63021, 63027, 63028, 63040, 63041, 63042),
  // No number, opted out (STOP), no mobile, a landline; blocked, unknown, a landline (callbacks); WhatsApp: not there, blocked, invalid.
  ...each("channel-gone", 21211, 21610, 21614, 21635, 30004, 30005, 30006, 63003, 63014, 63024),
]);

function each(code: ErrorCode, ...errors: readonly number[]): readonly (readonly [number, ErrorCode])[] {
  return errors.map((error) => [error, code] as const);
}

export function listOf(value: Json | undefined): readonly Answer[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

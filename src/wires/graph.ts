import { createHmac } from "node:crypto";
import { z } from "zod";
import type { Account, WebhookRequest, WebhookResult } from "../core/channel.ts";
import { type ErrorCode, fail, ok, type Result } from "../core/errors.ts";
import type { PlatformEvent } from "../core/event.ts";
import type { HttpRequest } from "../core/http.ts";
import { parseJson } from "../core/json.ts";
import type { Log } from "../core/log.ts";
import {
  type CallFailure,
  callPlatform,
  failed,
  fieldsOf,
  type multipart,
  type PlatformAnswer,
  type Refusal,
} from "../core/platform-call.ts";
import { sameText } from "../core/same-text.ts";
import { secret } from "../core/secret.ts";
import type { Instant, Json } from "../core/terms.ts";

/**
 * Meta's Graph API, as WhatsApp, Messenger and Instagram speak it: signed webhooks with a challenge before the first, calls with a
 * bearer token, one table of errors. https://developers.facebook.com/docs/graph-api
 */
export interface GraphSettings {
  readonly accessToken: string;
  readonly appSecret: string;
  readonly verifyToken: string;
  readonly apiRoot: string;
}

export const graphSettings = {
  appSecret: secret("The app's secret, from App settings, Basic: Meta signs its webhooks with it."),
  verifyToken: secret("A word of your own, which you also enter at Meta beside the webhook's address."),
  apiRoot: z
    .url({ protocol: /^https?$/ })
    .default("https://graph.facebook.com/v25.0")
    .describe("The Graph API's address, with its version."),
};

/** A verified webhook's body; or what the challenge is to be answered with. */
export type GraphWebhook = { readonly json: Json } | { readonly answer: WebhookResult };

/** https://developers.facebook.com/docs/graph-api/webhooks/getting-started */
export function readGraphWebhook(settings: GraphSettings, request: WebhookRequest): Result<GraphWebhook> {
  if (request.method === "GET") return challenge(settings.verifyToken, request.url);
  if (request.method !== "POST") return fail("method-refused", `Meta asks with GET and posts; this was ${request.method}`);
  const given = request.headers["x-hub-signature-256"];
  if (!given) return fail("signature-missing", "the header X-Hub-Signature-256 is missing");
  const expected = `sha256=${createHmac("sha256", settings.appSecret).update(request.body).digest("hex")}`;
  if (!sameText(given, expected)) return fail("signature-invalid", "X-Hub-Signature-256 doesn't fit the account's appSecret and the body");
  const json = parseJson(request.body);
  return json.ok ? ok({ json: json.value }) : json;
}

function challenge(verifyToken: string, url: string): Result<GraphWebhook> {
  const query = new URL(url, "http://localhost").searchParams;
  const token = query.get("hub.verify_token");
  const word = query.get("hub.challenge") ?? "";
  if (token === null) return fail("signature-missing", "hub.verify_token is missing");
  if (!sameText(token, verifyToken)) return fail("signature-invalid", "hub.verify_token is not the account's verifyToken");
  if (query.get("hub.mode") !== "subscribe" || !/^[\w-]{1,256}$/.test(word))
    return fail("payload-unknown", "this is no challenge of Meta's");
  return ok({ answer: { events: [], response: { status: 200, headers: { "content-type": "text/plain" }, body: word } } });
}

/**
 * Meta repeats what it gets no 200 for, for 7 days at most, and signs no time. What is older was sent again by somebody else, and our memory
 * of keys holds for 8 days. https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview
 */
export function takenWebhook(account: Pick<Account, "clock">, events: readonly PlatformEvent[]): Result<WebhookResult> {
  const oldest: Instant = account.clock.now() - 7.5 * 86_400_000;
  const fresh = events.filter(({ at }) => at >= oldest);
  if (fresh.length === 0 && events.length > 0) return fail("signature-stale", "what it tells is older than Meta repeats anything");
  return ok({ events: fresh, response: { status: 200 } });
}

/**
 * What of a list can be read. One odd item costs no other, and is told in the log: refused, Meta would send the whole again for days.
 */
export function readable<Schema extends z.ZodType>(log: Log, schema: Schema, items: readonly unknown[]): z.infer<Schema>[] {
  return items.flatMap((item) => {
    const read = schema.safeParse(item);
    if (read.success) return [read.data];
    const [issue] = read.error.issues;
    log.error("webhook-item-unreadable", { problem: `${issue?.path.join(".")}: ${issue?.message}` });
    return [];
  });
}

export interface GraphCall {
  readonly platform: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the API's root; its parts are safe in an address. */
  readonly path: string;
  /** As `GET /media`, without ids. */
  readonly what: string;
  readonly json?: object;
  readonly form?: Awaited<ReturnType<typeof multipart>>;
  readonly signal?: AbortSignal;
  /** What the platform's own error numbers mean, beside Graph's; `code/subcode` before `code`. */
  readonly errors: GraphErrors;
}

export type GraphErrors = Readonly<Record<string, ErrorCode | GraphError>>;

export interface GraphError {
  readonly code: ErrorCode;
  /** In place of the platform's words. */
  readonly said?: string;
  readonly scope?: "account" | "conversation";
}

/** Of the form that Meta describes: https://github.com/facebook/openapi */
const userAgent = "polylogue/1.0.0";

/** What may stand in a header; Meta's tokens are of these. */
const tokenShape = /^[\w.|-]{1,2048}$/;

/** The token travels in a header, never in an address. */
export async function callGraph(account: Account<GraphSettings>, call: GraphCall): Promise<Result<Json, CallFailure>> {
  const { accessToken: token, apiRoot } = account.settings;
  if (!tokenShape.test(token)) return failed("channel-auth", "the accessToken holds characters that no token of Meta's has");
  const { platform, method, what, json, form, signal } = call;
  const body = form ?? (json && { type: "application/json", bytes: JSON.stringify(json) });
  const request: HttpRequest = {
    method,
    url: apiRoot.replace(/\/+$/, "") + call.path,
    headers: { authorization: `Bearer ${token}`, "user-agent": userAgent, ...(body ? { "content-type": body.type } : {}) },
    ...(body ? { body: body.bytes } : {}),
    ...(form ? { timeoutMs: 180_000 } : {}),
    ...(signal ? { signal } : {}),
  };
  const answer = await callPlatform(account.http, {
    platform,
    what,
    request,
    secrets: [token],
    refusal: (got) => refusal(got, call.errors),
  });
  return answer.ok ? ok(answer.value.json) : answer;
}

/**
 * https://developers.facebook.com/docs/graph-api/guides/error-handling; what isn't here is permanent. 1 and 2 are failures of Meta's own,
 * after which anything may have happened when the status says so.
 */
const graphErrors: GraphErrors = {
  ...each("channel-auth", [0, 3, 10, 102, 190, 368, ...Array.from({ length: 100 }, (_, index) => 200 + index)]),
  ...each("channel-retry", [1, 2]),
  ...each({ code: "channel-retry", scope: "account" }, [4, 17, 32, 341, 613, 80006, 80007]),
};

export function each(error: ErrorCode | GraphError, numbers: readonly (number | string)[]): GraphErrors {
  return Object.fromEntries(numbers.map((one) => [one, error]));
}

function refusal({ status, json }: PlatformAnswer, errors: GraphErrors): Refusal | undefined {
  const { error } = fieldsOf(json);
  const { code, error_subcode: subcode, message, error_data: data } = fieldsOf(error);
  if (typeof code !== "number") return undefined;
  const known =
    errorOf({ ...graphErrors, ...errors }, code, subcode) ?? (status === 429 || status >= 500 ? "channel-retry" : "channel-permanent");
  const { said, ...meaning } = typeof known === "string" ? ({ code: known } as GraphError) : known;
  const { details } = fieldsOf(data);
  const words = [message, details].filter((one) => typeof one === "string").join(": ");
  return { ...meaning, word: typeof subcode === "number" ? `${code}/${subcode}` : String(code), said: said ?? words };
}

/** What a number means, of a call or of a message that failed afterwards. */
export function errorOf(errors: GraphErrors, code: unknown, subcode?: unknown): ErrorCode | GraphError | undefined {
  return errors[`${String(code)}/${String(subcode)}`] ?? errors[String(code)];
}

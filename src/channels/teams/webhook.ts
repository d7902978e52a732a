import type { WebhookRequest, WebhookResponse, WebhookResult } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import type { SignedToken } from "../../core/signed-token.ts";
import { type Activity, activity } from "./activity.ts";
import { chatOf, decode } from "./decode.ts";
import { heldOf } from "./held.ts";
import type { TeamsAccount } from "./settings.ts";

/**
 * One activity, with a token of the Bot Framework:
 * https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#step-4-verify-the-jwt-token
 */
export async function webhook(account: TeamsAccount, request: WebhookRequest): Promise<Result<WebhookResult>> {
  if (request.method !== "POST") return fail("method-refused", `Teams posts; this was ${request.method}`);
  const { verifier, serviceUrls } = heldOf(account);
  const token = await verifier.verify(request.headers.authorization, account.settings.appId, ["serviceurl"]);
  if (!token.ok) return token;
  const json = parseJson(request.body);
  if (!json.ok) return json;
  const read = activity.safeParse(json.value);
  if (!read.success) {
    const [issue] = read.error.issues;
    return fail("payload-unknown", `the body is no activity: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unreadable"}`);
  }
  const strange = strangeness(read.data, token.value, account.settings.tenantId);
  if (strange) return fail("signature-invalid", strange);
  const events = decode(read.data, account.clock.now(), account.settings.graphRoot !== undefined);
  serviceUrls.set(chatOf(read.data).id, read.data.serviceUrl);
  return ok({ events, response: responseTo(read.data, events.length > 0) });
}

/** A token says nothing of the body but where it comes from: its channel, by what the key may sign, and its address. */
function strangeness(of: Activity, { claims, key }: SignedToken, tenantId: string): string | undefined {
  const endorsed = Array.isArray(key.endorsements) && key.endorsements.includes("msteams");
  if (of.channelId !== "msteams" || !endorsed) return "the activity isn't of the channel msteams, or the token's key isn't endorsed for it";
  if (plain(String(claims.serviceurl)) !== plain(of.serviceUrl)) return "the activity's serviceUrl isn't the one that the token names";
  const tenants = [of.conversation.tenantId, of.channelData?.tenant?.id].filter((one) => one !== undefined);
  if (tenants.length > 0 && tenants.every((one) => one.toLowerCase() === tenantId)) return undefined;
  return `the activity is of the tenant ${tenants[0]?.slice(0, 40) ?? "(none)"}, and the account's tenantId is another one`;
}

function plain(url: string): string {
  return url.replace(/\/+$/, "").toLowerCase();
}

/** A press is answered in the response: https://learn.microsoft.com/en-us/adaptive-cards/authoring-cards/universal-action-model#response-format */
function responseTo({ type }: Activity, understood: boolean): WebhookResponse {
  if (type !== "invoke") return { status: 200 };
  if (!understood) return { status: 501 };
  const body = { statusCode: 200, type: "application/vnd.microsoft.activity.message", value: "✓" };
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

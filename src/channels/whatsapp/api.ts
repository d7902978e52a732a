import type { Result } from "../../core/errors.ts";
import type { CallFailure } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import { callGraph, each, type GraphCall, type GraphErrors } from "../../wires/graph.ts";
import type { WhatsAppAccount } from "./settings.ts";

/**
 * What WhatsApp's own error numbers mean; what isn't here nor in Graph's is permanent.
 * https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
 */
export const errors: GraphErrors = {
  // Access denied, account locked, nothing paid, the display name isn't approved, no certificate, the number isn't registered.
  ...each("channel-auth", [131005, 131031, 131037, 131042, 131045, 133010]),
  // Undeliverable (no WhatsApp, blocked, terms not accepted), a country that isn't served, a recipient whom a test number may not write to.
  ...each("channel-gone", [131026, 130497, 131030]),
  131047: {
    code: "window-closed",
    said: "the person wrote last more than 24 hours ago; until they write again, only templates reach them",
  },
  // The number of its parameters, no such template or language, too long, its rules, the form of a parameter, paused, disabled.
  ...each("template-refused", [132000, 132001, 132005, 132007, 132012, 132015, 132016, 132018]),
  // Something went wrong, overloaded, a number that is being upgraded.
  ...each("channel-retry", [131000, 131016, 131057, 133004]),
  ...each({ code: "channel-retry", scope: "account" }, [130429, 131048]),
  131056: { code: "channel-retry", scope: "conversation" },
};

/** `path` is below the API's root. */
export function call(account: WhatsAppAccount, what: Omit<GraphCall, "platform" | "errors">): Promise<Result<Json, CallFailure>> {
  return callGraph(account, { platform: "WhatsApp", errors, ...what });
}

/** Posts to an edge of the number's. */
export function post(
  account: WhatsAppAccount,
  edge: "messages" | "media",
  body: Pick<GraphCall, "json" | "form">,
  signal: AbortSignal,
): Promise<Result<Json, CallFailure>> {
  return call(account, { method: "POST", path: `/${account.settings.phoneNumberId}/${edge}`, what: `POST /${edge}`, ...body, signal });
}

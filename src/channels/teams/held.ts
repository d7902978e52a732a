import { LRUCache } from "lru-cache";
import { ok, type Result } from "../../core/errors.ts";
import { LentToken } from "../../core/lent-token.ts";
import { type CallFailure, callPlatform, failed, fieldsOf } from "../../core/platform-call.ts";
import { TokenVerifier } from "../../core/signed-token.ts";
import type { Settings, TeamsAccount } from "./settings.ts";

/** What this process holds of an account; nothing of it is lost for good when the process ends. */
interface Held {
  readonly verifier: TokenVerifier;
  readonly token: LentToken;
  /** For Microsoft Graph, where the account uses it. */
  readonly graphToken: LentToken;
  /** By chat: where the last verified activity from there wants its answers. */
  readonly serviceUrls: LRUCache<string, string>;
}

const all = new WeakMap<Settings, Held>();

export function heldOf(account: TeamsAccount): Held {
  const { settings, http, clock } = account;
  const known = all.get(settings);
  if (known) return known;
  const held = {
    verifier: new TokenVerifier({ http, clock, issuer: settings.botFramework, configuration: settings.openIdConfiguration }),
    token: new LentToken(clock, () => askForToken(account, settings.tokenTenant ?? settings.tenantId, settings.botFramework)),
    graphToken: new LentToken(clock, () => askForToken(account, settings.tenantId, settings.graphRoot ?? "")),
    serviceUrls: new LRUCache<string, string>({ max: 20_000 }),
  };
  all.set(settings, held);
  return held;
}

/** https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#bot-to-connector */
async function askForToken(
  { http, settings }: TeamsAccount,
  tenant: string,
  of: string,
): Promise<Result<{ text: string; seconds: number }, CallFailure>> {
  const { appId, appPassword, loginRoot } = settings;
  const form = { grant_type: "client_credentials", client_id: appId, client_secret: appPassword, scope: `${of}/.default` };
  const answer = await callPlatform(http, {
    platform: "Microsoft's login",
    what: "the app's id and password",
    request: {
      method: "POST",
      url: `${loginRoot}/${tenant}/oauth2/v2.0/token`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
      timeoutMs: 15_000,
    },
    secrets: [appPassword, encodeURIComponent(appPassword)],
    refusal({ status, json }) {
      const { error: word, error_description: text } = fieldsOf(json);
      if (status < 300 || typeof word !== "string") return undefined;
      const later = status === 429 || status >= 500 || word === "temporarily_unavailable";
      const [said] = String(text ?? "").split(/\s+Trace ID/, 1);
      return { code: later ? "channel-retry" : "channel-auth", word, said };
    },
  });
  if (!answer.ok) return answer;
  const { access_token: text, expires_in: seconds } = fieldsOf(answer.value.json);
  if (typeof text === "string" && /^[\w.~+/=-]{1,16384}$/.test(text) && typeof seconds === "number") return ok({ text, seconds });
  return failed("channel-permanent", "the answer to the request for a token holds none: check loginRoot");
}

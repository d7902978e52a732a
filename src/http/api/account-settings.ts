import { keysOf, schemasAt } from "../../config/shape.ts";
import { quotesMachine } from "../../config/unsaved.ts";
import type { Channel } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { say } from "../../core/say.ts";
import { isSecret } from "../../core/secret.ts";
import type { Json } from "../../core/terms.ts";
import { accountSecret } from "../../vault/removed-account.ts";

/** What becomes of settings that somebody sent: what is stored openly, and what goes to the vault under which name. */
export interface SplitSettings {
  readonly open: { readonly [key: string]: Json };
  readonly vault: ReadonlyMap<string, string>;
}

/** What stands beside the channel's settings in an account's entry. */
const reserved = new Set(["channel", "access", "onUnknown", "streaming", "maxConcurrentRequests"]);

/**
 * Takes the secrets out of an account's settings. One that is absent, or masked as the API shows it, keeps what
 * `before` has.
 */
export function splitSettings(
  id: string,
  channel: Channel,
  settings: unknown,
  before?: { readonly [key: string]: Json },
): Result<SplitSettings> {
  const open: { [key: string]: Json } = {};
  const vault = new Map<string, string>();
  for (const [key, value] of Object.entries(settings as { [key: string]: Json })) {
    if (reserved.has(key) || key === "__proto__")
      return fail("request-invalid", say`settings.${key.slice(0, 100)} is no setting of the channel`);
    if (quotesMachine(value)) return refuseReference(`settings.${key.slice(0, 100)}`);
    if (!isSecretKey(channel, key)) open[key] = value;
    else if (typeof value === "string" && value !== "") {
      vault.set(accountSecret(id, key), value);
      open[key] = { vault: accountSecret(id, key) };
    } else if (ownSecret(id, key, value)) open[key] = value;
    else return fail("request-invalid", say`settings.${key} must be the secret's text, or be left out to keep it`);
  }
  for (const key of secretKeys(channel)) {
    const kept = before?.[key];
    if (open[key] === undefined && kept !== undefined) open[key] = kept;
  }
  return ok({ open, vault });
}

function secretKeys(channel: Channel): readonly string[] {
  return keysOf(channel.settings).filter((key) => isSecretKey(channel, key));
}

function isSecretKey(channel: Channel, key: string): boolean {
  return schemasAt(channel.settings, [key]).some(isSecret);
}

/** Another account's secret could be sent to a server of one's own by naming it here. */
function ownSecret(id: string, key: string, value: Json): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    value.vault === accountSecret(id, key) &&
    Object.keys(value).length === 1
  );
}

/**
 * Who may only use the API may not quote the environment or files of the machine: he could have the master key, or any
 * file, sent to a server of his own.
 */
export function refuseReference(where: string) {
  return fail(
    "request-invalid",
    say`${where}: \${ENV} and { file } can be used only in the configuration file; write $\${ for a plain \${`,
  );
}

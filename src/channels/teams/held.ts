import { LRUCache } from "lru-cache";
import { LentToken } from "../../core/lent-token.ts";
import { TokenVerifier } from "../../core/signed-token.ts";
import { askForToken } from "./login.ts";
import type { Settings, TeamsAccount } from "./settings.ts";

/** What this process holds of an account; nothing of it is lost for good when the process ends. */
interface Held {
  readonly verifier: TokenVerifier;
  readonly token: LentToken;
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
    token: new LentToken(clock, () => askForToken(account)),
    serviceUrls: new LRUCache<string, string>({ max: 20_000 }),
  };
  all.set(settings, held);
  return held;
}

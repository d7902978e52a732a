import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";
import { keyOf } from "./signature.ts";

export interface Settings {
  readonly secret: string;
  readonly previousSecret?: string | undefined;
  readonly deliverTo: string;
  readonly deliverSecret?: string | undefined;
}

export type WebhookAccount = Account<Settings>;

/** What an account's secrets stand for; nothing where one is none. */
export interface Keys {
  readonly accepted: readonly (Uint8Array | undefined)[];
  readonly signing: Uint8Array | undefined;
}

const known = new WeakMap<Settings, Keys>();

/** Read once for as long as the settings live: every message needs them. */
export function keysOf(settings: Settings): Keys {
  const before = known.get(settings);
  if (before) return before;
  const { secret, previousSecret, deliverSecret } = settings;
  const keys = { accepted: [keyOf(secret), keyOf(previousSecret)], signing: keyOf(deliverSecret ?? secret) };
  known.set(settings, keys);
  return keys;
}

export const settings: z.ZodType<Settings> = z.strictObject({
  secret: secret("Signs both ways: base64, with or without whsec_ before it. Make one with: echo whsec_$(openssl rand -base64 32)"),
  previousSecret: secret("While the secret is changed: requests signed with this one are accepted too.").optional(),
  deliverTo: z.url({ protocol: /^https?$/ }).describe("Where answers are posted to. Every 2xx counts as taken."),
  deliverSecret: secret("Signs what is posted there, if that is to be another secret than the one that signs what comes in.").optional(),
});

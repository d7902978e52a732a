import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";

export interface Settings {
  readonly secret: string;
  readonly previousSecret?: string | undefined;
  readonly deliverTo: string;
  readonly deliverSecret?: string | undefined;
}

export type WebhookAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z.strictObject({
  secret: secret("Signs both ways: base64, with or without whsec_ before it. Make one with: echo whsec_$(openssl rand -base64 32)"),
  previousSecret: secret("While the secret is changed: requests signed with this one are accepted too.").optional(),
  deliverTo: z.url({ protocol: /^https?$/ }).describe("Where answers are posted to. Every 2xx counts as taken."),
  deliverSecret: secret("Signs what is posted there, if that is to be another secret than the one that signs what comes in.").optional(),
});

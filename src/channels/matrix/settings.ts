import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";

export interface Settings {
  readonly homeserver: string;
  readonly token: string;
  readonly readReceipts: boolean;
  readonly notices: boolean;
  readonly encryption: boolean;
}

export type MatrixAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z.strictObject({
  homeserver: z
    .url({ protocol: /^https?$/ })
    .describe("The homeserver's address for clients: https://matrix.example.com (not the part behind the colon in @bot:example.com)."),
  token: secret("The access token of the account that answers; made by logging in once, for a device of its own."),
  readReceipts: z.boolean().default(true).describe("Whether people see that their message was read, once it is stored."),
  notices: z
    .boolean()
    .default(false)
    .describe("Whether answers are sent as notices: other bots never answer those, but programs show them paler and don't notify."),
  encryption: z
    .boolean()
    .default(false)
    .describe("Whether it talks in encrypted rooms, too. Needs packages that `polylogue channels install matrix` brings."),
});

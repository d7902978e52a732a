import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";

export interface Settings {
  readonly botToken: string;
  readonly messageContent: boolean;
  readonly publicKey?: string | undefined;
  readonly shards: number;
  readonly linkPreviews: boolean;
  readonly apiRoot: string;
}

export type DiscordAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z.strictObject({
  botToken: secret("The bot's token, from the application's page Bot."),
  messageContent: z
    .boolean()
    .default(true)
    .describe("Whether the bot reads messages that don't mention it; needs the Message Content Intent at Discord."),
  publicKey: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, "64 hexadecimal digits, from General Information")
    .optional()
    .describe("The application's public key, if its Interactions Endpoint URL is this account's webhook address."),
  shards: z.int().min(1).max(64).default(1).describe("Connections to Discord; more than one is needed from 2,500 servers on."),
  linkPreviews: z
    .boolean()
    .default(false)
    .describe("Whether Discord shows previews of the links of an answer. Off, so that no written link is called by itself."),
  apiRoot: z
    .url({ protocol: /^https?$/ })
    .default("https://discord.com/api/v10")
    .describe("The API's address, with its version."),
});

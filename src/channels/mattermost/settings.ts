import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";

export interface Settings {
  readonly server: string;
  readonly token: string;
  readonly replyInThread: boolean;
  readonly linkPreviews: boolean;
}

export type MattermostAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z.strictObject({
  server: z.url({ protocol: /^https?$/ }).describe("The server's address, with its subpath if it has one: https://chat.example.com."),
  token: secret("The access token of a bot account, from Integrations, Bot Accounts."),
  replyInThread: z
    .boolean()
    .default(true)
    .describe("Whether an answer to a mention in a channel opens a thread under it; otherwise it stands in the channel."),
  linkPreviews: z
    .boolean()
    .default(false)
    .describe("Whether the server fetches the links of an answer to show previews. Off, so that no written link is called by itself."),
});

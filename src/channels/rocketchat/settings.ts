import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";

export interface Settings {
  readonly server: string;
  readonly userId: string;
  readonly token: string;
  readonly mode: "socket" | "webhook";
  readonly webhookToken?: string | undefined;
  readonly replyInThread: boolean;
  readonly linkPreviews: boolean;
}

export type RocketAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z
  .strictObject({
    server: z.url({ protocol: /^https?$/ }).describe("The server's address: https://chat.example.com."),
    userId: z
      .string()
      .regex(/^[A-Za-z0-9]{1,64}$/, "letters and digits, as shown with the token")
      .describe("The bot user's id, shown together with the token."),
    token: secret("A personal access token of the bot user, made with Ignore Two Factor Authentication."),
    mode: z
      .enum(["socket", "webhook"])
      .default("socket")
      .describe("socket: the gateway connects to the server. webhook: an outgoing integration of the server calls the gateway."),
    webhookToken: secret("For mode webhook: the Token of the outgoing integration.").optional(),
    replyInThread: z
      .boolean()
      .default(true)
      .describe("Whether an answer to a mention in a room opens a thread under it; otherwise it stands in the room."),
    linkPreviews: z
      .boolean()
      .default(false)
      .describe("Whether the server fetches the links of an answer to show previews. Off, so that no written link is called by itself."),
  })
  .refine((value) => value.mode !== "webhook" || value.webhookToken !== undefined, {
    path: ["webhookToken"],
    error: "mode webhook needs a webhookToken",
  });

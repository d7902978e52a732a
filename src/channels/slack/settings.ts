import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";

export interface Settings {
  readonly botToken: string;
  readonly mode: "socket" | "webhook";
  readonly appToken?: string | undefined;
  readonly signingSecret?: string | undefined;
  readonly replyInThread: boolean;
  readonly linkPreviews: boolean;
  readonly apiRoot: string;
}

export type SlackAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z
  .strictObject({
    botToken: secret("The Bot User OAuth Token of the app, xoxb-…, from OAuth & Permissions."),
    mode: z
      .enum(["socket", "webhook"])
      .default("socket")
      .describe("socket: the gateway connects to Slack (needs no public address). webhook: Slack calls the gateway."),
    appToken: secret("For mode socket: the app-level token, xapp-…, with the scope connections:write.").optional(),
    signingSecret: secret("For mode webhook: the Signing Secret of the app, from Basic Information.").optional(),
    replyInThread: z
      .boolean()
      .default(true)
      .describe("Whether an answer to a message in a channel opens a thread under it; otherwise it stands in the channel."),
    linkPreviews: z
      .boolean()
      .default(false)
      .describe("Whether Slack fetches the links of an answer to show previews. Off, so that no written link is called by itself."),
    apiRoot: z
      .url({ protocol: /^https?$/ })
      .default("https://slack.com/api")
      .describe("The Web API: Slack's own, or https://slack-gov.com/api."),
  })
  .refine((value) => value.mode !== "socket" || value.appToken !== undefined, {
    path: ["appToken"],
    error: "mode socket needs an appToken",
  })
  .refine((value) => value.mode !== "webhook" || value.signingSecret !== undefined, {
    path: ["signingSecret"],
    error: "mode webhook needs a signingSecret",
  });

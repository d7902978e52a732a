import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";
import { type MessagingSettings, messagingSettings } from "../../wires/page-messaging.ts";

export interface Settings extends MessagingSettings {
  readonly pageId: string;
}

export type MessengerAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z.strictObject({
  accessToken: secret("The page's access token, with pages_messaging; one of a system user never expires."),
  pageId: z
    .string()
    .regex(/^\d{5,20}$/, "this is the page's id, digits only")
    .describe("The page's id, from its About, Page transparency."),
  ...messagingSettings,
});

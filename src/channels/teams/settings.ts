import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";

export interface Settings {
  readonly appId: string;
  readonly appPassword: string;
  readonly tenantId: string;
  readonly tokenTenant?: string | undefined;
  readonly serviceUrl: string;
  readonly loginRoot: string;
  readonly openIdConfiguration: string;
  readonly botFramework: string;
  readonly graphRoot?: string | undefined;
}

export type TeamsAccount = Account<Settings>;

const address = z.url({ protocol: /^https?$/ }).overwrite((url) => url.replace(/\/+$/, ""));

/** The addresses are those of https://github.com/microsoft/teams.ts (`cloud-environment.ts`) and of docs/channels/teams.md. */
export const settings: z.ZodType<Settings> = z.strictObject({
  appId: z.guid().toLowerCase().describe("The Microsoft App ID of the bot: the client id of its app registration."),
  appPassword: secret("A client secret of the app registration: its value, not its id."),
  tenantId: z.guid().toLowerCase().describe("The directory (tenant) id of your organisation. What other organisations write is refused."),
  tokenTenant: z
    .string()
    .regex(/^[\w.-]{1,128}$/)
    .optional()
    .describe("Only for an app that is registered as multi-tenant: botframework.com. Otherwise the tenantId."),
  serviceUrl: address
    .default("https://smba.trafficmanager.net/teams")
    .describe("Where a chat is reached from which nothing was heard since the start; another one in government clouds."),
  loginRoot: address
    .default("https://login.microsoftonline.com")
    .describe("Where tokens come from; another one in government clouds and China."),
  openIdConfiguration: address
    .default("https://login.botframework.com/v1/.well-known/openidconfiguration")
    .describe("Names the keys that sign what Teams posts; another one in government clouds and China."),
  botFramework: address
    .default("https://api.botframework.com")
    .describe("The Bot Framework's name in tokens; another one in government clouds and China."),
  graphRoot: address
    .optional()
    .describe(
      "Microsoft Graph, https://graph.microsoft.com, to fetch files of channels and group chats; the app needs permissions for that.",
    ),
});

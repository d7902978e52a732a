import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";

export interface Settings {
  readonly token: string;
  readonly apiRoot: string;
  readonly mode: "poll" | "webhook";
  readonly webhookSecret?: string | undefined;
  readonly linkPreviews: boolean;
  readonly commandMenu: boolean;
}

export type TelegramAccount = Account<Settings>;

export const settings: z.ZodType<Settings> = z
  .strictObject({
    token: secret("The bot's token, from @BotFather."),
    apiRoot: z
      .url({ protocol: /^https?$/ })
      .default("https://api.telegram.org")
      .describe("The Bot API server: Telegram's own, or the address of one that you host."),
    mode: z
      .enum(["poll", "webhook"])
      .default("poll")
      .describe("poll: the gateway asks Telegram (needs no public address). webhook: Telegram calls the gateway."),
    webhookSecret: secret("For mode webhook: 1 to 256 characters of A-Z, a-z, 0-9, _ and -. Telegram repeats it in every call.").optional(),
    linkPreviews: z
      .boolean()
      .default(false)
      .describe(
        "Whether Telegram fetches the first link of an answer to show a preview. Off, so that no written link is called by itself.",
      ),
    commandMenu: z
      .boolean()
      .default(true)
      .describe("Whether the bot's menu shows the gateway's commands. A menu with commands of your own stays as it is."),
  })
  .refine((value) => value.mode !== "webhook" || value.webhookSecret !== undefined, {
    path: ["webhookSecret"],
    error: "mode webhook needs a webhookSecret",
  });

/** The bot's own user id: the part of the token before the colon. https://core.telegram.org/bots/api#authorizing-your-bot */
export function ownId(account: TelegramAccount): string {
  return account.settings.token.split(":", 1)[0] as string;
}

/** The bot's @username in lower case, once a probe has found it. */
export function ownName(account: TelegramAccount): string | undefined {
  return account.identity?.name.toLowerCase();
}

import type { GuidePicture } from "../../core/guide-picture.ts";

/** For the setup form. Source of the steps: https://core.telegram.org/bots/features#botfather */
export const guide = `
1. In Telegram open a chat with [@BotFather](https://t.me/BotFather) (check the blue mark) and send \`/newbot\`.
2. Give the bot a name, and a username that ends in \`bot\`.
3. BotFather answers with a token like \`123456789:AAE…\`. Whoever has it is the bot: put it in the field **token** here, and nowhere else.
4. For groups: \`/setprivacy\`, choose the bot. *Enable* (the default) shows it only commands, mentions and replies; *Disable* shows
   it everything that is said. After a change, remove the bot from the group and add it again.
5. To receive reactions and, in channels, posts, make the bot an administrator there.
6. **Mode**: leave \`poll\` if this gateway has no public address. With \`webhook\`, the gateway's public address must be https on
   port 443, 80, 88 or 8443; choose a long random \`webhookSecret\`. The gateway tells Telegram the address by itself.
7. Save, then write to the bot: open \`t.me/<username>\` and press *Start*. A bot can't write to someone who never wrote to it.

If the token has leaked: \`/revoke\` at BotFather, and set the new one here.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 3,
    title: "BotFather",
    rows: [
      { kind: "sent", label: "/newbot" },
      { kind: "received", label: "Please choose a name for your bot." },
      { kind: "sent", label: "Help desk" },
      { kind: "sent", label: "example_help_bot" },
      { kind: "received", label: "Use this token to access the HTTP API:", value: "123456789:AAE…", marked: true, into: "token" },
    ],
  },
  {
    step: 4,
    title: "BotFather",
    rows: [
      { kind: "sent", label: "/setprivacy" },
      { kind: "sent", label: "@example_help_bot" },
      { kind: "button", label: "Enable" },
      { kind: "button", label: "Disable", marked: true },
    ],
  },
  { step: 7, title: "Help desk", rows: [{ kind: "button", label: "Start", marked: true }] },
];

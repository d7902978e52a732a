import type { GuidePicture } from "../../core/guide-picture.ts";

/** For the setup form. Source of the steps: https://developers.mattermost.com/integrate/reference/bot-accounts/ */
export const guide = `
1. *System Console*, *Integrations*, *Bot Accounts*: *Enable Bot Account Creation*.
2. In Mattermost: product menu, *Integrations*, *Bot Accounts*, *Add Bot Account*. The role *Member* is enough. The token, shown once, goes into
   **token**, the server's address into **server**.
3. Add the bot to a team, and to the channels where it is to read (\`/invite @bot\`). Direct messages need neither.
4. Only for buttons: the gateway needs an address that the server reaches. If that is a private one, name its host under *System Console*,
   *Developer*, *Allow untrusted internal connections to*.
5. Save, and write to the bot, or mention it in a channel.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 1,
    title: "Bot Accounts",
    rows: [{ kind: "field", label: "Enable Bot Account Creation", value: "true", marked: true }],
  },
  {
    step: 2,
    title: "Bot Accounts",
    rows: [{ kind: "button", label: "Add Bot Account", marked: true }],
  },
  {
    step: 2,
    title: "Setup Successful",
    rows: [{ kind: "field", label: "Token", value: "9xuqwrw…", marked: true, into: "token" }],
  },
];

import type { GuidePicture } from "../../core/guide-picture.ts";

/** For the setup form. Source of the steps: https://docs.discord.com/developers/quick-start/getting-started */
export const guide = `
1. At [discord.com/developers/applications](https://discord.com/developers/applications) choose *New Application*.
2. *Bot*: *Reset Token* shows the token once. It goes into **botToken**, and nowhere else.
3. *Bot*, *Privileged Gateway Intents*: switch on *Message Content Intent*, or set **messageContent** to false here; the bot then reads
   direct messages and mentions of it only.
4. *Installation* (or *OAuth2*, *URL Generator*): the scopes \`bot\` and \`applications.commands\`, the permissions *View Channels*, *Send Messages*,
   *Send Messages in Threads*, *Attach Files*, *Read Message History*, *Add Reactions*. Open the *Generated URL* and add the bot to a server.
5. Save, and mention the bot in a channel or write to it. Slash commands, if you have any, arrive by themselves.
6. Only if the application has an *Interactions Endpoint URL*: save the account with the **publicKey** of *General Information* first, then
   enter \`https://<your gateway>/hooks/<account>\` at Discord, which tries it at once.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 2,
    title: "Bot",
    rows: [
      { kind: "field", label: "Token", value: "MTk4NjIy…", into: "botToken" },
      { kind: "button", label: "Reset Token", marked: true },
    ],
  },
  {
    step: 3,
    title: "Privileged Gateway Intents",
    rows: [
      { kind: "switch", label: "Presence Intent" },
      { kind: "switch", label: "Server Members Intent" },
      { kind: "switch", label: "Message Content Intent", on: true, marked: true },
    ],
  },
  {
    step: 4,
    title: "OAuth2 URL Generator",
    rows: [
      { kind: "tick", label: "bot", on: true },
      { kind: "tick", label: "applications.commands", on: true },
      { kind: "tick", label: "View Channels", on: true },
      { kind: "tick", label: "Send Messages", on: true },
      { kind: "field", label: "Generated URL", value: "https://discord.com/oauth2/authorize?…", marked: true },
    ],
  },
  {
    step: 6,
    title: "General Information",
    rows: [
      { kind: "field", label: "Public Key", value: "e1f8a0…", into: "publicKey" },
      { kind: "field", label: "Interactions Endpoint URL", value: "https://<your gateway>/hooks/<account>", marked: true },
    ],
  },
];

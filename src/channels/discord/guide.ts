/** For the setup form. Source of the steps: https://docs.discord.com/developers/quick-start/getting-started */
export const guide = `
1. At [discord.com/developers/applications](https://discord.com/developers/applications) choose *New Application*.
2. *Bot*: *Reset Token* shows the token once. It goes into **botToken**, and nowhere else.
3. *Bot*, *Privileged Gateway Intents*: switch on *Message Content Intent*, or set **messageContent** to false here; the bot then reads
   direct messages and mentions of it only.
4. *Installation* (or *OAuth2*, *URL Generator*): the scopes \`bot\` and \`applications.commands\`, the permissions *View Channels*, *Send Messages*,
   *Send Messages in Threads*, *Attach Files*, *Read Message History*, *Add Reactions*. Open the address and add the bot to a server.
5. Save, and mention the bot in a channel or write to it. Slash commands, if you have any, arrive by themselves.
6. Only if the application has an *Interactions Endpoint URL*: save the account with the **publicKey** of *General Information* first, then
   enter \`https://<your gateway>/hooks/<account>\` at Discord, which tries it at once.
`.trim();

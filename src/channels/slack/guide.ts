/** For the setup form. Sources of the steps: https://docs.slack.dev/app-management/quickstart-app-settings and https://docs.slack.dev/apis/events-api/using-socket-mode */
export const guide = `
1. At [api.slack.com/apps](https://api.slack.com/apps) choose *Create New App*, *From scratch*, a name, and your workspace.
2. *OAuth & Permissions*, *Bot Token Scopes*: \`chat:write\`, \`app_mentions:read\`, \`channels:history\`, \`groups:history\`, \`im:history\`,
   \`mpim:history\`, \`channels:read\`, \`groups:read\`, \`files:read\`, \`files:write\`, \`reactions:read\`, \`reactions:write\`, and \`commands\` if you want slash commands.
3. *App Home*: switch on the *Messages Tab*, and allow people to write in it.
4. **Mode socket** (no public address needed): *Socket Mode*, enable it; the app-level token with \`connections:write\`, \`xapp-…\`, goes into
   **appToken**. **Mode webhook**: *Basic Information*, *Signing Secret* goes into **signingSecret**; save here first, because Slack
   checks the address at once.
5. *Event Subscriptions*: enable them. With webhook, the Request URL is \`https://<your gateway>/hooks/<account>\`. Subscribe to the bot
   events \`app_mention\`, \`message.channels\`, \`message.groups\`, \`message.im\`, \`message.mpim\`, \`reaction_added\`, \`reaction_removed\`,
   \`member_joined_channel\`, \`member_left_channel\`.
6. *Interactivity & Shortcuts*: enable it (with webhook, the same Request URL). Slash commands, if any, take the same address too.
7. *Install App*; the *Bot User OAuth Token*, \`xoxb-…\`, goes into **botToken**. After a change of scopes, install it again.
8. In Slack write to the app, or invite it into a channel (\`/invite @your-app\`) and mention it there.
`.trim();

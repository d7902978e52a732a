import type { GuidePicture } from "../../core/guide-picture.ts";

/** For the setup form. Sources of the steps: https://docs.slack.dev/app-management/quickstart-app-settings and https://docs.slack.dev/apis/events-api/using-socket-mode */
export const guide = `
1. At [api.slack.com/apps](https://api.slack.com/apps) choose *Create New App*, *From scratch*, a name, and your workspace.
2. *OAuth & Permissions*, *Bot Token Scopes*, *Add an OAuth Scope*: \`chat:write\`, \`app_mentions:read\`, \`channels:history\`, \`groups:history\`, \`im:history\`,
   \`mpim:history\`, \`channels:read\`, \`groups:read\`, \`files:read\`, \`files:write\`, \`reactions:read\`, \`reactions:write\`, and \`commands\` if you want slash commands.
3. *App Home*: switch on the *Messages Tab*, and allow people to write in it.
4. **Mode socket** (no public address needed): *Socket Mode*: *Enable Socket Mode*; the app-level token with \`connections:write\`, \`xapp-…\`, goes into
   **appToken**. **Mode webhook**: *Basic Information*, *Signing Secret* goes into **signingSecret**; save here first, because Slack
   checks the address at once.
5. *Event Subscriptions*: *Enable Events*. With webhook, the Request URL is \`https://<your gateway>/hooks/<account>\`. *Subscribe to bot events*, *Add Bot
   User Event*: \`app_mention\`, \`message.channels\`, \`message.groups\`, \`message.im\`, \`message.mpim\`, \`reaction_added\`, \`reaction_removed\`,
   \`member_joined_channel\`, \`member_left_channel\`.
6. *Interactivity & Shortcuts*: enable it (with webhook, the same Request URL). Slash commands, if any, take the same address too.
7. *Install App*; the *Bot User OAuth Token*, \`xoxb-…\`, goes into **botToken**. After a change of scopes, install it again.
8. In Slack write to the app, or invite it into a channel (\`/invite @your-app\`) and mention it there.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 1,
    title: "Create an app",
    rows: [
      { kind: "entry", label: "From a manifest" },
      { kind: "entry", label: "From scratch", marked: true },
    ],
  },
  {
    step: 2,
    title: "Bot Token Scopes",
    rows: [
      { kind: "entry", label: "app_mentions:read" },
      { kind: "entry", label: "channels:history" },
      { kind: "entry", label: "chat:write" },
      { kind: "button", label: "Add an OAuth Scope", marked: true },
    ],
  },
  {
    step: 3,
    title: "App Home",
    rows: [
      { kind: "switch", label: "Messages Tab", on: true, marked: true },
      { kind: "tick", label: "Allow users to send Slash commands and messages from the messages tab", on: true },
    ],
  },
  {
    step: 4,
    title: "Socket Mode",
    rows: [
      { kind: "switch", label: "Enable Socket Mode", on: true, marked: true },
      { kind: "field", label: "Token", value: "xapp-1-A0…", into: "appToken" },
    ],
  },
  {
    step: 4,
    title: "Basic Information",
    rows: [{ kind: "field", label: "Signing Secret", value: "••••••••", into: "signingSecret" }],
  },
  {
    step: 5,
    title: "Event Subscriptions",
    rows: [
      { kind: "switch", label: "Enable Events", on: true },
      { kind: "field", label: "Request URL", value: "https://<your gateway>/hooks/<account>" },
      { kind: "entry", label: "app_mention" },
      { kind: "entry", label: "message.channels" },
      { kind: "button", label: "Add Bot User Event", marked: true },
    ],
  },
  {
    step: 7,
    title: "Install App",
    rows: [{ kind: "field", label: "Bot User OAuth Token", value: "xoxb-…", marked: true, into: "botToken" }],
  },
];

import type { GuidePicture } from "../../core/guide-picture.ts";

/** For the setup form. Source of the steps: https://learn.microsoft.com/en-us/azure/bot-service/bot-service-quickstart-registration */
export const guide = `
1. In the [Azure portal](https://portal.azure.com) create an *Azure Bot*, type of app *Single Tenant*. Its page *Configuration* shows the *Microsoft App ID*
   (**appId**) and the *App Tenant ID* (**tenantId**).
2. *Manage Password*, *New client secret*: the secret's value goes into **appPassword**. It ends after the time that you choose.
3. *Configuration*, *Messaging endpoint*: \`https://<your gateway>/hooks/<account>\`.
4. *Channels*: add *Microsoft Teams*.
5. In the [Teams Developer Portal](https://dev.teams.microsoft.com) make an app; *App features*, *Bot*, *Enter a bot ID*: the app id; choose the scopes *Personal*, *Team*
   and *Group chat*, and tick *Upload and download files*. Publish it to your organisation, or install it by *Preview in Teams*.
6. Save, and write to the app in Teams, or mention it in a channel of a team that has it.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 1,
    title: "Configuration",
    rows: [
      { kind: "field", label: "Microsoft App ID", value: "00001111-aaaa-…", marked: true, into: "appId" },
      { kind: "field", label: "App Tenant ID", value: "aaaabbbb-0000-…", into: "tenantId" },
    ],
  },
  {
    step: 2,
    title: "Certificates & secrets",
    rows: [
      { kind: "button", label: "New client secret", marked: true },
      { kind: "field", label: "Value", value: "A1b~C2d…", into: "appPassword" },
    ],
  },
  {
    step: 3,
    title: "Configuration",
    rows: [{ kind: "field", label: "Messaging endpoint", value: "https://<your gateway>/hooks/<account>", marked: true }],
  },
  {
    step: 5,
    title: "Bot",
    rows: [
      { kind: "field", label: "Enter a bot ID", value: "00001111-aaaa-…", marked: true },
      { kind: "tick", label: "Upload and download files", on: true },
      { kind: "tick", label: "Personal", on: true },
      { kind: "tick", label: "Team", on: true },
      { kind: "tick", label: "Group chat", on: true },
    ],
  },
];

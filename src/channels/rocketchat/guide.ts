import type { GuidePicture } from "../../core/guide-picture.ts";

/** For the setup form. Source of the steps: https://docs.rocket.chat/docs/manage-personal-access-tokens and its page on integrations. */
export const guide = `
1. *Administration*, *Users*, *New*: a user for the bot with the role **bot**. The role lifts the limits of calls, which a bot would soon meet.
2. Log in as that user: *Profile*, *Personal Access Tokens*, *Add*, with *Ignore Two Factor Authentication*. It shows the token and the user's id once: they go into
   **token** and **userId**, the server's address into **server**.
3. Add the bot to the rooms where it is to read. Direct messages need nothing.
4. Only for **mode webhook**: *Administration*, *Workspace*, *Integrations*, *New*, *Outgoing*: event *Message Sent*, URL
   \`https://<your gateway>/hooks/<account>\`; its *Token* goes into **webhookToken**.
5. Save, and write to the bot, or mention it in a room.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 2,
    title: "Personal Access Tokens",
    rows: [
      { kind: "tick", label: "Ignore Two Factor Authentication", on: true },
      { kind: "button", label: "Add", marked: true },
    ],
  },
  {
    step: 2,
    title: "Personal Access Token successfully generated",
    rows: [
      { kind: "field", label: "Token", value: "Jo2Zr…", into: "token" },
      { kind: "field", label: "Your user Id", value: "kzWm…", into: "userId" },
    ],
  },
  {
    step: 4,
    title: "Outgoing",
    rows: [
      { kind: "field", label: "Event Trigger", value: "Message Sent" },
      { kind: "field", label: "URLs", value: "https://<your gateway>/hooks/<account>", marked: true },
      { kind: "field", label: "Token", value: "dsf8b…", into: "webhookToken" },
    ],
  },
];

import type { GuidePicture } from "../../core/guide-picture.ts";

/** For the setup form. */
export const guide = `
1. Use a mailbox of its own: every mail that comes into the folder is a message to the agent, and is marked as read.
2. By provider:
   - **Gmail**: turn on 2-step verification, then make an [app password](https://myaccount.google.com/apppasswords). imap
     \`imaps://imap.gmail.com\`, smtp \`smtps://smtp.gmail.com\`, authservId \`mx.google.com\`.
   - **Fastmail**: Settings → Privacy & Security → App passwords. \`imaps://imap.fastmail.com\`, \`smtps://smtp.fastmail.com\`.
   - **iCloud**: app-specific password. \`imaps://imap.mail.me.com\`, \`smtp://smtp.mail.me.com:587\`.
   - **Your own server**: its host names. Microsoft 365 and Outlook.com take no passwords any more (OAuth only): not supported.
3. **authservId** is the first word of the header \`Authentication-Results\` in mail that you get. Without it no sender is proven, and
   an allowlist lets nobody in.
4. Say who may write: \`access: { allow: ["ada@example.com"] }\`, or \`direct: "open"\` for everybody.
5. Save, then send a mail to the address.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 2,
    title: "Google, App passwords",
    rows: [
      { kind: "field", label: "App name", value: "Polylogue" },
      { kind: "button", label: "Create" },
      { kind: "field", label: "Your app password for your device", value: "abcd efgh …", into: "password" },
    ],
  },
  {
    step: 3,
    title: "Gmail, Original Message",
    rows: [{ kind: "field", label: "Authentication-Results", value: "mx.google.com; …", marked: true, into: "authservId" }],
  },
];

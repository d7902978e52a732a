import type { GuidePicture } from "../../core/guide-picture.ts";

/** For the setup form. */
export const guide = `
1. Make an account for the bot on your homeserver (on your own Synapse: \`register_new_matrix_user\`).
2. Get an access token for a device of its own:
   \`curl -X POST https://matrix.example.com/_matrix/client/v3/login -d '{"type":"m.login.password","identifier":{"type":"m.id.user","user":"bot"},"password":"…","initial_device_display_name":"Polylogue"}'\`,
   or in Element: All settings → Help & About → Access Token (then never log that session out).
3. **homeserver** is the address that programs use (\`https://matrix-client.matrix.org\` for matrix.org), often not the name behind the colon.
4. Say who may write: \`access: { allow: ["@ada:example.com"] }\` for direct rooms, \`groups: ["!room:example.com"]\` for rooms.
5. Save, then invite the bot into a room. It comes only where access lets whoever invites it speak.

For **encrypted** rooms set **encryption**, and run \`polylogue channels install matrix\` once; the token must be of a login of its own (step 2, \`curl\`). Without it nothing is
said there.
`.trim();

export const pictures: readonly GuidePicture[] = [
  {
    step: 2,
    title: "Help & About",
    rows: [{ kind: "field", label: "Access Token", value: "syt_…", marked: true, into: "token" }],
  },
];

/** For the setup form. */
export const guide = `
1. Make an account for the assistant on any XMPP server: by any app, or on your own with \`prosodyctl adduser polly@example.org\` or
   \`ejabberdctl register polly example.org …\`. Its address goes into **jid**, its **password** beside it.
2. **rooms**: where it is to be from the start (\`kitchen@conference.example.org\`; a password goes behind a blank). It also follows invitations into rooms
   that access allows, and stays there.
3. Say who may write: \`access: { allow: ["ada@example.org"], groups: ["kitchen@conference.example.org"] }\`.
4. **server** and **ca** are for servers that DNS doesn't name, or that have a certificate of their own making.
5. Save, then write to the address from any app.
`.trim();

/** For the setup form. */
export const guide = `
1. Choose a nick, and register it at the network's services if it has them (mostly: \`/msg NickServ REGISTER password mail\` in any program).
   Then give its **password**: with an account nobody else can be the bot.
2. **server**: \`ircs://irc.libera.chat\` (TLS). \`irc://\` is for servers of your own that have none.
3. **channels**: where it is to be from the start (\`#help\`; a channel's key goes behind a blank). It also follows invitations into channels that access
   allows.
4. Say who may write: \`access: { groups: ["#help"] }\` for a channel, and \`allow: ["ada"]\` for the people whose *account at the services* is called so.
   Whoever isn't logged in matches no such name.
5. Save, then write \`nick: hello\` in the channel.
`.trim();

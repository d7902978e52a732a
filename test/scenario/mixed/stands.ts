import { discord, email, irc, matrix, mattermost, rocketchat, signal, slack, telegram, xmpp } from "./connected.ts";
import { instagram, messenger, teams, twilio, webhook, whatsapp } from "./pushing.ts";
import type { OpenStand } from "./stand.ts";

/** Every channel, and how many conversations it has in the crowd: what its published pace allows in some minutes. */
export const stands: readonly (readonly [open: OpenStand, conversations: number])[] = [
  [telegram, 80],
  [discord, 80],
  [slack, 80],
  [matrix, 80],
  [email, 20],
  [irc, 60],
  [webhook, 80],
  [whatsapp, 70],
  [messenger, 70],
  [instagram, 70],
  [teams, 70],
  [twilio, 70],
  [mattermost, 70],
  [rocketchat, 70],
  [signal, 30],
  [xmpp, 40],
];

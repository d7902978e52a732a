import type { TelegramSimulator } from "../../simulators/telegram.ts";
import { until } from "./story.ts";

interface Room {
  readonly path: string;
  readonly heading: string;
  /** The same where a person gave the name: an account, an agent, the title of the web chat. */
  readonly german: string;
  readonly shows?: string;
}

/** What a busy gateway has to show: answers with all kinds of markup, a message without reply, a delivery that failed. */
export async function fill(telegram: TelegramSimulator): Promise<void> {
  telegram.say(4711, 4711, "long");
  telegram.say(4712, 4712, "calculate 6*7");
  telegram.say(4713, 4713, "buttons");
  telegram.say(-100, 4711, "nobody asked the bot");
  await until("they are answered", () => [4711, 4712, 4713].every((chat) => telegram.seen(chat).length > 0));
  telegram.arrange({ chat: 4714, what: { kind: "error", status: 403, description: "Forbidden: bot was blocked by the user" }, times: 9 });
  telegram.say(4714, 4714, "and now I block you");
}

/** Every room: its path, what it is called in each language, and in English what it shows. */
export const rooms: readonly Room[] = [
  { path: "/", heading: "Home", german: "Start", shows: "calculate 6*7" },
  { path: "/talk", heading: "Assistant", german: "Assistant", shows: "Say something" },
  { path: "/conversations", heading: "Conversations", german: "Unterhaltungen", shows: "User 4712" },
  { path: "/conversations?q=calculate", heading: "Conversations", german: "Unterhaltungen", shows: "In messages" },
  { path: "/conversations/replies", heading: "Canned replies", german: "Textbausteine", shows: "No canned replies yet" },
  { path: "/channels", heading: "Channels", german: "Kanäle", shows: "@polylogue_test_bot" },
  { path: "/channels/add", heading: "Add a channel", german: "Kanal hinzufügen", shows: "Telegram" },
  { path: "/channels/add/telegram", heading: "Add Telegram", german: "Telegram hinzufügen", shows: "@BotFather" },
  { path: "/channels/support", heading: "support", german: "support", shows: "Last sign of life" },
  { path: "/queue", heading: "Queue", german: "Warteschlange", shows: "blocked by the user" },
  { path: "/agents", heading: "Agents", german: "Agenten", shows: "demo/demo" },
  { path: "/agents/main", heading: "main", german: "main", shows: "What a model reads first" },
  { path: "/routes", heading: "Routes", german: "Routen", shows: "always" },
  { path: "/models", heading: "Models", german: "Modelle", shows: "demo/demo" },
  { path: "/cost", heading: "Cost", german: "Kosten", shows: "What would it cost?" },
  { path: "/analytics", heading: "Analytics", german: "Auswertung", shows: "Busiest hours" },
  { path: "/users", heading: "Users", german: "Benutzer", shows: "Your password" },
  { path: "/audit", heading: "Audit", german: "Protokoll", shows: "created the owner" },
  { path: "/settings", heading: "Settings", german: "Einstellungen", shows: "limits.turnTries" },
  { path: "/backup", heading: "Backup", german: "Sicherung", shows: "No backups yet" },
  { path: "/queue?tab=moving", heading: "Queue", german: "Warteschlange", shows: "Nothing is on its way" },
  { path: "/findings", heading: "Findings", german: "Befunde" },
  { path: "/trace?q=calculate", heading: "Why no answer?", german: "Warum keine Antwort?", shows: "calculate 6*7" },
  { path: "/trace/ev_0000000000000000000000", heading: "Trace", german: "Verlauf", shows: "Nothing is known of this id" },
  { path: "/no-such-page", heading: "There is no such page", german: "Diese Seite gibt es nicht" },
];

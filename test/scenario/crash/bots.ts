import type { Logged, Recorder } from "../../simulators/telegram/world.ts";
import { startTelegramSimulator, type TelegramSimulator, tooMany } from "../../simulators/telegram.ts";
import { type Journal, now } from "./journal.ts";
import { answered } from "./model.ts";
import type { Fault } from "./plan.ts";
import { slowMs } from "./sink.ts";

/** A line of a bot's log: the simulator's own entries, and when an answer was handed to the network. */
export type BotLine = (Logged & { readonly at: number }) | { readonly kind: "answered"; readonly of: number; readonly at: number };

/** A Bot API server with a log of its own. `heard` is told of every whole answer that became visible. */
export function startBot(token: string, journal: Journal, heard: (n: number) => void): Promise<TelegramSimulator> {
  const recorder: Recorder = {
    entry(logged) {
      if (logged.kind === "effect" && logged.text !== undefined) {
        const { n, whole } = answered(logged.text);
        if (whole) heard(n);
      }
      return journal.note({ ...logged, at: now() });
    },
    answered: (n) => void journal.note({ kind: "answered", of: n, at: now() } satisfies BotLine),
  };
  return startTelegramSimulator({ token, recorder });
}

/** Lets the first call that shows an answer to this message go wrong, be it a draft, an edit or the whole. */
export function arrange(bot: TelegramSimulator, n: number, fault: Fault): void {
  bot.arrange({ text: `re:${n}`, what: wrong[fault] });
}

/** https://core.telegram.org/bots/api#making-requests; the 500 is one that the server gives in its own words. */
const wrong = {
  "too-many": tooMany(1),
  error: { kind: "error", status: 500, description: "Internal Server Error" },
  proxy: { kind: "proxy", status: 502 },
  "proxy-after": { kind: "proxy", status: 502, after: true },
  cut: { kind: "cut" },
  drop: { kind: "drop" },
  slow: { kind: "slow", ms: slowMs },
} as const satisfies Readonly<Record<Fault, unknown>>;

import type { People } from "./people.ts";
import type { Trouble } from "./trouble.ts";
import type { Updates } from "./updates.ts";
import type { Json, Logged, Seen } from "./world.ts";

/** What of the simulator can be reached from outside. */
export interface Controlled {
  readonly people: People;
  readonly updates: Updates;
  readonly entries: readonly Logged[];
  readonly violations: readonly string[];
  readonly calls: ReadonlyMap<string, number>;
  seen(chat: number): readonly Seen[];
  arrange(trouble: Trouble): void;
  calm(): void;
  revoke(): void;
}

/**
 * The simulator's own door, for tests in other processes: `POST /control/<action>` with a JSON object, JSON back.
 * GET works for the actions that only look.
 */
export function control(simulator: Controlled, action: string, input: Json): Json | undefined {
  const number = (name: string, otherwise?: number): number => {
    const value = input[name] === undefined ? otherwise : Number(input[name]);
    if (value === undefined || !Number.isSafeInteger(value)) throw new Error(`${action}: ${name} must be an integer`);
    return value;
  };
  const text = (name: string): string => {
    if (typeof input[name] !== "string") throw new Error(`${action}: ${name} must be a text`);
    return input[name];
  };
  const from = () => number("from");
  const chat = () => number("chat", Number(input.from));
  const place = () => ({
    ...(input.thread === undefined ? {} : { thread: number("thread") }),
    ...(input.replyTo === undefined ? {} : { replyTo: number("replyTo") }),
  });
  const { people } = simulator;
  switch (action) {
    case "say":
      return { message: people.say(chat(), from(), text("text"), place()) };
    case "edit":
      people.edit(chat(), number("message"), text("text"));
      return {};
    case "press":
      return { query: people.press(chat(), from(), number("message"), text("label")) };
    case "react":
      people.react(chat(), from(), number("message"), input.emojis as string[]);
      return {};
    case "send-file": {
      const field = text("field") as "photo" | "document" | "voice" | "audio" | "video";
      const options = { ...place(), ...(input.options as Json | undefined) };
      return { message: people.sendFile(chat(), from(), field, Buffer.from(text("base64"), "base64"), options) };
    }
    case "send-album": {
      const pictures = (input.captions as readonly (string | null)[]).map((caption) => ({
        bytes: Buffer.from(text("base64"), "base64"),
        ...(caption === null ? {} : { caption }),
      }));
      return { messages: people.sendAlbum(chat(), from(), pictures) };
    }
    case "block":
      people.block(chat());
      return {};
    case "unblock":
      people.unblock(chat());
      return {};
    case "migrate":
      people.migrate(chat(), number("to"), from());
      return {};
    case "trouble":
      simulator.arrange(input as unknown as Trouble);
      return {};
    case "calm":
      simulator.calm();
      return {};
    case "revoke":
      simulator.revoke();
      return {};
    case "seen":
      return { messages: simulator.seen(number("chat")) };
    case "log":
      return { entries: simulator.entries.slice(number("since", 0)) };
    case "state":
      return {
        pending: simulator.updates.pending,
        polled: simulator.updates.polled,
        webhook: simulator.updates.webhook?.url ?? null,
        posts: simulator.updates.posts.length,
        calls: Object.fromEntries(simulator.calls),
        violations: simulator.violations,
      };
    default:
      return undefined;
  }
}

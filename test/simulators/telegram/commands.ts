import { bad, type Outcome, type Values } from "./outcome.ts";

export interface BotCommand {
  readonly command: string;
  readonly description: string;
}

/** The bot's menus by scope and language. https://core.telegram.org/bots/api#setmycommands, limits as the server's source has them. */
export class Menus {
  readonly #lists = new Map<string, readonly BotCommand[]>();

  /** What everybody's menu has. */
  get shown(): readonly string[] {
    return (this.#lists.get(keyOf({})) ?? []).map(({ command }) => command);
  }

  /** Undefined when the method isn't about menus. */
  perform(method: string, values: Values): Outcome | undefined {
    const key = keyOf(values);
    switch (method) {
      case "getMyCommands":
        return { result: this.#lists.get(key) ?? [] };
      case "deleteMyCommands":
        this.#lists.delete(key);
        return { result: true };
      case "setMyCommands": {
        const commands = values.commands as readonly BotCommand[];
        const problem = problemOf(commands, values.language_code);
        if (problem) return bad(problem);
        this.#lists.set(
          key,
          commands.map(({ command, description }) => ({ command, description })),
        );
        return { result: true };
      }
      default:
        return undefined;
    }
  }
}

function keyOf(values: Values): string {
  return JSON.stringify([values.scope ?? { type: "default" }, values.language_code ?? ""]);
}

/** The server takes a leading slash off, and capitals down; here they are faults, as the documentation has them. */
function problemOf(commands: readonly BotCommand[], language: unknown): string | undefined {
  if (commands.length > 100) return "BOT_COMMANDS_TOO_MUCH";
  if (language !== undefined && language !== "" && !/^[a-z]{2}$/.test(String(language))) return "invalid language code specified";
  for (const { command, description } of commands) {
    if (!/^[a-z0-9_]{1,32}$/.test(command)) return "BOT_COMMAND_INVALID";
    if (description.length < 1 || description.length > 256) return "BOT_COMMAND_DESCRIPTION_INVALID";
  }
  return undefined;
}

import type { PlatformEvent } from "./event.ts";

/** What a person may ask of the gateway itself, with a slash, wherever he talks to an agent. */
export const commandNames = ["help", "status", "reset", "model", "stop", "human"] as const;
export type CommandName = (typeof commandNames)[number];

export interface Command {
  readonly name: CommandName;
  /** What stands behind it, without blanks around it. */
  readonly argument: string;
}

/** Each in one line, for `/help`. */
export const commandHelp: { readonly [name in CommandName]: string } = {
  help: "what I understand",
  status: "who answers here",
  reset: "forget what we said so far",
  model: "which model answers; /model <number> chooses",
  stop: "stop the answer that is being written",
  human: "talk to a person",
};

/** `/model 2`, and in groups `/model@some_bot 2`. Nothing for whatever else begins with a slash: that goes to the agent. */
export function readCommand(event: PlatformEvent): Command | undefined {
  const [part, ...more] = event.kind === "message" ? event.parts : [];
  if (part?.type !== "text" || more.length > 0) return undefined;
  const [, word, argument = ""] = /^\s*\/([a-z]+)(?:@[\w.-]+)?(?:[ \t]+([^\n]*))?\s*$/i.exec(part.text) ?? [];
  const name = commandNames.find((known) => known === word?.toLowerCase());
  return name && { name, argument: argument.trim() };
}

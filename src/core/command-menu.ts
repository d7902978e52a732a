import { type CommandName, commandHelp, commandNames } from "./command.ts";
import type { AccountConfiguration, Configuration } from "./configuration.ts";
import type { AgentId } from "./ids.ts";

/** A line of the menu that a platform shows beside the field in which people write. */
export interface MenuCommand {
  readonly name: CommandName;
  readonly description: string;
}

/** What every agent allows that may answer there: nobody is to be offered what the next agent takes for a question. */
export function menuOf(
  { routes, agents }: Pick<Configuration, "routes" | "agents">,
  account: AccountConfiguration,
): readonly MenuCommand[] {
  const answering = agentsOf(routes, account).map((id) => agents.get(id)?.commands ?? []);
  const names = answering.length === 0 ? [] : commandNames.filter((name) => answering.every((allowed) => allowed.includes(name)));
  return names.map((name) => ({ name, description: commandHelp[name] }));
}

function agentsOf(routes: Configuration["routes"], { id, channel }: AccountConfiguration): AgentId[] {
  const found: AgentId[] = [];
  for (const { when, matchers, agent, classify } of routes) {
    if ((when?.account ?? id) !== id || (when?.channel ?? channel) !== channel) continue;
    found.push(agent, ...(classify?.choices.flatMap((choice) => choice.agent ?? []) ?? []));
    const { account: _, channel: __, ...more } = when ?? {};
    if (matchers === undefined && Object.keys(more).length === 0) break;
  }
  return found;
}

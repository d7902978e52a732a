import type { Command } from "commander";
import type { CommandDoor } from "../door.ts";
import { looking, type Opened } from "../open.ts";
import { findingJson, type Outcome, showFinding, table } from "../outcome.ts";
import type { Run } from "../run.ts";

export function toolsCommand(program: Command, run: Run): void {
  const tools = program.command("tools").description("what agents' models may ask for");
  tools
    .command("list")
    .description("the built-in tools, and those of the configured MCP servers, which are started for it; who may use them")
    .action(() => run((door) => looking(door, (opened) => list(door, opened))));
}

async function list(door: CommandDoor, { loaded }: Opened): Promise<Outcome> {
  const { configuration } = loaded;
  const { tools, findings } = await door.serverTools(configuration);
  const agents = [...configuration.agents.values()];
  const usedBy = (name: string) => {
    const all = name.includes("/") ? `${name.slice(0, name.indexOf("/"))}/*` : name;
    return agents.filter((agent) => agent.tools.includes(name) || agent.tools.includes(all)).map(({ id }) => id as string);
  };
  const rows = [...door.kinds.tools.map((name) => ({ name, description: "built in" })), ...tools].map(({ name, description }) => ({
    ...{ name, description },
    agents: usedBy(name),
  }));
  const lines = [
    table([
      ["tool", "agents", ""],
      ...rows.map(({ name, agents, description }) => [name, agents.join(", ") || "none", description.split("\n")[0] ?? ""]),
    ]),
    ...findings.map(showFinding),
  ];
  return { exit: findings.length > 0 ? 1 : 0, json: { tools: rows, findings: findings.map(findingJson) }, text: lines.join("\n") };
}

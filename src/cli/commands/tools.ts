import type { Command } from "commander";
import type { Acceptance, ServerTool } from "../../core/tool.ts";
import { escapeControls } from "../../ops/controls.ts";
import type { CommandDoor } from "../door.ts";
import { actor, looking, type Opened, type OpenedStore, tenant, working } from "../open.ts";
import { done, findingJson, type Outcome, refuse, showFinding, table } from "../outcome.ts";
import type { Run } from "../run.ts";

export function toolsCommand(program: Command, run: Run): void {
  const tools = program.command("tools").description("what agents' models may ask for");
  tools
    .command("list")
    .description("the built-in tools, and those of the configured MCP servers, which are started for it; who may use them")
    .action(() => run((door) => looking(door, (opened) => list(door, opened))));
  tools
    .command("accept")
    .description("let models read what tools of an MCP server say of themselves now, where they say something else than before")
    .argument("<name>", "a tool as `server/tool`, or a server: all that are held back of it")
    .option("--yes", "don't ask")
    .action((name: string, options: { yes?: true }) => run((door) => working(door, (opened) => accept(door, opened, name, options))));
}

async function list(door: CommandDoor, { loaded, store }: Opened): Promise<Outcome> {
  const { configuration } = loaded;
  const { tools, findings } = await door.serverTools(configuration, acceptedIn(store));
  const agents = [...configuration.agents.values()];
  const usedBy = (name: string) => {
    const all = name.includes("/") ? `${name.slice(0, name.indexOf("/"))}/*` : name;
    return agents.filter((agent) => agent.tools.includes(name) || agent.tools.includes(all)).map(({ id }) => id as string);
  };
  const builtIn = door.kinds.tools.map((name) => ({ name, description: "built in", state: "accepted" as const }));
  const rows = [...builtIn, ...tools.map(({ name, tool, state }) => ({ name, description: tool.description, state }))].map((row) => ({
    ...row,
    agents: usedBy(row.name),
  }));
  const lines = [
    table([
      ["tool", "agents", ""],
      ...rows.map(({ name, agents, description, state }) => [
        ...[escapeControls(name), agents.join(", ") || "none"],
        (state === "accepted" ? "" : `(held back: ${state}) `) + escapeControls(description.split("\n")[0] ?? ""),
      ]),
    ]),
    ...findings.map(showFinding),
  ];
  return { exit: findings.length > 0 ? 1 : 0, json: { tools: rows, findings: findings.map(findingJson) }, text: lines.join("\n") };
}

async function accept(door: CommandDoor, { loaded, store }: OpenedStore, wanted: string, { yes }: { yes?: true }): Promise<Outcome> {
  const { terminal } = door;
  const [server = ""] = wanted.split("/", 1);
  const configured = loaded.configuration.mcp.get(server);
  if (!configured) return refuse("not-found", `There is no MCP server ${server}.`, "`polylogue tools list` shows what there is.");
  const only = { ...loaded.configuration, mcp: new Map([[server, configured]]) };
  const { tools, findings } = await door.serverTools(only, acceptedIn(store));
  const named = tools.filter(({ name }) => wanted === server || name === wanted);
  if (named.length === 0) {
    const [unreachable] = findings.filter(({ code }) => code === "mcp-unreachable");
    return refuse("not-found", unreachable?.message ?? `The MCP server ${server} has no tool ${wanted}.`, unreachable?.hint);
  }
  const held = named.filter(({ state }) => state !== "accepted");
  if (held.length === 0) return done({ accepted: [] }, "Nothing of it is held back.");
  if (!yes) {
    if (!terminal.interactive) return refuse("usage", `${held.map(said).join("\n\n")}\n\nMay models read this?`, "Say --yes to accept it.");
    terminal.err(`${held.map(said).join("\n\n")}\n\n`);
    const answer = await terminal.ask("May models read this, and use the tools? [y/N] ");
    if (!/^y(?:es)?$/i.test(answer?.trim() ?? "")) return refuse("aborted", "Nothing was accepted.");
  }
  const digests = new Map(held.map(({ name, digest }) => [name.slice(server.length + 1), digest]));
  await store.records.acceptTools(tenant, server, digests, actor, door.clock.now());
  return done(
    { accepted: held.map(({ name, digest }) => ({ name, digest })) },
    held.map(({ name }) => `${escapeControls(name)}: accepted`).join("\n"),
  );
}

/** All that models read of it. */
function said({ name, tool, state }: ServerTool): string {
  const description = tool.description.split("\n").map((line) => `  ${escapeControls(line)}`);
  return [`${escapeControls(name)} (${state})`, ...description, `  ${escapeControls(JSON.stringify(tool.parameters ?? {}))}`].join("\n");
}

/** Of a server that no gateway has met yet, everything: that is what the first one takes. */
function acceptedIn(store: Opened["store"]): Acceptance {
  return async (server, found) => {
    const known = await store?.records.acceptedTools(tenant, server);
    return known && known.size > 0 ? known : found;
  };
}

import { type Command, Option } from "commander";
import { didYouMean } from "../../config/nearest.ts";
import type { AgentId } from "../../core/ids.ts";
import type { Json } from "../../core/terms.ts";
import { previewOf, showHands, showSteps } from "../../ops/agents.ts";
import type { CommandDoor } from "../door.ts";
import { looking, type Opened, tenant } from "../open.ts";
import { done, moment, type Outcome, refuse, table } from "../outcome.ts";
import type { Run } from "../run.ts";

interface Where {
  readonly channel: string;
  readonly account: string;
  readonly user?: string;
  readonly chatKind: "direct" | "group";
}

export function agentsCommand(program: Command, run: Run): void {
  const agents = program.command("agents").description("who answers: instructions, models, versions");
  agents
    .command("list")
    .description("the configured agents, their models and the version of what they are told")
    .action(() => run((door) => looking(door, list)));
  agents
    .command("preview")
    .description("what a model reads before anything is said; calls none and costs nothing")
    .argument("<agent>", "its name")
    .option("--channel <kind>", "on this kind of channel", "webchat")
    .option("--account <name>", "on this account", "web")
    .option("--user <name>", "to somebody of this name")
    .addOption(new Option("--chat-kind <kind>", "in a direct chat or a group").choices(["direct", "group"]).default("direct"))
    .action((name: string, where: Where) => run((door) => looking(door, (opened) => preview(door, opened, name, where))));
  agents
    .command("versions")
    .description("what an agent was told and since when, the newest first; a trace names the version that answered")
    .argument("<agent>", "its name")
    .argument("[version]", "only this one, in full")
    .action((name: string, version?: string) => run((door) => looking(door, (opened) => versions(opened, name, version))));
}

async function list({ loaded }: Opened): Promise<Outcome> {
  const agents = [...loaded.configuration.agents.values()];
  return done(
    agents.map(({ id, models, tools, version }) => ({ id, version, models: [...models], tools: [...tools] })),
    table([["agent", "version", "models"], ...agents.map(({ id, version, models }) => [id, version, models.join(", ")])]),
  );
}

async function preview(door: CommandDoor, { loaded }: Opened, name: string, where: Where): Promise<Outcome> {
  const { agents } = loaded.configuration;
  const agent = agents.get(name as AgentId);
  if (!agent)
    return refuse("not-found", `There is no agent ${name}.${didYouMean(name, agents.keys())}`, "`polylogue agents list` shows them.");
  const { chatKind, channel, account, user } = where;
  const situation = {
    agent: name,
    tenant,
    channel,
    account,
    user,
    userId: user ?? "1",
    chatKind,
    knowledge: agent.knowledge,
    at: door.clock.now(),
  };
  const shown = previewOf(agent, situation);
  const examples = shown.examples.map(({ user, answer }) => `\n> ${user}\n${answer}`);
  const steps = shown.steps.length > 1 ? ["\nIts turns:", ...showSteps(agent)] : [];
  const hands = agent.handTo.length > 0 ? ["", ...showHands(agent)] : [];
  return done(
    {
      agent: name,
      ...shown,
      examples: shown.examples.map((example) => ({ ...example })),
      steps: shown.steps as unknown as Json,
      handTo: shown.handTo as unknown as Json,
    },
    [`${name}, version ${shown.version}, about ${shown.tokens} tokens:`, "", shown.instructions, ...examples, ...steps, ...hands].join(
      "\n",
    ),
  );
}

async function versions({ store, fault }: Opened, name: string, version: string | undefined): Promise<Outcome> {
  if (fault) return refuse(fault.code, fault.message);
  const known = (await store?.records.agentVersions(tenant, name as AgentId)) ?? [];
  if (version !== undefined) {
    const one = known.find((candidate) => candidate.version === version);
    if (!one) return refuse("not-found", `No version ${version} of the agent ${name} is on record.`);
    return done({ ...one, told: one.told as unknown as Json }, JSON.stringify(one.told, undefined, 2));
  }
  if (known.length === 0) return done([], `The gateway has not run with an agent ${name} yet.`);
  return done(
    known.map((one) => ({ ...one, told: one.told as unknown as Json })),
    table([["version", "since", "instructions"], ...known.map((one) => [one.version, moment(one.at), firstLine(one.told.instructions)])]),
  );
}

function firstLine(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

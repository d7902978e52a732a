import type { z } from "zod";
import type { Budget } from "../core/budget.ts";
import type { AccountConfiguration, KnowledgeConfiguration, McpConfiguration, ProviderConfiguration } from "../core/configuration.ts";
import type { HandoverSettings } from "../core/handover.ts";
import type { AgentId } from "../core/ids.ts";
import { templateVariables, unknownPlaceholders, versionOf } from "../core/instructions.ts";
import type { Matchers } from "../core/matcher.ts";
import { providerOf } from "../core/provider.ts";
import type { Agent, Route } from "../core/route.ts";
import { say } from "../core/say.ts";
import type { Json } from "../core/terms.ts";
import { entriesOf } from "./accounts.ts";
import { type Check, expandEntry } from "./entries.ts";
import { handoverOf } from "./handover-schema.ts";
import { compileMatchers } from "./matchers.ts";
import { didYouMean } from "./nearest.ts";
import { routeSchema } from "./route-schema.ts";
import { agentSchema } from "./schema.ts";
import { settle } from "./settle.ts";
import { stepsOf } from "./step-schema.ts";
import { isTree, type Path } from "./tree.ts";

/** What agents name. */
interface AgentParts {
  readonly providers: ReadonlyMap<string, ProviderConfiguration>;
  /** Providers that stand in the configuration, those included that are left out. */
  readonly written: readonly string[];
  readonly mcp: ReadonlyMap<string, McpConfiguration>;
  readonly knowledge: ReadonlyMap<string, KnowledgeConfiguration>;
  /** What holds of handovers where an agent says nothing else. */
  readonly handover: HandoverSettings;
}

/** An agent with a bad key runs with that key's default: an agent without a tool or with the demo model does no harm. */
export async function checkAgents(
  section: Json | undefined,
  { providers, written, mcp, knowledge, handover: common }: AgentParts,
  check: Check,
): Promise<Map<AgentId, Agent>> {
  const agents = new Map<AgentId, Agent>();
  const tools = check.sources.kinds.tools;
  for (const [name, entry] of entriesOf(section, "agents", check)) {
    const at = ["agents", name];
    const expanded = await expandEntry(entry, at, undefined, check);
    const settled = expanded && settle(agentSchema, expanded, at, check.notes);
    if (!settled) continue;
    // An answer without the review that was meant to stand before it does harm.
    if (settled.removed.some(([key]) => key === "steps")) {
      check.notes.add(
        "agent-invalid",
        "error",
        at,
        say`The agent ${name} is left out: its steps can't be read.`,
        say`Correct what the other findings about it name.`,
      );
      continue;
    }
    const { handTo, steps, handover, ...plain } = settled.value;
    const agent = {
      ...plain,
      steps: stepsOf(steps, plain.limits.maxOutputTokens),
      handover: await handoverOf(handover, common, [...at, "handover"], check),
      handTo: Object.entries(handTo).map(([agent, about]) => ({ agent: agent as AgentId, about })),
    };
    for (const [key, model] of modelsOf(agent)) {
      const provider = providerOf(model);
      if (providers.has(provider)) continue;
      const why = written.includes(provider)
        ? say`the provider ${provider} is left out`
        : say`there is no provider \`${provider}\`.${didYouMean(provider, written)}`;
      check.notes.add(
        "model-unknown",
        "error",
        [...at, key, model],
        say`The agent ${name} can't use ${model}: ${why}`,
        say`Add it under \`providers\`, or take the model out of \`agents.${name}.${key}\`.`,
      );
    }
    for (const written of unknownPlaceholders(agent.instructions)) {
      check.notes.add(
        "template-unknown",
        "warning",
        [...at, "instructions"],
        say`\`${written}\` in the instructions of ${name} stands for nothing: the model reads it as it is written.`,
        say`Known: ${templateVariables.map((variable) => `{{${variable}}}`).join(", ")}; date, time and weekday take a time zone, as in {{time Europe/Berlin}}.`,
      );
    }
    const allowed = agent.tools.filter((tool) => {
      if (tools.includes(tool) || mcp.has(tool.split("/")[0] ?? "")) return true;
      check.notes.add(
        "tool-unknown",
        "error",
        [...at, "tools", tool],
        say`The agent ${name} can't use the tool \`${tool}\`: there is none of that name.${didYouMean(tool, tools)}`,
        say`Known: ${tools.join(", ")}.`,
      );
      return false;
    });
    for (const tool of agent.approve.filter((tool) => !agent.tools.includes(tool))) {
      const message = say`\`agents.${name}.approve\` names \`${tool}\`, which isn't one of its tools.${didYouMean(tool, agent.tools)}`;
      check.notes.add(
        "tool-unknown",
        "error",
        [...at, "approve", tool],
        message,
        say`Correct the name: a tool that isn't named there runs unasked.`,
      );
    }
    const known = agent.knowledge.flatMap((source) => {
      const found = knowledge.get(source);
      if (found) return [{ name: source, description: found.description }];
      const message = say`The agent ${name} can't look into \`${source}\`: there are no documents of that name.${didYouMean(source, knowledge.keys())}`;
      check.notes.add("knowledge-unknown", "error", [...at, "knowledge", source], message, say`Add them under \`knowledge\`.`);
      return [];
    });
    agents.set(name as AgentId, { id: name as AgentId, version: versionOf(agent), ...agent, tools: allowed, knowledge: known });
  }
  for (const [name, agent] of agents) agents.set(name, { ...agent, handTo: handsOf(agent, agents, check) });
  return agents;
}

/** Those that there are: nobody can hand on to himself, or to one that doesn't exist. */
function handsOf({ id, handTo }: Agent, agents: ReadonlyMap<AgentId, Agent>, check: Check): Agent["handTo"] {
  return handTo.filter(({ agent }) => {
    if (agent !== id && agents.has(agent)) return true;
    const why = agent === id ? say`that is itself` : say`there is no such agent.${didYouMean(agent, agents.keys())}`;
    check.notes.add(
      "agent-unknown",
      "error",
      ["agents", id, "handTo", agent],
      say`The agent ${id} can't hand over to \`${agent}\`: ${why}`,
      say`Add the agent under \`agents\`, or name another one.`,
    );
    return false;
  });
}

const modelKeys = ["models", "describe", "transcribe", "summarise", "embed"] as const;

/** Every model that the agent may ask, with the setting that names it. */
function modelsOf(agent: Pick<Agent, (typeof modelKeys)[number] | "scale" | "steps">): readonly (readonly [string, string])[] {
  const scaled = agent.scale.flatMap(({ models }) => models.map((model) => ["scale", model] as const));
  const steps = [...agent.steps.before, ...agent.steps.after].flatMap(({ models }) => models.map((model) => ["steps", model] as const));
  return [...modelKeys.flatMap((key) => agent[key].map((model) => [key, model] as const)), ...scaled, ...steps];
}

/**
 * A route that can't be understood is left out. One to an agent that doesn't exist stays: what it is for must not fall
 * to a later route, and so to an agent that wasn't meant.
 */
export async function checkRoutes(
  section: Json | undefined,
  fromDefault: boolean,
  agents: ReadonlyMap<AgentId, Agent>,
  accounts: ReadonlyMap<string, AccountConfiguration>,
  check: Check,
): Promise<Route[]> {
  if (fromDefault) return defaultRoutes(agents);
  if (!Array.isArray(section)) {
    check.notes.add("config-invalid", "error", "routes", say`\`routes\` must be a list; everything goes to the default agent.`);
    return defaultRoutes(agents);
  }
  const routes: Route[] = [];
  for (const [index, entry] of section.entries()) {
    const at = ["routes", String(index)];
    const expanded = isTree(entry) ? await expandEntry(entry, at, undefined, check) : entry;
    if (expanded === undefined) continue;
    const settled = settle(routeSchema, expanded, at, check.notes);
    // Without one of its conditions a route would take more than was meant, so all of it goes; how it takes has a default.
    if (!settled || settled.removed.some(([key]) => key !== "mode" && key !== "collectMs")) {
      check.notes.add(
        "route-invalid",
        "error",
        at,
        say`The route ${index + 1} is left out: its conditions or its agent can't be read.`,
        say`Correct what the other findings about it name.`,
      );
      continue;
    }
    const route = await routeOf(settled.value, at, check);
    if (!route) continue;
    if (!agents.has(route.agent)) {
      const message = say`The route ${index + 1} leads to the agent \`${route.agent}\`, which doesn't exist: its messages get no answer.${didYouMean(route.agent, agents.keys())}`;
      check.notes.add("route-invalid", "error", [...at, "agent"], message, say`Add the agent under \`agents\`, or name another one.`);
    }
    for (const { name, agent } of route.classify?.choices ?? []) {
      if (agent === undefined || agents.has(agent)) continue;
      const message = say`The choice ${name} of the route ${index + 1} leads to the agent \`${agent}\`, which doesn't exist: the route's own answers.${didYouMean(agent, agents.keys())}`;
      check.notes.add(
        "route-invalid",
        "error",
        [...at, "classify", "choices", name],
        message,
        say`Add the agent under \`agents\`, or name another one.`,
      );
    }
    const account = route.when?.account;
    if (account !== undefined && !accounts.has(account)) {
      check.notes.add(
        "route-invalid",
        "warning",
        [...at, "when", "account"],
        say`The route ${index + 1} is for the account \`${account}\`, which isn't there.${didYouMean(account, accounts.keys())}`,
        say`Correct the name, or take the route out.`,
      );
    }
    routes.push(route);
  }
  return routes;
}

/** With its conditions compiled; one that can't be is none that may be left out. */
async function routeOf(written: z.infer<typeof routeSchema>, at: Path, check: Check): Promise<Route | undefined> {
  const { classify, when, ...route } = written;
  const { text, language, time, ...plain } = when ?? {};
  let matchers: Matchers | undefined;
  try {
    matchers = await compileMatchers({ text, language, time });
  } catch (thrown) {
    const message = say`The route ${Number(at[1]) + 1} is left out: \`when.text\` isn't a pattern: ${(thrown as Error).message}`;
    check.notes.add(
      "route-invalid",
      "error",
      [...at, "when", "text"],
      message,
      say`Correct it; the syntax is RE2's, without look-around and back-references.`,
    );
    return undefined;
  }
  const classifier = classify && {
    ...classify,
    choices: Object.entries(classify.choices).map(([name, choice]) => ({ name, ...choice, agent: choice.agent as AgentId | undefined })),
  };
  return {
    ...route,
    ...(when && { when: plain }),
    ...(matchers && { matchers }),
    ...(classifier && { classify: classifier }),
  } as unknown as Route;
}

/** Nobody wrote routes: `main` answers everything, or the first agent where there is no `main`. */
function defaultRoutes(agents: ReadonlyMap<AgentId, Agent>): Route[] {
  const agent = agents.has("main" as AgentId) ? ("main" as AgentId) : agents.keys().next().value;
  return agent === undefined ? [] : [{ agent }];
}

/** What was written and does nothing. */
export function tellUnused(
  agents: ReadonlyMap<AgentId, Agent>,
  routes: readonly Route[],
  providers: ReadonlyMap<string, ProviderConfiguration>,
  budgets: readonly Budget[],
  check: Check,
): void {
  if (routes.length === 0)
    check.notes.add(
      "route-missing",
      "error",
      "routes",
      say`No route leads to an agent: no message gets an answer.`,
      say`Add an agent under \`agents\`, and a route to it.`,
    );
  const routed = new Set(routes.flatMap(({ agent, classify }) => [agent, ...(classify?.choices ?? []).map((choice) => choice.agent)]));
  for (const { handTo } of agents.values()) for (const { agent } of handTo) routed.add(agent);
  for (const agent of agents.keys()) {
    if (agent === "main" || routed.has(agent)) continue;
    check.notes.add(
      "agent-unused",
      "warning",
      ["agents", agent],
      say`No route leads to the agent ${agent}, and no agent hands over to it.`,
      say`Add \`{ agent: "${agent}" }\` to \`routes\`, with its conditions, before the general one.`,
    );
  }
  const models = [
    ...[...agents.values()].flatMap((agent) => modelsOf(agent).map(([, model]) => model)),
    ...budgets.flatMap(({ models }) => models),
    ...routes.flatMap(({ classify }) => [...(classify?.models ?? []), ...(classify?.choices ?? []).flatMap(({ models }) => models)]),
  ];
  const used = new Set(models.map(providerOf));
  for (const provider of providers.keys()) {
    if (provider === "demo" || used.has(provider)) continue;
    const hint = say`Name its models in an agent: \`polylogue config set agents.main.models '["${provider}/<model>"]'\`.`;
    check.notes.add("provider-unused", "warning", ["providers", provider], say`No agent uses the provider ${provider}.`, hint);
  }
}

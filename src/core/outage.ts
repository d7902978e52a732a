import type { Configuration } from "./configuration.ts";
import type { ErrorCode, Fault } from "./errors.ts";
import type { AgentId } from "./ids.ts";
import type { Instant } from "./terms.ts";

/** A billed request that is over. */
export interface EndedCall {
  readonly provider: string;
  readonly model: string;
  readonly endedAt: Instant;
  readonly fault?: Pick<Fault, "code" | "message">;
}

/** A model whose calls have failed, one after the other, until now. */
export interface Outage {
  /** The end of the first of them. */
  readonly since: Instant;
  /** How many there were. */
  readonly calls: number;
  /** Of the last. */
  readonly fault: Pick<Fault, "code" | "message">;
}

/** The newest calls that are looked at: a model that none of them asked has nothing to tell. */
export const callsLookedAt = 2_000;

/** These say something about one call, and nothing about the model. */
const ofOneCall: ReadonlySet<ErrorCode> = new Set(["aborted", "context-too-long", "answer-withheld", "answer-broken"]);

/** By `provider/model`, from its calls, the newest first: since when it has answered none, and why. */
export function outagesOf(newestFirst: readonly EndedCall[]): ReadonlyMap<string, Outage> {
  const outages = new Map<string, Outage>();
  const over = new Set<string>();
  for (const { provider, model, endedAt, fault } of newestFirst) {
    const name = `${provider}/${model}`;
    if (over.has(name) || (fault && ofOneCall.has(fault.code))) continue;
    if (!fault) {
      over.add(name);
      continue;
    }
    const known = outages.get(name);
    outages.set(name, { since: endedAt, calls: (known?.calls ?? 0) + 1, fault: known?.fault ?? fault });
  }
  return outages;
}

/** Every `provider/model` that the configuration names, with the agents that are worse off without it. */
export function modelsNamed({
  agents,
  budgets,
  routes,
}: Pick<Configuration, "agents" | "budgets" | "routes">): ReadonlyMap<string, readonly AgentId[]> {
  const named = new Map<string, Set<AgentId>>();
  const add = (models: readonly string[], of: Iterable<AgentId>) => {
    for (const model of models) named.set(model, new Set([...(named.get(model) ?? []), ...of]));
  };
  for (const { id, scale, ...agent } of agents.values()) {
    for (const models of [agent.models, agent.describe, agent.transcribe, agent.summarise, agent.embed]) add(models, [id]);
    for (const { models } of [...scale, ...agent.steps.before, ...agent.steps.after]) add(models, [id]);
  }
  for (const { agent, classify } of routes) {
    if (!classify) continue;
    add(classify.models, [agent]);
    for (const choice of classify.choices) add(choice.models ?? [], [choice.agent ?? agent]);
  }
  for (const { models, agent } of budgets) add(models, agent === undefined ? agents.keys() : [agent]);
  return new Map([...named].map(([model, of]) => [model, [...of].sort()]));
}

import { type Command, readCommand } from "../core/command.ts";
import type { Configuration } from "../core/configuration.ts";
import type { PlatformEvent } from "../core/event.ts";
import type { IgnoreReason } from "../core/ledger.ts";
import type { Access, Agent, Route, RouteCondition } from "../core/route.ts";
import type { QueuedEvent } from "../core/store.ts";

export interface Refusal {
  readonly kind: "ignore";
  readonly reason: IgnoreReason;
}

export type Decision =
  | Refusal
  | { readonly kind: "command"; readonly command: Command; readonly agent: Agent; readonly route: number }
  | { readonly kind: "turn"; readonly agent: Agent /** Index of the route that matched. */; readonly route: number };

/** Deaths of the process while the message was being answered; a machine that is switched off often is no poison. */
const maxCrashes = 50;

/**
 * Who may speak, who speaks now, which agent answers: in that order, so that a stranger learns nothing from the rest.
 * Pure. Everything that isn't plainly allowed is refused.
 */
export function decide(queued: QueuedEvent, configuration: Configuration): Decision {
  const { event, conversation } = queued;
  const account = configuration.accounts.get(queued.account);
  if (!account) return ignore("account-removed");
  if (event.sender.self) return ignore("own-echo");
  if (event.sender.bot) return ignore("sender-is-bot");
  if (queued.tries - queued.crashes >= configuration.limits.turnTries || queued.crashes >= maxCrashes) return ignore("poison");
  const refusal = refuse(account.access, event);
  if (refusal) return ignore(refusal);
  if (event.kind !== "message" && event.kind !== "press") return ignore("nothing-to-answer");
  if (conversation.control !== "agent") return ignore(conversation.control === "human" ? "control-human" : "control-paused");
  if (event.kind === "message" && event.chat.kind === "group" && account.access.mention && !event.addressed) {
    return ignore("group-not-addressed");
  }
  const route = configuration.routes.findIndex((candidate) => matches(candidate, queued));
  const agentId = configuration.routes[route]?.agent;
  if (agentId === undefined) return ignore("no-route");
  const agent = configuration.agents.get(agentId);
  if (!agent) return ignore("agent-removed");
  const command = readCommand(event);
  if (command && agent.commands.includes(command.name)) return { kind: "command", command, agent, route };
  return { kind: "turn", agent, route };
}

function ignore(reason: IgnoreReason): Refusal {
  return { kind: "ignore", reason };
}

function refuse(access: Access, { chat, sender }: PlatformEvent): IgnoreReason | undefined {
  const group = chat.kind === "group";
  switch (group ? access.group : access.direct) {
    case "open":
      return undefined;
    case "allowlist":
      if (group) return access.groups.includes(chat.id) ? undefined : "group-not-allowed";
      return access.allow.includes(sender.id) ? undefined : "sender-not-allowed";
    default:
      return group ? "group-off" : "direct-off";
  }
}

function matches(route: Route, queued: QueuedEvent): boolean {
  const when: RouteCondition = route.when ?? {};
  const { chat, sender } = queued.event;
  return (
    (when.channel === undefined || when.channel === queued.channel) &&
    (when.account === undefined || when.account === queued.account) &&
    (when.chat === undefined || when.chat === chat.id) &&
    (when.sender === undefined || when.sender === sender.id) &&
    (when.kind === undefined || when.kind === chat.kind)
  );
}

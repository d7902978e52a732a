import { refusalFor } from "../core/admission.ts";
import { type Command, readCommand } from "../core/command.ts";
import type { Configuration } from "../core/configuration.ts";
import type { Chat } from "../core/event.ts";
import { type AccountId, type ConversationId, defaultTenant, type EventId } from "../core/ids.ts";
import type { IgnoreReason } from "../core/ledger.ts";
import { plainText, textPart } from "../core/message.ts";
import type { Agent, Route, RouteConditionName, RouteTrial } from "../core/route.ts";
import type { QueuedEvent } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";

export interface Refusal {
  readonly kind: "ignore";
  readonly reason: IgnoreReason;
}

export type Decision =
  | Refusal
  | { readonly kind: "command"; readonly command: Command; readonly agent: Agent; readonly route: number }
  /** What it says calls a person: by which pattern. */
  | { readonly kind: "call"; readonly pattern: string; readonly agent: Agent; readonly route: number }
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
  // They are about what was said already: nobody gains anything by them.
  if (event.kind === "receipt" || event.kind === "delete" || event.kind === "move") return ignore("nothing-to-answer");
  if (event.sender.self) return ignore("own-echo");
  if (event.sender.bot) return ignore("sender-is-bot");
  if (queued.tries - queued.crashes >= configuration.limits.turnTries || queued.crashes >= maxCrashes) return ignore("poison");
  const refusal = refusalFor(account.access, { ...event, paired: queued.paired });
  if (refusal) return ignore(refusal);
  if (event.kind !== "message" && event.kind !== "press") return ignore("nothing-to-answer");
  if (conversation.control !== "agent") return ignore(conversation.control === "human" ? "control-human" : "control-paused");
  if (event.kind === "message" && event.chat.kind === "group" && account.access.mention && !event.addressed) {
    return ignore("group-not-addressed");
  }
  const route = configuration.routes.findIndex((candidate) => matches(candidate, queued));
  const agentId = configuration.routes[route]?.agent;
  if (agentId === undefined) return ignore("no-route");
  // Whom it was handed to answers, as long as there is such an agent.
  const handed = conversation.agent === undefined ? undefined : configuration.agents.get(conversation.agent);
  const agent = handed ?? configuration.agents.get(agentId);
  if (!agent) return ignore("agent-removed");
  const command = readCommand(event);
  if (command && agent.commands.includes(command.name)) return { kind: "command", command, agent, route };
  const pattern = event.kind === "message" ? agent.handover.wanted(plainText(event.parts)) : undefined;
  if (pattern !== undefined) return { kind: "call", pattern, agent, route };
  return { kind: "turn", agent, route };
}

/** Where somebody writes. */
export interface Where {
  readonly channel: string;
  readonly account: string;
  readonly chat: string;
  readonly sender: string;
  readonly chatKind: Chat["kind"];
}

/** Where a text would go that somebody writes there now: whoever may write is let in, and the conversation is an agent's. */
export function decideText(text: string, where: Where, configuration: Configuration, at: Instant): Decision {
  return decide(queuedText(text, where, at), configuration);
}

/** Which route would take it, and why the others wouldn't. */
export function tryRoutes(text: string, where: Where, configuration: Configuration, at: Instant): RouteTrial {
  const queued = queuedText(text, where, at);
  const decision = decide(queued, configuration);
  const missed = configuration.routes.map((route) => conditions.filter(([, holds]) => !holds(route, queued)).map(([name]) => name));
  if (decision.kind === "ignore") return { reason: decision.reason, missed };
  const { route, agent } = decision;
  return { route, agent: agent.id, missed, ...(decision.kind === "command" && { command: decision.command.name }) };
}

function queuedText(text: string, where: Where, at: Instant): QueuedEvent {
  const account = where.account as AccountId;
  const chat = { id: where.chat, kind: where.chatKind };
  const sender = { id: where.sender, bot: false, self: false };
  const event = { kind: "message", key: "", platformId: "", chat, sender, at, parts: [textPart(text)], addressed: true } as const;
  const conversation = {
    tenant: defaultTenant,
    id: "" as ConversationId,
    account,
    channel: where.channel,
    chat,
    control: "agent",
    controlVersion: 1,
  } as const;
  return {
    tenant: defaultTenant,
    id: "" as EventId,
    account,
    channel: where.channel,
    conversation,
    event,
    tries: 0,
    crashes: 0,
    receivedAt: at,
    dueAt: at,
    past: { story: 0, behind: 0, from: 0, version: 0 },
  };
}

function ignore(reason: IgnoreReason): Refusal {
  return { kind: "ignore", reason };
}

/** Whether each condition of a route holds, the cheap ones first; one that isn't set does. */
const conditions: readonly (readonly [name: RouteConditionName, holds: (route: Route, queued: QueuedEvent) => boolean])[] = [
  ["channel", ({ when }, { channel }) => when?.channel === undefined || when.channel === channel],
  ["account", ({ when }, { account }) => when?.account === undefined || when.account === account],
  ["tenant", ({ when }, { tenant }) => when?.tenant === undefined || when.tenant === tenant],
  ["chat", ({ when }, { event }) => when?.chat === undefined || when.chat.includes(event.chat.id)],
  ["sender", ({ when }, { event }) => when?.sender === undefined || when.sender.includes(event.sender.id)],
  ["kind", ({ when }, { event }) => when?.kind === undefined || when.kind === event.chat.kind],
  // By when it came, not by when it is looked at: a message that waited goes where it was meant to.
  ["time", ({ matchers }, { receivedAt }) => matchers?.time?.(receivedAt) ?? true],
  ["text", ({ matchers }, { event }) => matchers?.text?.(wordsOf(event)) ?? true],
  ["language", ({ matchers }, { event }) => matchers?.language?.(wordsOf(event)) ?? true],
];

function matches(route: Route, queued: QueuedEvent): boolean {
  return conditions.every(([, holds]) => holds(route, queued));
}

function wordsOf(event: QueuedEvent["event"]): string {
  return event.kind === "message" ? plainText(event.parts) : "";
}

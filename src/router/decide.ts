import { refusalFor } from "../core/admission.ts";
import { type Command, readCommand } from "../core/command.ts";
import type { Configuration } from "../core/configuration.ts";
import type { Chat } from "../core/event.ts";
import { type AccountId, type ConversationId, defaultTenant, type EventId } from "../core/ids.ts";
import type { IgnoreReason } from "../core/ledger.ts";
import type { Matchers } from "../core/matcher.ts";
import { plainText, textPart } from "../core/message.ts";
import type { Agent, Route, RouteCondition } from "../core/route.ts";
import type { QueuedEvent } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";

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
  return { kind: "turn", agent, route };
}

/** Where a text would go that somebody writes there now: whoever may write is let in, and the conversation is an agent's. */
export function decideText(
  text: string,
  where: {
    readonly channel: string;
    readonly account: string;
    readonly chat: string;
    readonly sender: string;
    readonly chatKind: Chat["kind"];
  },
  configuration: Configuration,
  at: Instant,
): Decision {
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
  const queued = {
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
  return decide(queued, configuration);
}

function ignore(reason: IgnoreReason): Refusal {
  return { kind: "ignore", reason };
}

function matches(route: Route, queued: QueuedEvent): boolean {
  const when: RouteCondition = route.when ?? {};
  const { chat, sender } = queued.event;
  return (
    (when.channel === undefined || when.channel === queued.channel) &&
    (when.account === undefined || when.account === queued.account) &&
    (when.tenant === undefined || when.tenant === queued.tenant) &&
    (when.chat === undefined || when.chat.includes(chat.id)) &&
    (when.sender === undefined || when.sender.includes(sender.id)) &&
    (when.kind === undefined || when.kind === chat.kind) &&
    (route.matchers === undefined || holds(route.matchers, queued))
  );
}

/** By when it came, not by when it is looked at: a message that waited goes where it was meant to. */
function holds({ text, language, time }: Matchers, { event, receivedAt }: QueuedEvent): boolean {
  if (time && !time(receivedAt)) return false;
  if (!text && !language) return true;
  const words = event.kind === "message" ? plainText(event.parts) : "";
  return (!text || text(words)) && (!language || language(words));
}

import type { Clock } from "../core/clock.ts";
import type { Configuration } from "../core/configuration.ts";
import type { Conversation } from "../core/conversation.ts";
import type { Result } from "../core/errors.ts";
import { finding, type SaidFinding } from "../core/finding.ts";
import type { OperatorMessage } from "../core/gateway.ts";
import type { ControlChange, HandoverSettings } from "../core/handover.ts";
import type { TenantId } from "../core/ids.ts";
import { type Live, tellControl } from "../core/live.ts";
import type { Log } from "../core/log.ts";
import { textPart } from "../core/message.ts";
import type { Records } from "../core/records.ts";
import type { Agent } from "../core/route.ts";
import { say } from "../core/say.ts";
import type { NewOutbound } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";

export interface HandoversDoor {
  readonly records: Pick<Records, "conversation" | "lastAgent" | "messages" | "dueReturns" | "setControl" | "waitingHandovers">;
  readonly clock: Clock;
  readonly log: Log;
  readonly live: Live;
  readonly configuration: () => Pick<Configuration, "agents" | "routes">;
  /** The message, rendered for its place and ready to be stored. */
  readonly render: (message: OperatorMessage) => Promise<Result<NewOutbound>>;
  /** Look at the store again: there is something to send. */
  readonly wake: () => void;
}

/** An answer to the question how it went counts for so long. */
const questionMs = 3 * 86_400_000;
const scores = ["1", "2", "3", "4", "5"];
const atATime = 100;

/** Hands a conversation back, by an operator's will or by itself, with the question how it went where one is wanted. */
export async function handBack(
  door: HandoversDoor,
  conversation: Conversation,
  version: number,
  by: string,
  change: Pick<ControlChange, "note" | "onlyDue" | "reason"> = {},
): Promise<Conversation | undefined> {
  const { records, clock, live, log } = door;
  const { tenant, id } = conversation;
  const at = clock.now();
  const { ask } = await handoverSettings(door, conversation);
  let question: ControlChange["question"];
  if (ask !== "" && conversation.control === "human") {
    const rows = [scores.map((score) => ({ label: score, value: score }))];
    const parts = [textPart(ask), { type: "buttons", rows } as const];
    const rendered = await door.render({ tenant, to: { conversation: id }, parts, by: "gateway" });
    if (rendered.ok) question = { message: { ...rendered.value, author: "system" }, until: at + questionMs };
    else log.warn("question-drop", { conversation: id, code: rendered.fault.code, why: rendered.fault.message });
  }
  const now = await records.setControl(tenant, id, "agent", version, by, at, { ...change, question });
  if (!now) return undefined;
  tellControl(live, now);
  if (question) {
    const { message, parts } = question.message;
    live.publish(tenant, { type: "message", conversation: id, message: { id: message, direction: "out", parts, at } });
  }
  door.wake();
  return now;
}

/** Those whose time without an operator's word is over. What is due stands in the store: a restart forgets none. */
export async function returnDue(door: HandoversDoor): Promise<void> {
  for (const { tenant, conversation } of await door.records.dueReturns(door.clock.now(), atATime)) {
    const found = await door.records.conversation(tenant, conversation);
    const change = { onlyDue: true, reason: "no operator wrote in time" } as const;
    if (found) await handBack(door, found, found.controlVersion, "gateway", change);
  }
}

const none: HandoverSettings = { wanted: () => undefined, returnAfterMs: 0, ask: "" };

/** What is set for the agent that answered there last, or of whom the last route leads to. */
export async function handoverSettings(door: AgentDoor, conversation: Conversation): Promise<HandoverSettings> {
  return (await agentFor(door, conversation))?.handover ?? none;
}

type AgentDoor = Pick<HandoversDoor, "configuration"> & { readonly records: Pick<Records, "lastAgent"> };

export async function agentFor({ records, configuration }: AgentDoor, { tenant, id, agent }: Conversation): Promise<Agent | undefined> {
  const { agents, routes } = configuration();
  const names = [agent, await records.lastAgent(tenant, id), routes.at(-1)?.agent];
  return names.map((name) => name && agents.get(name)).find((found) => found !== undefined);
}

/** Who waits for a person. */
export async function handoverFindings(records: Pick<Records, "waitingHandovers">, tenant: TenantId, now: Instant): Promise<SaidFinding[]> {
  const waiting = await records.waitingHandovers(tenant, mostWaiting);
  const [first] = waiting;
  if (!first) return [];
  const n = waiting.length === mostWaiting ? say`${mostWaiting} or more` : waiting.length;
  const minutes = Math.max(0, Math.floor((now - first.assignedAt) / 60_000));
  const since = minutes === 0 ? "" : say` The first has waited for ${minutes} min.`;
  return [
    finding(
      { code: "handover-waiting", severity: "warning", subject: "conversations.waiting" },
      waiting.length === 1 ? say`A conversation waits for a person.${since}` : say`${n} conversations wait for a person.${since}`,
      say`Take them over in the web app under Conversations, or with \`polylogue conversations take <id>\`.`,
    ),
  ];
}

const mostWaiting = 100;

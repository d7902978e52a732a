import { type Approval, approvalMs, type Verdict, verdicts } from "../core/approval.ts";
import { readButtonToken } from "../core/event.ts";
import type { MessageId } from "../core/ids.ts";
import type { IgnoreReason } from "../core/ledger.ts";
import { type Part, plainText, textPart } from "../core/message.ts";
import type { ToolCall } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { QueuedEvent, TurnStore } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";
import type { Tool } from "../core/tool.ts";
import { readArguments } from "./tools.ts";

/** What a person is asked before a tool runs. */
export interface Question {
  readonly tool: string;
  /** The arguments that it would run with. */
  readonly input: string;
}

/** What somebody said to such a question. */
export interface Answered {
  readonly approval: Approval;
  readonly verdict: Verdict;
}

/** Who may not answer, or not any more, and what he is told. */
export interface Unanswerable {
  readonly reason: IgnoreReason;
  readonly say: string;
}

export const usedAlready: Unanswerable = { reason: "approval-used", say: "That was answered already." };

/** Characters of arguments that a person can be asked to read. */
const mostShown = 3_000;

/** The first call of these that a person has to allow. What isn't valid isn't asked: the model is told. */
export function needsApproval({ approve }: Agent, tools: readonly Tool[], calls: readonly ToolCall[]): ToolCall | undefined {
  return calls.find(({ name, input }) => {
    const tool = approve.includes(name) ? tools.find((known) => known.name === name) : undefined;
    return tool !== undefined && readArguments(tool, input).ok && showArguments(input).length <= mostShown;
  });
}

/** Whether it would need a person's word that can't be had: it must not run without. */
export function isTooLong({ approve }: Agent, { name, input }: ToolCall): boolean {
  return approve.includes(name) && showArguments(input).length > mostShown;
}

/** The exact arguments, as they stand: what a person can't read he can't allow. */
export function questionParts({ tool, input }: Question): readonly Part[] {
  const rows = [verdicts.map(({ label }) => ({ label, value: label }))];
  return [textPart(`I'd like to use ${tool} with:\n${showArguments(input)}\n\nMay I?`), { type: "buttons", rows }];
}

function showArguments(input: string): string {
  try {
    return JSON.stringify(JSON.parse(input || "{}"), undefined, 2);
  } catch {
    return input;
  }
}

/** The message that asks, with what it asks: stored together. */
export function approvalOf(
  { tool, input }: Question,
  of: Pick<Approval, "tenant" | "message" | "conversation" | "sender" | "agent" | "controlVersion">,
  at: Instant,
): Approval {
  return { ...of, tool, input, state: "asked", expiresAt: at + approvalMs };
}

/** What the event says to a question of ours: by its button, or typed where the platform has none. Nothing when it is about something else. */
export async function answerTo(
  store: Pick<TurnStore, "approval" | "history">,
  queued: QueuedEvent,
  { approve, handTo }: Agent,
  now: Instant,
): Promise<Answered | Unanswerable | undefined> {
  const said =
    queued.event.kind === "press"
      ? pressed(queued.event.token)
      : approve.length + handTo.length > 0
        ? await typed(store, queued)
        : undefined;
  const approval = said && (await store.approval(queued.tenant, said.message as MessageId));
  const verdict = said && verdicts[said.index]?.verdict;
  if (!approval || !verdict || approval.conversation !== queued.conversation.id) return undefined;
  if (approval.sender !== queued.event.sender.id)
    return { reason: "approval-not-yours", say: "Only the person who was asked can answer that." };
  // The same answer once more: its turn is begun again.
  if (approval.by === queued.id) return { approval, verdict };
  if (approval.state !== "asked") return usedAlready;
  if (now > approval.expiresAt || approval.controlVersion !== queued.conversation.controlVersion) {
    return { reason: "approval-expired", say: "That question has expired. Please ask me again." };
  }
  return { approval, verdict };
}

function pressed(token: string) {
  const read = readButtonToken(token);
  return read && { message: read.messageId, index: read.index };
}

async function typed(store: Pick<TurnStore, "history">, { event, conversation, message }: QueuedEvent) {
  if (event.kind !== "message" || message === undefined) return undefined;
  const words = plainText(event.parts).trim().toLowerCase();
  const index = verdicts.findIndex(({ label }, n) => words === label.toLowerCase() || words === String(n + 1));
  const [last] = index < 0 ? [] : await store.history(conversation.id, message, 1);
  return last?.direction === "out" ? { message: last.id, index } : undefined;
}

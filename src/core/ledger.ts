import type { TenantId, TraceId } from "./ids.ts";
import type { Instant, Json } from "./terms.ts";

/** The stages of a message's story, in the order in which they usually come. */
export type Stage =
  | "received" // stored; the platform was told so only after this
  | "ignored" // no reply, because `reason`
  | "held" // it stays queued for later, because `reason`
  | "classified" // what a router by content made of it
  | "joined" // taken into the turn of an earlier message, because `reason`
  | "routed" // which agent, by which route
  | "turn-start"
  | "turn-join" // other messages became part of it, because `reason`
  | "model-start" // a billed request was about to go out
  | "model-end"
  | "model-fail"
  | "handed" // the rest of the turn is another agent's: `detail` says from whom, to whom, and why
  | "step" // one of the agent's steps is over: its role, and what came of it (`detail.outcome`)
  | "tool"
  | "approval" // a person is asked whether a tool may run, or has said so (`detail.state`)
  | "file" // an attachment was fetched, or not, because `reason`
  | "turn-retry"
  | "turn-done" // the answer is stored, its deliveries too
  | "turn-fail"
  | "turn-cancel"
  | "delivery-queued"
  | "delivery-start" // intent: from here on the platform may have it
  | "delivery-retry"
  | "delivery-sent" // `detail.receipt` is the platform's id
  | "delivery-confirm" // the platform told more of it: `detail.state`
  | "delivery-unknown"
  | "delivery-fail"
  | "delivery-dead"
  | "delivery-drop"
  | "react" // the account's reaction on a message of the conversation: `detail.state` begun, done or failed
  | "take-back"; // a message of ours, the same

export interface LedgerEntry {
  readonly tenant: TenantId;
  readonly trace: TraceId;
  readonly stage: Stage;
  readonly at: Instant;
  /** A stable code: an error code, or why nothing was done (`sender-not-allowed`, `group-not-addressed` …). */
  readonly reason?: string;
  /** Ids, counts and platform messages; never content, never a secret. */
  readonly detail?: { readonly [key: string]: Json };
}

/** Why an event is answered by the turn of an earlier one: it waited when that turn began, or came while it ran. */
export type JoinReason = "collected" | "steered";

/** Why an event isn't answered yet. */
export type HoldReason = "budget-spent" | "models-down";

/** Why an event gets no reply. */
export type IgnoreReason =
  | "own-echo"
  | "sender-is-bot"
  | "sender-not-allowed"
  | "sender-unpaired" // an operator hasn't let the sender in
  | "group-not-allowed"
  | "direct-off"
  | "group-off"
  | "group-not-addressed"
  | "no-route"
  | "account-removed"
  | "agent-removed"
  | "nothing-to-answer" // membership, reactions, edits of messages: recorded, not answered
  | "button-expired"
  | "approval-not-yours" // somebody else was asked
  | "approval-used"
  | "approval-expired"
  | "control-human"
  | "control-paused"
  | "sender-rate" // more in a minute than `limits.sender` allows
  | "sender-quota" // more in a day
  | "budget-spent" // what may be spent is used up
  | "models-down" // no model could be reached: an earlier answer stood in
  | "command" // it was one, and answered as one
  | "handed-over" // what it says calls a person
  | "rating" // the word on how it went
  | "loop-guard" // two machines answered each other: the conversation was paused
  | "interrupted" // a newer message took its turn's place
  | "poison" // set aside after its last try
  | "discarded"; // it was, and an operator took it away for good

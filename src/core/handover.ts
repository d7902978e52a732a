import type { AgentId, ConversationId, HandoverId, MessageId, NoteId, OperatorId, TenantId } from "./ids.ts";
import type { NewOutbound } from "./outbound.ts";
import type { Instant } from "./terms.ts";

/** A time in which people speak in a conversation in place of its agent: from `control: "human"` until it is handed back. */
export interface Handover {
  readonly id: HandoverId;
  readonly since: Instant;
  /** Who wanted it: an operator's id, `token:<label>`, `cli`, `sender:<id>`, `agent:<id>`, or `rule:<agent>`. */
  readonly by: string;
  /** Why, in one sentence. */
  readonly reason?: string;
  /** What it is about, as the model that handed it over said. */
  readonly summary?: string;
  /** Who has it. Absent: it waits for somebody. */
  readonly assignee?: OperatorId;
  /** Since when that is so: it was taken, or waits. */
  readonly assignedAt: Instant;
  /** When it goes back to the agent by itself. Absent: never. */
  readonly returnAt?: Instant;
}

/** One that is over, or still goes on (without `endedAt`). */
export interface HandoverRecord extends Handover {
  readonly tenant: TenantId;
  readonly conversation: ConversationId;
  /** Who answered before it. */
  readonly agent?: AgentId;
  /** When somebody took it for the first time. */
  readonly takenAt?: Instant;
  readonly endedAt?: Instant;
  readonly endedBy?: string;
  /** What the agent was told of it. */
  readonly note?: string;
  /** What the person who wrote made of it, from 1 to 5, when asked. */
  readonly score?: number;
  readonly scoredAt?: Instant;
}

/** What the agent is told when it is its turn again. */
export interface HandedBack {
  readonly since: Instant;
  readonly until: Instant;
  /** An operator's words. Absent: it went back by itself, or nobody wrote any. */
  readonly note?: string;
  /** The newest message at that moment. */
  readonly last?: MessageId;
  /** Asks whoever writes how it went: a number from 1 to 5 that is written until then is the answer. */
  readonly question?: { readonly message: MessageId; readonly until: Instant };
}

export interface HandoverSettings {
  /** The pattern that is found in what somebody wrote, and calls a person. */
  readonly wanted: (text: string) => string | undefined;
  /** So many answers in a row that fail call one. */
  readonly failures?: number | undefined;
  /** What whoever writes is told. Absent: `calledSentence`; empty: nothing. */
  readonly say?: string | undefined;
  /** 0: it never goes back by itself. */
  readonly returnAfterMs: number;
  /** Asked when it is handed back; empty: nothing. */
  readonly ask: string;
}

export const calledSentence = "I have called a person, who will answer you here. I stay silent until then.";

/** What goes with a change of control. */
export interface ControlChange {
  readonly reason?: string | undefined;
  readonly summary?: string | undefined;
  /** Who has it from the start. */
  readonly assignee?: OperatorId | undefined;
  /** Milliseconds without an operator's word after which it goes back by itself. */
  readonly returnAfterMs?: number | undefined;
  /** For the agent that it goes back to. */
  readonly note?: string | undefined;
  /** Asks whoever writes how it went; stored, and sent, only when it goes back. */
  readonly question?: { readonly message: NewOutbound; readonly until: Instant } | undefined;
  /** Nothing happens unless it is due to go back by itself. */
  readonly onlyDue?: true;
}

export interface Takeover extends Pick<ControlChange, "returnAfterMs" | "reason"> {
  readonly operator: OperatorId;
  /** Whom it is taken from. Somebody else's isn't taken without it. */
  readonly from?: OperatorId | undefined;
}

export interface Assignment {
  /** Nobody: it waits again. */
  readonly to: OperatorId | undefined;
  /** Who has it, as far as is known. */
  readonly from: OperatorId | undefined;
}

/** What operators write for each other. It is never sent, and no model reads it. */
export interface Note {
  readonly id: NoteId;
  readonly conversation: ConversationId;
  /** An operator's id, or `token:<label>`. */
  readonly by: string;
  readonly text: string;
  readonly at: Instant;
}

export type HandoverFilter = {
  readonly conversation?: ConversationId;
  /** Only those with a score, the newest score first. */
  readonly scored?: true;
  readonly from?: Instant;
  readonly to?: Instant;
  /** Sequence number of the last one seen. */
  readonly before?: number;
  readonly limit: number;
};

import type { EventId, MessageId, TraceId, TurnId } from "../core/ids.ts";

/**
 * Ids that need no column and no index: an event has one turn, however often it is begun, and at most one message. They
 * share the event's random part, under their own prefix.
 */
export function turnOfEvent(event: EventId): TurnId {
  return `tn_${event.slice(3)}` as TurnId;
}

export function messageOfEvent(event: EventId): MessageId {
  return `ms_${event.slice(3)}` as MessageId;
}

/** The event whose turn, or whose message, it would be. */
export function eventOf(id: string): EventId {
  return `ev_${id.slice(3)}` as EventId;
}

/** What an agent sends belongs to an event's turn; what operators and the system send has no turn. */
export function turnOfTrace(trace: TraceId): TurnId | undefined {
  return trace.startsWith("ev_") ? turnOfEvent(trace as EventId) : undefined;
}

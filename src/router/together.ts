import type { QueuedEvent } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";

/** Milliseconds after the newest message of a group in which one more may come: platforms tell of an album within some hundred. */
const settleMs = 1_000;
/** From the first one on; then what is there is all. */
const longestMs = 10_000;

export function isGrouped({ event }: QueuedEvent): boolean {
  return event.kind === "message" && event.group !== undefined;
}

/** Whether both are parts of what is one message to people. */
export function areOne({ event: a }: QueuedEvent, { event: b }: QueuedEvent): boolean {
  return a.kind === "message" && b.kind === "message" && a.group !== undefined && a.group === b.group && a.sender.id === b.sender.id;
}

/** As it is to be judged: who speaks to us with one picture of an album, or has words under one, does so with all of it. Pure. */
export function asOne(queued: QueuedEvent, around: readonly QueuedEvent[]): QueuedEvent {
  const parts = around.flatMap((other) => (areOne(queued, other) && other.event.kind === "message" ? [other.event] : []));
  if (queued.event.kind !== "message" || parts.length < 2) return queued;
  const whole = { parts: parts.flatMap((part) => part.parts), addressed: parts.some(({ addressed }) => addressed) };
  return { ...queued, event: { ...queued.event, ...whole } };
}

/**
 * When the group that an event begins is whole: once none came for a while, or once something else came behind it. At once when the
 * wall clock was set back. Pure; `now` for what belongs to none.
 */
export function wholeAt(lead: QueuedEvent, waiting: readonly QueuedEvent[], now: Instant): Instant {
  if (!isGrouped(lead)) return now;
  const others = waiting.findIndex((event) => !areOne(lead, event));
  const last = waiting.at(-1) ?? lead;
  if (others >= 0 || last.receivedAt > now || lead.receivedAt > now) return now;
  return Math.min(last.receivedAt + settleMs, lead.receivedAt + longestMs);
}

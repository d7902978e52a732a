import type { Configuration } from "../core/configuration.ts";
import type { IgnoreReason } from "../core/ledger.ts";
import type { QueuedEvent } from "../core/store.ts";
import type { Instant } from "../core/terms.ts";
import { type Decision, decide } from "./decide.ts";
import { asOne } from "./together.ts";

export interface Gathered {
  /** What the same turn can answer, in order. */
  readonly joined: readonly QueuedEvent[];
  /** What stands among them and gets no answer. */
  readonly passed: readonly { readonly event: QueuedEvent; readonly reason: IgnoreReason }[];
  /** Nothing that comes later can join. */
  readonly closed: boolean;
}

/** Messages of one turn at most. */
export const mostJoined = 50;
/** A window is at most this many times as long as it is when nobody goes on writing. */
const longestWindow = 10;
/** Ends of the process during its turn, from which on an event is taken alone: it may be what ends the process. */
const crashesTogether = 3;

/**
 * What waits behind an event and may share its turn: messages of the same sender that the same route leads to the same
 * agent. A turn acts for one person, and nothing overtakes: the first event that needs a turn of its own (a pressed
 * button, somebody else's message) ends the list. Pure.
 */
export function gather(
  lead: QueuedEvent,
  decided: Extract<Decision, { readonly kind: "turn" }>,
  waiting: readonly QueuedEvent[],
  configuration: Configuration,
  most = mostJoined - 1,
): Gathered {
  const joined: QueuedEvent[] = [];
  const passed: { event: QueuedEvent; reason: IgnoreReason }[] = [];
  if (lead.event.kind !== "message" || lead.crashes > crashesTogether) return { joined, passed, closed: true };
  for (const event of waiting) {
    const paired = lead.paired && event.event.sender.id === lead.event.sender.id;
    const whole = asOne(event, [lead, ...waiting]);
    const decision = decide(paired ? { ...whole, paired } : whole, configuration);
    if (decision.kind === "ignore") passed.push({ event, reason: decision.reason });
    else if (decision.kind === "turn" && joined.length < most && belongs(event, decision)) joined.push(event);
    else return { joined, passed, closed: true };
  }
  return { joined, passed, closed: joined.length >= most };

  function belongs({ event, crashes }: QueuedEvent, { route, agent }: typeof decided): boolean {
    const same = event.sender.id === lead.event.sender.id && route === decided.route && agent.id === decided.agent.id;
    return same && event.kind === "message" && crashes <= crashesTogether;
  }
}

/**
 * When the turn of what was collected begins: once nobody wrote for `collectMs`, and after ten times that in any case. At
 * once when nothing more can join, and when the wall clock was set back, which makes the rest of a window unknowable.
 */
export function windowEnd(lead: QueuedEvent, { joined, closed }: Gathered, collectMs: number, now: Instant): Instant {
  const last = joined.at(-1) ?? lead;
  if (closed || last.receivedAt > now || lead.receivedAt > now) return now;
  return Math.min(last.receivedAt + collectMs, lead.receivedAt + collectMs * longestWindow);
}

import type { Channel } from "../core/channel.ts";
import type { Clock } from "../core/clock.ts";
import { readCommand } from "../core/command.ts";
import type { Configuration } from "../core/configuration.ts";
import type { Gate, Lease } from "../core/engine.ts";
import type { AccountId, ConversationId } from "../core/ids.ts";
import type { IgnoreReason } from "../core/ledger.ts";
import { type Agent, defaultCollectMs } from "../core/route.ts";
import type { QueuedEvent, Store } from "../core/store.ts";
import { type Decision, decide } from "./decide.ts";
import { type Gathered, gather, mostJoined, windowEnd } from "./gather.ts";
import type { Guard } from "./guard.ts";
import { type Rating, readRating } from "./rating.ts";
import { areOne, asOne, isGrouped, wholeAt } from "./together.ts";

interface QueueDoor {
  readonly store: Pick<Store, "nextEvent" | "waitingEvents" | "postponeEvent" | "interrupted" | "pairing" | "askedBy">;
  readonly clock: Clock;
  readonly configuration: () => Configuration;
  readonly guard: Pick<Guard, "admit" | "begun" | "fits">;
  /** Ends the event without a turn; nothing when that is another's business. */
  readonly refuse: (lease: Lease, queued: QueuedEvent, reason: IgnoreReason) => Promise<number | undefined>;
}

/** Where an event's turn takes place is the caller's business; nothing while its account is being started. */
export interface RouteDoor<Place extends RoutePlace> extends QueueDoor {
  readonly place: (account: AccountId) => Place | undefined;
  readonly turn: (lease: Lease, place: Place, queued: QueuedEvent, routed: Routed, stop: AbortSignal) => Promise<number | Gate | undefined>;
  /** The agent of the decision, or whom a router by content picks. */
  readonly choose: (lease: Lease, queued: QueuedEvent, decision: Turn, stop: AbortSignal) => Promise<Agent>;
  readonly command: (lease: Lease, place: Place, queued: QueuedEvent, asked: Asked) => Promise<number | undefined>;
}

interface RoutePlace {
  readonly channel: Pick<Channel, "programs">;
}

/** Who answers, and what else the turn concerns: see `InboundMode`. */
export interface Routed {
  readonly agent: Agent;
  readonly route: number;
  /** Waits behind the event and is answered with it. */
  readonly joined: readonly QueuedEvent[];
  /** What waits behind the turn now and may still become part of it, when `taken` events are. */
  readonly steered?: (taken: number) => Promise<readonly QueuedEvent[]>;
  /** Whether something has come meanwhile that ends it: its sender's `/stop`, or what takes its place. */
  readonly cutShort: () => Promise<boolean>;
  /** Whether something waits that takes the turn's place. */
  readonly interrupted?: () => Promise<boolean>;
  /** How far back in the past messages stand that nobody answered, because the next one interrupted them. */
  readonly unanswered?: () => Promise<number>;
}

type Asked = Extract<Decision, { readonly kind: "command" | "call" }> | Rating;
type Turn = Extract<Decision, { readonly kind: "turn" }>;

/** Open events that are looked at behind a turn. */
const reach = 200;
/** The lane looks again at least so often: what a changed clock or setting means for a window shows soon. */
const lookMs = 1_000;

/**
 * Brings the oldest event of a conversation on its way: to its turn, or to the reason why there is none. Answers in how
 * many milliseconds the lane wants to run again (0: one is done, there may be more), or for what it has to wait; nothing when
 * it has to be woken.
 */
export async function routeNext<Place extends RoutePlace>(
  door: RouteDoor<Place>,
  lease: Lease,
  conversation: ConversationId,
  stop: AbortSignal,
): Promise<number | Gate | undefined> {
  const { store, clock } = door;
  const found = await store.nextEvent(conversation);
  if (!found) return undefined;
  const configuration = door.configuration();
  const grouped = isGrouped(found);
  const around = grouped ? await store.waitingEvents(conversation, found.id, reach) : [];
  // What is tried again is whole; what came later has its own turn.
  const wholeMs = grouped && found.tries === 0 ? wholeAt(found, around, clock.now()) - clock.now() : 0;
  if (wholeMs > 0) return Math.min(wholeMs, lookMs);
  const [queued, decision] = await decideFirst(door, found, around, configuration);
  const mode = decision.kind === "turn" ? (configuration.routes[decision.route]?.mode ?? "queue") : "queue";
  const waitMs = queued.dueAt - clock.now();
  // What is tried again has had its window; one that is open may have to close later than it was said to.
  const open = mode === "collect" && queued.tries === 0;
  const place = door.place(queued.account);
  const rated = mayRate(decision) ? await readRating(store, queued) : undefined;
  if (rated && place)
    return rated.kind === "void" ? door.refuse(lease, queued, "button-expired") : door.command(lease, place, queued, rated);
  if (decision.kind === "turn" && place && mode === "interrupt") {
    const routed = await interruptible(door, queued, decision);
    if (!(await routed.interrupted())) return waitMs > 0 ? waitMs : begin(door, lease, place, queued, decision, routed, stop);
    // It is over before it began, so it doesn't count as let in. What took its place has its place in the lane, too.
    const againInMs = await door.turn(lease, place, queued, routed, stop);
    return againInMs === 0 ? routeNext(door, lease, conversation, stop) : againInMs;
  }
  if (waitMs > 0 && !open) return waitMs;
  if (decision.kind === "ignore") return door.refuse(lease, queued, decision.reason);
  // An account that is configured and isn't there is being started: its events wait for it.
  if (!place) return undefined;
  if (decision.kind === "command" || decision.kind === "call") {
    const admitted = door.guard.admit(decision, queued, place.channel);
    return admitted.kind === "ignore" ? door.refuse(lease, queued, admitted.reason) : door.command(lease, place, queued, decision);
  }
  if (mode === "queue" && !grouped) return begin(door, lease, place, queued, decision, alone(door, queued, decision), stop);
  const waiting = await behind(door, queued, decision);
  if ((mode === "collect" || grouped) && waiting.passed.length > 0) {
    // An edit that came meanwhile is to be seen by the turn: what gets no answer ends first.
    for (const { event, reason } of waiting.passed) if ((await door.refuse(lease, event, reason)) === undefined) return undefined;
    return routeNext(door, lease, conversation, stop);
  }
  if (open) {
    const now = clock.now();
    const end = windowEnd(queued, waiting, configuration.routes[decision.route]?.collectMs ?? defaultCollectMs, now);
    if (end > now) {
      const written = end === queued.dueAt || (await store.postponeEvent(lease, queued, end, now)).ok;
      return written ? Math.min(end - now, lookMs) : undefined;
    }
  }
  const steered = async (taken: number) => (await behind(door, queued, decision, taken)).joined;
  // What had joined a turn that nobody ended goes back into the lane as this one begins: what came later must not pass it.
  const joined = queued.unended ? [] : mode === "queue" ? groupBehind(queued, waiting) : waiting.joined;
  const routed = { ...alone(door, queued, decision), joined, ...(mode === "steer" && { steered }) };
  return begin(door, lease, place, queued, decision, routed, stop);
}

/** Who may write may say how it went, whoever speaks now. */
function mayRate(decision: Decision): boolean {
  return decision.kind === "turn" || (decision.kind === "ignore" && decision.reason.startsWith("control-"));
}

/** Whether an operator let its sender in is asked only where that decides. */
async function decideFirst(
  { store }: QueueDoor,
  queued: QueuedEvent,
  around: readonly QueuedEvent[],
  configuration: Configuration,
): Promise<[QueuedEvent, Decision]> {
  const whole = asOne(queued, [queued, ...around]);
  const decision = decide(whole, configuration);
  if (decision.kind !== "ignore" || decision.reason !== "sender-unpaired") return [queued, decision];
  const pairing = await store.pairing(queued.tenant, queued.account, queued.event.sender.id);
  if (pairing?.state !== "approved") return [queued, decision];
  const paired = { ...queued, paired: true } as const;
  return [paired, decide({ ...whole, paired: true }, configuration)];
}

/** One is let in for each turn: what joins it was let in with it, and is never refused any more. */
async function begin<Place extends RoutePlace>(
  { guard, refuse, choose, turn }: RouteDoor<Place>,
  lease: Lease,
  place: Place,
  queued: QueuedEvent,
  decision: Turn,
  routed: Routed,
  stop: AbortSignal,
): Promise<number | Gate | undefined> {
  const admitted = guard.admit(decision, queued, place.channel);
  if (admitted.kind === "ignore") return refuse(lease, queued, admitted.reason);
  const agent = await choose(lease, queued, decision, stop);
  return guard.begun(queued, await turn(lease, place, queued, agent === routed.agent ? routed : { ...routed, agent }, stop));
}

function alone({ store }: Pick<QueueDoor, "store">, lead: QueuedEvent, { agent, route }: Turn): Routed {
  const stopped = async () => {
    if (!agent.commands.includes("stop")) return false;
    const waiting = await store.waitingEvents(lead.conversation.id, lead.id, reach);
    return waiting.some(({ event }) => event.sender.id === lead.event.sender.id && readCommand(event)?.name === "stop");
  };
  return { agent, route, joined: [], cutShort: stopped };
}

/**
 * The newest message counts: what came before it is cancelled, whether its turn runs or was never begun. One that would be
 * refused takes nobody's place: there would be no answer at all.
 */
async function interruptible(door: QueueDoor, queued: QueuedEvent, decision: Turn) {
  const { message, conversation } = queued;
  const unanswered = async () => (message ? door.store.interrupted(conversation.id, message) : 0);
  const interrupted = async () => {
    const newest = (await behind(door, queued, decision)).joined.at(-1);
    return newest !== undefined && !areOne(queued, newest) && door.guard.fits(newest);
  };
  const joined = isGrouped(queued) && !queued.unended ? groupBehind(queued, await behind(door, queued, decision)) : [];
  const own = { ...alone(door, queued, decision), joined };
  const cutShort = async () => (await own.cutShort()) || (await interrupted());
  return { ...own, interrupted, unanswered, cutShort };
}

/** What is one message with the event. */
function groupBehind(lead: QueuedEvent, { joined }: Gathered): readonly QueuedEvent[] {
  const others = joined.findIndex((event) => !areOne(lead, event));
  return others < 0 ? joined : joined.slice(0, others);
}

async function behind(door: QueueDoor, lead: QueuedEvent, decision: Turn, taken = 0): Promise<Gathered> {
  const waiting = await door.store.waitingEvents(lead.conversation.id, lead.id, reach);
  return gather(lead, decision, waiting, door.configuration(), mostJoined - 1 - taken);
}

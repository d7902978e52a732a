import { backoff, spread } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import type { SendOutcome } from "../core/delivery.ts";
import { type Fault, fault } from "../core/errors.ts";
import type { AccountId, ConversationId, DeliveryId } from "../core/ids.ts";
import { type Circuit, close, countFailure, newCircuit } from "./circuit.ts";
import { createLine, type Line } from "./line.ts";
import type { Pace } from "./pace.ts";

/**
 * Who may send now. An account has so many places for sends under way, so that one whose platform hangs can't take those
 * of others; it has a circuit, and so has each conversation. Who may not send waits in the store; the gate remembers only
 * the next few conversations of each account and wakes them when their turn comes.
 */
export interface Gate {
  /**
   * Takes a place for one attempt. A number: not before so many milliseconds. Nothing: it stands in line and is woken, or
   * the line is full and the next look at the store finds it.
   */
  enter(account: AccountId, conversation: ConversationId): Place | number | undefined;
  /** The pace lets it go in `ms`, and it is woken then. `account`: it is the account's pace that it waits for. */
  later(account: AccountId, conversation: ConversationId, ms: number, whose: "account" | "conversation"): void;
  /** The account can't send: nobody looks for its deliveries until it can. */
  away(account: AccountId): void;
  /** Whether nothing keeps it from sending at this moment; for what is not worth waiting for. */
  clear(account: AccountId, conversation: ConversationId): boolean;
  /** What became of an attempt; gives how it is judged. */
  heard(of: Attempted, outcome: SendOutcome): Judgement;
  /** Accounts whose deliveries needn't be looked for: nothing may go now, or enough of them stand in line. */
  shut(): ReadonlySet<AccountId>;
  /** How much it remembers, whatever waits in the store. */
  size(): number;
}

export interface Place {
  /** The account's circuit is half-open: this attempt finds out. */
  readonly probing: boolean;
  leave(): void;
}

export interface Attempted {
  readonly account: AccountId;
  readonly conversation: ConversationId;
  /** Absent when only the platform was asked. */
  readonly delivery?: DeliveryId;
}

export interface Judgement {
  /** It isn't the delivery's fault: the attempt doesn't count. */
  readonly spared: boolean;
  /** Milliseconds in which nothing may be tried again, spread already. */
  readonly waitMs: number;
}

export interface GateDoor {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly random: () => number;
  readonly usable: (account: AccountId) => boolean;
  readonly wake: (account: AccountId, conversation: ConversationId) => void;
  /** Look at the store now for what is due. */
  readonly look: () => void;
  /** The account's circuit opened or a probe failed (why), or it closed. */
  readonly failing: (account: AccountId, why: Fault | undefined) => void;
}

/** Sends under way of one account. It starts with a few and has one more with each success. */
export const placesPerAccount = 128;
const firstPlaces = 8;
/** Places of all accounts: as many as they can use, so that no number of stalled ones takes those of another. */
export function sendPlaces(accounts: number): number {
  return Math.max(512, accounts * placesPerAccount);
}

const accountFailures = 5;
const conversationFailures = 3;
/** The longest pauses between two probes. */
const accountPauseMs = 60_000;
const conversationPauseMs = 5 * 60_000;
/** Requests to wait in a row that are taken at their word; after that the pauses grow by themselves. */
const believed = 3;
/** Failing conversations that are remembered; who is forgotten begins to count anew. */
const mostFailing = 10_000;

interface AccountState {
  readonly line: Line;
  readonly circuit: Circuit;
  /** Places now; fewer after trouble, so that what waited doesn't come back all at once. */
  width: number;
  underWay: number;
  probe: ConversationId | undefined;
  /** Elapsed time until which the platform asked the whole account to wait. */
  heldUntil: number;
  /** Requests to wait since the last success. */
  asks: number;
  /** Refused with a request to wait that doesn't say for whom, and until when. */
  asked: { readonly conversation: ConversationId; readonly until: number } | undefined;
  away: boolean;
}

interface ConversationState {
  readonly circuit: Circuit;
  asks: number;
}

const fine: Judgement = { spared: false, waitMs: 0 };

export function createGate(door: GateDoor): Gate {
  const { clock, pace, random } = door;
  const accounts = new Map<AccountId, AccountState>();
  const conversations = new Map<ConversationId, ConversationState>();

  function stateOf(account: AccountId): AccountState {
    let state = accounts.get(account);
    if (!state) {
      const made: AccountState = {
        line: createLine(clock, { wake: (conversation) => door.wake(account, conversation), look: door.look, free: () => free(made) }),
        circuit: newCircuit(),
        width: firstPlaces,
        underWay: 0,
        probe: undefined,
        heldUntil: 0,
        asks: 0,
        asked: undefined,
        away: false,
      };
      accounts.set(account, made);
      state = made;
    }
    return state;
  }

  function opensAt({ circuit, heldUntil }: AccountState): number {
    return Math.max(circuit.until ?? 0, heldUntil);
  }

  function free(state: AccountState): number {
    if (clock.elapsed() < opensAt(state)) return 0;
    if (state.circuit.until !== undefined) return (state.probe === undefined ? 1 : 0) - state.line.kept;
    return state.width - state.underWay - state.line.kept;
  }

  function failingOf(conversation: ConversationId): ConversationState {
    let state = conversations.get(conversation);
    if (!state) {
      state = { circuit: newCircuit(), asks: 0 };
      conversations.set(conversation, state);
      if (conversations.size > mostFailing) conversations.delete(conversations.keys().next().value as ConversationId);
    }
    return state;
  }

  /** What has to wait is woken at the end of the pause. */
  function pause(state: AccountState): void {
    state.width = 1;
    state.line.alarm(opensAt(state) - clock.elapsed());
  }

  function answered(state: AccountState, { account, conversation }: Attempted): void {
    conversations.delete(conversation);
    const opened = close(state.circuit);
    state.asks = 0;
    state.asked = undefined;
    state.width = Math.min(placesPerAccount, state.width + 1);
    if (opened) door.failing(account, undefined);
  }

  function asked(state: AccountState, of: Attempted, afterMs: number, scope: "account" | "conversation" | undefined): Judgement {
    const now = clock.elapsed();
    const opened = close(state.circuit);
    if (opened) door.failing(of.account, undefined);
    // It doesn't say for whom: when the next conversation is refused too, and nothing came through between, it is all.
    const before = state.asked;
    const both = before !== undefined && before.conversation !== of.conversation && before.until > now;
    const all = scope === "account" || (scope === undefined && (state.asks > 0 || both));
    if (scope === undefined) {
      state.asked = { conversation: of.conversation, until: now + afterMs };
      state.width = 1;
    }
    const who = all ? state : failingOf(of.conversation);
    who.asks += 1;
    const least = who.asks > believed ? backoff(who.asks - believed, undefined, random) : 0;
    const ms = Math.max(afterMs, least);
    pace.hold(all ? of.account : of.conversation, ms);
    if (all || opened) {
      if (all) state.heldUntil = Math.max(state.heldUntil, now + spread(ms, random));
      pause(state);
    }
    return { spared: true, waitMs: spread(ms, random) };
  }

  function failed(state: AccountState, of: Attempted, why: Fault): Judgement {
    const now = clock.elapsed();
    const { circuit } = state;
    const open = circuit.until !== undefined;
    // What began before the circuit opened says nothing new.
    if (!open || state.probe === of.conversation) {
      if (countFailure(circuit, of.delivery, now, { threshold: accountFailures, longestMs: accountPauseMs, random })) {
        pause(state);
        door.failing(of.account, why);
      }
    }
    if (circuit.until !== undefined) {
      conversations.delete(of.conversation);
      return { spared: true, waitMs: spread(Math.max(0, circuit.until - now), random) };
    }
    const own = failingOf(of.conversation).circuit;
    countFailure(own, of.delivery, now, { threshold: conversationFailures, longestMs: conversationPauseMs, random });
    return own.until === undefined ? fine : { spared: true, waitMs: Math.ceil(own.until - now) };
  }

  return {
    enter(account, conversation) {
      const state = stateOf(account);
      const until = conversations.get(conversation)?.circuit.until ?? 0;
      const waitMs = until - clock.elapsed();
      state.line.came(conversation);
      if (waitMs > 0) return Math.ceil(waitMs);
      if (free(state) <= 0) {
        state.line.stand(conversation);
        return undefined;
      }
      state.line.leave(conversation);
      state.away = false;
      state.underWay += 1;
      const probing = state.circuit.until !== undefined;
      if (probing) state.probe = conversation;
      let left = false;
      return {
        probing,
        leave() {
          if (left) return;
          left = true;
          state.underWay -= 1;
          if (state.probe === conversation) state.probe = undefined;
          state.line.pump();
        },
      };
    },
    later: (account, conversation, ms, whose) => stateOf(account).line.later(conversation, ms, whose === "account"),
    away(account) {
      stateOf(account).away = true;
    },
    clear(account, conversation) {
      if (conversations.get(conversation)?.circuit.until !== undefined) return false;
      const state = accounts.get(account);
      return !state || (state.circuit.until === undefined && clock.elapsed() >= state.heldUntil);
    },
    heard(of, outcome) {
      const state = stateOf(of.account);
      if (outcome.kind === "sent" || (outcome.kind === "refused" && outcome.code.startsWith("channel-"))) {
        answered(state, of);
        return fine;
      }
      // Refused before the platform was asked: that says nothing about it.
      if (outcome.kind === "refused") return fine;
      if (outcome.kind === "retry" && outcome.afterMs !== undefined) return asked(state, of, outcome.afterMs, outcome.scope);
      return failed(state, of, fault(outcome.code, outcome.message));
    },
    shut() {
      const shut = new Set<AccountId>();
      for (const [account, state] of accounts) {
        state.line.forgetCalls();
        state.line.pump();
        if (state.away) state.away = !door.usable(account);
        const probing = state.circuit.until !== undefined && state.probe !== undefined;
        if (state.away || probing || clock.elapsed() < opensAt(state) || state.line.enough) shut.add(account);
      }
      return shut;
    },
    size() {
      let size = conversations.size + accounts.size;
      for (const { line } of accounts.values()) size += line.length;
      return size;
    },
  };
}

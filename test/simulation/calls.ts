import type { Outbound } from "../../src/core/channel.ts";
import type { Delivery, SendOutcome } from "../../src/core/delivery.ts";
import { type ConversationId, type DeliveryId, defaultTenant } from "../../src/core/ids.ts";
import type { Store } from "../../src/core/store.ts";
import type { Seen } from "./door.ts";
import type { Platform } from "./platform.ts";
import type { Owner, Scheduler } from "./scheduler.ts";
import type { Witness } from "./witness.ts";

/** One request of the gateway to a platform. */
export interface Call {
  readonly method: "send" | "edit";
  readonly delivery: DeliveryId;
  readonly life: Owner;
  readonly begun: number;
  /** What the gateway heard; nothing when it died before. */
  outcome?: SendOutcome;
}

/** Holds the laws against every call that leaves the gateway, at the moment at which it does. */
export class Calls {
  readonly byDelivery = new Map<DeliveryId, Call[]>();
  /** Calls of models, by the number of the event. */
  readonly asked = new Map<number, number>();
  readonly #scheduler: Scheduler;
  readonly #witness: Witness;
  readonly #seen: Seen;
  readonly #receipts: boolean;
  /** Chats in which the platform asked to wait: until when, and which life heard it. */
  readonly #held = new Map<string, { readonly until: number; readonly life: Owner }>();
  readonly #sending = new Map<ConversationId, Call>();
  readonly #thinking = new Map<string, Owner>();
  /** Lanes that were taken from their worker: what it was doing may overlap with what the next one does. */
  readonly #shared = new Set<ConversationId>();

  /** `receipts`: what a live gateway hears is stored; no disk refuses it. */
  constructor(scheduler: Scheduler, witness: Witness, seen: Seen, receipts: boolean) {
    this.#receipts = receipts;
    this.#scheduler = scheduler;
    this.#witness = witness;
    this.#seen = seen;
  }

  share(conversation: ConversationId): void {
    this.#shared.add(conversation);
  }

  /** `store` is asked for what it holds at this very moment. */
  begin(method: Call["method"], outbound: Outbound, platform: Platform, life: Owner, store: Store): (outcome: SendOutcome) => void {
    const { delivery: id, chat } = outbound;
    const before = this.byDelivery.get(id) ?? [];
    const call: Call = { method, delivery: id, life, begun: this.#witness.moment() };
    this.byDelivery.set(id, [...before, call]);
    this.#witness.tell(`${platform.name} is called: ${method} ${id}`);
    const place = `${platform.name}/${chat.id}`;
    const hold = this.#held.get(place);
    const earlyMs = hold?.life === life ? hold.until - this.#scheduler.now : 0;
    let conversation: ConversationId | undefined;
    void store.records.delivery(defaultTenant, id).then((stored) => {
      conversation = stored?.conversation;
      // A second worker on the lane may have stored its intent before the first one heard that it has to wait.
      if (earlyMs > 0 && !(conversation && this.#shared.has(conversation))) {
        this.#witness.blame("Retry-After", `${method} ${id} ${earlyMs} ms too early`);
      }
      if (stored) this.#check(stored, call, before, life);
      else this.#witness.blame("law 4", `${method} ${id} without a stored intent`);
    });
    return (outcome) => {
      call.outcome = outcome;
      this.#witness.tell(
        `${platform.name} answered ${method} ${id}: ${outcome.kind}${"afterMs" in outcome ? ` after ${outcome.afterMs} ms` : ""}`,
      );
      if (conversation && this.#sending.get(conversation) === call) this.#sending.delete(conversation);
      if (outcome.kind === "retry" && outcome.afterMs !== undefined) {
        // A wait is kept in memory: the next life hears of it when it asks too early once.
        const until = this.#scheduler.now + outcome.afterMs;
        this.#held.set(place, { until: hold?.life === life ? Math.max(this.#held.get(place)?.until ?? 0, until) : until, life });
      }
    };
  }

  /** The laws that a call stands under, with what the store holds of its delivery. */
  #check(stored: Delivery, call: Call, before: readonly Call[], life: Owner): void {
    const { id, conversation, state } = stored;
    const { method, begun } = call;
    if (state !== "sending" && state !== "streaming") this.#witness.blame("law 4", `${method} ${id} while it is stored as ${state}`);
    if (state === "sending") {
      const other = this.#sending.get(conversation);
      if (other?.life === life && !this.#shared.has(conversation)) {
        this.#witness.blame("law 3", `${method} ${id} while ${other.delivery} of the same conversation is being sent`);
      }
      this.#sending.set(conversation, call);
    }
    const settled = this.#seen.settled.get(id) ?? 0;
    const taken = this.#seen.takenOver.get(conversation);
    const born = this.#seen.born.get(id) ?? begun;
    // What an operator had sent again is the operator's. Within one step the store told of both: the send was there first.
    const overruled = taken && born < taken.moment && settled < born;
    if (stored.turn && overruled && taken.step < this.#scheduler.steps) this.#witness.blame("law 6", `${method} ${id} after the takeover`);
    const last = before.at(-1);
    const received = this.#receipts && last?.outcome?.kind === "sent" && last.life === life && !this.#shared.has(conversation);
    if (method === "send" && last && (!mayRepeat(last, stored, settled) || (received && settled < last.begun))) {
      const how = last.outcome?.kind ?? "nothing";
      this.#witness.blame("nothing is sent twice", `${id} (${stored.onUnknown}) again, after it heard ${how}`);
    }
  }

  /** A call of a model for the event `n`, said in `place`. */
  think(n: number, place: string, conversation: ConversationId | undefined, life: Owner): () => void {
    this.#witness.tell(`the model is asked about #${n}`);
    this.asked.set(n, (this.asked.get(n) ?? 0) + 1);
    const shared = conversation !== undefined && this.#shared.has(conversation);
    if (this.#thinking.get(place) === life && !shared) this.#witness.blame("law 3", `two turns at once in ${place}`);
    this.#thinking.set(place, life);
    const intents = conversation === undefined ? 0 : (this.#seen.intents.get(conversation) ?? 0);
    if (conversation !== undefined) this.#seen.intents.set(conversation, intents - 1);
    if (intents < 1) this.#witness.blame("law 4", `the model is asked about #${n} without a stored call`);
    return () => {
      if (this.#thinking.get(place) === life) this.#thinking.delete(place);
    };
  }
}

/** Law 4: what certainly didn't arrive may go again; what nobody knows of only by policy, or by an operator's word. */
function mayRepeat(last: Call, delivery: Delivery, settled: number): boolean {
  if (settled > last.begun) return true;
  if (last.outcome?.kind === "retry") return true;
  if (last.method === "edit") return true;
  return delivery.onUnknown !== "hold";
}

import type { Outbound } from "../../src/core/channel.ts";
import type { SendOutcome } from "../../src/core/delivery.ts";
import type { Chat, PlatformEvent } from "../../src/core/event.ts";
import type { DeliveryId } from "../../src/core/ids.ts";
import type { AccountPlan } from "./plan.ts";
import type { Random } from "./random.ts";
import type { Witness } from "./witness.ts";

/** Something that happened on the platform, of which the gateway is told. */
export interface Happened {
  /** Its number in the world; a message says `#<n>`. */
  readonly n: number;
  readonly event: PlatformEvent;
  /** The platform heard that it is received: it needn't tell again. */
  acknowledged: boolean;
}

/** A message of ours that people see. */
export interface Shown {
  readonly receipt: string;
  readonly delivery: DeliveryId;
  readonly chat: string;
  readonly moment: number;
  /** It came when the gateway had stopped waiting for it. */
  readonly late: boolean;
  text: string;
  tokens: readonly string[];
}

/** What the platform says to a request, whatever the network does to it. */
type Mood = "well" | "hurry" | "broken" | "refuse" | "gone" | "bug";

/** One account's side of a platform: what people wrote, what they see, and how it takes our requests. */
export class Platform {
  readonly plan: AccountPlan;
  readonly happened: Happened[] = [];
  readonly shown: Shown[] = [];
  readonly #random: Random;
  readonly #witness: Witness;
  readonly #moody: () => number;
  readonly #byDelivery = new Map<DeliveryId, Shown>();

  constructor(plan: AccountPlan, random: Random, witness: Witness, moody: () => number) {
    this.plan = plan;
    this.#random = random;
    this.#witness = witness;
    this.#moody = moody;
  }

  get name(): string {
    return this.plan.name;
  }

  /** Events from `offset` on, for who asks; what lies before is acknowledged by asking so. */
  updates(offset: number): readonly { readonly at: number; readonly event: PlatformEvent }[] {
    for (const happened of this.happened.slice(0, offset)) happened.acknowledged = true;
    // Now and then a platform tells again what it was told is received.
    const from = offset > 0 && this.#random.chance(this.#moody() / 2) ? this.#random.between(0, offset - 1) : offset;
    return this.happened.slice(from, from + this.#random.between(1, 4)).map(({ event }, index) => ({ at: from + index, event }));
  }

  send({ delivery, chat, content }: Outbound, late: boolean): SendOutcome | "throws" {
    const mood = this.#mood();
    const refused = this.#refusal(mood);
    if (refused) return refused;
    const known = this.plan.idempotent ? this.#byDelivery.get(delivery) : undefined;
    const shown = known ?? this.#show(delivery, chat, late);
    if (!known) this.#write(shown, content);
    this.#witness.tell(
      `${this.name} shows ${shown.receipt} in ${chat.id}: ${delivery} ${JSON.stringify(shown.text)}${known ? " (again)" : ""}`,
    );
    return mood === "bug" ? "throws" : { kind: "sent", receipt: shown.receipt };
  }

  edit({ content, receipt }: Outbound & { readonly receipt: string }): SendOutcome | "throws" {
    const mood = this.#mood();
    const refused = this.#refusal(mood);
    if (refused) return refused;
    const shown = this.shown.find((candidate) => candidate.receipt === receipt);
    if (!shown) return { kind: "refused", code: "channel-permanent", message: "there is no such message" };
    this.#write(shown, content);
    this.#witness.tell(`${this.name} rewrites ${receipt}: ${JSON.stringify(shown.text)}`);
    return mood === "bug" ? "throws" : { kind: "sent", receipt };
  }

  #show(delivery: DeliveryId, chat: Chat, late: boolean): Shown {
    const receipt = `${this.name}/${this.shown.length + 1}`;
    const shown: Shown = { receipt, delivery, chat: chat.id, moment: this.#witness.moment(), late, text: "", tokens: [] };
    this.shown.push(shown);
    this.#byDelivery.set(delivery, shown);
    return shown;
  }

  #write(shown: Shown, { text, buttons = [] }: Outbound["content"]): void {
    shown.text = text;
    shown.tokens = buttons.flat().map(({ token }) => token);
  }

  #mood(): Mood {
    if (!this.#random.chance(this.#moody())) return "well";
    return this.#random.weighted({ hurry: 4, broken: 4, refuse: 1, gone: 1, bug: 1 });
  }

  #refusal(mood: Mood): SendOutcome | undefined {
    switch (mood) {
      case "hurry":
        return { kind: "retry", code: "channel-retry", message: "too many requests", afterMs: this.#random.between(1, 30) * 1_000 };
      case "broken":
        return { kind: "retry", code: "channel-retry", message: "500" };
      case "refuse":
        return { kind: "refused", code: "channel-permanent", message: "that can't be sent" };
      case "gone":
        return { kind: "refused", code: "channel-gone", message: "the chat was left" };
      default:
        return undefined;
    }
  }
}

import type { Delivery } from "../../src/core/delivery.ts";
import { type ConversationId, defaultTenant } from "../../src/core/ids.ts";
import type { Trace } from "../../src/core/records.ts";
import type { Store } from "../../src/core/store.ts";
import type { OperatorSaid } from "./people.ts";
import type { Happened, Platform, Shown } from "./platform.ts";
import { faultsOf } from "./story.ts";
import type { World } from "./world.ts";

/** Everything that the gateway has to tell in the end, first story first. */
export async function storiesOf(store: Store): Promise<readonly Trace[]> {
  const found: Trace[] = [];
  for (let before: number | undefined; ; ) {
    const page = await store.records.stories(defaultTenant, { limit: 100, ...(before !== undefined && { before }) });
    for (const { trace } of page) {
      const story = await store.records.trace(defaultTenant, trace);
      if (story) found.push(story);
    }
    before = page.at(-1)?.cursor;
    if (before === undefined) return found.reverse();
  }
}

/** Holds what people saw against what they said, and both against what the gateway tells. */
export class Judge {
  readonly #world: World;
  readonly #stories: readonly Trace[];
  readonly #blame: (promise: string, what: string) => void;

  constructor(world: World, stories: readonly Trace[]) {
    this.#world = world;
    this.#stories = stories;
    this.#blame = (promise, what) => world.witness.blame(promise, what);
  }

  judge(operators: readonly OperatorSaid[]): void {
    for (const story of this.#stories) {
      for (const fault of faultsOf(story)) this.#blame("every message has its story", `${story.trace}: ${fault}`);
      for (const delivery of story.deliveries) this.#delivery(story, delivery);
    }
    for (const platform of this.#world.platforms) {
      for (const happened of platform.happened) this.#event(platform, happened);
      this.#paid(platform);
      this.#shown(platform);
      this.#order(platform);
    }
    for (const { text, message } of operators) {
      const story = this.#stories.find(({ trace }) => trace === message);
      if (story?.deliveries.length !== 1) this.#blame("nothing is lost", `an operator's ${text} has no delivery`);
    }
  }

  #event({ name }: Platform, { n, event, acknowledged }: Happened): void {
    const stories = this.#stories.filter((story) => story.event?.key === event.key && story.conversation.account === name);
    const [story] = stories;
    if (stories.length > 1) this.#blame("nothing is answered twice", `#${n} has ${stories.length} stories`);
    if (!story?.event) {
      if (acknowledged) this.#blame("nothing is lost", `#${n} was acknowledged and isn't there`);
      return;
    }
    const last = story.entries.findLast(({ stage }) => !stage.startsWith("delivery-"));
    const { state } = story.event;
    const reason = last?.reason ?? "";
    if (state === "queued" || state === "running") this.#blame("nothing stays behind", `#${n} is ${state}`);
    else if (state === "ignored") this.#ignored(n, event.kind, reason, story);
    else if (unanswerable(event)) this.#blame("nobody is answered who isn't to be", `#${n} is ${state}`);
    else if (state === "cancelled") {
      const replaced = reason === "interrupted" && this.#world.plan.mode === "interrupt";
      if (!replaced && !this.#takenOver(story.conversation.id)) this.#blame("nothing is lost", `#${n} was cancelled: ${reason}`);
    } else if (last?.detail?.into) this.#joined(n, story, String(last.detail.into));
    else if (state === "done") this.#answer(n, story);
  }

  /** One that became part of another's turn ended as that did. */
  #joined(n: number, { event }: Trace, into: string): void {
    const lead = this.#stories.find(({ trace }) => trace === into);
    if (lead?.event?.state !== event?.state)
      this.#blame("law 5", `#${n} is ${event?.state}, the turn that it joined ${lead?.event?.state}`);
  }

  /** Nobody is paid who wasn't asked on the record: by chat, as one question may be about several messages. */
  #paid({ name, happened }: Platform): void {
    for (const [chat, events] of Map.groupBy(happened, ({ event }) => event.chat.id)) {
      const asked = events.reduce((sum, { n }) => sum + (this.#world.calls.asked.get(n) ?? 0), 0);
      const here = this.#stories.filter(({ conversation }) => conversation.account === name && conversation.chat.id === chat);
      const stored = here.flatMap(({ entries }) => entries).filter(({ stage }) => stage === "model-start").length;
      if (asked > stored) this.#blame("law 4", `the model was asked ${asked} times in ${name}/${chat}, ${stored} calls are stored`);
    }
  }

  #ignored(n: number, kind: string, reason: string, story: Trace): void {
    const happened = this.#world.platforms.flatMap((platform) => platform.happened).find((candidate) => candidate.n === n);
    const why = happened && unanswerable(happened.event);
    const takenOver = reason.startsWith("control-") && this.#takenOver(story.conversation.id);
    const expired = reason === "button-expired" && kind === "press";
    const tries = story.entries.filter(({ stage }) => stage === "turn-start").length;
    const poison = reason === "poison" && tries >= this.#world.plan.limits.turnTries;
    if (reason !== why && !takenOver && !expired && !poison) this.#blame("nothing is lost", `#${n} was ignored: ${reason}`);
  }

  /** The answer says what was asked, in messages of its own. */
  #answer(n: number, story: Trace): void {
    const answer = story.messages.find(({ direction, author }) => direction === "out" && author === "agent");
    const kept = answer && story.deliveries.filter(({ message }) => message === answer.id);
    if (!answer || !kept || kept.length === 0) {
      this.#blame("law 5", `#${n} is done, and has no answer or no delivery`);
      return;
    }
    const words = kept.map(({ content }) => content.text).join(" ");
    const joined = this.#stories.filter(({ entries }) => entries.some(({ detail }) => detail?.into === story.trace));
    const numbers = [n, ...joined.map(({ event }) => event?.key.split(":")[1])];
    const asked = story.event?.kind === "press" ? /re:#\d+/ : new RegExp(`re:#(?:${numbers.join("|")})\\b`);
    if (!asked.test(words) && !/one moment|I stopped after/.test(words))
      this.#blame("nothing is mixed up", `#${n} was answered ${JSON.stringify(words)}`);
  }

  /** The platform said of another message that nothing reaches the chat any more. */
  #wasGone({ conversation }: Delivery): boolean {
    const others = this.#stories.flatMap(({ deliveries }) => deliveries).filter((other) => other.conversation === conversation);
    return others.some(({ id }) =>
      this.#world.calls.byDelivery.get(id)?.some(({ outcome }) => outcome?.kind === "refused" && outcome.code === "channel-gone"),
    );
  }

  #delivery(story: Trace, delivery: Delivery): void {
    const { id, state, receipt, onUnknown, error } = delivery;
    const platform = this.#world.platforms.find(({ name }) => name === delivery.account) as Platform;
    const calls = this.#world.calls.byDelivery.get(id) ?? [];
    const last = calls.at(-1);
    const told = story.entries.findLast(({ detail }) => detail?.delivery === id);
    const by = story.entries.some(({ detail, reason }) => detail?.delivery === id && reason?.startsWith("operator-"));
    switch (state) {
      case "sent": {
        const shown = platform.shown.find((candidate) => candidate.receipt === receipt);
        if (!shown) this.#blame("every message has its story", `${id} is sent, and nobody sees it`);
        else if (shown.text !== delivery.content.text && told?.reason !== "draft-kept")
          this.#blame("nothing is lost", `${id} shows ${JSON.stringify(shown.text)}, not ${JSON.stringify(delivery.content.text)}`);
        break;
      }
      case "unknown":
        if (told?.detail?.draft !== true && onUnknown !== "hold" && triesOf(delivery) < this.#world.plan.limits.deliveryAttempts)
          this.#blame("law 4", `${id} is unknown, and its policy is ${onUnknown}`);
        break;
      case "failed":
        if (last?.outcome?.kind !== "refused" && !(error?.code === "channel-gone" && this.#wasGone(delivery)))
          this.#blame("nothing is lost", `${id} failed, and was not refused`);
        break;
      case "dropped":
        if (!by && told?.reason !== "draft-superseded" && !this.#takenOver(delivery.conversation))
          this.#blame("nothing is lost", `${id} was dropped: ${told?.reason}`);
        break;
      case "dead": {
        const { deliveryAttempts } = this.#world.plan.limits;
        if (triesOf(delivery) < deliveryAttempts) this.#blame("nothing is lost", `${id} is dead after ${triesOf(delivery)} attempts`);
        break;
      }
      default:
        this.#blame("nothing stays behind", `${id} is ${state}`);
    }
  }

  /** Nobody sees a message that the gateway doesn't know of, or sees it twice without a reason. */
  #shown(platform: Platform): void {
    for (const [id, copies] of Map.groupBy(platform.shown, ({ delivery }) => delivery)) {
      if (copies.length < 2) continue;
      const delivery = this.#stories.flatMap(({ deliveries }) => deliveries).find((candidate) => candidate.id === id);
      const settled = this.#world.seen.settled.has(id);
      if (delivery?.onUnknown === "resend" || settled) continue;
      // A draft that vanished is written anew; what the reader took away can't be doubled.
      if (delivery?.receipt !== undefined && this.#world.calls.byDelivery.get(id)?.some(({ method }) => method === "edit")) continue;
      this.#blame("nothing is sent twice", `${id} is seen ${copies.length} times`);
    }
  }

  /** What was sent once and is seen stands in the order in which it was asked for. */
  #order(platform: Platform): void {
    const places = new Map<string, { readonly at: number; readonly piece: number; readonly story: Trace }>();
    for (const [at, story] of this.#stories.entries()) {
      for (const [piece, delivery] of story.deliveries.entries()) {
        if (delivery.state === "sent" && !this.#world.seen.settled.has(delivery.id) && story.event)
          places.set(delivery.id, { at, piece, story });
      }
    }
    const copies = Map.groupBy(platform.shown, ({ delivery }) => delivery);
    const plain = ({ delivery, late }: Shown) => !late && copies.get(delivery)?.length === 1 && places.has(delivery);
    for (const [chat, shown] of Map.groupBy(platform.shown.filter(plain), (one) => one.chat)) {
      let before = { at: -1, piece: -1 };
      for (const { delivery } of shown) {
        const place = places.get(delivery) as { at: number; piece: number };
        if (place.at < before.at || (place.at === before.at && place.piece < before.piece)) {
          this.#blame("order", `${delivery} is seen too late in ${platform.name}/${chat}`);
        }
        before = place;
      }
    }
  }

  #takenOver(conversation: ConversationId): boolean {
    return this.#world.seen.wanted.has(conversation);
  }
}

/** Attempts that failed because everything of the account did don't count. */
function triesOf({ attempts, spared }: Delivery): number {
  return attempts - spared;
}

/** Why nobody answers it, whatever else happens. */
function unanswerable(event: Happened["event"]): string | undefined {
  if (event.sender.self) return "own-echo";
  if (event.sender.bot) return "sender-is-bot";
  if (event.kind !== "message" && event.kind !== "press") return "nothing-to-answer";
  if (event.kind === "message" && event.chat.kind === "group" && !event.addressed) return "group-not-addressed";
  return undefined;
}

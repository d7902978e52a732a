import type { Actor } from "../access/actor.ts";
import type { Hearsay } from "../core/bus.ts";
import type { Cancel, Clock } from "../core/clock.ts";
import type { ConversationId, OperatorId, TenantId } from "../core/ids.ts";
import type { Live } from "../core/live.ts";
import type { Presence, PresenceAt } from "../core/presence.ts";
import type { Operator } from "../core/records.ts";

interface Entry {
  readonly name: string;
  /** By the machine's counter (`Clock.elapsed`). */
  readonly viewingUntil: number;
  readonly typingUntil: number;
}

/** What isn't said again within so long is over. Windows say it again in half of that. */
export const viewingMs = 20_000;
export const typingMs = 6_000;
/** Conversations at which one operator can be. */
const mostPlaces = 20;

type Place = Map<OperatorId, Entry>;

/** What an operator does at a conversation, as gateways tell each other. */
export interface PresenceNews {
  readonly tenant: TenantId;
  readonly operator: Pick<Operator, "id" | "name">;
  readonly conversation: ConversationId;
  readonly doing: Doing;
}

export interface PresencesDoor {
  readonly clock: Clock;
  /** Tells the windows at this gateway only: each one knows by itself who is there. */
  readonly live: Live;
  readonly others?: Hearsay<PresenceNews> | undefined;
}

/**
 * Which operators look at a conversation or write there, at whichever gateway. Kept in memory only, and told to open windows
 * when it changes.
 */
export class Presences {
  readonly #clock: Clock;
  readonly #live: Live;
  readonly #others: Hearsay<PresenceNews> | undefined;
  readonly #tenants = new Map<TenantId, Map<ConversationId, Place>>();
  #round: Cancel | undefined;

  constructor({ clock, live, others }: PresencesDoor) {
    this.#clock = clock;
    this.#live = live;
    this.#others = others;
    others?.hear((news) => this.#take(news));
  }

  note({ tenant, operator: { id, name } }: Pick<Actor, "tenant" | "operator">, conversation: ConversationId, doing: Doing): void {
    const news: PresenceNews = { tenant, operator: { id, name }, conversation, doing };
    this.#take(news);
    this.#others?.tell(news);
  }

  #take({ tenant, operator: { id, name }, conversation, doing }: PresenceNews): void {
    const places = this.#tenants.get(tenant) ?? new Map<ConversationId, Place>();
    this.#tenants.set(tenant, places);
    const place = places.get(conversation) ?? new Map<OperatorId, Entry>();
    const before = this.#shown(place);
    const now = this.#clock.elapsed();
    if (doing === "gone") place.delete(id);
    else {
      if (!place.has(id)) this.#leaveOldest(tenant, places, id);
      place.set(id, { name, viewingUntil: now + viewingMs, typingUntil: doing === "typing" ? now + typingMs : now });
    }
    if (place.size > 0) places.set(conversation, place);
    else places.delete(conversation);
    this.#tell(tenant, conversation, place, before);
    this.#round ??= this.#clock.after(1_000, () => this.#lookRound());
  }

  list(tenant: TenantId): readonly PresenceAt[] {
    return [...(this.#tenants.get(tenant) ?? [])]
      .map(([conversation, place]) => ({ conversation, present: this.#present(place) }))
      .filter(({ present }) => present.length > 0);
  }

  /** What ran out since the last look is told, too. */
  #lookRound(): void {
    this.#round = undefined;
    const now = this.#clock.elapsed();
    for (const [tenant, places] of this.#tenants) {
      for (const [conversation, place] of places) {
        for (const [operator, entry] of place) {
          if (entry.viewingUntil <= now) place.delete(operator);
        }
        this.#tell(tenant, conversation, place, this.#told.get(place) ?? "");
        if (place.size === 0) places.delete(conversation);
      }
      if (places.size === 0) this.#tenants.delete(tenant);
    }
    if (this.#tenants.size > 0) this.#round = this.#clock.after(1_000, () => this.#lookRound());
  }

  /** What windows know of a place. */
  readonly #told = new WeakMap<Place, string>();

  #tell(tenant: TenantId, conversation: ConversationId, place: Place, before: string): void {
    const shown = this.#shown(place);
    this.#told.set(place, shown);
    if (shown !== before) this.#live.publish(tenant, { type: "presence", conversation, present: this.#present(place) });
  }

  #leaveOldest(tenant: TenantId, places: Map<ConversationId, Place>, id: OperatorId): void {
    const mine = [...places].filter(([, place]) => place.has(id));
    if (mine.length < mostPlaces) return;
    const [oldest] = mine.toSorted(([, a], [, b]) => (a.get(id)?.viewingUntil ?? 0) - (b.get(id)?.viewingUntil ?? 0));
    if (!oldest) return;
    const [conversation, place] = oldest;
    const before = this.#shown(place);
    place.delete(id);
    if (place.size === 0) places.delete(conversation);
    this.#tell(tenant, conversation, place, before);
  }

  #shown(place: Place): string {
    return JSON.stringify(this.#present(place));
  }

  #present(place: Place): readonly Presence[] {
    const now = this.#clock.elapsed();
    return [...place]
      .filter(([, { viewingUntil }]) => viewingUntil > now)
      .map(([operator, { name, typingUntil }]) => ({ operator, name, doing: typingUntil > now ? "typing" : "viewing" }));
  }
}

export type Doing = Presence["doing"] | "gone";

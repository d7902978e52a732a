import type { AccountState } from "../../core/account-state.ts";
import type { Instant } from "../../core/terms.ts";
import { type RoomEvent, readEvent } from "./event.ts";

export interface Waiting {
  readonly room: string;
  readonly event: RoomEvent;
  /** Since when. */
  readonly at: Instant;
  /** Its place in the order in which they came; given as it begins to wait. */
  readonly nth?: number;
  /** It was told that its key hasn't come. */
  readonly told: boolean;
}

const prefix = "waiting:";
/** More wait only where somebody's program is broken; the oldest go. */
const most = 1_000;
/** Milliseconds in which a key still comes; after that, nobody sends it. */
const longest = 7 * 86_400_000;
/** Milliseconds after which it is told that an event waits. */
const patience = 60_000;

/** Events whose keys haven't come: on disk before the sync that brought them is over, in the order in which they came. */
export class WaitingEvents {
  readonly #state: AccountState;
  readonly #events = new Map<string, Waiting>();
  #last = 0;

  private constructor(state: AccountState) {
    this.#state = state;
  }

  static async open(state: AccountState): Promise<WaitingEvents> {
    const waiting = new WaitingEvents(state);
    const rows = [...(await state.read())].filter(([key]) => key.startsWith(prefix));
    const kept = rows.flatMap(([, bytes]) => {
      const { event, ...rest } = JSON.parse(Buffer.from(bytes).toString()) as Waiting;
      const read = readEvent(event);
      return read ? [{ ...rest, event: read }] : [];
    });
    for (const one of kept.toSorted((a, b) => (a.nth ?? 0) - (b.nth ?? 0) || a.at - b.at)) {
      waiting.#events.set(one.event.event_id, one);
      waiting.#last = Math.max(waiting.#last, one.nth ?? 0);
    }
    return waiting;
  }

  all(): readonly Waiting[] {
    return [...this.#events.values()];
  }

  /** Those of whom it is time to say that their keys haven't come. */
  late(now: Instant): readonly Waiting[] {
    return this.all().filter(({ at, told }) => !told && now - at >= patience);
  }

  /** Resolves when they are on disk. */
  async add(added: readonly Waiting[]): Promise<void> {
    const fresh = added.filter(({ event }) => !this.#events.has(event.event_id)).map((one) => ({ ...one, nth: ++this.#last }));
    if (fresh.length > 0) await this.#write(fresh, []);
  }

  /** Once the store has what was made of them. */
  async settle(read: readonly Waiting[], told: readonly Waiting[], now: Instant): Promise<void> {
    const old = this.all().filter(({ at }, index) => now - at > longest || index < this.#events.size - most);
    const gone = [...read, ...old];
    if (gone.length + told.length > 0)
      await this.#write(
        told.map((one) => ({ ...one, told: true })),
        gone,
      );
  }

  async #write(put: readonly Waiting[], gone: readonly Waiting[]): Promise<void> {
    const key = ({ event }: Waiting) => prefix + event.event_id;
    await this.#state.write(
      new Map<string, Uint8Array | undefined>([
        ...put.map((one) => [key(one), Buffer.from(JSON.stringify(one))] as const),
        ...gone.map((one) => [key(one), undefined] as const),
      ]),
    );
    for (const one of put) this.#events.set(one.event.event_id, one);
    for (const one of gone) this.#events.delete(one.event.event_id);
  }
}

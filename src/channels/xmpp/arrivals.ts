import { Arrivals, type Batch } from "../../core/arrivals.ts";
import type { PlatformEvent } from "../../core/event.ts";
import type { Place } from "../../wires/xmpp/archive.ts";

export interface Position extends Place {
  /** A room that somebody invited us to: it is entered again in the next life. */
  readonly invited?: true | undefined;
}

/** What came and isn't stored yet: an event, and where its archive stands once it is. `left`: we left that room, and it counts no more. */
export interface Arrival {
  readonly event?: PlatformEvent | undefined;
  /** The room; "" for what is said to us alone. */
  readonly archive: string;
  readonly position?: Position | undefined;
  readonly left?: true;
  /** Which stanza of the stream it was; absent for what came out of an archive. */
  readonly stanza?: number | undefined;
}

/** Archives whose place is remembered. */
const maxArchives = 200;

/** What came, oldest first, on its way to the store; and until where each archive is stored, which is the account's cursor. */
export class XmppArrivals extends Arrivals<Arrival> {
  /** What comes from a chat while its past is being fetched, to stand behind that. */
  readonly #held = new Map<string, Arrival[]>();
  #positions = new Map<string, Position>();

  /** As it was stored; what can't be read counts for nothing. */
  begin(cursor: string | undefined): void {
    try {
      const read: unknown = JSON.parse(cursor ?? "[]");
      if (Array.isArray(read))
        this.#positions = new Map(
          read.filter(isEntry).map(([archive, id, at, invited]) => [archive, { id, at, ...(invited && { invited: true }) }]),
        );
    } catch {
      this.#positions = new Map();
    }
  }

  /** Where an archive was read to; undefined: what it has is old to us. */
  positionOf(archive: string): Position | undefined {
    return this.#positions.get(archive);
  }

  /** The same, once all is stored that came. */
  newest(archive: string): Position | undefined {
    return this.waiting.findLast((one) => one.archive === archive && one.position !== undefined)?.position ?? this.positionOf(archive);
  }

  /** Rooms that somebody invited us to. */
  invited(): string[] {
    return [...this.#positions].flatMap(([archive, { invited }]) => (invited ? archive : []));
  }

  /** Live ones wait while `holdBack` says so. */
  override add(arrival: Arrival): void {
    const held = arrival.stanza === undefined ? undefined : this.#held.get(arrival.archive);
    if (held) held.push(arrival);
    else super.add(arrival);
  }

  /** From now on what comes live from that chat waits, until it is let go, or dropped because its archive will tell it again. */
  holdBack(archive: string): (keep: boolean) => void {
    const held: Arrival[] = [];
    this.#held.set(archive, held);
    return (keep) => {
      this.#held.delete(archive);
      if (keep) this.waiting.push(...held);
      this.move();
    };
  }

  batchOf(batch: readonly Arrival[], acknowledge: () => void): Batch {
    const positions = new Map(this.#positions);
    for (const { archive, position, left } of batch) {
      const invited = position?.invited ?? positions.get(archive)?.invited;
      if (position) positions.set(archive, { ...position, invited });
      if (left) positions.delete(archive);
    }
    const entries = [...positions].slice(-maxArchives).map(([archive, { id, at, invited }]) => [archive, id, at, invited ? 1 : 0]);
    const stored = () => {
      this.#positions = positions;
      acknowledge();
    };
    return { events: batch.flatMap(({ event }) => event ?? []), cursor: JSON.stringify(entries), stored };
  }

  /** The first stanza of the stream that isn't on disk. */
  oldestStanza(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const all of [this.waiting, ...this.#held.values()]) for (const { stanza } of all) oldest = Math.min(oldest, stanza ?? oldest);
    return oldest;
  }
}

function isEntry(entry: unknown): entry is [string, string, number, number] {
  return (
    Array.isArray(entry) &&
    entry.length === 4 &&
    typeof entry[0] === "string" &&
    typeof entry[1] === "string" &&
    typeof entry[2] === "number"
  );
}

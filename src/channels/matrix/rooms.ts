import type { RoomFacts } from "./decode.ts";
import { readEvent, type Sync } from "./event.ts";

interface Room {
  joined: number | undefined;
  invited: number;
  title: string | undefined;
  encrypted: boolean;
  readonly names: Map<string, string>;
}

/** Display names of one room that are kept. */
const maxNames = 2_000;

/** What the syncs said of rooms; nothing of it is stored, a first look tells it again. */
export class Rooms {
  readonly #rooms = new Map<string, Room>();
  #direct = new Set<string>();
  readonly #self: string;

  constructor(self: string) {
    this.#self = self;
  }

  learn({ rooms, account_data }: Sync): void {
    for (const value of account_data.events) this.#learnDirect(value);
    for (const [id, joined] of Object.entries(rooms.join ?? {})) {
      if (!joined) continue;
      const room = this.#room(id);
      // A count is told only when it changed.
      room.joined = joined.summary["m.joined_member_count"] ?? room.joined;
      room.invited = joined.summary["m.invited_member_count"] ?? room.invited;
      for (const value of [...joined.state.events, ...joined.timeline.events]) learnState(room, value);
    }
  }

  forget(id: string): void {
    this.#rooms.delete(id);
  }

  /**
   * Direct is a room of two, or one that the account's owner marked as direct (`m.direct`, which nobody else can write); an unknown
   * number of people is a group, whose rules are stricter.
   */
  facts(id: string): RoomFacts {
    const { joined, invited, title, names } = this.#room(id);
    const direct = this.#direct.has(id) || (joined !== undefined && joined + invited <= 2);
    return { direct, names, ...(title === undefined ? {} : { title }) };
  }

  /** True once for each room. */
  firstEncrypted(id: string): boolean {
    const room = this.#room(id);
    const first = !room.encrypted;
    room.encrypted = true;
    return first;
  }

  #room(id: string): Room {
    const known = this.#rooms.get(id);
    if (known) return known;
    const room: Room = { joined: undefined, invited: 0, title: undefined, encrypted: false, names: new Map() };
    this.#rooms.set(id, room);
    return room;
  }

  /** https://spec.matrix.org/v1.16/client-server-api/#mdirect: rooms by the user they are with. */
  #learnDirect(value: unknown): void {
    const { type, content } = (value ?? {}) as { type?: unknown; content?: unknown };
    if (type !== "m.direct" || typeof content !== "object" || content === null) return;
    const rooms = Object.entries(content).flatMap(([user, ids]) => (user !== this.#self && Array.isArray(ids) ? (ids as unknown[]) : []));
    this.#direct = new Set(rooms.filter((id) => typeof id === "string"));
  }
}

function learnState(room: Room, value: unknown): void {
  const event = readEvent(value);
  if (event?.type === "m.room.name" && event.state_key === "") {
    room.title = typeof event.content.name === "string" && event.content.name !== "" ? event.content.name.slice(0, 255) : undefined;
  }
  if (event?.type !== "m.room.member" || event.state_key === undefined) return;
  const { displayname: name } = event.content;
  if (typeof name === "string" && name !== "" && (room.names.size < maxNames || room.names.has(event.state_key)))
    room.names.set(event.state_key, name.slice(0, 255));
}

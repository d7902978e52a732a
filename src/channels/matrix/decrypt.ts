import type { PlatformEvent } from "../../core/event.ts";
import { textPart } from "../../core/message.ts";
import type { CallFailure } from "../../core/platform-call.ts";
import type { RoomFacts } from "./decode.ts";
import { decode } from "./decode.ts";
import { type RoomEvent, readEvent, type Sync } from "./event.ts";
import type { Machine } from "./machine.ts";
import { sendOutgoing } from "./outgoing.ts";
import type { MatrixAccount } from "./settings.ts";
import { type Waiting, WaitingEvents } from "./waiting.ts";

/** What an event came to: clear, not yet to be read, or never. */
export type Opened = { readonly clear: RoomEvent } | { readonly waits: true } | { readonly why: string };

/** What people say under encryption; anything else that claims to be an event of a room isn't one (a redaction needs power, which nobody checked). */
const spoken = new Set(["m.room.message", "m.sticker", "m.reaction"]);

/** One account's way to read encrypted rooms, while it listens. */
export class Decryption {
  readonly #account: MatrixAccount;
  readonly machine: Machine;
  readonly waiting: WaitingEvents;
  /** Something came that may hold keys, or may have come before a crash. */
  #hopeful = true;

  private constructor(account: MatrixAccount, machine: Machine, waiting: WaitingEvents) {
    this.#account = account;
    this.machine = machine;
    this.waiting = waiting;
  }

  static async open(account: MatrixAccount, machine: Machine): Promise<Decryption | undefined> {
    return account.state && new Decryption(account, machine, await WaitingEvents.open(account.state));
  }

  /**
   * What a sync says of keys and devices. On disk when it resolves: the homeserver forgets its messages for this device with the next sync.
   * https://spec.matrix.org/v1.16/client-server-api/#extensions-to-sync-1
   */
  async learn({ to_device, device_lists, counts, fallbacks }: Sync["keys"], signal: AbortSignal): Promise<CallFailure | undefined> {
    const { library } = this.machine;
    this.#hopeful ||= to_device.length > 0;
    return this.machine.run(async (olm, flush) => {
      const users = (ids: readonly string[]) => ids.map((id) => new library.UserId(id));
      const lists = new library.DeviceLists(users(device_lists.changed), users(device_lists.left));
      const unused = fallbacks === undefined ? undefined : new Set(fallbacks);
      await olm.receiveSyncChanges(JSON.stringify(to_device), lists, new Map(Object.entries(counts)), unused);
      await flush();
      return sendOutgoing(this.#account, library, olm, flush, signal);
    });
  }

  async read(room: string, event: RoomEvent): Promise<Opened> {
    const { library } = this.machine;
    return this.machine.run(async (olm): Promise<Opened> => {
      try {
        const settings = new library.DecryptionSettings(library.TrustRequirement.Untrusted);
        const { event: text } = await olm.decryptRoomEvent(JSON.stringify(event), new library.RoomId(room), settings);
        const clear = readEvent({ ...(JSON.parse(text) as object), state_key: undefined, unsigned: event.unsigned });
        return clear && spoken.has(clear.type) ? { clear } : { why: "it is no message" };
      } catch (thrown) {
        if (!(thrown instanceof library.MegolmDecryptionError)) throw thrown;
        const { code, description, withheldCode: withheld } = thrown;
        const { MissingRoomKey, UnknownMessageIndex } = library.DecryptionErrorCode;
        if (withheld !== undefined) return { why: `its sender keeps the key from this device (${withheld})` };
        return code === MissingRoomKey || code === UnknownMessageIndex ? { waits: true } : { why: description.slice(0, 200) };
      }
    });
  }

  /** Those whose keys have come meanwhile, in the order in which they were said. */
  async ripe(): Promise<readonly (Waiting & { readonly opened: Exclude<Opened, { waits: true }> })[]> {
    const found: (Waiting & { readonly opened: Exclude<Opened, { waits: true }> })[] = [];
    if (!this.#hopeful) return found;
    this.#hopeful = false;
    for (const one of this.waiting.all()) {
      const opened = await this.read(one.room, one.event);
      if (!("waits" in opened)) found.push({ ...one, opened });
    }
    return found;
  }
}

/** In place of an event that nobody can read, or not yet: so that it shows in its conversation. */
export function unread(event: RoomEvent, room: string, facts: RoomFacts, self: string, why: string): PlatformEvent | undefined {
  const decoded = decode(event, room, facts, self);
  if (decoded?.kind !== "message") return undefined;
  return { ...decoded, key: `${decoded.key}.unread`, parts: [textPart(`[An encrypted message that can't be read: ${why}.]`)] };
}

import * as library from "@matrix-org/matrix-sdk-crypto-wasm";
import type { Person } from "../servers/synapse.ts";

type Json = Record<string, unknown>;

interface Heard {
  readonly id: string;
  readonly sender: string;
  /** `undefined`: it can't be read. */
  readonly content: Json | undefined;
  readonly encrypted: boolean;
}

const path = (...segments: string[]) => segments.map(encodeURIComponent).join("/");

/** A person with a program that encrypts: Matrix's own library, its keys in memory. */
export class EncryptingPerson {
  readonly person: Person;
  readonly #olm: library.OlmMachine;
  /** What was said in rooms, in the order of arrival; again when it could be read only later. */
  readonly heard: (Heard & { readonly room: string })[] = [];
  readonly #unread: { readonly room: string; readonly event: Json }[] = [];
  #since: string | undefined;
  #transaction = 0;
  /** Messages to devices that are held back, by the test's will. */
  readonly held: library.ToDeviceRequest[] = [];
  holds = false;

  private constructor(person: Person, olm: library.OlmMachine) {
    this.person = person;
    this.#olm = olm;
  }

  static async open(person: Person): Promise<EncryptingPerson> {
    await library.initAsync();
    const { device_id: device } = await person.ask("GET", "client/v3/account/whoami");
    const olm = await library.OlmMachine.initialize(new library.UserId(person.id), new library.DeviceId(String(device)));
    const client = new EncryptingPerson(person, olm);
    await client.sync();
    return client;
  }

  close(): void {
    this.#olm.close();
  }

  async sync(timeoutMs = 0): Promise<void> {
    const since = this.#since === undefined ? "" : `&since=${encodeURIComponent(this.#since)}`;
    const answer = await this.person.ask("GET", `client/v3/sync?timeout=${timeoutMs}${since}`);
    const lists = (answer.device_lists ?? {}) as { changed?: string[]; left?: string[] };
    const users = (ids: string[] = []) => ids.map((id) => new library.UserId(id));
    await this.#olm.receiveSyncChanges(
      JSON.stringify((answer.to_device as { events?: unknown[] } | undefined)?.events ?? []),
      new library.DeviceLists(users(lists.changed), users(lists.left)),
      new Map(Object.entries((answer.device_one_time_keys_count ?? {}) as Record<string, number>)),
      new Set((answer.device_unused_fallback_key_types as string[] | undefined) ?? []),
    );
    await this.#outgoing();
    for (const one of this.#unread.splice(0)) await this.#read(one.room, one.event);
    const rooms = ((answer.rooms as Json | undefined)?.join ?? {}) as Record<string, { timeline: { events: Json[] } }>;
    for (const [room, { timeline }] of Object.entries(rooms)) for (const event of timeline.events) await this.#read(room, event);
    this.#since = String(answer.next_batch);
  }

  async #read(room: string, event: Json): Promise<void> {
    const base = { room, id: String(event.event_id), sender: String(event.sender) };
    if (event.type === "m.room.message") this.heard.push({ ...base, content: event.content as Json, encrypted: false });
    if (event.type !== "m.room.encrypted") return;
    try {
      const settings = new library.DecryptionSettings(library.TrustRequirement.Untrusted);
      const clear = await this.#olm.decryptRoomEvent(JSON.stringify(event), new library.RoomId(room), settings);
      this.heard.push({ ...base, content: (JSON.parse(clear.event) as { content: Json }).content, encrypted: true });
    } catch {
      this.#unread.push({ room, event });
    }
  }

  /** Whether the owner of that device vouches for it. */
  async isSigned(user: string, device: string): Promise<boolean> {
    await this.#send(this.#olm.queryKeysForUsers([new library.UserId(user)]));
    const found = await this.#olm.getDevice(new library.UserId(user), new library.DeviceId(device));
    return found?.isCrossSignedByOwner() ?? false;
  }

  /** Encrypted for everybody in the room. */
  async say(room: string, content: object): Promise<string> {
    const { joined } = await this.person.ask("GET", `client/v3/${path("rooms", room, "joined_members")}`);
    const users = () => Object.keys(joined as object).map((id) => new library.UserId(id));
    await this.#olm.updateTrackedUsers(users());
    await this.#outgoing();
    const claim = await this.#olm.getMissingSessions(users());
    if (claim) await this.#send(claim);
    for (const request of await this.#olm.shareRoomKey(new library.RoomId(room), users(), new library.EncryptionSettings())) {
      if (this.holds) this.held.push(request);
      else await this.#send(request);
    }
    const sealed = await this.#olm.encryptRoomEvent(new library.RoomId(room), "m.room.message", JSON.stringify(content));
    const where = path("rooms", room, "send", "m.room.encrypted", `e${++this.#transaction}`);
    return String((await this.person.ask("PUT", `client/v3/${where}`, JSON.parse(sealed))).event_id);
  }

  async release(): Promise<void> {
    this.holds = false;
    for (const request of this.held.splice(0)) await this.#send(request);
  }

  async #outgoing(): Promise<void> {
    for (const request of await this.#olm.outgoingRequests()) await this.#send(request);
  }

  async #send(request: { readonly id: string | undefined; readonly type: library.RequestType; readonly body: string }): Promise<void> {
    const { KeysUpload, KeysQuery, KeysClaim, ToDevice } = library.RequestType;
    const posts = new Map([
      [KeysUpload, "keys/upload"],
      [KeysQuery, "keys/query"],
      [KeysClaim, "keys/claim"],
    ]);
    const post = posts.get(request.type);
    const { event_type: type = "", txn_id: transaction = "" } = request as Partial<library.ToDeviceRequest>;
    if (post === undefined && request.type !== ToDevice) throw new Error(`a request of type ${request.type}`);
    const answer = await this.person.ask(
      post ? "POST" : "PUT",
      `client/v3/${post ?? path("sendToDevice", type, transaction)}`,
      JSON.parse(request.body),
    );
    await this.#olm.markRequestAsSent(String(request.id), request.type, JSON.stringify(answer));
  }
}

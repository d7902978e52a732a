import { createHash, randomUUID } from "node:crypto";
import { type Element, xml } from "@xmpp/client";
import type { Inbox } from "../../core/channel.ts";
import { sleep } from "../../core/clock.ts";
import type { LiveConnection } from "../../core/connections.ts";
import { outcomeOfFault } from "../../core/delivery.ts";
import { errorTable, type Fault, fault, ok, type Result } from "../../core/errors.ts";
import type { Chat, Sender } from "../../core/event.ts";
import { looksLikeDelivery } from "../../core/ids.ts";
import { endOf, newest, pagesBehind, timeOf } from "../../wires/xmpp/archive.ts";
import { faultOfError } from "../../wires/xmpp/failure.ts";
import { ns, splitJid } from "../../wires/xmpp/names.ts";
import type { Room } from "../../wires/xmpp/room.ts";
import { Rooms } from "../../wires/xmpp/rooms.ts";
import { XmppStream } from "../../wires/xmpp/stream.ts";
import { type Position, XmppArrivals } from "./arrivals.ts";
import { decode } from "./decode.ts";
import { nickOf, roomOf, type XmppAccount } from "./settings.ts";

/** Milliseconds between two looks at our rooms: are we in them? */
const roomsMs = 60_000;
/** Events that wait for a store that refuses them; beyond that we leave, and the server keeps the rest. */
const maxWaiting = 10_000;
/** Of them, those that an archive may have given when more is fetched. */
const maxFetched = 1_000;
/** Chats of which it is remembered what arrived there. */
const maxChats = 1_000;

interface Reading {
  readonly past: boolean;
  readonly room?: Room | undefined;
  readonly position?: Position | undefined;
  readonly stanza?: number;
}

/** A stream with what happens on it: rooms that we are in, and what arrives. */
export class XmppConnection implements LiveConnection {
  readonly stream: XmppStream;
  readonly account: XmppAccount;
  readonly arrivals = new XmppArrivals();
  readonly rooms: Rooms;
  /** Set by `listen`. */
  trouble: NonNullable<Inbox["trouble"]> = () => {};
  heard = () => {};
  /** Why we don't go back to a room by ourselves. */
  readonly #thrownOut = new Map<string, Fault>();
  readonly #entering = new Map<string, Promise<Result<Room>>>();
  readonly #arrived = new Map<string, Promise<ReadonlyMap<string, string>>>();
  readonly #key = randomUUID();
  #number = 0;
  #begun = false;

  private constructor(stream: XmppStream, account: XmppAccount) {
    this.stream = stream;
    this.account = account;
    this.rooms = new Rooms(stream, {
      nick: nickOf(account.settings),
      admits: (jid) => account.admits?.({ chat: { id: jid, kind: "direct" }, sender: senderOf(jid) }) ?? false,
      invited: (room, by, password) => void this.#follow(room, by, password),
      left: (room, why, banned) => this.#left(room, why, banned),
    });
    stream.take = (stanza) => this.#take(stanza);
    stream.oldestStanza = () => this.arrivals.oldestStanza();
    stream.over.addEventListener("abort", () => this.arrivals.move());
  }

  static async open(account: XmppAccount): Promise<Result<XmppConnection>> {
    const { settings: login, tenant, id, clock, log } = account;
    // The same in each life, so that a new login takes the place of an old one that hangs, and its messages.
    const resource = `polylogue-${createHash("sha256").update(`${tenant}/${id}`).digest("hex").slice(0, 8)}`;
    const stream = await XmppStream.open({ login, resource, clock, log });
    return stream.ok ? ok(new XmppConnection(stream.value, account)) : stream;
  }

  get over(): AbortSignal {
    return this.stream.over;
  }

  close(): void {
    this.stream.end(fault("channel-unreachable", "we left"));
  }

  /** Makes us available, enters the rooms, and fetches what was said meanwhile: once, whoever listens how often. */
  begin(cursor: string | undefined): void {
    if (this.#begun) return;
    this.#begun = true;
    this.arrivals.begin(cursor);
    const letGo = this.arrivals.holdBack("");
    this.stream.hint(xml("presence"));
    void this.#catchUp(undefined).then((why) => {
      letGo(why === undefined);
      if (why) this.stream.end(why);
    });
    void this.#keepRooms();
  }

  /** The room, once we are in it and its past is here. Being there already is no fault. */
  async enter(jid: string, password?: string): Promise<Result<Room>> {
    const why = this.#thrownOut.get(jid) ?? (this.#begun ? undefined : fault("channel-retry", "the account doesn't listen yet"));
    if (why) return { ok: false, fault: why };
    const entering = this.#entering.get(jid);
    const known = this.rooms.known.get(jid);
    if (!entering && known) return ok(known);
    const entered = entering ?? this.#enter(jid, password).finally(() => this.#entering.delete(jid));
    this.#entering.set(jid, entered);
    return entered;
  }

  /** Whether it threw us out, and nobody invited us again. */
  isGone(jid: string): boolean {
    return this.#thrownOut.has(jid);
  }

  /** Which of our deliveries the chat has already, by what its archive says of its newest messages: asked once, and again when something is unknown. */
  arrived(chat: Chat): Promise<ReadonlyMap<string, string>> {
    const { stream } = this;
    const features = chat.kind === "group" ? this.rooms.known.get(chat.id)?.features : stream.features;
    const look = async () => {
      const ours = new Map<string, string>();
      if (features?.has(ns.mam))
        for await (const { message, place } of this.newest(chat, 1)) {
          const { id } = message.attrs;
          if (id !== undefined && looksLikeDelivery(id)) ours.set(id, chat.kind === "group" ? place.id : id);
        }
      return ours;
    };
    const known = this.#arrived.get(chat.id) ?? look();
    this.#arrived.set(chat.id, known);
    for (const oldest of this.#arrived.keys()) if (this.#arrived.size > maxChats) this.#arrived.delete(oldest);
    return known;
  }

  /** The newest messages of a chat, as its archive has them. */
  newest(chat: Chat, pages: number): ReturnType<typeof newest> {
    return chat.kind === "group" ? newest(this.stream, chat.id, undefined, pages) : newest(this.stream, "", chat.id, pages);
  }

  forget(chat: Chat): void {
    this.#arrived.delete(chat.id);
  }

  async #enter(jid: string, password: string | undefined): Promise<Result<Room>> {
    const { stream, arrivals, account } = this;
    const letGo = arrivals.holdBack(jid);
    let whole = false;
    try {
      const secret = password ?? account.settings.rooms.map(roomOf).find((one) => one.jid === jid)?.password;
      const entered = await this.rooms.enter(jid, secret, arrivals.positionOf(jid)?.at);
      const wanted = nickOf(account.settings);
      const nick =
        entered.ok && entered.value.nick !== wanted
          ? fault("channel-retry", `${wanted} is in use; we are called ${entered.value.nick}`)
          : undefined;
      if (!stream.over.aborted) this.trouble(jid, entered.ok ? nick : entered.fault);
      if (!entered.ok) return entered;
      const room = entered.value;
      const why = await this.#catchUp(room);
      whole = why === undefined;
      if (!why) return entered;
      // What comes now must not stand before what its archive still has: out again, and in later.
      this.rooms.leave(room);
      this.trouble(jid, why);
      return { ok: false, fault: why };
    } finally {
      letGo(whole);
    }
  }

  /**
   * Reads what was said behind the stored position; where there is none it only finds out where the archive ends (a room without one begins
   * now). Says why it must be done again; an archive that is refused for good is none.
   */
  async #catchUp(room: Room | undefined): Promise<Fault | undefined> {
    const { stream, arrivals, account } = this;
    const archive = room?.jid ?? "";
    const from = arrivals.positionOf(archive);
    const begin = (position: Position) => arrivals.add({ archive, position });
    const unread = (why: Fault) => {
      account.log.error("xmpp-archive-unread", { archive: archive || stream.self, why: why.message });
      return errorTable[why.code].retryable ? why : undefined;
    };
    if (!(room ?? stream).features.has(ns.mam)) {
      if (room && !from) begin({ id: "", at: account.clock.now() });
      return undefined;
    }
    if (!from) {
      const end = await endOf(stream, archive);
      if (end.ok) begin(end.value);
      return end.ok ? undefined : unread(end.fault);
    }
    const pages = pagesBehind(stream, archive, from);
    for (;;) {
      const page = await pages.next();
      if (page.done) return page.value && unread(page.value);
      for (const { message, place } of page.value) this.#read(message, { past: true, room, position: place });
      while (arrivals.waiting.length > maxFetched && !stream.over.aborted) await arrivals.moved();
      if (stream.over.aborted) return stream.why;
    }
  }

  /** Enters the configured rooms and those that we were invited to, and looks after them from time to time. */
  async #keepRooms(): Promise<void> {
    const { stream } = this;
    while (!stream.over.aborted) {
      for (const room of this.rooms.known.values()) if (room.joined) await this.rooms.isStillIn(room);
      const wanted = new Set([...this.account.settings.rooms.map((one) => roomOf(one).jid), ...this.arrivals.invited()]);
      for (const jid of wanted) if (!this.rooms.known.has(jid)) await this.enter(jid);
      await sleep(this.account.clock, roomsMs, stream.over);
    }
  }

  /** Comes where somebody wants us, if access lets people speak there. */
  async #follow(jid: string, by: string, password: string | undefined): Promise<void> {
    const { account } = this;
    const chat = { id: jid, kind: "group" } as const;
    const sender = senderOf(by);
    if (!account.admits?.({ chat, sender })) return account.log.info("xmpp-invitation-refused", { room: jid, by });
    this.#thrownOut.delete(jid);
    const entered = await this.enter(jid, password);
    if (!entered.ok) return;
    const event = { kind: "membership", key: this.#nextKey(), at: account.clock.now(), chat, sender, change: "joined" } as const;
    this.arrivals.add({ event, archive: jid, position: { ...(this.arrivals.newest(jid) ?? { id: "", at: event.at }), invited: true } });
  }

  #left({ jid, title }: Room, why: Fault, banned: boolean): void {
    this.#thrownOut.set(jid, why);
    this.trouble(jid, why);
    const chat = { id: jid, kind: "group", title } as const;
    // The room doesn't always say who did it.
    const sender = { ...senderOf(jid), name: title };
    const event = {
      kind: "membership",
      key: this.#nextKey(),
      at: this.account.clock.now(),
      chat,
      sender,
      change: banned ? "blocked" : "left",
    } as const;
    this.arrivals.add({ event, archive: jid, left: true, stanza: this.stream.count });
  }

  #take(stanza: Element): void {
    this.heard();
    if (stanza.name === "presence") this.rooms.presence(stanza);
    if (stanza.name !== "message") return;
    const { from = this.stream.self, id, type } = stanza.attrs;
    const [bare, nick] = splitJid(from);
    const room = this.rooms.known.get(bare);
    const byItself = room === undefined || nick === "";
    if (type === "error" && room && byItself && stanza.getChild("error")?.getChild("not-acceptable")) this.rooms.known.delete(bare);
    if (type === "error" && byItself && this.stream.settle(from, id, outcomeOfFault(faultOfError(stanza)))) return;
    if (this.rooms.invitation(stanza)) return;
    const history = room !== undefined && stanza.getChildren("delay", ns.delay).some(({ attrs }) => attrs.from === bare);
    const position = this.#positionOf(stanza, room);
    if (room && type === "groupchat" && nick === room.nick && !history) {
      if (position?.id) room.learn(this.stream.self, id, position.id);
      // Where the room gives no ids, ours stands in: but not as it is, since everybody there has read it.
      if (this.stream.settle(bare, id, { kind: "sent", receipt: position?.id || `called:${id}` })) return;
    }
    this.#read(stanza, { past: history, room, position, stanza: this.stream.count });
  }

  /** Only the id that the archive's keeper wrote counts, and only where it lets nobody else write one: https://xmpp.org/extensions/xep-0359.html#security */
  #positionOf(message: Element, room: Room | undefined): Position | undefined {
    const [by, features] = room ? [room.jid, room.features] : [this.stream.self, this.stream.features];
    const at = timeOf(message) ?? this.account.clock.now();
    const id = features.has(ns.ids) ? message.getChildren("stanza-id", ns.ids).find(({ attrs }) => attrs.by === by)?.attrs.id : undefined;
    // A room without an archive is asked for its history by the time.
    return id !== undefined ? { id, at } : room && !features.has(ns.mam) ? { id: "", at } : undefined;
  }

  /** A message becomes an event that waits for the store. `stanza`: which one of the stream; absent for what an archive gave. */
  #read(message: Element, { past, room, position, stanza }: Reading): void {
    const { stream, arrivals } = this;
    if (stanza === undefined && this.rooms.invitation(message)) return;
    const at = position?.at ?? timeOf(message) ?? this.account.clock.now();
    const event = decode(message, { self: stream.self, room, past, id: position?.id || undefined, at, key: this.#nextKey() });
    if (event ?? position) arrivals.add({ event, archive: room?.jid ?? "", position, stanza });
    if (arrivals.waiting.length > maxWaiting) stream.end(fault("store-unavailable", "the store takes nothing, and too much waits for it"));
  }

  #nextKey(): string {
    return `${this.#key}:${++this.#number}`;
  }
}

function senderOf(jid: string): Sender {
  return { id: jid, bot: false, self: false };
}

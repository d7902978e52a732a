import { type Element, xml } from "@xmpp/client";
import { type Fault, fault, ok, type Result } from "../../core/errors.ts";
import { faultOfError } from "./failure.ts";
import { ns, splitJid } from "./names.ts";
import { Room } from "./room.ts";
import type { XmppStream } from "./stream.ts";

/** Milliseconds until a room lets us in, all who are there told. */
const enterMs = 30_000;

/** What is to be done about rooms, by whoever keeps them. */
export interface RoomKeeper {
  /** Who we want to be there. */
  readonly nick: string;
  /** Whether who asks for it may see that we are there. */
  admits(jid: string): boolean;
  /** Who somebody wants us to come to. */
  invited(room: string, by: string, password: string | undefined): void;
  /** It won't have us any more. */
  left(room: Room, why: Fault, banned: boolean): void;
}

/** The rooms of a connection: entering them, being thrown out, being invited. https://xmpp.org/extensions/xep-0045.html */
export class Rooms {
  readonly known = new Map<string, Room>();
  readonly #stream: XmppStream;
  readonly #keeper: RoomKeeper;
  readonly #answers = new Map<string, (presence: Element) => void>();

  constructor(stream: XmppStream, keeper: RoomKeeper) {
    this.#stream = stream;
    this.#keeper = keeper;
  }

  /**
   * Goes in, or says why not. A room that doesn't exist is not made. `since`: from when on its history is wanted, where it has no archive;
   * absent: none of it.
   */
  async enter(jid: string, password: string | undefined, since: number | undefined): Promise<Result<Room>> {
    const looked = await this.#stream.look(jid);
    if (looked.fault) return { ok: false, fault: looked.fault };
    const wanted = this.#keeper.nick;
    const room = new Room(jid, wanted, looked);
    this.known.set(jid, room);
    const history = since === undefined || looked.features.has(ns.mam) ? { maxstanzas: "0" } : { since: new Date(since).toISOString() };
    let why = fault("channel-retry", `${jid} doesn't answer`);
    for (const nick of [wanted, `${wanted}_`, `${wanted}__`]) {
      room.nick = nick;
      const x = xml("x", { xmlns: ns.muc }, ...(password === undefined ? [] : [xml("password", {}, password)]), xml("history", history));
      const answer = await this.#knock(jid, xml("presence", { to: `${jid}/${nick}` }, x));
      if (room.joined) return ok(room);
      if (answer) why = faultOfError(answer);
      if (!answer?.getChild("error")?.getChild("conflict", ns.stanzas)) break;
    }
    this.known.delete(jid);
    return { ok: false, fault: why };
  }

  /** Whether the room still counts us in, which a restart of its service ends without a word. https://xmpp.org/extensions/xep-0410.html */
  async isStillIn({ jid, nick }: Room): Promise<boolean> {
    const asked = await this.#stream.ask("get", xml("ping", { xmlns: ns.ping }), `${jid}/${nick}`);
    if (asked.ok || !asked.fault.message.includes("not-acceptable")) return true;
    this.known.delete(jid);
    return false;
  }

  leave({ jid, nick }: Room): void {
    this.known.delete(jid);
    this.#stream.hint(xml("presence", { to: `${jid}/${nick}`, type: "unavailable" }));
  }

  presence(presence: Element): void {
    const { from = "", type } = presence.attrs;
    const [bare, nick] = splitJid(from);
    const room = this.known.get(bare);
    if (type === "subscribe" && this.#keeper.admits(bare)) this.#stream.hint(xml("presence", { to: bare, type: "subscribed" }));
    if (type === "error") this.#answers.get(bare)?.(presence);
    if (!room) return;
    const x = presence.getChild("x", ns.mucUser);
    const codes = new Set(x?.getChildren("status").map(({ attrs }) => attrs.code));
    // A room may let us in under another nick than we asked for.
    const ours = nick === room.nick || (!room.joined && codes.has("110"));
    if (type === undefined) room.came(nick, presence);
    if (type === undefined && ours && codes.has("110")) {
      room.nick = nick;
      room.joined = true;
      this.#answers.get(bare)?.(presence);
    }
    if (type !== "unavailable") return;
    room.went(nick);
    const renamed = codes.has("303") ? x?.getChild("item")?.attrs.nick : undefined;
    if (ours && renamed !== undefined) room.nick = renamed;
    else if (ours && room.joined) this.#left(room, x, codes);
  }

  /** Says whether it is an invitation. https://xmpp.org/extensions/xep-0045.html#invite-mediated and https://xmpp.org/extensions/xep-0249.html */
  invitation(message: Element): boolean {
    const { from = "", type } = message.attrs;
    const x = message.getChild("x", ns.mucUser);
    const mediated = x?.getChild("invite")?.attrs.from;
    const direct = message.getChild("x", ns.conference)?.attrs;
    const room = splitJid(mediated === undefined ? (direct?.jid ?? "") : from)[0];
    if (room === "" || type === "groupchat" || type === "error") return false;
    const password = mediated === undefined ? direct?.password : (x?.getChildText("password") ?? undefined);
    if (!this.known.has(room)) this.#keeper.invited(room, splitJid(mediated ?? from)[0], password);
    return true;
  }

  /** What the room answers to who stands at its door; nothing if it doesn't. */
  async #knock(jid: string, presence: Element): Promise<Element | undefined> {
    const { promise, resolve } = Promise.withResolvers<Element | undefined>();
    const { clock, over } = this.#stream;
    const [cancel, lost] = [clock.after(enterMs, () => resolve(undefined)), () => resolve(undefined)];
    over.addEventListener("abort", lost, { once: true });
    this.#answers.set(jid, resolve);
    this.#stream.hint(presence);
    if (over.aborted) lost();
    return promise.finally(() => {
      cancel();
      over.removeEventListener("abort", lost);
      this.#answers.delete(jid);
    });
  }

  /** https://xmpp.org/extensions/xep-0045.html#registrar-statuscodes: a service that stops (332) or lost us (333) is asked again, and it isn't told. */
  #left(room: Room, x: Element | undefined, codes: ReadonlySet<string | undefined>): void {
    this.known.delete(room.jid);
    const known = Object.entries(reasons).find(([code]) => codes.has(code))?.[1];
    const what = x?.getChild("destroy") ? "was destroyed" : codes.has("333") ? undefined : known;
    this.#stream.log.warn("xmpp-room-left", { room: room.jid, what: what ?? "for a technical reason" });
    if (what === undefined) return;
    const said = (x?.getChild("destroy") ?? x?.getChild("item"))
      ?.getChildText("reason")
      ?.replace(/\p{Cc}/gu, " ")
      .slice(0, 200);
    this.#keeper.left(room, fault("channel-gone", `${room.jid} ${what}${said ? `: ${said}` : ""}`), codes.has("301"));
  }
}

const reasons: Readonly<Record<string, string>> = {
  ...{ 301: "banned us", 307: "threw us out", 321: "took us off its members", 322: "is for members only now" },
};

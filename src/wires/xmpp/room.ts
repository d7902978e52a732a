import type { Element } from "@xmpp/client";
import { ns, splitJid } from "./names.ts";

interface Occupant {
  /** The bare address, where the room shows it to us. */
  readonly jid?: string | undefined;
  readonly occupant?: string | undefined;
}

/** A room that we are in, or are entering: who is there under which nick, as the room says it. */
export class Room {
  readonly jid: string;
  /** What its service can, by https://xmpp.org/extensions/xep-0030.html */
  readonly features: ReadonlySet<string>;
  readonly title: string;
  /** Ours. */
  nick: string;
  joined = false;
  readonly #people = new Map<string, Occupant>();
  /** Where a message stands in the room by what its sender called it, and back; the newest last. */
  readonly #ids = new Map<string, string>();

  constructor(jid: string, nick: string, { features, title }: { readonly features: ReadonlySet<string>; readonly title: string }) {
    this.jid = jid;
    this.nick = nick;
    this.features = features;
    this.title = title;
  }

  /** Somebody is there. More than one word on who that is means that somebody besides the room spoke: then it counts for nothing. */
  came(nick: string, presence: Element): void {
    const said = presence.getChildren("x", ns.mucUser);
    const real = said.length === 1 ? said[0]?.getChild("item")?.attrs.jid : undefined;
    this.#people.set(nick, { jid: real === undefined ? undefined : splitJid(real)[0], occupant: this.#occupantId(presence) });
  }

  went(nick: string): void {
    this.#people.delete(nick);
  }

  /**
   * Who said it, by what never changes: the real address where the room shows it, else the occupant-id. A nick can be somebody else's tomorrow, so who has
   * neither is nobody in particular. In what was said before, the nick says nothing, nor does an address: services pass on what senders forge (Prosody 0.12).
   */
  personOf(message: Element, past: boolean): string {
    const occupant = this.#occupantId(message);
    const nick = splitJid(message.attrs.from ?? "")[1];
    const there = past ? this.#people.values().find((one) => occupant !== undefined && one.occupant === occupant) : this.#people.get(nick);
    return there?.jid ?? (occupant === undefined ? `unproven:${this.jid}` : `occupant:${occupant}@${this.jid}`);
  }

  /** Whether it is our own. */
  isOurs(person: string, nick: string, self: string): boolean {
    if (person === self) return true;
    const us = this.#people.get(this.nick)?.occupant;
    if (person.startsWith("occupant:") && us !== undefined) return person === `occupant:${us}@${this.jid}`;
    return person.startsWith("unproven:") && nick === this.nick;
  }

  /** The room's own ids, which others refer to, beside the sender's, which corrections refer to. */
  learn(person: string, called: string | undefined, id: string): void {
    if (called !== undefined) this.#ids.set(`called:${person}\n${called}`, id).set(`id:${id}`, called);
    this.#ids.set(`by:${id}`, person);
    for (const oldest of this.#ids.keys()) {
      if (this.#ids.size <= 6_000) break;
      this.#ids.delete(oldest);
    }
  }

  idOf(person: string, called: string): string | undefined {
    return this.#ids.get(`called:${person}\n${called}`);
  }

  /** What its sender called the message. */
  calledOf(id: string): string | undefined {
    return this.#ids.get(`id:${id}`);
  }

  isBy(id: string, person: string): boolean {
    return this.#ids.get(`by:${id}`) === person;
  }

  /** Services that know these ids let nobody else write them; others pass on whatever they get. */
  #occupantId(stanza: Element): string | undefined {
    return this.features.has(ns.occupantId) ? stanza.getChild("occupant-id", ns.occupantId)?.attrs.id : undefined;
  }
}

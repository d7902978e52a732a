import type { Source } from "../../wires/irc/line.ts";

/** Before an id that no account at the services stands behind. No account has a colon in its name. */
export const unproven = "unproven:";

/**
 * Who somebody is: the account that the server says they are logged in to, in small letters; else what they can choose or lose, marked as
 * such. Shared by what arrives (`account-tag`) and what is asked before something leaves (WHOIS).
 */
export function personOf({ nick, user = "", host = "" }: Source, account: string | undefined, fold: (name: string) => string): string {
  const logged = account !== undefined && account !== "*" && /^[^\s:!@*]{1,64}$/.test(account);
  return logged ? fold(account) : `${unproven}${fold(nick)}!${user}@${host}`.slice(0, 250);
}

/** Milliseconds for which it is believed that somebody still has the nick that they wrote with. */
const freshMs = 60_000;
const maxPeople = 5_000;

interface Known {
  readonly nick: string;
  readonly at: number;
}

/** Which nick people have, as far as the connection showed. */
export class People {
  readonly #fold: (name: string) => string;
  /** By person; the one that was heard last stands last. */
  readonly #known = new Map<string, Known>();
  /** Who has a nick, by the folded nick. */
  readonly #holders = new Map<string, string>();

  constructor(fold: (name: string) => string) {
    this.#fold = fold;
  }

  heard(person: string, nick: string, at: number): void {
    this.#forget(person);
    this.left(nick);
    this.#known.set(person, { nick, at });
    this.#holders.set(this.#fold(nick), person);
    const [oldest] = this.#known.size > maxPeople ? this.#known.keys() : [];
    if (oldest !== undefined) this.#forget(oldest);
  }

  /** The nick, and whether that is so recent that nobody else will have it. */
  of(person: string, now: number): { readonly nick: string; readonly fresh: boolean } | undefined {
    const known = this.#known.get(person);
    return known && { nick: known.nick, fresh: now - known.at < freshMs };
  }

  renamed(from: string, to: string): void {
    const person = this.#holders.get(this.#fold(from));
    const known = person === undefined ? undefined : this.#known.get(person);
    this.left(from);
    // Whom nobody proved is somebody else under another nick.
    if (person !== undefined && known && !person.startsWith(unproven)) this.heard(person, to, known.at);
  }

  left(nick: string): void {
    const person = this.#holders.get(this.#fold(nick));
    if (person !== undefined) this.#forget(person);
  }

  #forget(person: string): void {
    const known = this.#known.get(person);
    if (!known) return;
    this.#known.delete(person);
    this.#holders.delete(this.#fold(known.nick));
  }
}

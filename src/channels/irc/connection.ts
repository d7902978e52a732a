import { randomBytes } from "node:crypto";
import type { Arrivals } from "../../core/arrivals.ts";
import type { Inbox } from "../../core/channel.ts";
import type { LiveConnection } from "../../core/connections.ts";
import { type Fault, fault, ok, type Result } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import { IrcClient, type IrcListener } from "../../wires/irc/client.ts";
import type { Line, Source } from "../../wires/irc/line.ts";
import { decode } from "./decode.ts";
import { People } from "./people.ts";
import type { IrcAccount } from "./settings.ts";

/** Events that wait for a store that refuses them; beyond that we leave, so that people see that nobody listens. */
const maxArrived = 10_000;

/** A connection with what happens on it: who has which nick, and what arrives. */
export class IrcConnection implements LiveConnection, IrcListener {
  readonly client: IrcClient;
  readonly #people: People;
  /** What arrived and isn't stored yet. It outlives the connection: IRC tells everything once. */
  readonly arrivals: Arrivals<PlatformEvent>;
  /** Since when what was said in a channel may be new, by its server's clock: what `listen` stored. */
  since: ReadonlyMap<string, number> = new Map();
  /** Set by `listen`. */
  trouble: NonNullable<Inbox["trouble"]> = () => {};
  invited: (channel: string, by: Source) => void = () => {};
  readonly #account: IrcAccount;
  readonly #home: ReadonlySet<string>;
  /** Of this connection; with a line's number it makes the key of an event that has no id. */
  readonly #id = randomBytes(9).toString("base64url");

  private constructor(client: IrcClient, account: IrcAccount, arrivals: Arrivals<PlatformEvent>) {
    this.client = client;
    this.arrivals = arrivals;
    this.#account = account;
    this.#home = new Set(account.settings.channels.map((wanted) => client.fold(wanted.split(" ", 1)[0] ?? "")));
    this.#people = new People((name) => client.fold(name));
    void client.listen(this);
  }

  static async open(account: IrcAccount, arrivals: Arrivals<PlatformEvent>): Promise<Result<IrcConnection>> {
    const client = await IrcClient.open(account.settings, account.clock);
    return client.ok ? ok(new IrcConnection(client.value, account, arrivals)) : client;
  }

  get over(): AbortSignal {
    return this.client.over;
  }

  close(): void {
    this.client.close();
  }

  moved(nick: string, to: string | undefined): void {
    if (to === undefined) this.#people.left(nick);
    else this.#people.renamed(nick, to);
  }

  line(line: Line, number: number, batch: string | undefined): void {
    const { nick, support, caps } = this.client;
    const { clock, settings } = this.#account;
    const event = decode(line, {
      ...{ nick, names: [nick, settings.nick], home: this.#home, support, caps },
      ...{ now: clock.now(), key: `${this.#id}:${number}` },
      ...(batch?.endsWith("chathistory") ? { since: this.since } : {}),
    });
    if (!event) return;
    if (event.kind === "message" && line.source && batch === undefined) this.hasNow(event.sender.id, line.source.nick);
    this.arrivals.add(event);
    if (this.arrivals.waiting.length > maxArrived)
      this.client.end(fault("store-unavailable", "the store takes nothing, and too much waits for it"));
  }

  hasNow(person: string, nick: string): void {
    this.#people.heard(person, nick, this.#account.clock.elapsed());
  }

  /** The nick that somebody has, as far as the connection showed. */
  nickOf(person: string): ReturnType<People["of"]> {
    return this.#people.of(person, this.#account.clock.elapsed());
  }

  /** Why a channel threw us out. */
  whyNot(channel: string): Fault | undefined {
    return this.client.thrownOut.get(this.client.fold(channel));
  }
}

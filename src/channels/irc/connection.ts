import { randomBytes } from "node:crypto";
import type { Inbox } from "../../core/channel.ts";
import type { LiveConnection } from "../../core/connections.ts";
import { type Fault, fault, ok, type Result } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import { answerCtcp, decode } from "./decode.ts";
import { Exchange } from "./exchange.ts";
import { channelOf, fold, formatLine, type Line, type Source } from "./line.ts";
import { People } from "./people.ts";
import { farewell, type Registered, register, wantedCaps } from "./register.ts";
import type { IrcAccount } from "./settings.ts";
import { Wire } from "./wire.ts";

/** Milliseconds between two tries to get the wanted nick back, and two answers to machines' questions. */
const [nickMs, ctcpMs] = [60_000, 2_000];
/** Events that wait for a store that refuses them; beyond that we leave, so that people see that nobody listens. */
const maxArrived = 10_000;

/** What has arrived and isn't stored yet. It outlives a connection: IRC tells everything once. */
export type Arrivals = { readonly events: PlatformEvent[] };

/** A registered connection: who and where we are on it, and what arrives. */
export class IrcConnection implements LiveConnection {
  readonly caps: ReadonlySet<string>;
  readonly support: ReadonlyMap<string, string>;
  /** The account at the services. */
  readonly user: string | undefined;
  readonly people: People;
  readonly exchange: Exchange;
  /** Our channels, folded. */
  readonly joined = new Set<string>();
  /** Channels that threw us out on this connection, with the reason; folded. */
  readonly thrownOut = new Map<string, Fault>();
  /** Since when what was said in a channel may be new, by its server's clock: what `listen` stored. */
  since: ReadonlyMap<string, number> = new Map();
  /** The server's time, as its last line told it; ours where it tells none. */
  serverTime: number;
  /** Called for what is more than an event; set by `listen`. */
  trouble: NonNullable<Inbox["trouble"]> = () => {};
  invited: (channel: string, by: Source) => void = () => {};
  readonly #account: IrcAccount;
  readonly #home: ReadonlySet<string>;
  readonly #wire: Wire;
  readonly #arrivals: Arrivals;
  readonly #caps: Set<string>;
  /** Of this connection; with a line's number it makes the key of an event that has no id. */
  readonly #id = randomBytes(9).toString("base64url");
  #number = 0;
  #nick: string;
  #mask: Source | undefined;
  #nextCtcp = 0;
  #wake = () => {};

  private constructor(wire: Wire, { nick, user, caps, support }: Registered, account: IrcAccount, arrivals: Arrivals) {
    const { clock, settings } = account;
    this.#account = account;
    this.#wire = wire;
    this.#arrivals = arrivals;
    this.#nick = nick;
    this.#caps = caps;
    this.caps = caps;
    this.support = support;
    this.user = user;
    this.serverTime = clock.now();
    this.#home = new Set(settings.channels.map((wanted) => this.fold(wanted.split(" ", 1)[0] ?? "")));
    this.people = new People((name) => this.fold(name));
    this.exchange = new Exchange(wire, { clock, lineMs: settings.lineMs, caps });
    wire.over.addEventListener("abort", () => this.#wake(), { once: true });
    void this.#read();
    this.#wantNick();
  }

  static async open(account: IrcAccount, arrivals: Arrivals): Promise<Result<IrcConnection>> {
    const wire = await Wire.open(account.settings, account.clock);
    if (!wire.ok) return wire;
    const registered = await register(wire.value, account.settings, account.clock);
    return registered.ok ? ok(new IrcConnection(wire.value, registered.value, account, arrivals)) : registered;
  }

  get nick(): string {
    return this.#nick;
  }

  get over(): AbortSignal {
    return this.#wire.over;
  }

  get why(): Fault {
    return this.#wire.why;
  }

  /** Milliseconds that only grow. */
  get elapsed(): number {
    return this.#account.clock.elapsed();
  }

  /** Called whenever something comes in. */
  set heard(run: () => void) {
    this.#wire.heard = run;
  }

  close(): void {
    this.#wire.write(formatLine("QUIT", "bye"));
    this.#wire.end(fault("channel-unreachable", "we left"));
  }

  fold(name: string): string {
    return fold(name, this.support);
  }

  /** Resolves when something has arrived, or will no more. */
  async arrived(signal: AbortSignal): Promise<void> {
    while (this.#arrivals.events.length === 0 && !this.over.aborted && !signal.aborted) {
      const woken = Promise.withResolvers<void>();
      this.#wake = woken.resolve;
      signal.addEventListener("abort", this.#wake, { once: true });
      await woken.promise;
      signal.removeEventListener("abort", this.#wake);
    }
  }

  /** Bytes that are left for the words of one line to this target, behind what the server writes in front. https://modern.ircdocs.horse/#message-format */
  room(target: string): number {
    const { user, host } = this.#mask ?? {};
    // Unknown, it is the longest that servers allow.
    const mask = 1 + Buffer.byteLength(this.#nick) + 1 + (user?.length ?? 11) + 1 + (host?.length ?? 64) + 1;
    return Number(this.support.get("LINELEN") ?? 512) - 2 - mask - Buffer.byteLength(`PRIVMSG ${target} :`);
  }

  async #read(): Promise<void> {
    for (let line = await this.#wire.read(); line; line = await this.#wire.read()) {
      this.#number++;
      this.#follow(line);
      const batch = this.exchange.batchOf(line);
      if (!this.exchange.take(line, this.#nick)) this.#arrive(line, batch);
    }
    this.#wake();
  }

  /** What a line changes in what we know of ourselves and others. */
  #follow(line: Line): void {
    const { command, params, source, tags } = line;
    const [first = "", second = ""] = params;
    const ours = source?.nick === this.#nick;
    if (ours && source?.host !== undefined) this.#mask = source;
    const time = tags.has("batch") ? Number.NaN : Date.parse(tags.get("time") ?? "");
    if (Number.isFinite(time)) this.serverTime = time;
    switch (command) {
      case "PING":
        this.#wire.write(formatLine("PONG", params.at(-1) ?? ""));
        break;
      case "ERROR":
        this.#wire.end(farewell(params.at(-1) ?? "", this.#account.settings));
        break;
      case "CAP":
        this.#recap(second, (params.at(-1) ?? "").split(" ").filter(Boolean));
        break;
      case "NICK":
        if (ours) this.#renamed(first);
        else if (source) this.people.renamed(source.nick, first);
        break;
      case "CHGHOST":
        if (ours) this.#mask = { nick: this.#nick, user: first, host: second };
        else if (source) this.people.left(source.nick);
        break;
      case "QUIT":
      case "ACCOUNT":
        if (source && !ours) this.people.left(source.nick);
        break;
      case "396": // RPL_HOSTHIDDEN
        this.#mask = this.#mask && { ...this.#mask, host: second };
        break;
      case "JOIN":
        if (ours) this.#entered(this.fold(first));
        break;
      case "PART":
        if (ours) this.joined.delete(this.fold(first));
        break;
      case "KICK":
        if (second === this.#nick) this.#kicked(first, source?.nick ?? "the server", params[2] ?? "");
        break;
      case "INVITE":
        if (first === this.#nick && source && channelOf(second, this.support) !== undefined) this.invited(second, source);
        break;
      case "PRIVMSG":
        this.#answerMachine(line);
        break;
    }
  }

  #entered(channel: string): void {
    this.joined.add(channel);
    this.thrownOut.delete(channel);
    this.trouble(channel, undefined);
  }

  #kicked(channel: string, by: string, reason: string): void {
    const why = fault("channel-gone", `${by} threw us out of ${channel}${reason ? `: ${reason.slice(0, 200)}` : ""}`);
    this.joined.delete(this.fold(channel));
    this.thrownOut.set(this.fold(channel), why);
    this.#account.log.warn("irc-kicked", { channel, by });
    this.trouble(this.fold(channel), why);
  }

  /** https://ircv3.net/specs/extensions/capability-negotiation#the-cap-new-subcommand: services come and go, and modules with them. */
  #recap(kind: string, words: readonly string[]): void {
    if (kind === "DEL") for (const word of words) this.#caps.delete(word);
    if (kind === "ACK") for (const word of words) this.#caps.add(word);
    const more = kind === "NEW" ? words.map((word) => word.split("=", 1)[0] ?? "").filter((cap) => wantedCaps.includes(cap)) : [];
    if (more.length > 0) this.#wire.write(formatLine("CAP", "REQ", more.join(" ")));
  }

  #renamed(nick: string): void {
    this.#nick = nick;
    if (nick === this.#account.settings.nick) this.trouble("nick", undefined);
    else this.#wantNick();
  }

  /** Somebody has our nick (mostly we ourselves, before a cut): asks for it until it is free. */
  #wantNick(): void {
    const { nick } = this.#account.settings;
    const isSettled = () => this.#nick === nick || this.over.aborted;
    if (isSettled()) return;
    this.#account.clock.after(nickMs, () => {
      if (isSettled()) return;
      this.trouble("nick", fault("channel-retry", `${nick} is in use there; we are called ${this.#nick}`));
      this.exchange.hint(formatLine("NICK", nick));
      this.#wantNick();
    });
  }

  /** https://modern.ircdocs.horse/ctcp: programs ask programs. */
  #answerMachine({ params, source }: Line): void {
    const answer = answerCtcp(params[1] ?? "");
    if (answer === undefined || source?.host === undefined || this.elapsed < this.#nextCtcp) return;
    this.#nextCtcp = this.elapsed + ctcpMs;
    this.exchange.hint(formatLine("NOTICE", source.nick, answer));
  }

  #arrive(line: Line, batch: string | undefined): void {
    const { clock, settings } = this.#account;
    const event = decode(line, {
      ...{ nick: this.#nick, names: [this.#nick, settings.nick], home: this.#home, support: this.support, caps: this.caps },
      ...{ now: clock.now(), key: `${this.#id}:${this.#number}` },
      ...(batch?.endsWith("chathistory") ? { since: this.since } : {}),
    });
    if (!event) return;
    if (event.kind === "message" && line.source && batch === undefined) this.people.heard(event.sender.id, line.source.nick, this.elapsed);
    this.#arrivals.events.push(event);
    if (this.#arrivals.events.length > maxArrived)
      this.#wire.end(fault("store-unavailable", "the store takes nothing, and too much waits for it"));
    this.#wake();
  }
}

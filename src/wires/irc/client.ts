import type { Clock } from "../../core/clock.ts";
import type { LiveConnection } from "../../core/connections.ts";
import { type Fault, fault, ok, type Result } from "../../core/errors.ts";
import { answerCtcp } from "./ctcp.ts";
import { type Answer, Exchange } from "./exchange.ts";
import { channelOf, fold, formatLine, type Line, type Source } from "./line.ts";
import type { IrcLogin } from "./login.ts";
import { refusalOf } from "./refusal.ts";
import { farewell, type Registered, register, wantedCaps } from "./register.ts";
import { IrcSocket } from "./socket.ts";

/** Milliseconds between two tries to get the wanted nick back, and two answers to machines' questions. */
const [nickMs, ctcpMs] = [60_000, 2_000];
/** Pages of a channel's past that are asked for. */
const maxPages = 50;

/** Who a client is for. */
export interface IrcListener {
  /** A line that answers no question of ours, with its number and the kind of the batch that it is in. */
  line(line: Line, number: number, batch: string | undefined): void;
  /** Somebody has another nick; without one, nobody knows any more who has it. */
  moved(nick: string, to: string | undefined): void;
  /** A part of it doesn't work (a folded channel's name, or `nick`); without a fault it does again. */
  trouble(part: string, why: Fault | undefined): void;
  invited(channel: string, by: Source): void;
}

/** A registered connection: who and where we are on it, what the server says unasked, and questions to it. */
export class IrcClient implements LiveConnection {
  readonly caps: ReadonlySet<string>;
  readonly support: ReadonlyMap<string, string>;
  /** The account at the services. */
  readonly user: string | undefined;
  readonly exchange: Exchange;
  /** Our channels, folded. */
  readonly joined = new Set<string>();
  /** Channels that threw us out on this connection, with the reason; folded. */
  readonly thrownOut = new Map<string, Fault>();
  /** The server's time, as its last line told it; ours where it tells none. */
  serverTime: number;
  readonly #login: IrcLogin;
  readonly #clock: Clock;
  readonly #socket: IrcSocket;
  readonly #caps: Set<string>;
  #number = 0;
  #nick: string;
  #mask: Source | undefined;
  #nextCtcp = 0;

  private constructor(socket: IrcSocket, { nick, user, caps, support }: Registered, login: IrcLogin, clock: Clock) {
    this.#login = login;
    this.#clock = clock;
    this.#socket = socket;
    this.#nick = nick;
    this.#caps = caps;
    this.caps = caps;
    this.support = support;
    this.user = user;
    this.serverTime = clock.now();
    this.exchange = new Exchange(socket, { clock, lineMs: login.lineMs, caps });
  }

  static async open(login: IrcLogin, clock: Clock): Promise<Result<IrcClient>> {
    const socket = await IrcSocket.open(login, clock);
    if (!socket.ok) return socket;
    const registered = await register(socket.value, login, clock);
    return registered.ok ? ok(new IrcClient(socket.value, registered.value, login, clock)) : registered;
  }

  get nick(): string {
    return this.#nick;
  }

  get over(): AbortSignal {
    return this.#socket.over;
  }

  get why(): Fault {
    return this.#socket.why;
  }

  /** Called whenever something comes in. */
  set heard(run: () => void) {
    this.#socket.heard = run;
  }

  /** Reads until the connection is over: once. */
  async listen(listener: IrcListener): Promise<void> {
    this.#wantNick(listener);
    for (let line = await this.#socket.read(); line; line = await this.#socket.read()) {
      const number = ++this.#number;
      this.#follow(line, listener);
      const batch = this.exchange.batchOf(line);
      if (!this.exchange.take(line, this.#nick)) listener.line(line, number, batch);
    }
  }

  /** The first reason is the one that counts. */
  end(why: Fault): void {
    this.#socket.end(why);
  }

  close(): void {
    this.#socket.write(formatLine("QUIT", "bye"));
    this.end(fault("channel-unreachable", "we left"));
  }

  fold(name: string): string {
    return fold(name, this.support);
  }

  /** Bytes that are left for the words of one line to this target, behind what the server writes in front. https://modern.ircdocs.horse/#message-format */
  room(target: string): number {
    const { user, host } = this.#mask ?? {};
    // Unknown, it is the longest that servers allow.
    const mask = 1 + Buffer.byteLength(this.#nick) + 1 + (user?.length ?? 11) + 1 + (host?.length ?? 64) + 1;
    return Number(this.support.get("LINELEN") ?? 512) - 2 - mask - Buffer.byteLength(`PRIVMSG ${target} :`);
  }

  /** What the server refuses of what went to that target. */
  refusals({ lines }: Answer, target: string): Fault[] {
    return lines.flatMap((line) => refusalOf(line, target, this.support) ?? []);
  }

  /** Enters a channel, and says why not. Being there already is no fault. */
  async join(channel: string, key: readonly string[], signal: AbortSignal): Promise<Fault | undefined> {
    const isIn = () => this.joined.has(this.fold(channel));
    if (isIn()) return undefined;
    const asked = await this.exchange.ask([formatLine("JOIN", channel, ...key)], signal);
    if (!asked.ok) return asked.fault;
    if (isIn()) return undefined;
    if (!asked.value.whole) return fault("channel-unreachable", "the connection ended while we entered a channel");
    // Let in and thrown out before the answer was whole.
    return (
      this.thrownOut.get(this.fold(channel)) ??
      this.refusals(asked.value, channel)[0] ??
      fault("channel-gone", `the server doesn't let us into ${channel}`)
    );
  }

  /** Has the server play back what was said since then, page by page, until nothing new comes. https://ircv3.net/specs/extensions/chathistory */
  async playBack(channel: string, since: number, signal: AbortSignal): Promise<void> {
    if (!this.caps.has("draft/chathistory") || !this.caps.has("batch")) return;
    const limit = Math.min(Number(this.support.get("CHATHISTORY")) || 100, 100);
    let after = `timestamp=${new Date(since - 1).toISOString()}`;
    for (let page = 0; page < maxPages; page++) {
      const asked = await this.exchange.ask([formatLine("CHATHISTORY", "AFTER", channel, after, String(limit))], signal);
      if (!asked.ok || !asked.value.whole) return;
      const said = asked.value.lines.filter(({ command }) => command === "PRIVMSG" || command === "NOTICE");
      const last = said.at(-1)?.tags.get("msgid");
      if (said.length < limit || last === undefined || `msgid=${last}` === after) return;
      after = `msgid=${last}`;
    }
  }

  /** What a line changes in what we know of ourselves and others. */
  #follow(line: Line, listener: IrcListener): void {
    const { command, params, source, tags } = line;
    const [first = "", second = ""] = params;
    const ours = source?.nick === this.#nick;
    if (ours && source?.host !== undefined) this.#mask = source;
    const time = tags.has("batch") ? Number.NaN : Date.parse(tags.get("time") ?? "");
    if (Number.isFinite(time)) this.serverTime = time;
    switch (command) {
      case "PING":
        this.#socket.write(formatLine("PONG", params.at(-1) ?? ""));
        break;
      case "ERROR":
        this.end(farewell(params.at(-1) ?? "", this.#login));
        break;
      case "CAP":
        this.#recap(second, (params.at(-1) ?? "").split(" ").filter(Boolean));
        break;
      case "NICK":
        if (ours) this.#renamed(first, listener);
        else if (source) listener.moved(source.nick, first);
        break;
      case "CHGHOST":
        if (ours) this.#mask = { nick: this.#nick, user: first, host: second };
        else if (source) listener.moved(source.nick, undefined);
        break;
      case "QUIT":
      case "ACCOUNT":
        if (source && !ours) listener.moved(source.nick, undefined);
        break;
      case "396": // RPL_HOSTHIDDEN
        this.#mask = this.#mask && { ...this.#mask, host: second };
        break;
      case "JOIN":
        if (ours) this.#entered(this.fold(first), listener);
        break;
      case "PART":
        if (ours) this.joined.delete(this.fold(first));
        break;
      case "KICK":
        if (second === this.#nick) this.#kicked(first, source?.nick ?? "the server", params[2] ?? "", listener);
        break;
      case "INVITE":
        if (first === this.#nick && source && channelOf(second, this.support) !== undefined) listener.invited(second, source);
        break;
      case "PRIVMSG":
        this.#answerMachine(line);
        break;
    }
  }

  #entered(channel: string, listener: IrcListener): void {
    this.joined.add(channel);
    this.thrownOut.delete(channel);
    listener.trouble(channel, undefined);
  }

  #kicked(channel: string, by: string, reason: string, listener: IrcListener): void {
    const why = fault("channel-gone", `${by} threw us out of ${channel}${reason ? `: ${reason.slice(0, 200)}` : ""}`);
    this.joined.delete(this.fold(channel));
    this.thrownOut.set(this.fold(channel), why);
    listener.trouble(this.fold(channel), why);
  }

  /** https://ircv3.net/specs/extensions/capability-negotiation#the-cap-new-subcommand: services come and go, and modules with them. */
  #recap(kind: string, words: readonly string[]): void {
    if (kind === "DEL") for (const word of words) this.#caps.delete(word);
    if (kind === "ACK") for (const word of words) this.#caps.add(word);
    const more = kind === "NEW" ? words.map((word) => word.split("=", 1)[0] ?? "").filter((cap) => wantedCaps.includes(cap)) : [];
    if (more.length > 0) this.#socket.write(formatLine("CAP", "REQ", more.join(" ")));
  }

  #renamed(nick: string, listener: IrcListener): void {
    this.#nick = nick;
    if (nick === this.#login.nick) listener.trouble("nick", undefined);
    else this.#wantNick(listener);
  }

  /** Somebody has our nick (mostly we ourselves, before a cut): asks for it until it is free. */
  #wantNick(listener: IrcListener): void {
    const { nick } = this.#login;
    const isSettled = () => this.#nick === nick || this.over.aborted;
    if (isSettled()) return;
    this.#clock.after(nickMs, () => {
      if (isSettled()) return;
      listener.trouble("nick", fault("channel-retry", `${nick} is in use there; we are called ${this.#nick}`));
      this.exchange.hint(formatLine("NICK", nick));
      this.#wantNick(listener);
    });
  }

  /** https://modern.ircdocs.horse/ctcp: programs ask programs. */
  #answerMachine({ params, source }: Line): void {
    const answer = answerCtcp(params[1] ?? "");
    if (answer === undefined || source?.host === undefined || this.#clock.elapsed() < this.#nextCtcp) return;
    this.#nextCtcp = this.#clock.elapsed() + ctcpMs;
    this.exchange.hint(formatLine("NOTICE", source.nick, answer));
  }
}

import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** What the next command of a kind meets: a cut before or after its effect, nothing at all, or a numeric (`404 {target} :Cannot send`). */
export interface IrcFault {
  readonly on: string;
  readonly what: "cut" | "do-and-cut" | "silence" | `${number} ${string}`;
}

interface Visitor {
  readonly socket: Socket;
  nick: string;
  user: string;
  registered: boolean;
  negotiating: boolean;
  password?: string;
  readonly caps: Set<string>;
}

interface Command {
  readonly params: readonly string[];
  readonly tags: ReadonlyMap<string, string>;
  readonly label: string | undefined;
  /** One line of the server's, with the label. */
  readonly reply: (answer: string) => void;
}

/**
 * A server of https://modern.ircdocs.horse with what IRCv3 adds as far as `caps` names it. It refuses what a server refuses: commands before
 * registration and unknown ones, lines that are too long or no UTF-8, nicks in use, targets that aren't there, channels one isn't in.
 */
export class IrcSimulator {
  caps: readonly string[] = [];
  /** Of the server itself. */
  password: string | undefined;
  /** Passwords by account, where there are services. */
  readonly accounts = new Map<string, string>();
  /** Who else is on the network: nick to `user@host`, and the account they are logged in to. */
  readonly people = new Map<string, { readonly mask: string; readonly account?: string }>();
  /** Channels that nobody gets into, with the number that says why. */
  readonly closed = new Map<string, string>();
  /** Channels that throw out whoever comes in. */
  readonly hostile = new Set<string>();
  readonly faults: IrcFault[] = [];
  /** Everything that came in, by every connection. */
  readonly received: string[] = [];
  /** What broke the protocol. */
  readonly violations: string[] = [];
  /** What people saw from the account. */
  readonly seen: { readonly target: string; readonly text: string }[] = [];
  /** Words that are said in a channel once the account is in it. */
  readonly coming: { readonly nick: string; readonly target: string; readonly text: string }[] = [];
  readonly history: { readonly at: number; readonly id: string; readonly target: string; readonly line: string }[] = [];
  /** Called with each command before it takes effect. */
  before = (_command: string) => {};
  port = 0;
  readonly #visitors = new Set<Visitor>();
  readonly #members = new Map<string, Set<Visitor>>();
  #count = 0;
  readonly #server = createServer((socket) => this.#welcome(socket));

  async listen(): Promise<void> {
    this.#server.listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = (this.#server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  cutAll(): void {
    for (const { socket } of this.#visitors) socket.destroy();
  }

  /** Somebody else says something, to a channel or to a nick. */
  say(nick: string, target: string, text: string, tags: Readonly<Record<string, string>> = {}, command = "PRIVMSG"): void {
    const id = `id~${++this.#count}`;
    const { mask = "who@example.test", account } = this.people.get(nick) ?? {};
    const line = `:${nick}!${mask} ${command} ${target} :${text}`;
    if (target.startsWith("#")) this.history.push({ at: Date.now(), id, target, line });
    const readers = target.startsWith("#") ? (this.#members.get(target) ?? []) : [...this.#visitors].filter((one) => one.nick === target);
    for (const visitor of readers) this.#tell(visitor, line, { ...(account ? { account } : {}), msgid: id, ...tags });
  }

  /** Somebody says something in a channel for the account to hear: now, or if it never was there yet, once it is. */
  sayOnceHeard(nick: string, target: string, text: string): void {
    if (this.#members.has(target)) this.say(nick, target, text);
    else this.coming.push({ nick, target, text });
  }

  /** Whatever a server may write to everybody. */
  announce(line: string): void {
    for (const { socket } of this.#visitors) socket.write(`${line}\r\n`);
  }

  #welcome(socket: Socket): void {
    const visitor: Visitor = { socket, nick: "*", user: "", registered: false, negotiating: false, caps: new Set() };
    this.#visitors.add(visitor);
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#visitors.delete(visitor);
      for (const members of this.#members.values()) members.delete(visitor);
    });
    let rest = Buffer.alloc(0);
    socket.on("data", (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10)) {
        const line = rest.subarray(0, at);
        rest = rest.subarray(at + 1);
        if (!socket.destroyed) this.#take(visitor, line);
      }
    });
  }

  #take(visitor: Visitor, bytes: Buffer): void {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.endsWith("\r")) this.violations.push(`a line without CR: ${text}`);
    const raw = text.trimEnd();
    this.received.push(raw);
    const [, tagText = "", line = ""] = /^(?:@(\S+) )?(.*)$/s.exec(raw) ?? [];
    if (Buffer.byteLength(line) > 510) this.violations.push(`a line of ${Buffer.byteLength(line)} bytes`);
    if (tagText && !visitor.caps.has("message-tags") && !visitor.caps.has("labeled-response"))
      this.violations.push(`tags that were not agreed on: ${raw}`);
    const tags = new Map(tagText.split(";").map((tag) => tag.split("=", 2) as [string, string]));
    const colon = line.indexOf(" :");
    const words = (colon < 0 ? line : line.slice(0, colon)).split(" ").filter(Boolean);
    const [name = "", ...params] = colon < 0 ? words : [...words, line.slice(colon + 2)];
    const command = name.toUpperCase();
    const label = visitor.caps.has("labeled-response") ? tags.get("label") : undefined;
    const reply = (answer: string) => {
      const labelled = label === undefined ? "" : `@label=${label} `;
      visitor.socket.write(`${labelled}:irc.test ${answer.replace("{nick}", visitor.nick)}\r\n`);
    };
    this.before(command);
    const fault = this.faults.findIndex(({ on }) => on === command);
    const [met] = fault < 0 ? [] : this.faults.splice(fault, 1);
    if (met?.what === "cut") visitor.socket.destroy();
    else if (met && met.what !== "do-and-cut" && met.what !== "silence")
      reply(met.what.replace("{target}", params[0] ?? "").replace(/^(\d+) /, "$1 {nick} "));
    if (met && met.what !== "do-and-cut") return;
    // What is corked never leaves.
    if (met) visitor.socket.cork();
    this.#run(visitor, command, { params, tags, label, reply });
    if (met) visitor.socket.destroy();
  }

  #run(visitor: Visitor, command: string, of: Command): void {
    const { params, reply } = of;
    const [first = ""] = params;
    const early = ["CAP", "PASS", "NICK", "USER", "AUTHENTICATE", "PING", "QUIT"];
    if (!visitor.registered && !early.includes(command)) return void reply("451 {nick} :You have not registered");
    switch (command) {
      case "CAP":
        this.#negotiate(visitor, first.toUpperCase(), params.at(-1) ?? "");
        break;
      case "PASS":
        visitor.password = first;
        break;
      case "NICK":
        this.#rename(visitor, first, reply);
        break;
      case "USER":
        visitor.user = first;
        break;
      case "AUTHENTICATE":
        this.#authenticate(visitor, first);
        break;
      case "PING":
        reply(`PONG irc.test :${params.at(-1)}`);
        break;
      case "PONG":
      case "MODE":
      case "NOTICE":
        break;
      case "QUIT":
        visitor.socket.end("ERROR :Closing link\r\n");
        break;
      case "JOIN":
        this.#join(visitor, first, of);
        break;
      case "PRIVMSG":
      case "TAGMSG":
        this.#message(visitor, command, of);
        break;
      case "WHOIS":
        this.#whois(visitor, first, of);
        break;
      case "CHATHISTORY":
        this.#playBack(visitor, of);
        break;
      default:
        this.violations.push(`an unknown command: ${command}`);
        reply(`421 {nick} ${command} :Unknown command`);
    }
    if (["NICK", "USER", "CAP"].includes(command)) this.#register(visitor);
  }

  #rename(visitor: Visitor, nick: string, reply: Command["reply"]): void {
    if (/^[\d#]|[\s,*?!@]/.test(nick)) return void reply(`432 {nick} ${nick} :Erroneous nickname`);
    if (this.people.has(nick) || [...this.#visitors].some((other) => other.nick === nick))
      return void reply(`433 {nick} ${nick} :Nickname is already in use`);
    if (visitor.registered) this.#tell(visitor, `:${maskOf(visitor)} NICK :${nick}`);
    visitor.nick = nick;
  }

  #negotiate(visitor: Visitor, kind: string, list: string): void {
    if (kind === "LS" || kind === "REQ") visitor.negotiating = true;
    const offered = [...this.caps, ...(this.accounts.size > 0 ? ["sasl"] : [])];
    const shown = offered.map((cap) => (cap === "sasl" ? "sasl=PLAIN,EXTERNAL" : cap));
    if (kind === "LS") visitor.socket.write(`:irc.test CAP * LS :${shown.join(" ")}\r\n`);
    if (kind === "REQ") {
      const wanted = list.split(" ");
      const known = wanted.every((cap) => offered.includes(cap));
      if (known) for (const cap of wanted) visitor.caps.add(cap);
      visitor.socket.write(`:irc.test CAP * ${known ? "ACK" : "NAK"} :${list}\r\n`);
    }
    if (kind === "END") visitor.negotiating = false;
  }

  #authenticate({ socket, nick }: Visitor, text: string): void {
    const write = (answer: string) => socket.write(`:irc.test ${answer}\r\n`);
    if (text === "PLAIN") return void write("AUTHENTICATE +");
    const [, name = "", password = ""] = Buffer.from(text, "base64").toString().split("\0");
    if (this.accounts.get(name) !== password) return void write(`904 ${nick} :SASL authentication failed`);
    write(`900 ${nick} ${nick}!u@h ${name} :You are now logged in as ${name}`);
    write(`903 ${nick} :SASL authentication successful`);
  }

  #register(visitor: Visitor): void {
    const { socket, nick, user, registered, negotiating, password } = visitor;
    if (registered || negotiating || nick === "*" || user === "") return;
    const write = (answer: string) => socket.write(`:irc.test ${answer}\r\n`);
    if (this.password !== undefined && password !== this.password) {
      write(`464 ${nick} :Password incorrect`);
      return void socket.end("ERROR :Closing link: bad password\r\n");
    }
    visitor.registered = true;
    write(`001 ${nick} :Welcome`);
    write(`005 ${nick} CASEMAPPING=rfc1459 CHANTYPES=# STATUSMSG=@+ NICKLEN=30 BOT=B CHATHISTORY=2 :are supported by this server`);
    write(`422 ${nick} :No MOTD`);
  }

  #join(visitor: Visitor, channel: string, { label }: Command): void {
    const closed = this.closed.get(channel);
    if (closed) {
      this.#answer(visitor, [`:irc.test ${closed} ${visitor.nick} ${channel} :Cannot join channel`], label);
      return;
    }
    const members = this.#members.get(channel) ?? new Set();
    this.#members.set(channel, members.add(visitor));
    const names = [
      `:irc.test 353 ${visitor.nick} = ${channel} :${visitor.nick}`,
      `:irc.test 366 ${visitor.nick} ${channel} :End of /NAMES list`,
    ];
    this.#answer(visitor, [`:${maskOf(visitor)} JOIN ${channel}`, ...names], label);
    if (this.hostile.has(channel)) {
      members.delete(visitor);
      this.#tell(visitor, `:host!u@h KICK ${channel} ${visitor.nick} :too loud`, {});
    }
    for (const { nick, target, text } of this.coming.filter((one) => one.target === channel)) this.say(nick, target, text);
    this.coming.splice(0, this.coming.length, ...this.coming.filter((one) => one.target !== channel));
  }

  #message(visitor: Visitor, command: string, { params, tags, label, reply }: Command): void {
    const [target = "", text = ""] = params;
    if (command === "PRIVMSG" && text === "") return void reply("412 {nick} :No text to send");
    const isChannel = target.startsWith("#");
    if (isChannel && !this.#members.get(target)?.has(visitor)) return void reply(`404 {nick} ${target} :Cannot send to channel`);
    if (!isChannel && !this.people.has(target)) return void reply(`401 {nick} ${target} :No such nick/channel`);
    if (command === "PRIVMSG") this.seen.push({ target, text });
    const own = Object.fromEntries([...tags].filter(([key]) => key.startsWith("+")));
    const echoed = { ...own, msgid: `id~${++this.#count}`, ...(label ? { label } : {}) };
    if (visitor.caps.has("echo-message")) this.#tell(visitor, `:${maskOf(visitor)} ${command} ${target} :${text}`, echoed);
    else if (label) reply("ACK");
  }

  #whois(visitor: Visitor, nick: string, { label }: Command): void {
    const { mask, account } = this.people.get(nick) ?? {};
    const [user, host] = mask?.split("@") ?? [];
    const found = mask === undefined ? [`401 ${visitor.nick} ${nick} :No such nick`] : [`311 ${visitor.nick} ${nick} ${user} ${host} * :x`];
    if (account) found.push(`330 ${visitor.nick} ${nick} ${account} :is logged in as`);
    const lines = [...found, `318 ${visitor.nick} ${nick} :End of /WHOIS list`].map((line) => `:irc.test ${line}`);
    this.#answer(visitor, lines, label);
  }

  /** https://ircv3.net/specs/extensions/chathistory: AFTER only. */
  #playBack({ socket, caps }: Visitor, { params, label }: Command): void {
    const [kind, channel, from = "", limit = "1"] = params;
    if (kind !== "AFTER" || !caps.has("draft/chathistory")) this.violations.push(`a CHATHISTORY that was not agreed on: ${kind}`);
    const all = this.history.filter(({ target }) => target === channel);
    const [what, value = ""] = from.split("=");
    const first = what === "msgid" ? all.findIndex(({ id }) => id === value) + 1 : all.findIndex(({ at }) => at > Date.parse(value));
    const page = first < 0 ? [] : all.slice(first, first + Number(limit));
    const batch = `h${++this.#count}`;
    const said = page.map(({ at, id, line }) => `@batch=${batch};msgid=${id};time=${new Date(at).toISOString()} ${line}`);
    const labelled = label === undefined ? "" : `@label=${label} `;
    const lines = [`${labelled}:irc.test BATCH +${batch} chathistory ${channel}`, ...said, `:irc.test BATCH -${batch}`];
    socket.write(lines.map((line) => `${line}\r\n`).join(""));
  }

  /** The lines that answer one command; labelled, several are a batch. */
  #answer({ socket }: Visitor, lines: readonly string[], label: string | undefined): void {
    const batch = `l${++this.#count}`;
    const inside = lines.map((line) => `@batch=${batch} ${line}`);
    const labelled =
      lines.length === 1
        ? lines.map((line) => `@label=${label} ${line}`)
        : [`@label=${label} :irc.test BATCH +${batch} labeled-response`, ...inside, `:irc.test BATCH -${batch}`];
    socket.write((label === undefined ? lines : labelled).map((line) => `${line}\r\n`).join(""));
  }

  #tell({ socket, caps }: Visitor, line: string, tags: Readonly<Record<string, string>> = {}): void {
    const needs: Readonly<Record<string, string>> = { account: "account-tag", label: "labeled-response", time: "server-time" };
    const all = Object.entries({ time: new Date().toISOString(), ...tags }).filter(([key]) => caps.has(needs[key] ?? "message-tags"));
    const written = all.map(([key, value]) => `${key}=${value}`);
    socket.write(`${written.length > 0 ? `@${written.join(";")} ` : ""}${line}\r\n`);
  }
}

function maskOf({ nick, user }: Visitor): string {
  return `${nick}!${user}@127.0.0.1`;
}

export async function startIrcSimulator(): Promise<IrcSimulator> {
  const simulator = new IrcSimulator();
  await simulator.listen();
  return simulator;
}

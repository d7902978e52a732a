import type { Clock } from "../../core/clock.ts";
import { type Fault, fault, ok, type Result } from "../../core/errors.ts";
import { formatLine, type Line, parseSupport } from "./line.ts";
import { type IrcLogin, serverOf, withoutPasswords } from "./login.ts";
import type { IrcSocket } from "./socket.ts";

/** What came of introducing ourselves. */
export interface Registered {
  readonly nick: string;
  /** The account at the services, once logged in. */
  readonly user?: string;
  readonly caps: Set<string>;
  readonly support: Map<string, string>;
}

/** What we understand of https://ircv3.net/irc/ */
export const wantedCaps: readonly string[] = [
  ...["message-tags", "server-time", "account-tag", "echo-message", "labeled-response", "batch"],
  ...["draft/chathistory", "chghost", "account-notify", "draft/message-redaction"],
];

const registerMs = 30_000;
const identifyMs = 10_000;
/** Bytes of base64 in one AUTHENTICATE: https://ircv3.net/specs/extensions/sasl-3.1#the-authenticate-command */
const saslChunk = 400;

/**
 * Capabilities, login, nick: https://ircv3.net/specs/extensions/capability-negotiation and https://ircv3.net/specs/extensions/sasl-3.1. Where logging in was
 * asked for and fails, nobody is let in without.
 */
export async function register(socket: IrcSocket, login: IrcLogin, clock: Clock): Promise<Result<Registered>> {
  const cancel = clock.after(registerMs, () =>
    socket.end(fault("channel-unreachable", `the server let nobody in within ${registerMs / 1000} s`)),
  );
  try {
    const registered = await new Registration(socket, login, clock).run();
    if (!registered.ok) socket.end(registered.fault);
    return registered;
  } finally {
    cancel();
  }
}

class Registration {
  readonly #socket: IrcSocket;
  readonly #login: IrcLogin;
  readonly #clock: Clock;
  readonly #offered = new Map<string, string>();
  readonly #caps = new Set<string>();
  readonly #support = new Map<string, string>();
  #nick: string;
  #tries = 0;
  #user: string | undefined;
  #welcomed = false;

  constructor(socket: IrcSocket, login: IrcLogin, clock: Clock) {
    this.#socket = socket;
    this.#login = login;
    this.#clock = clock;
    this.#nick = login.nick;
  }

  async run(): Promise<Result<Registered>> {
    const { serverPassword, nick } = this.#login;
    this.#say("CAP", "LS", "302");
    if (serverPassword !== undefined) this.#say("PASS", serverPassword);
    this.#say("NICK", nick);
    this.#say("USER", nick.replace(/[^\w-]/g, "").slice(0, 10) || "polylogue", "0", "*", nick);
    for (let line = await this.#socket.read(); line; line = await this.#socket.read()) {
      const step = this.#take(line);
      if (step !== "go on") return step === "in" ? this.#end() : { ok: false, fault: step };
    }
    return { ok: false, fault: this.#socket.why };
  }

  async #end(): Promise<Result<Registered>> {
    const refused = this.#login.login === "nickserv" && this.#login.password !== undefined ? await this.#identify() : undefined;
    if (refused) return { ok: false, fault: refused };
    const mode = this.#support.get("BOT");
    if (mode) this.#say("MODE", this.#nick, `+${mode}`);
    return ok({
      ...{ nick: this.#nick, caps: this.#caps, support: this.#support },
      ...(this.#user === undefined ? {} : { user: this.#user }),
    });
  }

  #take({ command, params, source }: Line): "go on" | "in" | Fault {
    switch (command) {
      case "PING":
        this.#say("PONG", params.at(-1) ?? "");
        break;
      case "CAP":
        this.#negotiate(params[1] ?? "", params.slice(2));
        break;
      case "AUTHENTICATE":
        if (params[0] === "+") this.#authenticate();
        break;
      case "900": // RPL_LOGGEDIN
        this.#user = params[2];
        break;
      case "903": // RPL_SASLSUCCESS
      case "907":
        this.#say("CAP", "END");
        break;
      case "902":
      case "904":
      case "905":
      case "906":
        return this.#refusal("channel-auth", "the login", params);
      case "001":
        this.#welcomed = true;
        this.#nick = params[0] ?? this.#nick;
        if (this.#wantsSasl() && !this.#caps.has("sasl"))
          return fault("channel-retry", `${this.#host()} offers no login by SASL; its services may be away, or login must be nickserv`);
        break;
      case "005":
        for (const [key, value] of parseSupport(params)) this.#support.set(key, value);
        break;
      case "376": // RPL_ENDOFMOTD
      case "422": // ERR_NOMOTD
        return "in";
      case "433": // ERR_NICKNAMEINUSE
      case "436":
      case "437":
        return this.#nextNick(params);
      case "431":
      case "432":
        return this.#refusal("account-invalid", "the nick", params);
      case "464": // ERR_PASSWDMISMATCH
        return this.#refusal("channel-auth", "the server's password", params);
      case "465": // ERR_YOUREBANNEDCREEP
        return this.#refusal("channel-permanent", "the account, which is banned there", params);
      case "ERROR":
        return farewell(params.at(-1) ?? "", this.#login);
      case "NICK":
        if (source?.nick === this.#nick) this.#nick = params[0] ?? this.#nick;
        break;
    }
    return "go on";
  }

  #negotiate(kind: string, rest: readonly string[]): void {
    const words = (rest.at(-1) ?? "").split(" ").filter(Boolean);
    if (kind === "LS") {
      for (const word of words) this.#offered.set(word.split("=", 1)[0] ?? "", word.slice(word.indexOf("=") + 1));
      if (rest[0] === "*" && rest.length > 1) return;
      const sasl = this.#wantsSasl() ? ["sasl"] : [];
      const asked = [...wantedCaps, ...sasl].filter((cap) => this.#offered.has(cap));
      if (asked.length === 0) this.#say("CAP", "END");
      else this.#say("CAP", "REQ", asked.join(" "));
    }
    if (kind === "ACK") {
      for (const word of words) this.#caps.add(word);
      if (this.#welcomed) return;
      if (!this.#caps.has("sasl")) this.#say("CAP", "END");
      else this.#say("AUTHENTICATE", this.#login.certificate === undefined ? "PLAIN" : "EXTERNAL");
    }
    if (kind === "NAK") this.#say("CAP", "END");
  }

  /** https://www.rfc-editor.org/rfc/rfc4616 (PLAIN); EXTERNAL says all by the certificate. */
  #authenticate(): void {
    const { certificate, user, nick, password = "" } = this.#login;
    const name = user ?? nick;
    const text = certificate === undefined ? Buffer.from(`${name}\0${name}\0${password}`).toString("base64") : "";
    const chunks = text.match(new RegExp(`.{1,${saslChunk}}`, "g")) ?? [];
    for (const chunk of chunks) this.#say("AUTHENTICATE", chunk);
    if (text.length % saslChunk === 0) this.#say("AUTHENTICATE", "+");
  }

  /**
   * By the command, not by a message to a nick that anybody may have where there are no services. They answer from another server, in words
   * of any language: what counts is that the server says who we are, in time.
   */
  async #identify(): Promise<Fault | undefined> {
    const { user, nick, password = "" } = this.#login;
    let said = "it says nothing";
    const refused = () => fault("channel-auth", `NickServ of ${this.#host()} refused the login: ${withoutPasswords(said, this.#login)}`);
    const cancel = this.#clock.after(identifyMs, () => this.#socket.end(refused()));
    try {
      this.#say("NICKSERV", "IDENTIFY", user ?? nick, password);
      for (let line = await this.#socket.read(); line; line = await this.#socket.read()) {
        if (line.command === "421") return fault("channel-auth", `${this.#host()} knows no NICKSERV command`);
        if (line.command === "MODE" && line.params[0] === this.#nick && /^\+[a-zA-Z]*r/.test(line.params[1] ?? ""))
          this.#user ??= user ?? nick;
        if (line.command === "NOTICE" && /^nickserv$/i.test(line.source?.nick ?? "")) said = line.params[1] ?? said;
        const step = this.#take(line);
        if (typeof step === "object") return step;
        if (this.#user !== undefined) return undefined;
        if (/incorrect|invalid|denied|not registered|isn't registered/i.test(said)) return refused();
      }
      return this.#socket.why;
    } finally {
      cancel();
    }
  }

  #nextNick(params: readonly string[]): "go on" | Fault {
    if (this.#welcomed) return "go on";
    if (++this.#tries > 4) return this.#refusal("channel-retry", "the nick and what is like it", params);
    this.#nick = `${this.#login.nick.slice(0, 25)}${"_".repeat(this.#tries)}`;
    this.#say("NICK", this.#nick);
    return "go on";
  }

  #wantsSasl(): boolean {
    const { login, password, certificate } = this.#login;
    return login === "sasl" && (password !== undefined || certificate !== undefined);
  }

  #refusal(code: Fault["code"], what: string, params: readonly string[]): Fault {
    return fault(code, `${this.#host()} refused ${what}: ${withoutPasswords(params.at(-1) ?? "", this.#login)}`);
  }

  #host(): string {
    return serverOf(this.#login.server).host;
  }

  #say(command: string, ...params: readonly string[]): void {
    this.#socket.write(formatLine(command, ...params));
  }
}

/** What a server says before it hangs up: for a ban a person must act, everything else passes. */
export function farewell(words: string, login: IrcLogin): Fault {
  const said = withoutPasswords(words, login);
  const banned = /\b(?:[KGZD]-?lined?|ban(?:ned)?|not welcome)\b/i.test(said);
  return banned
    ? fault("channel-permanent", `${serverOf(login.server).host} doesn't let us in: ${said}`)
    : fault("channel-retry", `${serverOf(login.server).host} hung up: ${said}`);
}

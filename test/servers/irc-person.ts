import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { connect as connectTls } from "node:tls";

/** A line as it came; the last parameter without its colon. A client of the tests' own, so that it can't share our mistakes. */
export interface Heard {
  readonly raw: string;
  readonly from: string;
  readonly command: string;
  readonly params: readonly string[];
}

export interface PersonOptions {
  /** Asked for before the nick. */
  readonly caps?: readonly string[];
  /** Registers an account at the services, with this password. */
  readonly register?: string;
  /** Comes over TLS, with a certificate of its own (PEM). */
  readonly tls?: { readonly port: number; readonly cert: string; readonly key: string };
}

/** Somebody on an IRC server. */
export class IrcPerson {
  readonly heard: Heard[] = [];
  readonly nick: string;
  readonly #socket: Socket;
  #wake = () => {};

  private constructor(socket: Socket, nick: string) {
    this.#socket = socket;
    this.nick = nick;
    socket.on("error", () => {});
    createInterface({ input: socket }).on("line", (raw) => {
      const words = raw.replace(/^@\S+ /, "");
      const [, from = "", command = "", rest = ""] = /^(?::(\S+) )?(\S+) ?(.*)$/s.exec(words) ?? [];
      const colon = rest.startsWith(":") ? 0 : rest.indexOf(" :");
      const params = colon < 0 ? rest.split(" ") : [...rest.slice(0, colon).split(" "), rest.slice(colon + (colon === 0 ? 1 : 2))];
      if (command === "PING") this.say(`PONG ${rest}`);
      this.heard.push({ raw, from, command, params: params.filter((one, index) => one !== "" || index === params.length - 1) });
      this.#wake();
    });
  }

  static async connect(port: number, nick: string, { caps = [], register, tls }: PersonOptions = {}): Promise<IrcPerson> {
    const socket = tls ? connectTls({ host: "127.0.0.1", ...tls, rejectUnauthorized: false }) : connect(port, "127.0.0.1");
    await once(socket, tls ? "secureConnect" : "connect");
    const person = new IrcPerson(socket, nick);
    if (caps.length > 0) person.say(`CAP REQ :${caps.join(" ")}`, "CAP END");
    person.say(`NICK ${nick}`, `USER ${nick} 0 * :${nick}`);
    await person.until(({ command }) => command === "376" || command === "422");
    if (register !== undefined) {
      person.say(`NICKSERV REGISTER ${register} ${nick}@example.test`);
      await person.until(({ command }) => command === "900");
    }
    return person;
  }

  say(...lines: readonly string[]): void {
    for (const line of lines) this.#socket.write(`${line}\r\n`);
  }

  /** Says it, and gives what was heard up to this answer. */
  async ask(line: string, end: string): Promise<readonly Heard[]> {
    const from = this.heard.length;
    this.say(line);
    await this.until(({ command }) => command === end, from);
    return this.heard.slice(from);
  }

  /** The first line of that kind, also of those heard before. */
  async until(isIt: (heard: Heard) => boolean, from = 0): Promise<Heard> {
    for (;;) {
      const found = this.heard.slice(from).find(isIt);
      if (found) return found;
      await new Promise<void>((resolve) => {
        const before = this.#wake;
        this.#wake = () => {
          before();
          resolve();
        };
      });
    }
  }

  /** What somebody wrote to a channel or to this person, in order. */
  words(from: string, target = this.nick): string[] {
    const isTheirs = ({ command, params, from: source }: Heard) =>
      command === "PRIVMSG" && params[0] === target && source.startsWith(`${from}!`);
    return this.heard.filter(isTheirs).map(({ params }) => params[1] ?? "");
  }

  /** Waits for words of somebody that contain these. */
  async read(from: string, part: string, target = this.nick): Promise<void> {
    const isIt = ({ command, params, from: source }: Heard) =>
      command === "PRIVMSG" && params[0] === target && source.startsWith(`${from}!`) && (params[1] ?? "").includes(part);
    await this.until(isIt);
  }

  async join(channel: string): Promise<void> {
    this.say(`JOIN ${channel}`);
    await this.until(({ command, params }) => command === "366" && params[1]?.toLowerCase() === channel.toLowerCase());
  }

  close(): void {
    this.#socket.destroy();
  }
}

import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Cancel, Clock } from "../../core/clock.ts";
import { type Fault, fault, ok, type Result } from "../../core/errors.ts";
import { formatLine, type Line, parseLine } from "./line.ts";
import { type IrcLogin, serverOf } from "./login.ts";

const connectMs = 20_000;
/** Milliseconds of silence after which the other side is asked whether it is still there, and then until it counts as gone. */
const silenceMs = { ask: 60_000, gone: 30_000 };
/** Bytes of one line: 8,191 of tags and 512 of the message, with room for servers that allow more. https://ircv3.net/specs/extensions/message-tags#size-limit */
const longestLine = 32_768;

/** One socket to a server: whole lines in, whole lines out, and a notice when nobody is there any more. */
export class IrcSocket {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #over = new AbortController();
  readonly #lines: Line[] = [];
  #rest = Buffer.alloc(0);
  #wake = () => {};
  #why: Fault | undefined;
  #silence: Cancel = () => {};
  #asked = false;
  /** Called whenever something came in. */
  heard = () => {};

  private constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.on("data", (data: Buffer) => this.#take(data));
    socket.on("error", (error) => this.end(fault("channel-unreachable", `the connection broke: ${error.message}`)));
    socket.on("close", () => this.end(fault("channel-unreachable", "the server closed the connection")));
    this.#listenForSilence();
  }

  /** Aborts when the connection is over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  get why(): Fault {
    return this.#why ?? fault("channel-unreachable", "the connection is closed");
  }

  static async open(login: IrcLogin, clock: Clock): Promise<Result<IrcSocket>> {
    const { host, port, secure } = serverOf(login.server);
    const socket = secure
      ? connectTls({ host, port, ...serverName(host), minVersion: "TLSv1.2", ...credentials(login) })
      : connectPlain({ host, port });
    socket.setKeepAlive(true, 60_000);
    const failed = await new Promise<string | undefined>((resolve) => {
      const cancel = clock.after(connectMs, () => resolve(`no connection in ${connectMs / 1000} s`));
      const done = (why?: string) => {
        cancel();
        resolve(why);
      };
      socket.once(secure ? "secureConnect" : "connect", () => done());
      socket.once("error", (error) => done(error.message || String((error as NodeJS.ErrnoException).code)));
      socket.once("close", () => done("the server closed the connection"));
    });
    if (failed === undefined) return ok(new IrcSocket(socket, clock));
    socket.on("error", () => {});
    socket.destroy();
    return { ok: false, fault: fault("channel-unreachable", `no connection to ${host}:${port}: ${failed}`) };
  }

  /** The next line; nothing when the connection is over and all lines were read. */
  async read(): Promise<Line | undefined> {
    while (this.#lines.length === 0 && !this.over.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#lines.shift();
  }

  write(line: string): void {
    if (!this.over.aborted) this.#socket.write(`${line}\r\n`);
  }

  /** The first reason is the one that counts. */
  end(why: Fault): void {
    if (this.over.aborted) return;
    this.#why = why;
    this.#silence();
    this.#over.abort();
    // What is written still goes out; who doesn't read it is not waited for.
    this.#socket.end(() => this.#socket.destroy());
    this.#clock.after(2_000, () => this.#socket.destroy());
    this.#wake();
  }

  #take(data: Buffer): void {
    if (this.over.aborted) return;
    this.#asked = false;
    this.#listenForSilence();
    this.heard();
    let bytes = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10)) {
      const line = parseLine(decodeText(bytes.subarray(0, bytes[at - 1] === 13 ? at - 1 : at)));
      if (line) this.#lines.push(line);
      bytes = bytes.subarray(at + 1);
    }
    this.#rest = Buffer.from(bytes);
    if (bytes.length > longestLine) this.end(fault("channel-permanent", "the other side doesn't speak IRC: a line has no end"));
    this.#wake();
  }

  #listenForSilence(): void {
    this.#silence();
    this.#silence = this.#clock.after(this.#asked ? silenceMs.gone : silenceMs.ask, () => {
      if (this.#asked) return this.end(fault("channel-unreachable", "the server doesn't answer any more"));
      this.#asked = true;
      this.write(formatLine("PING", "alive"));
      this.#listenForSilence();
    });
  }
}

/** A name is checked against the certificate; an address can't be asked for by name. */
function serverName(host: string): { servername?: string } {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host };
}

function credentials({ ca, certificate }: IrcLogin): { ca?: string; cert?: string; key?: string } {
  return { ...(ca === undefined ? {} : { ca }), ...(certificate === undefined ? {} : { cert: certificate, key: certificate }) };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });
const latin = new TextDecoder("windows-1252");

/** Old programs write other encodings than UTF-8; then Windows-1252 is the best guess. */
function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return latin.decode(bytes);
  }
}

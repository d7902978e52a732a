import { WebSocket } from "ws";
import type { Cancel, Clock } from "../core/clock.ts";
import { type Fault, fault, faultOf } from "../core/errors.ts";
import { parseForeignJson } from "../core/json.ts";
import type { Json } from "../core/terms.ts";

/** Says one value over the connection; nothing where it isn't open. */
export type Say = (value: object) => void;

/** One connection to a chat server that speaks JSON, a value in each frame. */
export interface JsonSocket {
  /** As people call the other side: "Mattermost closed …". */
  readonly platform: string;
  /** ws: or wss:. No fault names it. */
  readonly address: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Bytes of one frame. */
  readonly maxBytes: number;
  /** Milliseconds of silence after which `nudge` is called; after as many more the other side counts as gone. */
  readonly quietMs: number;
  /** Says what the other side answers to. */
  nudge(say: Say): void;
  opened?(say: Say): void;
  /** Each frame as it comes, for what can't wait (a ping): true when nothing else is to be done about it. */
  answer?(frame: Json, say: Say): boolean;
  /** All frames that wait, in order; never two calls at once. A fault, given or thrown, ends the connection. */
  take(frames: readonly Json[], say: Say): Promise<Fault | undefined>;
}

const openMs = 20_000;
/** Frames that may wait; then nothing more is read until they are taken. */
const mostWaiting = 1_000;

/** Runs it from its opening to its end, and says why it ended; nothing when the signal did that. Leaves without a word, as a crash would. */
export async function runSocket(socket: JsonSocket, signal: AbortSignal): Promise<Fault | undefined> {
  if (signal.aborted) return undefined;
  const connection = new Connection(socket);
  const stop = () => connection.end(undefined);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await connection.over;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

class Connection {
  readonly #of: JsonSocket;
  readonly #wire: WebSocket;
  readonly #over = Promise.withResolvers<Fault | undefined>();
  #waiting: Json[] = [];
  #taking: Promise<void> | undefined;
  #nudged = false;
  #done = false;
  #cancelQuiet: Cancel = () => {};

  constructor(of: JsonSocket) {
    this.#of = of;
    const { address, headers, maxBytes, platform } = of;
    this.#wire = new WebSocket(address, {
      handshakeTimeout: openMs,
      maxPayload: maxBytes,
      perMessageDeflate: false,
      headers: { ...headers },
    });
    const why = (words: string) => fault("channel-retry", `the socket to ${platform} ${words}`);
    this.#wire.on("open", () => of.opened?.(this.#say));
    this.#wire.on("ping", () => this.#heard());
    this.#wire.on("pong", () => this.#heard());
    this.#wire.on("message", (bytes) => this.#read(bytes as Buffer));
    this.#wire.on("unexpected-response", (_, { statusCode }) => this.end(why(`was refused (${statusCode})`)));
    // Its text may name the address.
    this.#wire.on("error", () => this.end(why("broke")));
    this.#wire.on("close", (code) => this.end(why(`was closed (${code})`)));
    this.#heard();
  }

  /** Once it is closed and nothing is being taken any more. */
  get over(): Promise<Fault | undefined> {
    return this.#over.promise.then(async (why) => {
      await this.#taking;
      return why;
    });
  }

  end(why: Fault | undefined): void {
    if (this.#done) return;
    this.#done = true;
    this.#cancelQuiet();
    this.#wire.terminate();
    this.#over.resolve(why);
  }

  readonly #say: Say = (value) => {
    if (this.#wire.readyState === WebSocket.OPEN) this.#wire.send(JSON.stringify(value));
  };

  #heard(): void {
    this.#nudged = false;
    this.#listenOn();
  }

  #listenOn(): void {
    this.#cancelQuiet();
    if (this.#done) return;
    const { clock, quietMs, platform } = this.#of;
    this.#cancelQuiet = clock.after(quietMs, () => {
      if (this.#nudged && !this.#wire.isPaused) {
        return this.end(fault("channel-retry", `the socket to ${platform} was silent for ${(2 * quietMs) / 1000} s`));
      }
      this.#nudged = true;
      this.#of.nudge(this.#say);
      this.#listenOn();
    });
  }

  #read(bytes: Uint8Array): void {
    this.#heard();
    const json = parseForeignJson(bytes);
    if (this.#done) return;
    if (!json.ok) this.end(fault("channel-retry", `a frame of ${this.#of.platform} is no JSON: ${json.fault.message}`));
    else this.#hear(json.value);
  }

  #hear(frame: Json): void {
    if (this.#of.answer?.(frame, this.#say)) return;
    this.#waiting.push(frame);
    if (this.#waiting.length >= mostWaiting) this.#wire.pause();
    this.#taking ??= this.#take();
  }

  async #take(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#done) {
      const frames = this.#waiting;
      this.#waiting = [];
      if (this.#wire.isPaused) this.#wire.resume();
      const why = await this.#of.take(frames, this.#say).catch((thrown: unknown) => faultOf(thrown, "store-unavailable"));
      if (why) this.end(why);
    }
    this.#taking = undefined;
  }
}

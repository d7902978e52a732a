import { createHmac } from "node:crypto";
import { type Connection, connect } from "./connection.ts";
import { now } from "./now.ts";
import { type LoadFigures, Tally } from "./tally.ts";

export interface LoadTarget {
  /** Where webhooks go; each conversation keeps to one of them. */
  readonly urls: readonly string[];
  /** As the target has it: `whsec_` and base64. */
  readonly secret: string;
  readonly connections: number;
  readonly conversations: number;
}

export interface LoadSlice {
  readonly seconds: number;
  /** Webhooks a second, come what may (an open loop); as many as the target takes if absent. */
  readonly rate?: number;
  /** Without a rate: acknowledged and not answered at most, as a target that only takes isn't fast. */
  readonly backlog?: number;
  /** Ends before the time is over. */
  readonly messages?: number;
  /** Milliseconds without an answer after which those that are still out count as missing. */
  readonly patienceMs?: number;
}

export const patienceMs = 15_000;

/** So that a body has about 512 bytes, like a chat message with its envelope. */
const padding = "What is the weather like on the coast today, and should I take a coat? ".repeat(6).slice(0, 420);

/** Signed webhooks (https://www.standardwebhooks.com) over many connections; a conversation keeps to its own, so that its order is known. */
export class Generator {
  readonly tally: Tally;
  readonly #target: LoadTarget;
  /** New ones for each slice: a server may close what was idle since the last. */
  #connections: readonly Connection[] = [];
  readonly #key: Buffer;
  readonly #url: URL;
  readonly #paths: readonly string[];
  readonly #salt = Math.random().toString(36).slice(2, 10);
  /** How many messages each conversation had so far. */
  readonly #had: number[];
  /** The conversation that is next in the open loop, and on each connection in the closed one. */
  #next = 0;
  readonly #round: number[];
  #room: (() => void)[] = [];

  constructor(target: LoadTarget) {
    this.#target = target;
    this.#key = Buffer.from(target.secret.replace(/^whsec_/, ""), "base64");
    this.#url = new URL(target.urls[0] as string);
    this.#paths = target.urls.map((url) => new URL(url).pathname);
    this.#had = new Array(target.conversations).fill(0);
    this.#round = new Array(target.connections).fill(0);
    this.tally = new Tally(target.conversations);
  }

  arrived(n: number, at: number): void {
    this.tally.delivered(n, at);
    this.#room.shift()?.();
  }

  async run(slice: LoadSlice): Promise<LoadFigures> {
    const count = Math.min(this.#target.connections, this.#target.conversations);
    this.#connections = await Promise.all(Array.from({ length: count }, () => connect(this.#url)));
    const from = now();
    const to = from + slice.seconds * 1000;
    let left = slice.messages ?? Number.POSITIVE_INFINITY;
    const more = () => left-- > 0;
    if (slice.rate) await this.#open(slice.rate, from, to, more);
    else await this.#closed(slice.backlog ?? 4 * this.#connections.length, to, more);
    const ended = Math.min(now(), to);
    for (const connection of this.#connections) connection.close();
    await this.#settle(slice.patienceMs ?? patienceMs);
    return this.tally.take(from, ended);
  }

  /** Each connection sends one after the other. */
  async #closed(backlog: number, to: number, more: () => boolean): Promise<void> {
    const timer = setTimeout(() => this.#makeRoom(), to - now());
    await Promise.all(
      this.#connections.map(async (_, index) => {
        while (now() < to && more()) {
          while (this.tally.waiting >= backlog && now() < to) await new Promise<void>((go) => this.#room.push(go));
          const own = Math.ceil((this.#target.conversations - index) / this.#connections.length);
          const conversation = index + ((this.#round[index] as number)++ % own) * this.#connections.length;
          const at = now();
          await this.#send(index, conversation, at, at);
        }
      }),
    );
    clearTimeout(timer);
    this.#makeRoom();
  }

  /** A message each 1/rate seconds. One whose connection is busy waits for it, and its clock runs. */
  async #open(rate: number, from: number, to: number, more: () => boolean): Promise<void> {
    const busy: Promise<void>[] = this.#connections.map(async () => {});
    for (let n = 0; ; n++) {
      const due = from + (n * 1000) / rate;
      if (due >= to || !more()) break;
      const wait = due - now();
      if (wait > 0) await new Promise((go) => setTimeout(go, wait));
      const conversation = this.#next++ % this.#target.conversations;
      const index = conversation % this.#connections.length;
      const at = now();
      busy[index] = (busy[index] as Promise<void>).then(() => this.#send(index, conversation, due, at));
    }
    await Promise.all(busy);
  }

  /** `at`: when the load got to it. What it then waits for its connection is the target's doing. */
  async #send(index: number, conversation: number, dueAt: number, at: number): Promise<void> {
    const n = conversation + (this.#had[conversation] as number)++ * this.#target.conversations;
    const request = this.#compose(n, conversation);
    this.tally.sent(n, dueAt, at);
    const status = await (this.#connections[index] as Connection).ask(request);
    if (status >= 200 && status < 300) this.tally.acknowledged(n, now());
    else this.tally.refused();
  }

  /** Waits until everything is answered, or nothing has come for a while; then for what should not come. */
  async #settle(patienceMs: number): Promise<void> {
    let before = this.tally.counts().delivered;
    for (let idleMs = 0; this.tally.waiting > 0 && idleMs < patienceMs; idleMs += 20) {
      await new Promise((go) => setTimeout(go, 20));
      const { delivered } = this.tally.counts();
      if (delivered !== before) idleMs = 0;
      before = delivered;
    }
    await new Promise((go) => setTimeout(go, 100));
  }

  #makeRoom(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const go of waiting) go();
  }

  #compose(n: number, conversation: number): string {
    const body = JSON.stringify({
      conversation: `chat-${conversation}`,
      sender: { id: `sender-${conversation}` },
      text: `#${n}# ${padding}`,
    });
    const id = `msg_${this.#salt}_${n}`;
    const time = Math.floor(Date.now() / 1000);
    const signature = createHmac("sha256", this.#key).update(`${id}.${time}.${body}`).digest("base64");
    return (
      `POST ${this.#paths[conversation % this.#paths.length]} HTTP/1.1\r\nhost: ${this.#url.host}\r\ncontent-type: application/json\r\n` +
      `webhook-id: ${id}\r\nwebhook-timestamp: ${time}\r\nwebhook-signature: v1,${signature}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    );
  }
}

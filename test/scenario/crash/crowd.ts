import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { TelegramSimulator } from "../../simulators/telegram.ts";
import { arrange } from "./bots.ts";
import { type Journal, now } from "./journal.ts";
import { type FaultPlan, seeded } from "./plan.ts";

export type AccountName = "hold" | "resend" | "desk";

/** A line of the log of those who write. The number in a message's text is its name. */
export type CrowdLine =
  /**
   * Before anybody else can know of it. `tries`: how often its sender repeats it at most, until it is acknowledged.
   * `again`: it is posted once more after that, as platforms do.
   */
  | {
      readonly kind: "said";
      readonly n: number;
      readonly account: AccountName;
      readonly chat: number;
      readonly at: number;
      readonly tries?: number;
      readonly again?: boolean;
    }
  /** What became of one post to the webhook: answered with a status, never connected, or cut so that nobody knows. */
  | {
      readonly kind: "post";
      readonly n: number;
      readonly from: number;
      readonly at: number;
      readonly came: number | "refused" | "cut";
    };

/** The sender may forget the message: it is the gateway's now. */
export function isYes(came: number | string): boolean {
  return typeof came === "number" && came >= 200 && came <= 299;
}

export interface CrowdOptions {
  readonly bots: Readonly<Record<"hold" | "resend", TelegramSimulator>>;
  readonly port: number;
  readonly secret: Uint8Array;
  readonly journal: Journal;
  readonly faults: FaultPlan;
  readonly seed: number;
  /** Of each account. */
  readonly chats: number;
}

const firstNumber = 1_000_000;
/** Of the newest so many messages … */
const recent = 600;
/** … at most so many may wait for their answers before people pause. */
const patience = 300;
const postMs = 5_000;

/** Everybody who writes: on two Telegram bots, and through a program that signs webhooks. */
export class Crowd {
  readonly #options: CrowdOptions;
  readonly #random: () => number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  /** The end of what is posted of each chat: a sender keeps its own order. */
  readonly #posting = new Map<number, Promise<void>>();
  readonly #answered = new Set<number>();
  #next = firstNumber;
  #unaccepted = 0;
  #hushed = false;
  #closed = false;

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#random = seeded(options.seed);
  }

  get said(): number {
    return this.#next - firstNumber;
  }

  get answers(): number {
    return this.#answered.size;
  }

  /** Whether all that was posted has come to its end. */
  get accepted(): boolean {
    return this.#unaccepted === 0;
  }

  heard(n: number): void {
    this.#answered.add(n);
  }

  /** Writes so many messages, evenly, and slower where answers don't keep up; ends early when hushed. */
  async speak(count: number, perSecond: number): Promise<void> {
    let written = 0;
    let from = performance.now();
    while (written < count && !this.#hushed) {
      const due = Math.min(count, Math.floor(((performance.now() - from) / 1000) * perSecond)) - written;
      if (due <= 0 || this.#waiting() > patience) {
        await wait(10);
        if (due > 0) from += 10;
        continue;
      }
      await this.#write(due);
      written += due;
    }
  }

  hush(): void {
    this.#hushed = true;
  }

  /** Nobody repeats anything any more. */
  async close(): Promise<void> {
    this.#hushed = true;
    this.#closed = true;
    this.#agent.destroy();
    await Promise.all(this.#posting.values());
  }

  #waiting(): number {
    let waiting = 0;
    for (let n = Math.max(firstNumber, this.#next - recent); n < this.#next; n++) if (!this.#answered.has(n)) waiting++;
    return waiting;
  }

  async #write(count: number): Promise<void> {
    const { journal } = this.#options;
    const lines = Array.from({ length: count }, () => this.#invent());
    await Promise.all(lines.map((line) => journal.note(line)));
    for (const line of lines) {
      if (line.account === "desk") this.#post(line);
      else this.#tell(line.account, line);
    }
  }

  #invent(): Extract<CrowdLine, { kind: "said" }> {
    const which = this.#random();
    const account = which < 0.25 ? "hold" : which < 0.5 ? "resend" : "desk";
    const chat = 1 + Math.floor(this.#random() * this.#options.chats);
    return { kind: "said", n: this.#next++, account, chat, at: now(), ...(account === "desk" ? this.#habit() : {}) };
  }

  /** A few programs don't care what becomes of their posts, and a few post what was acknowledged once more. */
  #habit(): { readonly tries?: number; readonly again?: boolean } {
    const which = this.#random();
    if (which < 1 / 16) return { tries: 1 };
    return which < 1 / 8 ? { again: true } : {};
  }

  /** Words, or now and then a photo with words under it: it has to be fetched before the model is asked. */
  #tell(account: "hold" | "resend", { n, chat }: { readonly n: number; readonly chat: number }): void {
    const bot = this.#options.bots[account];
    const fault = this.#options.faults(n);
    if (fault) arrange(bot, n, fault);
    const kind = this.#random();
    if (kind < 0.2) bot.people.sendFile(chat, chat, "photo", Buffer.from(`photo ${n}`), { caption: `${n}` });
    else bot.people.say(chat, chat, `${n}`);
    if (kind > 0.9) bot.people.react(chat, chat, 1, ["👍"]);
  }

  #post(line: Extract<CrowdLine, { kind: "said" }>): void {
    this.#unaccepted++;
    const before = this.#posting.get(line.chat) ?? Promise.resolve();
    const posted = before.then(() => this.#repeat(line)).finally(() => this.#unaccepted--);
    this.#posting.set(line.chat, posted);
  }

  /** As a careful sender does: the same id again until there is a 2xx. */
  async #repeat({ n, chat, tries = Number.POSITIVE_INFINITY, again = false }: Extract<CrowdLine, { kind: "said" }>): Promise<void> {
    const body = JSON.stringify({ type: "message", conversation: `c${chat}`, sender: { id: `u${chat}` }, text: `${n}` });
    for (let left = tries; left > 0; left--) {
      const from = now();
      const came = await this.#once(`in_${n}`, body);
      await this.#options.journal.note({ kind: "post", n, from, at: now(), came } satisfies CrowdLine);
      if (isYes(came)) {
        if (again) await this.#once(`in_${n}`, body);
        return;
      }
      if (this.#closed) return;
      if (left > 1) await wait(50);
    }
  }

  #once(id: string, body: string): Promise<number | "refused" | "cut"> {
    const { port, secret } = this.#options;
    const seconds = Math.floor(Date.now() / 1000);
    const signature = createHmac("sha256", secret).update(`${id}.${seconds}.${body}`).digest("base64");
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "webhook-id": id,
      "webhook-timestamp": `${seconds}`,
      "webhook-signature": `v1,${signature}`,
    };
    return new Promise((resolve) => {
      const signal = AbortSignal.timeout(postMs);
      const outgoing = request({ host: "127.0.0.1", port, path: "/hooks/desk", method: "POST", headers, agent: this.#agent, signal });
      outgoing.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED" ? "refused" : "cut"));
      outgoing.on("response", (incoming) => {
        incoming.resume();
        incoming.on("error", () => {});
        incoming.on("close", () => resolve(incoming.complete ? (incoming.statusCode ?? 0) : "cut"));
      });
      outgoing.end(body);
    });
  }
}

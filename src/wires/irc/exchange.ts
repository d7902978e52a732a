import { randomBytes } from "node:crypto";
import { type Clock, sleep } from "../../core/clock.ts";
import { type Fault, fault, ok, type Result } from "../../core/errors.ts";
import { formatLine, type Line, withTags } from "./line.ts";
import type { IrcSocket } from "./socket.ts";

/** Lines that may go out at once; https://www.rfc-editor.org/rfc/rfc1459#section-8.10: ten seconds' worth of two seconds each. */
const burst = 5;
/** Milliseconds that a message waits for its turn before it is handed back. */
const patienceMs = 15_000;

/** What the server said to some lines of ours. */
export interface Answer {
  /** All that it said to them, in order. Without `labeled-response` also what came meanwhile. */
  readonly lines: readonly Line[];
  /** False when the connection ended before the answer did: nobody knows what became of them. */
  readonly whole: boolean;
}

/**
 * Asking on a connection that answers nothing by itself. Servers deal with lines in order: with `labeled-response` each answer names its
 * question (https://ircv3.net/specs/extensions/labeled-response), elsewhere the answer to a PING behind the lines ends it. One at a time, and no
 * faster than servers stand.
 */
export class Exchange {
  readonly #socket: IrcSocket;
  readonly #clock: Clock;
  readonly #lineMs: number;
  readonly #caps: ReadonlySet<string>;
  /** Batches that are open, by their reference: type, and the label that they answer. https://ircv3.net/specs/extensions/batch */
  readonly #batches = new Map<string, { readonly type: string; readonly label?: string }>();
  readonly #asked = new Map<string, (line: Line | "end") => void>();
  #turn: Promise<unknown> = Promise.resolve();
  #paidUntil = 0;

  constructor(socket: IrcSocket, of: { readonly clock: Clock; readonly lineMs: number; readonly caps: ReadonlySet<string> }) {
    this.#socket = socket;
    this.#clock = of.clock;
    this.#lineMs = of.lineMs;
    this.#caps = of.caps;
  }

  /** Writes the lines together, and waits until the server has dealt with all of them. A fault means that nothing was written. */
  async ask(lines: readonly string[], signal: AbortSignal): Promise<Result<Answer, Fault & { readonly waitMs?: number }>> {
    const before = this.#turn;
    const mine = Promise.withResolvers<void>();
    this.#turn = before.then(() => mine.promise);
    try {
      await untilAborted(before, signal);
      const labelled = this.#caps.has("labeled-response");
      const count = Math.min(burst, lines.length + (labelled ? 0 : 1));
      const waitMs = this.#waitFor(count);
      if (waitMs > patienceMs) return { ok: false, fault: { ...fault("channel-retry", "the server's pace is spent"), waitMs } };
      if (waitMs > 0) await sleep(this.#clock, waitMs, signal);
      if (this.#socket.over.aborted) return { ok: false, fault: this.#socket.why };
      if (signal.aborted) return { ok: false, fault: fault("channel-retry", "it took too long") };
      this.#pay(count);
      return ok(await (labelled ? this.#askLabelled(lines, signal) : this.#askFenced(lines, signal)));
    } finally {
      mine.resolve();
    }
  }

  /** One line that nobody waits for, if it can go at once. */
  hint(line: string): void {
    if (this.#waitFor(2) > 0) return;
    this.#pay(1);
    this.#socket.write(line);
  }

  /** Hands a line to whom it answers. True: it is our own that came back, and nobody's message. */
  take(line: Line, nick: string): boolean {
    const { command, params, tags, source } = line;
    if (command === "BATCH" && params[0]?.startsWith("+")) this.#open(params[0].slice(1), params[1] ?? "", tags);
    const label = this.#labelOf(tags);
    if (this.#caps.has("labeled-response")) {
      if (label !== undefined) this.#asked.get(label)?.(line);
    } else for (const hear of this.#asked.values()) hear(line);
    this.#settle(line);
    return label !== undefined && source?.nick === nick && command !== "JOIN";
  }

  /** The kind of batch that a line is in. */
  batchOf({ tags }: Line): string | undefined {
    return this.#batches.get(tags.get("batch") ?? "")?.type;
  }

  async #askLabelled(lines: readonly string[], signal: AbortSignal): Promise<Answer> {
    const answers = await Promise.all(
      lines.map((line) => {
        const label = randomBytes(9).toString("base64url");
        const labelled = line.startsWith("@") ? `@label=${label};${line.slice(1)}` : withTags({ label }, line);
        return this.#answer(label, signal, () => this.#socket.write(labelled));
      }),
    );
    return { lines: answers.flatMap((one) => one.lines), whole: answers.every(({ whole }) => whole) };
  }

  #askFenced(lines: readonly string[], signal: AbortSignal): Promise<Answer> {
    const token = randomBytes(9).toString("base64url");
    return this.#answer(token, signal, () => {
      for (const line of lines) this.#socket.write(line);
      this.#socket.write(formatLine("PING", token));
    });
  }

  #answer(key: string, signal: AbortSignal, write: () => void): Promise<Answer> {
    const lines: Line[] = [];
    const { over } = this.#socket;
    return new Promise((resolve) => {
      const done = (whole: boolean) => {
        this.#asked.delete(key);
        over.removeEventListener("abort", cut);
        signal.removeEventListener("abort", cut);
        resolve({ lines, whole });
      };
      const cut = () => done(false);
      this.#asked.set(key, (line) => (line === "end" ? done(true) : void lines.push(line)));
      over.addEventListener("abort", cut, { once: true });
      signal.addEventListener("abort", cut, { once: true });
      write();
    });
  }

  #labelOf(tags: Line["tags"]): string | undefined {
    return tags.get("label") ?? this.#batches.get(tags.get("batch") ?? "")?.label;
  }

  #open(reference: string, type: string, tags: Line["tags"]): void {
    const label = this.#labelOf(tags);
    if (this.#batches.size < 100) this.#batches.set(reference, { type, ...(label === undefined ? {} : { label }) });
  }

  /** What a line ends: a question at its PING, its batch or its only line. */
  #settle({ command, params, tags }: Line): void {
    if (command === "PONG") this.#asked.get(params.at(-1) ?? "")?.("end");
    if (command !== "BATCH") this.#asked.get(tags.get("label") ?? "")?.("end");
    if (command !== "BATCH" || !params[0]?.startsWith("-")) return;
    const label = this.#batches.get(params[0].slice(1))?.label;
    this.#batches.delete(params[0].slice(1));
    // What is labelled is the outermost batch.
    if (label !== undefined && ![...this.#batches.values()].some((other) => other.label === label)) this.#asked.get(label)?.("end");
  }

  #waitFor(lines: number): number {
    return Math.max(0, this.#paidUntil + (lines - burst) * this.#lineMs - this.#clock.elapsed());
  }

  #pay(lines: number): void {
    this.#paidUntil = Math.max(this.#paidUntil, this.#clock.elapsed()) + lines * this.#lineMs;
  }
}

async function untilAborted(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const aborted = Promise.withResolvers<void>();
  const stop = () => aborted.resolve();
  signal.addEventListener("abort", stop, { once: true });
  await Promise.race([before, aborted.promise]);
  signal.removeEventListener("abort", stop);
}

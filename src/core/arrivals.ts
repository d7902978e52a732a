import type { Inbox } from "./channel.ts";
import type { Fault } from "./errors.ts";
import type { PlatformEvent } from "./event.ts";
import { handOver } from "./hand-over.ts";

/** Arrivals of one transaction at most. */
const batchSize = 200;

/** A connection as far as it says that nothing more comes. */
interface Source {
  readonly over: AbortSignal;
  readonly why: Fault;
}

/** Some arrivals as the inbox takes them; `stored` is called once they are on disk. */
export interface Batch {
  readonly events: readonly PlatformEvent[];
  readonly cursor: string | undefined;
  stored?(): void;
}

/**
 * What came over a connection on its way to the store, oldest first. For platforms that tell everything once: what the store refuses stays here, and is handed
 * over when somebody listens again.
 */
export class Arrivals<Arrival> {
  readonly waiting: Arrival[] = [];
  #moved = Promise.withResolvers<void>();

  add(arrival: Arrival): void {
    this.waiting.push(arrival);
    this.move();
  }

  /** Wakes whoever waits in `moved`. */
  move(): void {
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }

  /** Resolves when something has arrived, was stored, or will never be. */
  moved(): Promise<void> {
    return this.#moved.promise;
  }

  /** Hands over what comes until the connection is over and nothing waits (says why it ended), the store refuses, or the signal aborts. */
  async handOver(
    inbox: Inbox,
    from: Source,
    signal: AbortSignal,
    batchOf: (arrivals: readonly Arrival[]) => Batch,
  ): Promise<Fault | undefined> {
    const wake = () => this.move();
    for (const one of [signal, from.over]) one.addEventListener("abort", wake);
    try {
      for (;;) {
        while (this.waiting.length === 0 && !from.over.aborted && !signal.aborted) await this.moved();
        // What came together is stored together.
        await new Promise<void>((resolve) => setImmediate(resolve));
        if (signal.aborted) return undefined;
        if (this.waiting.length === 0) return from.why;
        const some = this.waiting.slice(0, batchSize);
        const { events, cursor, stored } = batchOf(some);
        const refused = await handOver(inbox, events, cursor);
        if (refused) return refused;
        this.waiting.splice(0, some.length);
        stored?.();
        this.move();
      }
    } finally {
      for (const one of [signal, from.over]) one.removeEventListener("abort", wake);
    }
  }
}

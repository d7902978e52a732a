import type { Cancel, Clock } from "../core/clock.ts";
import { type CutOff, cutOff } from "../core/cut-off.ts";

/** Ends a call in which nothing has come for too long. */
export interface Silence {
  readonly signal: AbortSignal;
  /** Whether it did. */
  readonly tooLong: boolean;
  /** Something came. */
  broken(): void;
  end(): void;
}

export function watchSilence(parent: AbortSignal, clock: Clock, ms: number): Silence {
  return new Watch(parent, clock, ms);
}

/** One timer for the whole call, however many words come: when it falls due it looks when the last one did. */
class Watch implements Silence {
  tooLong = false;
  readonly #cut: CutOff;
  readonly #clock: Clock;
  readonly #ms: number;
  #last: number;
  #cancel: Cancel;

  constructor(parent: AbortSignal, clock: Clock, ms: number) {
    this.#cut = cutOff(parent);
    this.#clock = clock;
    this.#ms = ms;
    this.#last = clock.elapsed();
    this.#cancel = clock.after(ms, () => this.#look());
  }

  get signal(): AbortSignal {
    return this.#cut.signal;
  }

  broken(): void {
    this.#last = this.#clock.elapsed();
  }

  end(): void {
    this.#cancel();
    this.#cut.end();
  }

  #look(): void {
    const left = this.#last + this.#ms - this.#clock.elapsed();
    if (left > 0) this.#cancel = this.#clock.after(left, () => this.#look());
    else {
      this.tooLong = true;
      this.#cut.abort();
    }
  }
}

import type { Gate, Lane } from "../core/engine.ts";

/** The right to one call of a provider. */
export interface Seat {
  /** The call is over, or isn't made. */
  release(): void;
}

/**
 * Seats at providers that take only so many calls at a time. Who waits, waits for this provider: another model of the
 * agent is for one that fails, and what a model costs and can do is the operator's choice.
 */
export interface Seats {
  /**
   * A seat for the first call of a lane's turn. Otherwise the gate that its lane has to wait for: a turn that hasn't begun
   * takes no worker's place meanwhile.
   */
  take(provider: string, lane: Lane): Seat | Gate;
  /**
   * A seat for a later call of a turn that runs; these go first, in their order. Nothing when the signal aborts before.
   */
  next(provider: string, signal: AbortSignal): Promise<Seat | undefined>;
  /** The lane's run is over: what was kept for it goes to another. */
  over(lane: Lane): void;
}

export interface SeatsDoor {
  /** Calls that a provider takes at a time; asked each time. Nothing: any number. */
  readonly limit: (provider: string) => number | undefined;
  /** Wakes the next lane that waits at the gate. */
  readonly call: (gate: string) => Lane | undefined;
}

interface Counter {
  readonly provider: string;
  /** Calls under way, and seats kept for lanes that were called. */
  taken: number;
  /** Turns that run and wait for their next call. */
  readonly waiting: Set<() => void>;
}

export function createSeats({ limit, call }: SeatsDoor): Seats {
  const counters = new Map<string, Counter>();
  const kept = new Map<Lane, Counter>();

  function counterOf(provider: string): Counter {
    const known = counters.get(provider);
    if (known) return known;
    const counter: Counter = { provider, taken: 0, waiting: new Set() };
    counters.set(provider, counter);
    return counter;
  }

  function isFree({ provider, taken }: Counter): boolean {
    const most = limit(provider);
    return most === undefined || taken < most;
  }

  function seatAt(counter: Counter): Seat {
    let held = true;
    return {
      release() {
        if (!held) return;
        held = false;
        giveBack(counter);
      },
    };
  }

  /** Free seats go to turns that run, then to lanes that wait. */
  function handOut(counter: Counter): void {
    while (isFree(counter)) {
      const [first] = counter.waiting;
      if (first) {
        counter.taken++;
        first();
        continue;
      }
      const lane = call(gateOf(counter.provider));
      if (lane === undefined) break;
      counter.taken++;
      kept.set(lane, counter);
    }
  }

  function giveBack(counter: Counter): void {
    counter.taken--;
    handOut(counter);
    if (counter.taken === 0) counters.delete(counter.provider);
  }

  return {
    take(provider, lane) {
      const own = kept.get(lane);
      if (own?.provider === provider) {
        kept.delete(lane);
        return seatAt(own);
      }
      const counter = counterOf(provider);
      // Where the limit was raised, those that wait come first.
      handOut(counter);
      if (isFree(counter)) {
        counter.taken++;
        return seatAt(counter);
      }
      return {
        name: gateOf(provider),
        get open() {
          const now = counters.get(provider);
          return !now || isFree(now);
        },
      };
    },

    async next(provider, signal) {
      if (signal.aborted) return undefined;
      const counter = counterOf(provider);
      if (isFree(counter) && counter.waiting.size === 0) {
        counter.taken++;
        return seatAt(counter);
      }
      return new Promise((resolve) => {
        const leave = () => {
          counter.waiting.delete(come);
          signal.removeEventListener("abort", leave);
          resolve(undefined);
        };
        const come = () => {
          counter.waiting.delete(come);
          signal.removeEventListener("abort", leave);
          resolve(seatAt(counter));
        };
        counter.waiting.add(come);
        signal.addEventListener("abort", leave, { once: true });
      });
    },

    over(lane) {
      const counter = kept.get(lane);
      if (!counter || !kept.delete(lane)) return;
      giveBack(counter);
    },
  };
}

function gateOf(provider: string): string {
  return `provider:${provider}`;
}

/** Of a provider's seats those of one among so many gateways: one at least, or its turns would wait for ever. */
export function seatsOf(most: number | undefined, gateways = 1): number | undefined {
  return most === undefined ? undefined : Math.max(1, Math.floor(most / gateways));
}

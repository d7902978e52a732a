import type { Clock } from "../../../src/core/clock.ts";
import type { Store } from "../../../src/core/store.ts";

/**
 * Simulated time over the real store: it moves on only when nothing is under way at the present moment, so that what the
 * disk takes costs no simulated time and a result never depends on how fast the machine is.
 */
export interface Simulation {
  readonly clock: Clock;
  /** Put between the gateway and its store, so that calls under way are seen. */
  wrap(store: Store): Store;
  /** Runs until the simulated time (milliseconds since the start), or until it is over before that. */
  run(untilMs: number, over?: () => boolean): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

export function createSimulation(start = Date.UTC(2026, 10, 22, 12)): Simulation {
  const timers: Timer[] = [];
  let elapsed = 0;
  let made = 0;
  let busy = 0;
  let idle: (() => void) | undefined;

  const before = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order);

  /** A binary heap: there may be many thousands. */
  function push(timer: Timer): void {
    let at = timers.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = timers[parent] as Timer;
      if (before(above, timer)) break;
      timers[at] = above;
      at = parent;
    }
    timers[at] = timer;
  }

  function pop(): Timer | undefined {
    const first = timers[0];
    const last = timers.pop();
    if (!last || timers.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= timers.length) break;
      if (child + 1 < timers.length && before(timers[child + 1] as Timer, timers[child] as Timer)) child++;
      if (before(last, timers[child] as Timer)) break;
      timers[at] = timers[child] as Timer;
      at = child;
    }
    timers[at] = last;
    return first;
  }

  /** Promises that wait for each other have run when the event loop has gone round a few times and no call is out. */
  async function settled(): Promise<void> {
    for (let quiet = 0; quiet < 4; quiet++) {
      if (busy > 0) {
        quiet = 0;
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  function watched<Target extends object>(target: Target): Target {
    const kept = new Map<PropertyKey, unknown>();
    return new Proxy(target, {
      get(of, name) {
        const known = kept.get(name);
        if (known) return known;
        const value: unknown = Reflect.get(of, name);
        let seen = value;
        if (name === "records") seen = watched(value as object);
        else if (typeof value === "function") {
          seen = (...parameters: unknown[]) => {
            const result: unknown = value.apply(of, parameters);
            if (!(result instanceof Promise)) return result;
            busy++;
            const end = () => {
              busy--;
              if (busy === 0) idle?.();
            };
            result.then(end, end);
            return result;
          };
        }
        kept.set(name, seen);
        return seen;
      },
    });
  }

  return {
    clock: {
      now: () => start + elapsed,
      elapsed: () => elapsed,
      after(ms, run) {
        const timer: Timer = { at: elapsed + Math.max(0, ms), order: made++, run };
        push(timer);
        return () => {
          timer.run = undefined;
        };
      },
    },
    wrap: watched,
    async run(untilMs, over = () => false) {
      for (;;) {
        await settled();
        if (over()) return;
        while (timers[0] && timers[0].run === undefined) pop();
        const next = timers[0];
        if (!next || next.at > untilMs) break;
        elapsed = Math.max(elapsed, next.at);
        // All of the same moment together.
        while (timers[0] && timers[0].at <= elapsed) pop()?.run?.();
      }
      elapsed = Math.max(elapsed, untilMs);
    },
  };
}

/** The same numbers in every run: https://en.wikipedia.org/wiki/Linear_congruential_generator */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

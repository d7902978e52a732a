import type { Clock } from "../core/clock.ts";
import type { Engine, EngineDoor, Lane } from "../core/engine.ts";
import type { Log } from "../core/log.ts";

export interface EmbeddedOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Lanes of each kind that run at the same time; asked each time, so that a changed setting counts at once. */
  readonly concurrency: { readonly turn: () => number; readonly send: () => number };
  /** Milliseconds between two looks at the store; what a lost wake-up costs at most. */
  readonly sweepMs?: number;
}

/** Lanes asked of the store at a time: bounds memory however much is pending. */
const sweepLimit = 1_000;
const unknown = Number.POSITIVE_INFINITY;

interface LaneState {
  running: boolean;
  /** It was woken while it ran. */
  again: boolean;
  /** Things that it has to do, as far as wake-ups told; without end when a look at the store or a timer brought it. */
  left: number;
}

/**
 * The engine of one process: lanes in memory, first come first served, one item of a lane at a time, so that a
 * conversation with a thousand messages doesn't hold up the one behind it. A lane runs as often as it was woken; one that
 * the sweep found runs until it says that nothing is left.
 */
export function createEmbeddedEngine(options: EmbeddedOptions): Engine {
  const { clock, log } = options;
  const sweepMs = options.sweepMs ?? 1_000;
  const lanes = new Map<Lane, LaneState>();
  const pools = { turn: createPool(options.concurrency.turn), send: createPool(options.concurrency.send) };
  const aborter = new AbortController();
  let door: EngineDoor | undefined;
  let stopping = false;
  let sweeping = false;
  let more = false;
  let idle: (() => void) | undefined;

  function wake(lane: Lane, things = 1): void {
    if (stopping || !door || things === 0) return;
    const state = lanes.get(lane);
    if (state) {
      state.left += things;
      state.again = state.running;
      return;
    }
    lanes.set(lane, { running: false, again: false, left: things });
    const pool = poolOf(lane);
    pool.waiting.push(lane);
    pump(pool);
  }

  function poolOf(lane: Lane): Pool {
    return lane.startsWith("turn:") ? pools.turn : pools.send;
  }

  function pump(pool: Pool): void {
    while (!stopping && pool.running < pool.limit()) {
      const lane = pool.waiting.shift();
      if (!lane) break;
      pool.running++;
      void run(lane, lanes.get(lane) as LaneState, pool);
    }
    if (more && pool.waiting.length < sweepLimit / 4) void sweep();
  }

  async function run(lane: Lane, state: LaneState, pool: Pool): Promise<void> {
    let againInMs: number | undefined;
    state.running = true;
    state.left--;
    try {
      againInMs = (await (door as EngineDoor).work(lane, aborter.signal)).againInMs;
    } catch (cause) {
      // The sweep brings the lane back while something is due in it.
      log.error("lane-throw", { lane, cause });
    }
    lanes.delete(lane);
    pool.running--;
    if (againInMs === 0 && state.left > 0) wake(lane, state.left);
    else if (state.again) wake(lane);
    else if (againInMs !== undefined && againInMs > 0 && againInMs <= sweepMs) clock.after(againInMs, () => wake(lane, unknown));
    pump(pool);
    if (stopping && running() === 0) idle?.();
  }

  async function sweep(): Promise<void> {
    if (sweeping || stopping || !door) return;
    sweeping = true;
    more = false;
    try {
      const due = await door.due(sweepLimit);
      const fresh = due.filter((lane) => !lanes.has(lane));
      // What is on its way already has been told of; what a lost wake-up left behind it, the next look finds.
      for (const lane of fresh) wake(lane, unknown);
      more = due.length === sweepLimit && fresh.length > 0;
    } catch (cause) {
      log.error("sweep-fail", { cause });
    } finally {
      sweeping = false;
    }
  }

  function tick(): void {
    if (stopping) return;
    void sweep();
    clock.after(sweepMs, tick);
  }

  function running(): number {
    return pools.turn.running + pools.send.running;
  }

  return {
    async start(opened) {
      door = opened;
      await sweep();
      clock.after(sweepMs, tick);
    },
    wake,
    look: () => void sweep(),
    async stop(graceMs) {
      stopping = true;
      if (running() === 0) return;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(graceMs, () => {
          log.warn("drain-timeout", { running: running() });
          aborter.abort();
          // What ignores the abort is cut off by the end of the process: the store knows what it was doing.
          clock.after(1_000, resolve);
        });
        idle = () => {
          cancel();
          resolve();
        };
      });
    },
    load: () => ({ running: running(), waiting: pools.turn.waiting.length + pools.send.waiting.length }),
  };
}

interface Pool {
  readonly limit: () => number;
  running: number;
  readonly waiting: Queue<Lane>;
}

function createPool(limit: () => number): Pool {
  return { limit, running: 0, waiting: createQueue() };
}

interface Queue<Item> {
  push(item: Item): void;
  shift(): Item | undefined;
  readonly length: number;
}

/** First in, first out, without the cost of `Array.shift` on a long array. */
function createQueue<Item>(): Queue<Item> {
  let items: Item[] = [];
  let head = 0;
  return {
    push: (item) => void items.push(item),
    shift() {
      if (head === items.length) return undefined;
      const item = items[head++];
      if (head > 1_024 && head * 2 > items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    get length() {
      return items.length - head;
    },
  };
}

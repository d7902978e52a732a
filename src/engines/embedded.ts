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

type LaneState = "waiting" | "running" | "running-again";

/**
 * The engine of one process: lanes in memory, first come first served, one item of a lane at a time, so that a
 * conversation with a thousand messages doesn't hold up the one behind it.
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

  function wake(lane: Lane): void {
    if (stopping || !door) return;
    const state = lanes.get(lane);
    if (state === "running") lanes.set(lane, "running-again");
    if (state) return;
    lanes.set(lane, "waiting");
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
      lanes.set(lane, "running");
      void run(lane, pool);
    }
    if (more && pool.waiting.length < sweepLimit / 4) void sweep();
  }

  async function run(lane: Lane, pool: Pool): Promise<void> {
    let againInMs: number | undefined;
    try {
      againInMs = (await (door as EngineDoor).work(lane, aborter.signal)).againInMs;
    } catch (cause) {
      // The sweep brings the lane back while something is due in it.
      log.error("lane-throw", { lane, cause });
    }
    const again = lanes.get(lane) === "running-again";
    lanes.delete(lane);
    pool.running--;
    if (again || againInMs === 0) wake(lane);
    else if (againInMs !== undefined && againInMs <= sweepMs) clock.after(againInMs, () => wake(lane));
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
      for (const lane of due) wake(lane);
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

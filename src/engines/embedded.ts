import type { Cancel, Clock } from "../core/clock.ts";
import type { Engine, EngineDoor, Lane, LaneKind, LaneOwner, Worked } from "../core/engine.ts";
import type { AccountId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import { createFairLine, type FairLine, type Group, type Standing } from "./fair-line.ts";

export interface EmbeddedOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Lanes of each kind that run at the same time; asked each time, so that a changed setting counts at once. */
  readonly concurrency: { readonly turn: () => number; readonly send: () => number };
  /** Turns of one account that run at the same time. Absent, or nothing: no limit of its own. */
  readonly accountTurns?: (account: AccountId) => number | undefined;
  /** Milliseconds between two looks at the store; what a lost wake-up costs at most. */
  readonly sweepMs?: number;
  /** Lanes of each kind that wait in memory at most; the others wait in the store. */
  readonly room?: number;
}

/** Lanes asked of the store at a time. */
const pageSize = 1_000;
/** Pages that a look reads at most to come past lanes whose owner has taken its share: a regular one, and one in between. */
const mostPages = 4;
const fewPages = 2;
const unknown = Number.POSITIVE_INFINITY;

interface LaneState extends Standing<LaneState> {
  readonly lane: Lane;
  readonly owner: LaneOwner;
  /** Where it is counted. */
  readonly sender: Group<LaneState>;
  /** `resting`: until its timer, or the next wake-up. `shut`: until the gate that it waits for calls it. */
  at: "ready" | "running" | "resting" | "shut";
  /** It was woken while it ran. */
  again: boolean;
  /** Things that it has to do, as far as wake-ups told; without end when a look at the store or a timer brought it. */
  left: number;
  cancel?: Cancel;
}

interface Pool {
  readonly kind: LaneKind;
  readonly limit: () => number;
  readonly line: FairLine<LaneState>;
  sweeping: boolean;
  /** The store holds lanes that aren't here. */
  more: boolean;
  /** The last look brought none of them: before the next regular one there is no use in another. */
  dry: boolean;
  /** What is due before this page is here; the first page when absent. */
  front?: string | undefined;
  /** How far the looks beyond came, past lanes that found no room. */
  scout?: string | undefined;
}

/** A lane that waits for a gate, in that gate's own line. */
interface Waiting extends Standing<Waiting> {
  readonly state: LaneState;
  readonly sender: Group<Waiting>;
}

/**
 * The engine of one process: lanes in memory, in turns by owner, one item of a lane at a time, so that a conversation with
 * a thousand messages doesn't hold up the one behind it. A lane runs as often as it was woken; one that the sweep found
 * runs until it says that nothing is left.
 */
export function createEmbeddedEngine(options: EmbeddedOptions): Engine {
  const { clock, log, room = 10_000, sweepMs = 1_000, accountTurns = unlimited } = options;
  const lanes = new Map<Lane, LaneState>();
  const pools = {
    turn: createPool("turn", options.concurrency.turn, (account) => accountTurns(account as AccountId)),
    send: createPool("send", options.concurrency.send, unlimited),
  };
  const shut = new Map<string, FairLine<Waiting>>();
  const aborter = new AbortController();
  let door: EngineDoor | undefined;
  let stopping = false;
  let idle: (() => void) | undefined;

  function createPool(kind: LaneKind, limit: () => number, ofAccount: (account: string) => number | undefined): Pool {
    return { kind, limit, line: createFairLine<LaneState>({ room, limit: ofAccount }), sweeping: false, more: false, dry: false };
  }

  function poolOf(lane: Lane): Pool {
    return lane.startsWith("turn:") ? pools.turn : pools.send;
  }

  function wake(lane: Lane, owner: LaneOwner, things = 1): void {
    if (stopping || !door || things === 0) return;
    const state = lanes.get(lane);
    if (!state) {
      const pool = poolOf(lane);
      if (add(lane, owner, things, "ready")) pump(pool);
      // The store knows of it: a look that finds room brings it.
      else pool.more = true;
      return;
    }
    state.left += things;
    if (state.at === "running") state.again = true;
    if (state.at === "resting") rise(state);
  }

  /** Nothing when there is no room for it. */
  function add(lane: Lane, owner: LaneOwner, left: number, at: LaneState["at"]): LaneState | undefined {
    const { line } = poolOf(lane);
    const sender = line.admit(owner);
    if (!sender) return undefined;
    const state: LaneState = { lane, owner, sender, at, again: false, left, behind: undefined };
    lanes.set(lane, state);
    if (at === "ready") line.push(sender, state);
    return state;
  }

  /** What rested or waited for a gate can go. */
  function rise(state: LaneState): void {
    state.cancel?.();
    state.at = "ready";
    const pool = poolOf(state.lane);
    pool.line.push(state.sender, state);
    pump(pool);
  }

  function pump(pool: Pool): void {
    const { line } = pool;
    while (!stopping && line.running < pool.limit()) {
      const state = line.shift();
      if (!state) break;
      void run(state, pool);
    }
    if (pool.more && !pool.dry && line.ready < pageSize / 4) void sweep(pool, fewPages);
  }

  async function run(state: LaneState, pool: Pool): Promise<void> {
    const { lane, owner } = state;
    let worked: Worked = {};
    state.at = "running";
    state.left--;
    try {
      worked = await (door as EngineDoor).work(lane, owner, aborter.signal);
    } catch (cause) {
      // The sweep brings the lane back while something is due in it.
      log.error("lane-throw", { lane, cause });
    }
    lanes.delete(lane);
    if (!stopping) goOn(state, worked);
    pool.line.end(state.sender);
    pump(pool);
    if (stopping && running() === 0) idle?.();
  }

  function goOn({ lane, owner, left, again }: LaneState, { againInMs, more, waitsFor }: Worked): void {
    if (waitsFor?.open) wake(lane, owner, left + 1);
    else if (waitsFor) wait(lane, owner, left + 1, waitsFor.name);
    else if (more) wake(lane, owner, Math.max(1, left));
    else if (againInMs === 0 && left > 0) wake(lane, owner, left);
    else if (again) wake(lane, owner);
    else if (againInMs !== undefined && againInMs > 0 && againInMs <= sweepMs) rest(lane, owner, againInMs);
  }

  function rest(lane: Lane, owner: LaneOwner, ms: number): void {
    const state = add(lane, owner, unknown, "resting");
    if (state) state.cancel = clock.after(ms, () => rise(state));
  }

  function wait(lane: Lane, owner: LaneOwner, left: number, gate: string): void {
    const state = add(lane, owner, left, "shut");
    if (!state) return;
    const line = shut.get(gate) ?? createFairLine<Waiting>({ room: unknown, limit: unlimited });
    shut.set(gate, line);
    const waiting: Waiting = { state, sender: line.admit(owner) as Group<Waiting>, behind: undefined };
    line.push(waiting.sender, waiting);
  }

  function call(gate: string): Lane | undefined {
    const line = shut.get(gate);
    const next = line?.shift();
    if (!line || !next || stopping) return undefined;
    line.end(next.sender);
    if (line.held === 0) shut.delete(gate);
    rise(next.state);
    return next.state.lane;
  }

  /** Brings lanes that are due and aren't here: the longest waiting, and where those find no room, some beyond them. */
  async function sweep(pool: Pool, pages: number): Promise<void> {
    if (pool.sweeping || stopping || !door) return;
    pool.sweeping = true;
    pool.more = false;
    try {
      const from = pool.front;
      let first = await bring(pool, from);
      // The end: what became due before it comes now.
      if (from !== undefined && first.added === 0 && first.next === undefined) first = await bring(pool, undefined);
      if (first.refused === 0 && pool.front === from) pool.front = first.next;
      let { added, next } = first;
      for (let page = 2; page <= pages && added === 0 && next !== undefined; page++) {
        ({ added, next } = await bring(pool, pool.scout ?? first.next));
        pool.scout = next;
      }
      pool.more ||= next !== undefined || first.refused > 0;
      pool.dry = added === 0;
    } catch (cause) {
      log.error("sweep-fail", { cause });
    } finally {
      pool.sweeping = false;
    }
    pump(pool);
  }

  async function bring(pool: Pool, after: string | undefined): Promise<{ added: number; refused: number; next: string | undefined }> {
    const page = await (door as EngineDoor).due(pool.kind, pageSize, after);
    // What is on its way already has been told of; what a lost wake-up left behind it, the next look finds.
    const fresh = page.lanes.filter(({ lane }) => !lanes.has(lane));
    let added = 0;
    for (const { lane, owner } of fresh) if (!stopping && add(lane, owner, unknown, "ready")) added++;
    return { added, refused: fresh.length - added, next: page.next };
  }

  function look(): Promise<unknown> {
    for (const pool of [pools.turn, pools.send]) {
      pool.line.review();
      pool.dry = false;
    }
    return Promise.all([sweep(pools.turn, mostPages), sweep(pools.send, mostPages)]);
  }

  function tick(): void {
    if (stopping) return;
    void look();
    clock.after(sweepMs, tick);
  }

  function running(): number {
    return pools.turn.line.running + pools.send.line.running;
  }

  return {
    async start(opened) {
      door = opened;
      await look();
      clock.after(sweepMs, tick);
    },
    wake,
    call,
    look() {
      // What changed may let go what earlier pages left out.
      pools.turn.front = undefined;
      pools.send.front = undefined;
      void look();
    },
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
    load: () => ({ running: running(), waiting: pools.turn.line.held + pools.send.line.held }),
  };
}

function unlimited(): undefined {}

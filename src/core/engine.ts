import type { AccountId, TenantId } from "./ids.ts";

/**
 * A key whose work runs strictly one at a time: `turn:<conversation>` or `send:<conversation>`. The tenant is part of
 * the conversation's scope.
 */
export type Lane = `turn:${string}` | `send:${string}`;
export type LaneKind = "turn" | "send";

/** Whose work a lane is. The engine is fair between tenants, inside one between accounts, inside one between senders. */
export interface LaneOwner {
  readonly tenant: TenantId;
  readonly account: AccountId;
  /** Who wrote what the lane does first. Absent for sends: an account's stand in one line. */
  readonly sender?: string;
}

/** The right to work on a lane. Every write that ends a stage carries it and fails with `fenced` once it is void. */
export interface Lease {
  readonly lane: Lane;
  /** Grows with every new holder of the lane. */
  readonly fence: number;
}

/**
 * Hands lanes to workers. It holds nothing that matters: what is due stands in the store, and the engine asks for it at
 * the start and then regularly, so that a lost wake-up costs at most one interval. Lanes that wait take turns by owner;
 * those past the room that there is in memory are left to the store, and nobody's lanes can fill it alone.
 */
export interface Engine {
  /** Begins to call `work`. Each lane runs at most once at a time; lanes run side by side up to the limits. */
  start(door: EngineDoor): Promise<void>;
  /**
   * The lane has so many things more to do (1 if absent). Returns at once; waking a lane that runs makes it run once more
   * afterwards. The number spares looks in vain; one that is too small costs a sweep.
   */
  wake(lane: Lane, owner: LaneOwner, things?: number): void;
  /**
   * Something that lanes wait for has a place: the next of them, in turns by owner, is woken and named. Nothing when none
   * waits for it.
   */
  call(gate: string): Lane | undefined;
  /** Looks at the store now for what is due. Returns at once. */
  look(): void;
  /** Takes no new lanes, waits for the running ones up to `graceMs`, then aborts them. */
  stop(graceMs: number): Promise<void>;
  /** Lanes that run, and lanes that wait in memory, for metrics. */
  load(): { readonly running: number; readonly waiting: number };
}

export interface EngineDoor {
  /** Does one thing of the lane. */
  work(lane: Lane, owner: LaneOwner, signal: AbortSignal): Promise<Worked>;
  /** Lanes of one kind with something due, at most `limit`, longest waiting first; those after the page that ended with `after`. */
  due(kind: LaneKind, limit: number, after?: string): Promise<DuePage>;
}

export interface Worked {
  /**
   * When the lane wants to run again (elapsed ms from now): 0 when that was one thing of perhaps more, nothing when there
   * is none.
   */
  readonly againInMs?: number | undefined;
  /** There certainly is more to do now, whatever wake-ups told. */
  readonly more?: boolean | undefined;
  /** It could do nothing before that opens: it takes no worker's place meanwhile, and runs again once it is called. */
  readonly waitsFor?: Gate | undefined;
}

/** What lanes wait for. It is asked when the lane begins to wait: if it has opened since, the lane runs again at once. */
export interface Gate {
  readonly name: string;
  readonly open: boolean;
}

export interface DuePage {
  readonly lanes: readonly DueLane[];
  /** Where the next page begins, in the store's own words. Absent at the end. */
  readonly next?: string;
}

export interface DueLane {
  readonly lane: Lane;
  readonly owner: LaneOwner;
}

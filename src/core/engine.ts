/**
 * A key whose work runs strictly one at a time: `turn:<conversation>` or `send:<conversation>`. The tenant is part of
 * the conversation's scope.
 */
export type Lane = `turn:${string}` | `send:${string}`;

/** The right to work on a lane. Every write that ends a stage carries it and fails with `fenced` once it is void. */
export interface Lease {
  readonly lane: Lane;
  /** Grows with every new holder of the lane. */
  readonly fence: number;
}

/**
 * Hands lanes to workers. It holds nothing that matters: what is due stands in the store, and the engine asks for it at
 * the start and then regularly, so that a lost wake-up costs at most one interval.
 */
export interface Engine {
  /** Begins to call `work`. Each lane runs at most once at a time; lanes run side by side up to the limit. */
  start(door: EngineDoor): Promise<void>;
  /**
   * The lane has so many things more to do (1 if absent). Returns at once; waking a lane that runs makes it run once more
   * afterwards. The number spares looks in vain; one that is too small costs a sweep.
   */
  wake(lane: Lane, things?: number): void;
  /** Looks at the store now for what is due. Returns at once. */
  look(): void;
  /** Takes no new lanes, waits for the running ones up to `graceMs`, then aborts them. */
  stop(graceMs: number): Promise<void>;
  /** Lanes that run and that wait, for metrics and fairness. */
  load(): { readonly running: number; readonly waiting: number };
}

export interface EngineDoor {
  /**
   * Does one thing of the lane. Resolves with when it wants to run again (elapsed ms from now): 0 when that was one thing
   * of perhaps more, nothing when there is none.
   */
  work(lane: Lane, signal: AbortSignal): Promise<{ readonly againInMs?: number | undefined }>;
  /** Lanes with something due, at most `limit`, longest waiting first. */
  due(limit: number): Promise<readonly Lane[]>;
}

/** What a gateway of the scenario is told by its environment. */
export interface CrashPlan {
  /** Which of the lives on this data folder it is: every request that it makes says so. */
  readonly life: number;
  /** A method of the store, or the last part of a called address; absent: no crash of its own. */
  readonly point?: string;
  readonly when?: "before" | "after";
  /** Which call of this life it is. */
  readonly nth?: number;
  /** Where the crash is noted, on disk before it happens. */
  readonly log: string;
  readonly broken?: Broken;
}

/** Builds that are wrong in a way that the oracle must see. */
export type Broken = "ack-before-commit" | "no-dedupe" | "no-lease" | "receipt-before-send";

/** How one life goes. */
export interface LifePlan {
  readonly crash?: Pick<CrashPlan, "point" | "when" | "nth">;
  /** Messages that people write in it; absent where they write all the time. */
  readonly messages?: number;
  /**
   * When it is killed from outside, if it lives so long: so many milliseconds after it was started, or after it was ready
   * and the last of its messages was written.
   */
  readonly kill: { readonly after: "start" | "ready"; readonly ms: number };
}

/** Every boundary of the path. What stands here is crossed by the scenario's traffic in every life. */
export const boundaries = [
  "recover",
  "receive",
  "nextEvent",
  "ignoreEvent",
  "saveParts",
  "beginTurn",
  "stepTurn",
  "retryTurn",
  "finishTurn",
  "beginDraft",
  "draftSent",
  "beginAttempt",
  "endAttempt",
  "getUpdates",
  "sendMessage",
  "editMessageText",
  "sink",
] as const;

/** Those that only some messages cross: a life sees one or two of them. */
export const rare: ReadonlySet<string> = new Set([
  "recover",
  "saveParts",
  "stepTurn",
  "retryTurn",
  "beginDraft",
  "draftSent",
  "editMessageText",
]);

/** What a platform does wrong to a message's answer, once. */
export type Fault =
  /** 429: nothing is done, come back in a second. */
  | "too-many"
  /** 5xx of the platform itself, before anything is done; whoever hears it can't know that. */
  | "error"
  /** 502 of something in between, before anything is done. */
  | "proxy"
  /** The same, after it was done. */
  | "proxy-after"
  /** The connection is cut before anything is done. */
  | "cut"
  /** It is done, and the connection is cut before the answer. */
  | "drop"
  /** It is done, and answered late: no fault, but time for things to go wrong. */
  | "slow";

const soakFaults = ["too-many", "error", "proxy", "proxy-after", "cut", "drop"] as const satisfies readonly Fault[];

export type FaultPlan = (n: number) => Fault | undefined;

/** Each so many-th message on the mean; which ones, and what, is the seed's choice. */
export function soakFaultPlan(seed: number, every = 40): FaultPlan {
  return (n) => {
    const random = seeded(seed ^ Math.imul(n, 0x9e3779b1));
    return random() < 1 / every ? soakFaults[Math.floor(random() * soakFaults.length)] : undefined;
  };
}

/**
 * Lives that end at random moments: most after 0.2 to 1.8 times the mean of messages and a moment more, each tenth while
 * it starts, or shortly after.
 */
export function soakLives(seed: number, kills: number, messages: number): readonly LifePlan[] {
  const random = seeded(seed);
  const weights = Array.from({ length: kills }, () => ({ early: random() < 0.1, share: 0.2 + 1.6 * random(), ms: random() }));
  const whole = weights.reduce((sum, { early, share }) => sum + (early ? 0 : share), 0);
  let shared = 0;
  return weights.map(({ early, share, ms }) => {
    if (early) return { messages: 0, kill: { after: "start", ms: Math.round(20 + 700 * ms) } };
    const before = Math.round((messages * shared) / whole);
    shared += share;
    const count = Math.round((messages * shared) / whole) - before;
    return { messages: count, kill: { after: "ready", ms: Math.round(250 * ms) } };
  });
}

/** Mulberry32: the same numbers for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

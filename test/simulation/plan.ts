import type { InboundMode } from "../../src/core/route.ts";
import { type Random, seededRandom } from "./random.ts";

/** What the seed makes of its world. */
export interface Plan {
  readonly seed: number;
  readonly accounts: readonly AccountPlan[];
  readonly chats: number;
  readonly messages: number;
  /** Steps of the scheduler in which things go wrong; after them the world is fair, and everything must come to its end. */
  readonly turbulence: number;
  /** How often something of a kind happens, 0 to 1 for each occasion. */
  readonly weather: number;
  readonly moody: number;
  readonly modelTrouble: number;
  readonly diskTrouble: number;
  readonly slowReads: number;
  /** A wake-up that reaches two workers, and a lease that runs out under one. */
  readonly twice: number;
  readonly expiries: number;
  readonly crashes: number;
  readonly drains: number;
  readonly jumps: number;
  readonly takeovers: number;
  readonly operators: number;
  /** The beginning of the labels of tasks that have to wait for most others. */
  readonly starved?: string;
  readonly limits: { readonly concurrentTurns: number; readonly turnTries: number; readonly deliveryAttempts: number };
  readonly mode: InboundMode;
  readonly models: readonly string[];
  readonly history: number;
}

export interface AccountPlan {
  readonly name: string;
  readonly inbound: "poll" | "push";
  readonly idempotent: boolean;
  readonly edits: boolean;
  readonly onUnknown: "hold" | "resend";
  readonly streaming: boolean;
  /** Sends per second; absent: as many as one likes. */
  readonly pace?: number;
}

export function planOf(seed: number): Plan {
  const random = seededRandom(seed);
  /** Many worlds lack most kinds of trouble: what one kind does alone is easier to see, and reached more often. */
  const some = (probability: number, most: number) => (random.chance(probability) ? random() * most : 0);
  const times = (probability: number, most: number) => (random.chance(probability) ? random.between(1, most) : 0);
  const starved = random.pick([undefined, undefined, undefined, "commit", "flush", "← ", "→ ", "timer", "chunk", "read"]);
  return {
    seed,
    accounts: Array.from({ length: random.between(1, 3) }, (_, index) => accountOf(random, index)),
    chats: random.between(1, 4),
    messages: random.between(3, 20),
    turbulence: random.between(100, 600),
    weather: some(0.6, 0.3),
    moody: some(0.6, 0.3),
    modelTrouble: some(0.6, 0.4),
    diskTrouble: some(0.15, 0.1),
    slowReads: some(0.25, 0.5),
    twice: some(0.25, 0.5),
    expiries: times(0.2, 3),
    crashes: times(0.65, 4),
    drains: times(0.25, 2),
    jumps: times(0.2, 2),
    takeovers: times(0.5, 4),
    operators: times(0.6, 8),
    ...(starved !== undefined && { starved }),
    limits: {
      concurrentTurns: random.between(1, 6),
      turnTries: random.between(2, 5),
      deliveryAttempts: random.between(2, 6),
    },
    mode: random.pick(["queue", "queue", "queue", "collect", "steer", "interrupt"]),
    models: random.chance(0.4) ? ["sim/one", "sim/two"] : ["sim/one"],
    history: random.pick([0, 4, 20]),
  };
}

function accountOf(random: Random, index: number): AccountPlan {
  return {
    name: `account-${index + 1}`,
    inbound: random.pick(["poll", "push"]),
    idempotent: random.chance(0.3),
    edits: random.chance(0.5),
    onUnknown: random.pick(["hold", "resend"]),
    streaming: random.chance(0.8),
    ...(random.chance(0.3) && { pace: random.between(1, 5) }),
  };
}

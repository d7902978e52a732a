import type { Evidence, Said, Send } from "./evidence.ts";

/** What the gateway itself shows when all is over. */
export interface Shown {
  readonly held: readonly Held[];
  /** The platforms' ids of messages that it holds a receipt for, as `account/chat/id`. */
  readonly receipts: ReadonlySet<string>;
}

/** A delivery that it calls `unknown`. */
export interface Held {
  readonly n: number;
  readonly account: Said["account"];
  readonly chat: number;
  /** Not just a draft. */
  readonly whole: boolean;
  /** When it said so, by its own clock, and whether because its life before ended in the middle. */
  readonly at: number;
  readonly byDeath: boolean;
}

/** One thing that must not be: about which message, and why. */
export interface Broken {
  readonly n: number;
  readonly why: string;
}

export interface Verdict {
  readonly attempted: number;
  readonly acknowledged: number;
  readonly indeterminate: number;
  readonly failed: number;
  readonly kills: number;
  /** Injected faults of the platforms, by what they were. */
  readonly faults: Readonly<Record<string, number>>;
  /** Answers that the platforms took: how many messages got none, one, two … */
  readonly answers: Readonly<Record<number, number>>;
  readonly duplicated: {
    /** Copies that a platform took beyond the first. */
    readonly wire: number;
    /** What is left of them after the receiver's own dedupe, where its documentation promises one. */
    readonly visible: number;
    /** Messages with more than one reply. */
    readonly replies: number;
  };
  /** Duplicates and unknown deliveries, by the one fault that each comes from. */
  readonly explained: Readonly<Record<string, number>>;
  /** Not seen answered, and shown to the operator as unknown: only where the platform can't dedupe. */
  readonly held: number;
  readonly broken: Readonly<Record<Law, readonly Broken[]>>;
}

/** What must not be. */
export const laws = [
  /** Acknowledged, never answered, and nobody is told. */
  "lost",
  /** Answers that nobody asked for, or in the wrong place. */
  "unexpected",
  /** Taken again, or in doubt, without a fault of its own between send and receipt. */
  "unexplained",
  /** Answered after a later message of the same chat. */
  "reordered",
  /** The model was paid again although no fault came between. */
  "paidAgain",
  /** Lives that ended by themselves; their numbers instead of a message's. */
  "fell",
] as const;
type Law = (typeof laws)[number];

/**
 * So many posts in a row, each begun after the one before was acknowledged and the first after a receipt was handed over,
 * show that the gateway had the time to store that receipt: it reads what came first, and commits in the order of reading.
 * One would do; no clock and no speed of any machine is in it.
 */
const enoughTrips = 3;

/** The witnesses' logs, and what the gateway shows in the end, judged. */
export function judge(evidence: Evidence, shown: Shown): Verdict {
  const { said, sends, refusals, lives } = evidence;
  const byNumber = Map.groupBy(sends, ({ n }) => n);
  const wholes = new Set(sends.filter(({ wholeAt }) => wholeAt !== undefined).map(({ n }) => n));
  const heldWhole = new Set(shown.held.filter(({ whole, account }) => whole && account === "hold").map(({ n }) => n));
  const unanswered = said.filter(({ n, fate }) => (fate === "acknowledged" || fate === "waiting") && !wholes.has(n));
  const copies = copiesOf(evidence, shown, byNumber);
  const doubts = doubtsOf(evidence, shown);
  const fates = Map.groupBy(said, ({ fate }) => fate);
  const count = (fate: Said["fate"]) => fates.get(fate)?.length ?? 0;
  return {
    attempted: said.length,
    acknowledged: count("acknowledged"),
    indeterminate: count("indeterminate"),
    failed: count("failed"),
    kills: lives.filter(({ how }) => how === "killed").length,
    faults: tally([...refusals.map(({ what }) => what), ...sends.flatMap(({ withheld }) => withheld ?? [])]),
    answers: tally(said.map(({ n }) => visibleOf(byNumber.get(n) ?? []).length)),
    duplicated: {
      wire: copies.length,
      visible: [...byNumber.values()].reduce((sum, own) => sum + visibleOf(own).length - 1, 0),
      replies: [...byNumber.values()].filter((own) => visibleOf(own).length > 1).length,
    },
    explained: tally([...copies, ...doubts].flatMap(({ fault }) => fault ?? [])),
    held: unanswered.filter(({ n }) => heldWhole.has(n)).length,
    broken: {
      lost: unanswered.filter(({ n }) => !heldWhole.has(n)).map(({ n, account, fate }) => ({ n, why: `${account}, ${fate}` })),
      unexpected: unexpected(said, sends),
      unexplained: [...copies, ...doubts].filter(({ fault }) => fault === undefined).map(({ n, why }) => ({ n, why })),
      reordered: reordered(said, sends),
      paidAgain: paidAgain(evidence, byNumber),
      fell: lives.flatMap(({ life, how }) => (typeof how === "string" ? [] : [{ n: life, why: how.fell }])),
    },
  };
}

/** How much is broken, of everything; 0 is good. */
export function brokenOf({ broken }: Verdict): number {
  return laws.reduce((sum, law) => sum + broken[law].length, 0);
}

/** One thing that may have happened twice, with the fault that it comes from, if there is one. */
interface Doubt {
  readonly n: number;
  readonly why: string;
  readonly fault?: string;
}

/**
 * Every copy beyond a message's first, with the fault that made it: one on the very request of the copy before, or the kill
 * of the life that sent that one, between sending and storing the receipt. A request has one fault and a life one kill, and
 * the next copy must come from a later life: no fault excuses twice for the same message.
 */
function copiesOf({ refusals, sends, lives, trips }: Evidence, shown: Shown, byNumber: ReadonlyMap<number, readonly Send[]>): Doubt[] {
  const byLife = new Map(lives.map((life) => [life.life, life]));
  /** The last thing that a life asked of a lane: everything before it had come to its end. */
  const last = new Map<string, number>();
  for (const { account, chat, life, order } of [...sends, ...refusals]) {
    const lane = `${life}/${account}/${chat}`;
    last.set(lane, Math.max(last.get(lane) ?? 0, order));
  }

  function whyNot(copy: Send, next: Send): string | undefined {
    if (copy.account === "desk" && copy.id !== next.id) return "another id: another delivery";
    if (copy.account === "hold" && !copy.draft) return "this account holds what is in doubt";
    if (copy.withheld !== undefined) return undefined;
    const life = byLife.get(copy.life);
    if (next.life === copy.life) return "twice in one life";
    if (life?.how !== "killed") return "its life wasn't killed";
    if (copy.edited) return "its sender had the receipt: it was edited";
    if (last.get(`${copy.life}/${copy.account}/${copy.chat}`) !== copy.order) return "its life went on with the next of the lane";
    if (copy.account !== "desk" && shown.receipts.has(`${copy.account}/${copy.chat}/${copy.id}`)) return "the receipt was stored";
    if (copy.answeredAt !== undefined && tripsBetween(trips, copy.answeredAt, life.end) >= enoughTrips) return "the kill came too late";
    return undefined;
  }

  return [...byNumber].flatMap(([n, own]) =>
    own.slice(1).map((next, index): Doubt => {
      const copy = own[index] as Send;
      const why = whyNot(copy, next);
      const on = `${copy.account}, lives ${copy.life} and ${next.life}`;
      return why === undefined ? { n, why: on, fault: copy.withheld ?? "kill" } : { n, why: `${on}: ${why}` };
    }),
  );
}

/** How many posts, one after the other, were begun after `from` and acknowledged before `until`. */
export function tripsBetween(trips: Evidence["trips"], from: number, until: number): number {
  const within = trips.filter((trip) => trip.from >= from && trip.at <= until);
  let count = 0;
  for (let at = from; ; count++) {
    const next = within.reduce((first, trip) => (trip.from >= at ? Math.min(first, trip.at) : first), Number.POSITIVE_INFINITY);
    if (next === Number.POSITIVE_INFINITY) return count;
    at = next;
  }
}

/**
 * What the gateway calls unknown, with its fault: a request of that message that a platform cut off or didn't answer, or
 * the end of the life before, which leaves one in doubt of each lane at most.
 */
function doubtsOf({ sends, refusals, lives }: Evidence, { held }: Shown): Doubt[] {
  const faults = new Map<number, number>();
  for (const { n } of [...sends.filter(({ withheld }) => withheld !== undefined), ...refusals.filter(({ sure }) => !sure)])
    faults.set(n, (faults.get(n) ?? 0) + 1);
  const ends = new Set<string>();
  return held.map(({ n, account, chat, at, byDeath }): Doubt => {
    const why = `${account}, unknown${byDeath ? " after a stop" : ""}`;
    if (!byDeath) {
      const left = faults.get(n) ?? 0;
      faults.set(n, left - 1);
      return left > 0 ? { n, why, fault: "no clear answer" } : { n, why: `${why}: no fault on its requests` };
    }
    const finder = lives.findLast(({ start }) => start <= at);
    const before = finder && lives.find(({ life }) => life === finder.life - 1);
    const lane = `${finder?.life}/${account}/${chat}`;
    if (before?.how !== "killed") return { n, why: `${why}: no kill before life ${finder?.life}` };
    if (ends.has(lane)) return { n, why: `${why}: another of its lane has that kill already` };
    ends.add(lane);
    return { n, why, fault: "kill" };
  });
}

function unexpected(said: readonly Said[], sends: readonly Send[]): Broken[] {
  const known = new Map(said.map((one) => [one.n, one]));
  return sends.flatMap(({ n, account, chat }) => {
    const asked = known.get(n);
    if (!asked) return [{ n, why: `nobody said that (${account})` }];
    if (asked.fate === "failed") return [{ n, why: "its sender was told no" }];
    return asked.account === account && asked.chat === chat
      ? []
      : [{ n, why: `said in ${asked.account}/${asked.chat}, answered in ${account}/${chat}` }];
  });
}

/** Numbers grow in a chat as its messages do. What was given up in doubt may have been taken at any time: it has no place. */
function reordered(said: readonly Said[], sends: readonly Send[]): Broken[] {
  const placeless = new Set(said.filter(({ fate }) => fate === "indeterminate").map(({ n }) => n));
  const latest = new Map<string, number>();
  return sends.flatMap(({ n, account, chat }) => {
    if (placeless.has(n)) return [];
    const lane = `${account}/${chat}`;
    const before = latest.get(lane) ?? 0;
    latest.set(lane, Math.max(n, before));
    return n < before ? [{ n, why: `${lane}: after ${before}` }] : [];
  });
}

/** It may ask again when it was told no, and after a kill until the whole answer was on its way. */
function paidAgain({ asked, lives }: Evidence, byNumber: ReadonlyMap<number, readonly Send[]>): Broken[] {
  const killed = new Set(lives.filter(({ how }) => how === "killed").map(({ life }) => life));
  return [...Map.groupBy(asked, ({ n }) => n)].flatMap(([n, calls]) =>
    calls.slice(1).flatMap((call, index) => {
      const before = calls[index] as (typeof calls)[number];
      const answered = byNumber.get(n)?.some(({ wholeAt = Number.POSITIVE_INFINITY, life }) => life < call.by && wholeAt < call.at);
      if (answered) return [{ n, why: `life ${call.by} asked again after the answer` }];
      return before.failed || (before.by !== call.by && killed.has(before.by)) ? [] : [{ n, why: `life ${call.by} asked twice` }];
    }),
  );
}

/** Only the webhook's receiver is promised to dedupe, by its id: https://www.standardwebhooks.com */
function visibleOf(sends: readonly Send[]): readonly Send[] {
  return sends.filter((send, index) => send.account !== "desk" || sends.findIndex(({ id }) => id === send.id) === index);
}

function tally(names: readonly (string | number)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

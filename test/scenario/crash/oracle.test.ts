import assert from "node:assert/strict";
import { test } from "node:test";
import type { Evidence, Refusal, Said, Send } from "./evidence.ts";
import { brokenOf, type Held, judge, laws, type Shown, tripsBetween, type Verdict } from "./oracle.ts";

/** Two lives that were killed, at 100 and at 200, and one in peace. */
const lives: Evidence["lives"] = [
  { life: 0, start: 0, end: 100, how: "killed" },
  { life: 1, start: 101, end: 200, how: "killed" },
  { life: 2, start: 201, end: 300, how: "stopped" },
];

function said(n: number, more: Partial<Said> = {}): Said {
  return { n, account: "resend", chat: 1, fate: "acknowledged", ...more };
}

function send(n: number, life: number, at: number, more: Partial<Send> = {}): Send {
  return {
    account: "resend",
    chat: 1,
    n,
    id: `m${at}`,
    life,
    order: at,
    at,
    wholeAt: at,
    answeredAt: at + 1,
    draft: false,
    edited: false,
    ...more,
  };
}

function refusal(n: number, life: number, order: number, more: Partial<Refusal> = {}): Refusal {
  return { account: "hold", chat: 1, n, life, order, what: "cut", sure: false, ...more };
}

function held(n: number, more: Partial<Held> = {}): Held {
  return { n, account: "hold", chat: 1, whole: true, at: 150, byDeath: true, ...more };
}

function verdict(evidence: Partial<Evidence>, shown: Partial<Shown> = {}): Verdict {
  return judge(
    { said: [], sends: [], refusals: [], asked: [], lives, trips: [], ...evidence },
    { held: [], receipts: new Set(), ...shown },
  );
}

const desk = { account: "desk", id: "dl_1" } as const;
const trips = [10, 20, 30, 40, 50].map((from) => ({ from, at: from + 5 }));

interface Case {
  readonly evidence: Partial<Evidence>;
  readonly shown?: Partial<Shown>;
  /** What it breaks, by how many; nothing if absent. */
  readonly breaks?: Partial<Record<(typeof laws)[number], number>>;
  /** Checked besides. */
  readonly also?: Partial<Verdict>;
}

const cases: Readonly<Record<string, Case>> = {
  "an answered message": {
    evidence: { said: [said(1)], sends: [send(1, 0, 10)] },
    also: { attempted: 1, acknowledged: 1, kills: 2, answers: { 1: 1 }, duplicated: { wire: 0, visible: 0, replies: 0 } },
  },
  "an acknowledged message without an answer": { evidence: { said: [said(1)] }, breaks: { lost: 1 }, also: { answers: { 0: 1 } } },
  "one that its sender still repeats": { evidence: { said: [said(1, { fate: "waiting" })] }, breaks: { lost: 1 } },
  "one that was given up in doubt": { evidence: { said: [said(1, { fate: "indeterminate" })] }, also: { indeterminate: 1 } },
  "one that was given up in doubt, and answered": {
    evidence: { said: [said(1, { fate: "indeterminate" })], sends: [send(1, 0, 10)] },
  },
  "one that was refused": { evidence: { said: [said(1, { fate: "failed" })] }, also: { failed: 1 } },
  "one that was refused, and answered": {
    evidence: { said: [said(1, { fate: "failed" })], sends: [send(1, 0, 10)] },
    breaks: { unexpected: 1 },
  },
  "half an answer": {
    evidence: { said: [said(1)], sends: [{ ...send(1, 0, 10), wholeAt: undefined } as unknown as Send] },
    breaks: { lost: 1 },
  },
  "an answer that is unknown and held": {
    evidence: { said: [said(1, { account: "hold" })] },
    shown: { held: [held(1)] },
    also: { held: 1, explained: { kill: 1 } },
  },
  "only a draft is held": {
    evidence: { said: [said(1, { account: "hold" })] },
    shown: { held: [held(1, { whole: false })] },
    breaks: { lost: 1 },
  },
  "held where it should be sent again": {
    evidence: { said: [said(1)] },
    shown: { held: [held(1, { account: "resend" })] },
    breaks: { lost: 1 },
  },
  "an answer to nobody": { evidence: { sends: [send(1, 0, 10)] }, breaks: { unexpected: 1 } },
  "an answer in another chat": { evidence: { said: [said(1, { chat: 2 })], sends: [send(1, 0, 10)] }, breaks: { unexpected: 1 } },
  "an answer through another account": {
    evidence: { said: [said(1, { account: "hold" })], sends: [send(1, 0, 10)] },
    breaks: { unexpected: 1 },
  },

  "twice, with a kill before the receipt": {
    evidence: { said: [said(1)], sends: [send(1, 0, 99), send(1, 1, 120)] },
    also: { explained: { kill: 1 }, answers: { 2: 1 }, duplicated: { wire: 1, visible: 1, replies: 1 } },
  },
  "three times, with two kills": {
    evidence: { said: [said(1)], sends: [send(1, 0, 99), send(1, 1, 199), send(1, 2, 220)] },
    also: { explained: { kill: 2 }, duplicated: { wire: 2, visible: 2, replies: 1 } },
  },
  "twice, and the platform heard the first only after the kill": {
    evidence: { said: [said(1)], sends: [send(1, 0, 105), send(1, 1, 120)] },
    also: { explained: { kill: 1 } },
  },
  "twice in one life": { evidence: { said: [said(1)], sends: [send(1, 0, 20), send(1, 0, 99)] }, breaks: { unexplained: 1 } },
  "one kill for two copies": {
    evidence: { said: [said(1)], sends: [send(1, 0, 98), send(1, 0, 99), send(1, 1, 120)] },
    breaks: { unexplained: 1 },
    also: { explained: { kill: 1 } },
  },
  "twice, over a stop in peace": {
    evidence: {
      said: [said(1)],
      sends: [send(1, 2, 210), send(1, 3, 310)],
      lives: [...lives, { life: 3, start: 301, end: 400, how: "stopped" }],
    },
    breaks: { unexplained: 1 },
  },
  "twice, but the receipt was stored": {
    evidence: { said: [said(1)], sends: [send(1, 0, 99), send(1, 1, 120)] },
    shown: { receipts: new Set(["resend/1/m99"]) },
    breaks: { unexplained: 1 },
  },
  "twice, but the first was edited by its sender": {
    evidence: { said: [said(1)], sends: [send(1, 0, 99, { edited: true }), send(1, 1, 120)] },
    breaks: { unexplained: 1 },
  },
  "twice, but its life went on with the lane": {
    evidence: { said: [said(1), said(2)], sends: [send(1, 0, 80), send(2, 0, 90), send(1, 1, 120)] },
    breaks: { unexplained: 1, reordered: 1 },
  },
  "twice, its life having gone on elsewhere": {
    evidence: { said: [said(1), said(2, { chat: 2 })], sends: [send(1, 0, 80), send(2, 0, 90, { chat: 2 }), send(1, 1, 120)] },
    also: { explained: { kill: 1 } },
  },
  "twice, where what is in doubt is to be held": {
    evidence: {
      said: [said(1, { account: "hold" })],
      sends: [send(1, 0, 99, { account: "hold" }), send(1, 1, 120, { account: "hold" })],
    },
    breaks: { unexplained: 1 },
  },
  "twice there, the first being a draft": {
    evidence: {
      said: [said(1, { account: "hold" })],
      sends: [send(1, 0, 99, { account: "hold", draft: true }), send(1, 1, 120, { account: "hold" })],
    },
    also: { explained: { kill: 1 } },
  },
  "twice, but there was time to store the receipt": {
    evidence: { said: [said(1)], sends: [send(1, 0, 8), send(1, 1, 120)], trips },
    breaks: { unexplained: 1 },
  },
  "twice, the receipt handed over late": {
    evidence: { said: [said(1)], sends: [send(1, 0, 8, { answeredAt: 39 }), send(1, 1, 120)], trips },
    also: { explained: { kill: 1 } },
  },
  "twice, the receipt withheld": {
    evidence: { said: [said(1)], sends: [send(1, 0, 20, { withheld: "drop" }), send(1, 0, 40)], trips },
    also: { explained: { drop: 1 }, faults: { drop: 1 } },
  },
  "three times, the receipt withheld once": {
    evidence: { said: [said(1)], sends: [send(1, 0, 20, { withheld: "drop" }), send(1, 0, 40), send(1, 0, 60)] },
    breaks: { unexplained: 1 },
  },
  "a refusal is no copy": {
    evidence: { said: [said(1)], sends: [send(1, 0, 40)], refusals: [refusal(1, 0, 20, { account: "resend" })] },
    also: { duplicated: { wire: 0, visible: 0, replies: 0 }, faults: { cut: 1 } },
  },

  "the webhook's receiver sees an id twice, with a kill": {
    evidence: { said: [said(1, { account: "desk" })], sends: [send(1, 0, 99, desk), send(1, 1, 120, desk)] },
    also: { duplicated: { wire: 1, visible: 0, replies: 0 }, explained: { kill: 1 } },
  },
  "the webhook's receiver sees an id twice, without one": {
    evidence: { said: [said(1, { account: "desk" })], sends: [send(1, 0, 50, desk), send(1, 0, 60, desk)] },
    breaks: { unexplained: 1 },
  },
  "the webhook's receiver sees another id": {
    evidence: { said: [said(1, { account: "desk" })], sends: [send(1, 0, 99, desk), send(1, 1, 120, { ...desk, id: "dl_2" })] },
    breaks: { unexplained: 1 },
    also: { duplicated: { wire: 1, visible: 1, replies: 1 } },
  },

  "in doubt after a request that was cut": {
    evidence: { said: [said(1, { account: "hold" })], refusals: [refusal(1, 0, 20)] },
    shown: { held: [held(1, { byDeath: false })] },
    also: { held: 1, explained: { "no clear answer": 1 } },
  },
  "in doubt after a clear refusal": {
    evidence: { said: [said(1, { account: "hold" })], refusals: [refusal(1, 0, 20, { sure: true, what: "error 429" })] },
    shown: { held: [held(1, { byDeath: false })] },
    breaks: { unexplained: 1 },
  },
  "in doubt for no reason": {
    evidence: { said: [said(1, { account: "hold" })] },
    shown: { held: [held(1, { byDeath: false })] },
    breaks: { unexplained: 1 },
  },
  "two of a lane in doubt after one kill": {
    evidence: { said: [said(1, { account: "hold" }), said(2, { account: "hold" })] },
    shown: { held: [held(1), held(2)] },
    breaks: { unexplained: 1 },
  },
  "two lanes in doubt after one kill": {
    evidence: { said: [said(1, { account: "hold" }), said(2, { account: "hold", chat: 2 })] },
    shown: { held: [held(1), held(2, { chat: 2 })] },
    also: { held: 2, explained: { kill: 2 } },
  },
  "in doubt in the first life": {
    evidence: { said: [said(1, { account: "hold" })] },
    shown: { held: [held(1, { at: 50 })] },
    breaks: { unexplained: 1 },
  },

  "answers out of order": { evidence: { said: [said(1), said(2)], sends: [send(2, 0, 10), send(1, 0, 20)] }, breaks: { reordered: 1 } },
  "answers of two chats in any order": {
    evidence: { said: [said(1), said(2, { chat: 2 })], sends: [send(2, 0, 10, { chat: 2 }), send(1, 0, 20)] },
  },
  "one given up in doubt is answered late": {
    evidence: { said: [said(1, { fate: "indeterminate" }), said(2)], sends: [send(2, 0, 10), send(1, 0, 20)] },
  },

  "the model is asked twice in a life": {
    evidence: { said: [said(1)], sends: [send(1, 0, 30)], asked: [ask(1, 0, 10), ask(1, 0, 20)] },
    breaks: { paidAgain: 1 },
  },
  "the model is asked again after it failed": {
    evidence: { said: [said(1)], sends: [send(1, 0, 30)], asked: [{ ...ask(1, 0, 10), failed: true }, ask(1, 0, 20)] },
  },
  "the model is asked again after a kill": {
    evidence: { said: [said(1)], sends: [send(1, 1, 130)], asked: [ask(1, 0, 10), ask(1, 1, 120)] },
  },
  "the model is asked again after the answer": {
    evidence: { said: [said(1)], sends: [send(1, 0, 30)], asked: [ask(1, 0, 10), ask(1, 1, 120)] },
    breaks: { paidAgain: 1 },
  },

  "a life that ended by itself": {
    evidence: { lives: [{ life: 0, start: 0, end: 10, how: { fell: "1" } }] },
    breaks: { fell: 1 },
  },
};

function ask(n: number, by: number, at: number): Evidence["asked"][number] {
  return { n, by, at, failed: false };
}

for (const [name, { evidence, shown = {}, breaks = {}, also = {} }] of Object.entries(cases)) {
  test(name, () => {
    const judged = verdict(evidence, shown);
    const found = Object.fromEntries(laws.flatMap((law) => (judged.broken[law].length > 0 ? [[law, judged.broken[law].length]] : [])));
    assert.deepEqual(found, breaks, JSON.stringify(judged.broken));
    assert.equal(
      brokenOf(judged),
      Object.values(breaks).reduce((sum, count) => sum + count, 0),
    );
    for (const [key, value] of Object.entries(also)) assert.deepEqual(judged[key as keyof Verdict], value, key);
  });
}

test("trips count one after the other", () => {
  assert.equal(tripsBetween(trips, 10, 300), 5);
  assert.equal(tripsBetween(trips, 11, 300), 4);
  assert.equal(tripsBetween(trips, 10, 35), 3);
  assert.equal(tripsBetween([...trips, ...trips], 10, 300), 5);
  assert.equal(tripsBetween([], 0, 300), 0);
});

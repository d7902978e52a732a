import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { agentOf } from "../../test/support/agent.ts";
import type { Limits } from "../core/configuration.ts";
import type { AccountId, ConversationId, EventId, TenantId } from "../core/ids.ts";
import { textPart } from "../core/message.ts";
import type { QueuedEvent } from "../core/store.ts";
import type { Decision } from "./decide.ts";
import { createGuard, notices } from "./guard.ts";

const turn: Decision = { kind: "turn", agent: agentOf(), route: 0 };
const people = {};

interface Said {
  readonly text?: string;
  readonly sender?: string;
  readonly conversation?: string;
  readonly account?: string;
  readonly group?: true;
  readonly tries?: number;
}

function guardWith(limits: Partial<Limits>) {
  const clock = createHandClock();
  const had = { turns: 0 };
  const guard = createGuard({ clock, limits: () => limits as Limits, store: { turnsOn: async () => had.turns } });
  let made = 0;
  const said = ({ text = "hi", sender = "u1", conversation = "c1", account = "bot", group, tries = 0 }: Said = {}): QueuedEvent => {
    const id = `ev_${made++}` as EventId;
    const chat = { id: conversation, kind: group ? "group" : "direct" } as const;
    const scope = { tenant: "t" as TenantId, account: account as AccountId, channel: "telegram" };
    const from = { id: sender, bot: false, self: false };
    return {
      ...{ ...scope, id, tries, crashes: 0, receivedAt: clock.now(), dueAt: clock.now() },
      past: { story: 1, behind: 0, from: 0, version: 0 },
      conversation: { ...scope, id: conversation as ConversationId, chat, control: "agent", controlVersion: 1 },
      event: { kind: "message", key: id, chat, sender: from, at: 0, platformId: id, parts: [textPart(text)], addressed: true },
    };
  };
  const admit = (queued: QueuedEvent, channel: { programs?: true } = people) => {
    const decision = guard.admit(turn, queued, channel);
    return decision.kind === "turn" ? "turn" : decision.kind === "ignore" ? decision.reason : "command";
  };
  return { clock, guard, said, admit, had };
}

describe("the rate of a sender", () => {
  const limits = { sender: { perMinute: 6, burst: 3 } };

  test("so many at once, then evenly, for each sender and account by itself", async () => {
    const { clock, said, admit } = guardWith(limits);
    const many = (count: number, of?: Said) => Array.from({ length: count }, () => admit(said(of)));
    assert.deepEqual(many(4), ["turn", "turn", "turn", "sender-rate"]);
    assert.deepEqual(many(1, { sender: "u2" }), ["turn"]);
    assert.deepEqual(many(1, { account: "other" }), ["turn"]);
    assert.deepEqual(many(1, { conversation: "c2" }), ["sender-rate"], "another conversation is no way round it");
    await clock.advance(10_000);
    assert.deepEqual(many(2), ["turn", "sender-rate"]);
    await clock.advance(3_600_000);
    assert.deepEqual(many(4), ["turn", "turn", "turn", "sender-rate"], "what wasn't used doesn't add up");
  });

  test("what was let in before is let in again, and what can't begin now isn't counted", () => {
    const { guard, said, admit } = guardWith(limits);
    for (let i = 0; i < 10; i++) assert.equal(admit(said({ tries: 1 })), "turn");
    for (let i = 0; i < 10; i++) {
      const queued = said();
      assert.equal(admit(queued), "turn");
      guard.begun(queued, { name: "provider:p", open: false });
    }
    for (let i = 0; i < 3; i++) {
      const queued = said();
      admit(queued);
      guard.begun(queued, 0);
    }
    assert.equal(admit(said()), "sender-rate");
  });

  test("the sender is told once until it has been quiet, in a direct chat", async () => {
    const { clock, guard, said, admit } = guardWith(limits);
    const tell = (of?: Said) => guard.notice(said(of), "sender-rate", clock.now())?.text;
    for (let i = 0; i < 4; i++) admit(said());
    assert.deepEqual([tell({ group: true }), tell(), tell()], [undefined, notices["sender-rate"], undefined]);
    await clock.advance(20_000);
    for (let i = 0; i < 4; i++) admit(said());
    assert.equal(tell(), undefined, "it never stopped");
    await clock.advance(60_000);
    for (let i = 0; i < 4; i++) admit(said());
    assert.equal(tell(), notices["sender-rate"]);
  });

  test("the operator's own words, or none", () => {
    for (const [notice, expected] of [["Slow down", "Slow down"] as const, ["", undefined] as const]) {
      const { clock, guard, said, admit } = guardWith({ sender: { perMinute: 1, notice } });
      for (let i = 0; i < 2; i++) admit(said());
      assert.equal(guard.notice(said(), "sender-rate", clock.now())?.text, expected);
      assert.equal(guard.notice(said(), "own-echo", clock.now()), undefined);
    }
  });
});

describe("two machines that answer each other", () => {
  interface Talk {
    readonly count: number;
    /** From our answer to the next message. */
    readonly afterMs: number;
    readonly text: (n: number) => string;
    readonly sender?: (n: number) => string;
    readonly programs?: true;
  }

  /** What became of the last message. */
  async function talk({ count, afterMs, text, sender, programs }: Talk) {
    const { clock, guard, said, admit } = guardWith({ loopTurns: 30 });
    let last = "";
    for (let n = 0; n < count && last !== "loop-guard"; n++) {
      const queued = said({ text: text(n), ...(sender && { sender: sender(n) }) });
      last = admit(queued, programs ? { programs } : people);
      if (last === "turn") assert.equal(admit(queued), "turn", "an event is counted once");
      await clock.advance(500);
      guard.answered(queued, clock.now());
      await clock.advance(afterMs);
    }
    return last;
  }

  const long = (n: number) => `${n}: thank you for your message, which I have read with care. What else can I do for you today?`;
  const same = () => "I am out of office until Monday.";

  test("are noticed: at once, or as slow as a model that writes", async () => {
    assert.equal(await talk({ count: 31, afterMs: 100, text: () => "ok" }), "loop-guard");
    assert.equal(await talk({ count: 31, afterMs: 4_000, text: long }), "loop-guard");
  });

  test("so is one that says the same every half minute", async () => {
    assert.equal(await talk({ count: 31, afterMs: 30_000, text: same }), "loop-guard");
  });

  test("fewer are let be", async () => {
    assert.equal(await talk({ count: 30, afterMs: 100, text: () => "ok" }), "turn");
  });

  test("a person isn't taken for one: quick, long, or with the same short words", async () => {
    assert.equal(await talk({ count: 100, afterMs: 1_500, text: () => "no" }), "turn");
    assert.equal(await talk({ count: 100, afterMs: 12_000, text: long }), "turn");
    assert.equal(await talk({ count: 100, afterMs: 2_000, text: () => "go on" }), "turn");
  });

  test("nor are several who talk in a group, nor a program", async () => {
    assert.equal(await talk({ count: 100, afterMs: 100, text: () => "ok", sender: (n) => `u${n % 2}` }), "turn");
    const { said, admit, guard, clock } = guardWith({ loopTurns: 3 });
    for (let n = 0; n < 100; n++) {
      const queued = said();
      assert.equal(admit(queued, { programs: true }), "turn");
      guard.answered(queued, clock.now());
      await clock.advance(10);
    }
  });

  test("nor is one who writes ahead of our answers", async () => {
    const { clock, guard, said, admit } = guardWith({ loopTurns: 3 });
    const events = Array.from({ length: 100 }, () => said());
    for (const queued of events) {
      assert.equal(admit(queued), "turn");
      await clock.advance(10);
      guard.answered(queued, clock.now());
    }
  });

  test("a pause ends the row, and it begins anew after it was noticed", async () => {
    const { clock, guard, said, admit } = guardWith({ loopTurns: 3 });
    const verdicts = [];
    for (const ms of [0, 100, 100, 5_000, 100, 100, 100, 100, 100, 100, 100]) {
      await clock.advance(ms);
      const queued = said();
      verdicts.push(admit(queued));
      guard.answered(queued, clock.now());
    }
    assert.deepEqual(verdicts.indexOf("loop-guard"), 6);
    assert.deepEqual(verdicts.slice(7), ["turn", "turn", "turn", "loop-guard"]);
  });
});

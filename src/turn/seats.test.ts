import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Lane } from "../core/engine.ts";
import { createSeats, type Seat } from "./seats.ts";

/** A provider `p` that takes so many calls, and lanes that wait for it in an engine. */
function seatsAt(most: number | undefined) {
  const limit = { most };
  const shut: Lane[] = [];
  const called: Lane[] = [];
  const seats = createSeats({
    limit: (provider) => (provider === "p" ? limit.most : undefined),
    call(gate) {
      const lane = gate === "provider:p" ? shut.shift() : undefined;
      if (lane) called.push(lane);
      return lane;
    },
  });
  return {
    ...{ seats, limit, called },
    /** Takes one, or waits as the engine has it wait. */
    come(lane: Lane): Seat | undefined {
      const taken = seats.take("p", lane);
      if ("release" in taken) return taken;
      if (!taken.open) shut.push(lane);
      return undefined;
    },
  };
}

const never = new AbortController().signal;

describe("seats at a provider", () => {
  test("without a limit everybody has one", async () => {
    const { come, seats } = seatsAt(undefined);
    for (let i = 0; i < 100; i++) assert.ok(come(`turn:${i}`));
    assert.ok(await seats.next("p", never));
  });

  test("one that gets free is kept for the lane that waited longest, and nobody overtakes it", () => {
    const { come, called, seats } = seatsAt(1);
    const first = come("turn:a");
    assert.equal(come("turn:b"), undefined);
    first?.release();
    first?.release();
    assert.deepEqual(called, ["turn:b"]);
    assert.equal(come("turn:c"), undefined, "it came later");
    const second = come("turn:b");
    assert.ok(second);
    seats.over("turn:b");
    assert.deepEqual(called, ["turn:b"], "it is in use");
    second.release();
    assert.deepEqual(called, ["turn:b", "turn:c"]);
  });

  test("what a called lane doesn't use goes on to the next", () => {
    const { come, called, seats } = seatsAt(1);
    const first = come("turn:a");
    come("turn:b");
    come("turn:c");
    first?.release();
    seats.over("turn:b");
    assert.deepEqual(called, ["turn:b", "turn:c"]);
    assert.ok(come("turn:c"));
  });

  test("a turn that runs goes before those that haven't begun, and leaves the line when it is cut off", async () => {
    const { come, called, seats } = seatsAt(1);
    const first = come("turn:a");
    come("turn:b");
    const aborter = new AbortController();
    const gone = seats.next("p", aborter.signal);
    const goesOn = seats.next("p", never);
    aborter.abort();
    assert.equal(await gone, undefined);
    first?.release();
    assert.deepEqual(called, []);
    (await goesOn)?.release();
    assert.deepEqual(called, ["turn:b"]);
    assert.equal(await seats.next("p", aborter.signal), undefined, "it was cut off before");
  });

  test("a limit that is raised lets in those that wait, first of all", () => {
    const { come, called, limit } = seatsAt(1);
    come("turn:a");
    come("turn:b");
    limit.most = 3;
    assert.ok(come("turn:c"));
    assert.deepEqual(called, ["turn:b"]);
    assert.equal(come("turn:d"), undefined);
  });

  test("a gate says that it has opened since", () => {
    const { seats, come } = seatsAt(1);
    const first = come("turn:a");
    const gate = seats.take("p", "turn:b");
    assert.ok("open" in gate && !gate.open);
    first?.release();
    assert.ok(gate.open);
  });
});

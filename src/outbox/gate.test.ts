import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import type { SendOutcome } from "../core/delivery.ts";
import type { AccountId, ConversationId, DeliveryId } from "../core/ids.ts";
import { createGate, type Place, placesPerAccount } from "./gate.ts";
import { createPace } from "./pace.ts";

const sent: SendOutcome = { kind: "sent", receipt: "r" };
const broken: SendOutcome = { kind: "retry", code: "channel-retry", message: "503" };
const gone: SendOutcome = { kind: "refused", code: "channel-gone", message: "blocked" };
const local: SendOutcome = { kind: "refused", code: "file-refused", message: "too large" };
const wait = (afterMs: number, scope?: "account" | "conversation"): SendOutcome => {
  return { kind: "retry", code: "channel-retry", message: "429", afterMs, ...(scope && { scope }) };
};

function start() {
  const clock = createHandClock();
  const pace = createPace(clock);
  const woken: string[] = [];
  const told: string[] = [];
  const looks = { count: 0 };
  const gate = createGate({
    ...{ clock, pace, random: () => 0 },
    usable: () => false,
    wake: (_, conversation) => woken.push(conversation),
    look: () => looks.count++,
    failing: (account, why) => told.push(why ? `${account}: ${why.message}` : `${account} is well`),
  });
  const enter = (conversation: string, account = "bot") => gate.enter(account as AccountId, conversation as ConversationId);
  const hear = (conversation: string, outcome: SendOutcome, delivery = `d-${conversation}`, account = "bot") =>
    gate.heard({ account: account as AccountId, conversation: conversation as ConversationId, delivery: delivery as DeliveryId }, outcome);
  /** One attempt, as the outbox makes it. */
  const attempt = (conversation: string, outcome: SendOutcome, delivery?: string) => {
    const place = enter(conversation);
    assert.ok(typeof place === "object", `${conversation} has a place`);
    const judgement = hear(conversation, outcome, delivery);
    place.leave();
    return judgement;
  };
  return { clock, gate, woken, told, looks, enter, hear, attempt };
}

const isPlace = (place: Place | number | undefined) => typeof place === "object";

test("an account's sends under way are bounded, start with few, and never touch another's", () => {
  const { gate, enter } = start();
  let places = 0;
  while (isPlace(enter(`first ${places}`))) places++;
  assert.equal(places, 8);
  assert.ok(isPlace(enter("c", "other")));
  for (let n = 0; n < 500; n++) {
    gate.heard({ account: "bot" as AccountId, conversation: "x" as ConversationId, delivery: "d" as DeliveryId }, sent);
  }
  while (isPlace(enter(`then ${places}`))) places++;
  assert.equal(places, placesPerAccount);
});

test("who stands in line is woken when a place is free, in order, and only as many as there are places", () => {
  const { woken, enter } = start();
  const places = Array.from({ length: 8 }, (_, n) => enter(`c${n}`) as Place);
  for (const late of ["a", "b", "c"]) assert.equal(enter(late), undefined);
  places[0]?.leave();
  assert.deepEqual(woken, ["a"]);
  // The place is kept for who was called.
  assert.equal(enter("d"), undefined);
  assert.ok(isPlace(enter("a")));
  places[1]?.leave();
  assert.deepEqual(woken, ["a", "b"]);
});

test("a call that nobody follows doesn't keep its place for ever", () => {
  const { gate, woken, enter } = start();
  const places = Array.from({ length: 8 }, (_, n) => enter(`c${n}`) as Place);
  enter("gone");
  enter("next");
  places[0]?.leave();
  assert.deepEqual(woken, ["gone"]);
  for (let look = 0; look < 2; look++) gate.shut();
  assert.deepEqual(woken, ["gone", "next"]);
});

test("failures of several deliveries open the account; one at a time finds out; the first success closes it", async () => {
  const { clock, gate, told, woken, enter, attempt } = start();
  for (let n = 0; n < 4; n++) assert.equal(attempt(`c${n}`, broken).spared, false);
  assert.equal(attempt("c4", broken).spared, true);
  assert.deepEqual(told, ["bot: 503"]);
  assert.equal(enter("c5"), undefined);
  assert.equal(enter("c6"), undefined);
  assert.deepEqual([...gate.shut()], ["bot"]);
  await clock.advance(499);
  assert.deepEqual(woken, []);
  await clock.advance(1);
  assert.deepEqual(woken, ["c5"]);
  assert.equal(attempt("c5", broken).spared, true);
  await clock.advance(999);
  assert.deepEqual(woken, ["c5"]);
  await clock.advance(1);
  assert.deepEqual(woken, ["c5", "c6"]);
  const probe = enter("c6") as Place;
  assert.equal(enter("c7"), undefined, "one at a time");
  attemptHeard();
  assert.deepEqual(told, ["bot: 503", "bot: 503", "bot is well"]);
  assert.ok(isPlace(enter("c7")));

  function attemptHeard(): void {
    gate.heard({ account: "bot" as AccountId, conversation: "c6" as ConversationId, delivery: "d" as DeliveryId }, sent);
    probe.leave();
  }
});

test("pauses between probes double up to a minute", async () => {
  const { clock, attempt, woken, enter } = start();
  for (let n = 0; n < 5; n++) attempt(`c${n}`, broken);
  const pauses: number[] = [];
  for (let probe = 0; probe < 10; probe++) {
    enter("probe");
    const from = clock.elapsed();
    while (woken.length <= probe) await clock.advance(500);
    pauses.push(clock.elapsed() - from);
    attempt("probe", broken, `d${probe}`);
  }
  assert.deepEqual(pauses, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test("one delivery that fails alone opens nothing: it must run out of tries", () => {
  const { told, attempt } = start();
  for (let n = 0; n < 20; n++) assert.deepEqual(attempt("c", broken, "the same"), { spared: false, waitMs: 0 });
  assert.deepEqual(told, []);
});

test("a conversation that fails while others come through waits alone, and its attempts don't count", () => {
  const { told, attempt, enter } = start();
  const failed = [1, 2, 3].map((n) => {
    attempt("well", sent);
    return attempt("ill", broken, `d${n}`);
  });
  assert.deepEqual(
    failed.map(({ spared }) => spared),
    [false, false, true],
  );
  assert.equal(enter("ill"), 500);
  assert.ok(isPlace(enter("well")));
  assert.deepEqual(told, []);
});

test("a refusal shows that the platform is well; one of our own says nothing", async () => {
  const { clock, told, attempt } = start();
  for (let n = 0; n < 5; n++) attempt(`c${n}`, broken);
  await clock.advance(500);
  attempt("c5", local);
  assert.deepEqual(told, ["bot: 503"]);
  attempt("c6", gone);
  assert.deepEqual(told, ["bot: 503", "bot is well"]);
});

test("a request to wait holds whom it names, to the millisecond, and costs no try", async () => {
  for (const [scope, other] of [
    ["account", undefined],
    ["conversation", "a place"],
  ] as const) {
    const { clock, enter, attempt } = start();
    assert.deepEqual(attempt("c", wait(5_000, scope)), { spared: true, waitMs: 5_000 });
    const place = enter("other");
    assert.equal(isPlace(place) ? "a place" : place, other, scope);
    await clock.advance(4_999);
    if (scope === "account") assert.equal(enter("other"), undefined);
    await clock.advance(1);
    assert.ok(isPlace(enter(scope === "account" ? "other" : "another")), scope);
  }
});

test("where it isn't named, it is the account when the next conversation is refused too and nothing came through between", async () => {
  const { clock, enter, attempt } = start();
  attempt("a", wait(5_000));
  attempt("b", sent);
  attempt("c", wait(5_000));
  assert.ok(isPlace(enter("d")), "something came through between");
  const { attempt: again, enter: come } = start();
  again("a", wait(5_000));
  again("b", wait(5_000));
  assert.equal(come("c"), undefined);
  await clock.advance(1);
});

test("what waits is remembered for the next thousand conversations only; the store is looked at when they are through", () => {
  const { gate, looks, enter, woken, hear } = start();
  const places = Array.from({ length: 8 }, (_, n) => enter(`c${n}`) as Place);
  for (let n = 0; n < 5_000; n++) enter(`waiting ${n}`);
  assert.ok(gate.size() <= 1_010, `${gate.size()}`);
  assert.deepEqual([...gate.shut()], ["bot"]);
  for (const place of places) place.leave();
  for (let n = 0; n < 1_000; n++) {
    const place = enter(woken[n] as string);
    assert.ok(typeof place === "object");
    hear(woken[n] as string, sent);
    place.leave();
  }
  assert.ok(looks.count >= 1);
  assert.deepEqual([...gate.shut()], []);
});

test("an account that can't send is passed over until it can", () => {
  const { gate } = start();
  gate.away("bot" as AccountId);
  assert.deepEqual([...gate.shut()], ["bot"]);
});

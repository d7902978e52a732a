import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { FaultError, fail, fault, ok } from "../core/errors.ts";
import { type Finding, finding } from "../core/finding.ts";
import { type AccountId, defaultTenant, type TraceId } from "../core/ids.ts";
import type { Trouble } from "../core/notice.ts";
import { Text } from "../core/say.ts";
import { diskFindings } from "./disk.ts";
import { gatherFindings, machineSource, storedFindings } from "./findings.ts";

const base = { account: "support" as AccountId, newest: "ev_1" as TraceId };
const named = (findings: readonly Finding[]) => findings.map(({ code, severity, subject }) => `${severity} ${code} ${subject}`);

describe("findings of the store", () => {
  const cases: readonly (readonly [string, Trouble, string | undefined, RegExp])[] = [
    [
      "an unknown delivery",
      { ...base, kind: "unknown", count: 1 },
      "warning delivery-unknown deliveries.support",
      /whether 1 delivery of .* arrived/,
    ],
    ["dead letters", { ...base, kind: "dead", count: 3 }, "error delivery-dead deliveries.support", /^3 deliveries .* were given up/],
    [
      "refused ones",
      { ...base, kind: "failed", count: 10_000 },
      "warning delivery-refused deliveries.support",
      /^10000 or more deliveries/,
    ],
    ["poison", { ...base, kind: "poison", count: 1 }, "error message-poison messages.support", /^1 message .* was set aside/],
    [
      "machines that were parted",
      { ...base, kind: "loop", count: 2 },
      "warning conversation-looping conversations.support",
      /^2 conversations .* are paused/,
    ],
    [
      "a lost notice",
      { ...base, kind: "notice", count: 2, place: { account: base.account, chat: "4711", thread: "7" } },
      "warning notice-undelivered notices.support/4711/7",
      /2 notices for operators didn't arrive/,
    ],
    ["two failed turns", { ...base, kind: "turn-fail", code: "provider-unavailable", count: 2 }, undefined, /./],
    [
      "repeated ones",
      { ...base, kind: "turn-fail", code: "provider-unavailable", count: 3 },
      "error turn-failing turns.support.provider-unavailable",
      /^3 messages .* got no answer in the last hour \(provider-unavailable\)/,
    ],
    [
      "one that only a person can mend",
      { ...base, kind: "turn-fail", code: "provider-auth", count: 1 },
      "error turn-failing turns.support.provider-auth",
      /^1 message .* got no answer/,
    ],
  ];
  for (const [name, trouble, expected, text] of cases) {
    test(name, async () => {
      const found = await storedFindings({ troubles: async () => [trouble] }, defaultTenant, 0);
      assert.deepEqual(named(found), expected === undefined ? [] : [expected]);
      for (const { message, hint } of found) {
        assert.match(message, text);
        assert.match(hint, /polylogue (dead|trace)/);
      }
    });
  }
});

test("findings of all sources are one list; a source that fails is a finding, and what it said before isn't over", async () => {
  const said = finding({ code: "delivery-dead", severity: "error", subject: "deliveries.a" }, new Text("x"), new Text("y"));
  let broken = false;
  const gather = gatherFindings({
    store: async () => {
      if (broken) throw new FaultError(fault("store-unavailable", "damaged"));
      return [said];
    },
    again: () => [said],
  });
  assert.deepEqual(await gather(), [said]);
  broken = true;
  assert.deepEqual(named(await gather()), ["error delivery-dead deliveries.a", "error store-unavailable findings.store"]);
});

test("a store that takes no writes is a finding; one that does isn't asked again for a minute", async () => {
  const clock = createHandClock();
  let asked = 0;
  let full = false;
  const health = {
    async ready() {
      asked += 1;
      return full ? fail("store-unavailable", "disk full") : ok(undefined);
    },
  };
  const source = machineSource({ health, home: "/nowhere", clock });
  for (let i = 0; i < 6; i++) {
    assert.deepEqual(await source(), []);
    await clock.advance(5_000);
  }
  assert.equal(asked, 1);
  full = true;
  await clock.advance(60_000);
  for (let i = 0; i < 2; i++) assert.deepEqual(named(await source()), ["error store-unavailable store"]);
  full = false;
  assert.deepEqual(await source(), []);
  assert.equal(asked, 4);
});

test("a gateway that stops is no finding", async () => {
  const health = { ready: async () => fail("draining", "it stops") };
  assert.deepEqual(await machineSource({ health, home: "/nowhere", clock: createHandClock() })(), []);
});

test("a disk that is about to be full is told of while there is room", () => {
  assert.deepEqual(
    [undefined, 2000, 1000, 100].flatMap((free) => named(diskFindings("/data", free))),
    ["warning disk-full /data", "error disk-full /data"],
  );
});

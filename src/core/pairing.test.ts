import assert from "node:assert/strict";
import { test } from "node:test";
import { newPairingCode, type Pairing, pairingCodeFor, pairingLimits, readPairingCode } from "./pairing.ts";

const asked: Pairing = {
  ...{ tenant: "t", account: "a", sender: "s", state: "asked", code: "K7QM-2XRP", told: 1 },
  ...{ askedAt: 1_000, toldAt: 1_000, expiresAt: 1_000 + pairingLimits.validMs },
} as unknown as Pairing;

test("a code is read as people type it, and nothing else is one", () => {
  for (const typed of ["K7QM-2XRP", "k7qm2xrp", " K7QM 2XRP "]) assert.equal(readPairingCode(typed), "K7QM-2XRP");
  assert.equal(readPairingCode("oil0-0000"), "0110-0000");
  for (const typed of ["", "K7QM", "K7QM-2XRP-1", "K7QM-2XR!", "UUUUUUUU"]) assert.equal(readPairingCode(typed), undefined);
  const made = Array.from({ length: 200 }, newPairingCode);
  for (const code of made) assert.equal(readPairingCode(code), code);
  assert.equal(new Set(made).size, made.length);
});

test("the same code is told again after a while, not more often than said, and never to who was denied", () => {
  const { againMs, tellings, validMs } = pairingLimits;
  assert.equal(pairingCodeFor(asked, 1_000 + againMs - 1), undefined);
  assert.equal(pairingCodeFor(asked, 1_000 + againMs), asked.code);
  assert.equal(pairingCodeFor({ ...asked, told: tellings }, 1_000 + againMs), undefined);
  assert.equal(pairingCodeFor({ ...asked, state: "denied" }, 1_000 + 9 * validMs), undefined);
  for (const fresh of [pairingCodeFor(asked, 1_000 + validMs), pairingCodeFor(undefined, 0)]) {
    assert.ok(fresh && fresh !== asked.code);
  }
});

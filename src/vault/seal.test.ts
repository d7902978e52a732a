import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { open, readHeader, rewrap, seal } from "./seal.ts";

const key = randomBytes(32);
const owner = { tenant: "default", name: "bot-token" };
const text = "123456:AAE-secret";

/** The regions of docs in seal.ts: any changed bit in any of them must keep the secret shut. */
const regions = {
  magic: [0, 4],
  "key id": [4, 12],
  version: [12, 16],
  "nonce of the key": [16, 28],
  "wrapped key": [28, 60],
  "its tag": [60, 76],
  nonce: [76, 88],
  ciphertext: [88, 88 + text.length],
  tag: [88 + text.length, 104 + text.length],
} as const;

describe("a sealed secret", () => {
  it("opens, with its version readable before", () => {
    const sealed = seal(key, owner, 7, text);
    assert.deepEqual(open(key, owner, sealed), { ok: true, value: text });
    assert.equal(readHeader(sealed)?.version, 7);
    assert.equal(sealed.length, 104 + text.length);
  });

  it("is never twice the same, and shows nothing of the text", () => {
    const [one, other] = [seal(key, owner, 1, text), seal(key, owner, 1, text)];
    assert.notDeepEqual(one, other);
    assert.equal(Buffer.from(one).includes(text), false);
  });

  for (const [name, [start, end]] of Object.entries(regions)) {
    it(`stays shut when any byte of the ${name} is another`, () => {
      const sealed = seal(key, owner, 1, text);
      for (let at = start; at < end; at++) {
        const altered = Uint8Array.from(sealed);
        altered[at] = (altered[at] as number) ^ 0x01;
        const opened = open(key, owner, altered);
        assert.equal(opened.ok, false, `byte ${at}`);
        assert.equal(rewrap(key, randomBytes(32), owner, altered).ok, start >= 76, `byte ${at}`);
        if (!opened.ok) {
          assert.equal(opened.fault.code, name === "key id" ? "vault-locked" : "vault-damaged");
          assert.equal(JSON.stringify(opened.fault).includes("AAE"), false);
        }
      }
    });
  }

  it("stays shut when it is cut or longer", () => {
    const sealed = seal(key, owner, 1, text);
    for (let length = 0; length < sealed.length; length++)
      assert.equal(open(key, owner, sealed.subarray(0, length)).ok, false, String(length));
    assert.equal(open(key, owner, Buffer.concat([sealed, Buffer.alloc(1)])).ok, false);
  });

  it("doesn't open under another name, tenant or version", () => {
    const sealed = seal(key, owner, 1, text);
    assert.equal(open(key, { ...owner, name: "other" }, sealed).ok, false);
    assert.equal(open(key, { ...owner, tenant: "other" }, sealed).ok, false);
    assert.equal(open(key, { tenant: "defaul", name: "tbot-token" }, sealed).ok, false);
    const older = seal(key, owner, 2, "newer");
    const spliced = Buffer.concat([Buffer.from(older).subarray(0, 76), Buffer.from(sealed).subarray(76)]);
    assert.equal(open(key, owner, spliced).ok, false);
  });

  it("is re-wrapped without being decrypted: the same ciphertext under another key", () => {
    const next = randomBytes(32);
    const sealed = seal(key, owner, 3, text);
    const again = rewrap(key, next, owner, sealed);
    assert.ok(again.ok);
    assert.deepEqual(Buffer.from(again.value).subarray(76), Buffer.from(sealed).subarray(76));
    assert.deepEqual(open(next, owner, again.value), { ok: true, value: text });
    assert.equal(open(key, owner, again.value).ok, false);
    assert.equal(readHeader(again.value)?.version, 3);
  });
});

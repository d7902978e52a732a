import assert from "node:assert/strict";
import { test } from "node:test";
import { owaspCost, Passwords } from "./password.ts";

const cheap = { memory: 64, passes: 1, parallelism: 1 };

async function hashOf(passwords: Passwords, password: string): Promise<string> {
  const hashed = await passwords.hash(password);
  assert.ok(hashed.ok);
  return hashed.value;
}

test("the real cost is OWASP's, and written into the hash", async () => {
  const stored = await hashOf(new Passwords(), "correct horse battery");
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.deepEqual(owaspCost, { memory: 19_456, passes: 2, parallelism: 1 });
});

test("right, wrong, and the same characters typed otherwise", async () => {
  const passwords = new Passwords(cheap);
  const stored = await hashOf(passwords, "Übergrößenträger");
  const decomposed = "Übergrößenträger".normalize("NFD");
  for (const [typed, right] of [
    ["Übergrößenträger", true],
    [decomposed, true],
    ["übergrößenträger", false],
    ["Übergrößenträger ", false],
    ["", false],
  ] as const) {
    assert.deepEqual(await passwords.verify(typed, stored), { ok: true, value: right }, typed);
  }
});

test("two hashes of one password differ", async () => {
  const passwords = new Passwords(cheap);
  assert.notEqual(await hashOf(passwords, "correct horse battery"), await hashOf(passwords, "correct horse battery"));
});

test("a hash made at another cost can still be checked", async () => {
  const stored = await hashOf(new Passwords({ memory: 128, passes: 3, parallelism: 1 }), "correct horse battery");
  assert.deepEqual(await new Passwords(cheap).verify("correct horse battery", stored), { ok: true, value: true });
});

test("no name, a broken hash, or another scheme: refused, never thrown", async () => {
  const passwords = new Passwords(cheap);
  for (const stored of [undefined, "", "plain", "$argon2id$v=19$m=64$x", "$2b$12$abcdefghijklmnopqrstuv"]) {
    assert.deepEqual(await passwords.verify("no operator has this password", stored), { ok: true, value: false }, String(stored));
  }
});

test("too short or of too few characters", async () => {
  const passwords = new Passwords(cheap);
  for (const password of ["elevenchars", "aaaaaaaaaaaaaaaa", "            ", "🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂"]) {
    const hashed = await passwords.hash(password);
    assert.equal(!hashed.ok && hashed.fault.code, "request-invalid", password);
  }
});

test("a flood is refused instead of queued without end, and all places come free again", async () => {
  const passwords = new Passwords(cheap);
  const stored = await hashOf(passwords, "correct horse battery");
  const flood = await Promise.all(Array.from({ length: 200 }, () => passwords.verify("correct horse battery", stored)));
  const refused = flood.filter((result) => !result.ok && result.fault.code === "too-many-attempts");
  assert.ok(refused.length > 100 && refused.length < 200, String(refused.length));
  for (let i = 0; i < 5; i++) assert.deepEqual(await passwords.verify("correct horse battery", stored), { ok: true, value: true });
});

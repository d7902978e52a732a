import assert from "node:assert/strict";
import { test } from "node:test";
import { Ring } from "./ring.ts";

test("what came after a number, while it is still there", () => {
  const ring = new Ring(3);
  assert.deepEqual(ring.after(0), []);
  for (let i = 1; i <= 5; i++) ring.add({ type: "account", account: String(i) });
  const seen = (n: number) => ring.after(n)?.map((item) => item.n);
  assert.deepEqual(seen(5), []);
  assert.deepEqual(seen(3), [4, 5]);
  assert.deepEqual(seen(2), [3, 4, 5]);
  assert.equal(seen(1), undefined, "2 is gone");
  assert.equal(seen(6), undefined, "never was");
  assert.equal(seen(-1), undefined);
  assert.deepEqual(ring.after(4)?.[0]?.event, { type: "account", account: "5" });
});

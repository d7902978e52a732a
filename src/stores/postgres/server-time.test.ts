import assert from "node:assert/strict";
import { test } from "node:test";
import { serverTime } from "./server-time.ts";

const noon = Date.UTC(2026, 0, 1, 12);

test("goes on with ours, and isn't moved by answers that took their time", () => {
  const began = performance.now();
  const time = serverTime({ server: noon, asked: began, answered: began });
  const now = time.now();
  assert.ok(now >= noon && now - noon <= performance.now() - began + 1);
  assert.equal(time.look({ server: noon + 1_000, asked: began + 400, answered: began + 6_000 }), false);
  assert.ok(Math.abs(time.now() - now) <= performance.now() - began + 1);
});

test("follows one that goes faster or slower, which is no setting", () => {
  const began = performance.now();
  const time = serverTime({ server: noon, asked: began, answered: began });
  for (let n = 1; n <= 100; n++)
    assert.equal(time.look({ server: noon + n * 1_010, asked: began + n * 1_000, answered: began + n * 1_000 }), false);
  assert.ok(Math.abs(time.now() - (noon + 1_000)) <= performance.now() - began + 1);
});

for (const seconds of [-3_600, -2, 2, 3_600]) {
  test(`is told to be set by ${seconds} s, until that is allowed for, and is followed`, () => {
    const began = performance.now();
    const time = serverTime({ server: noon, asked: began, answered: began });
    const server = noon + 1_000 + seconds * 1_000;
    assert.equal(time.look({ server, asked: began + 990, answered: began + 1_010 }), true);
    assert.ok(Math.abs(time.now() - (noon + seconds * 1_000)) <= performance.now() - began + 20);
    assert.equal(
      time.look({ server: server + 1_000, asked: began + 1_990, answered: began + 2_010 }),
      true,
      "as long as it isn't allowed for",
    );
    time.settle();
    assert.equal(time.look({ server: server + 2_000, asked: began + 2_990, answered: began + 3_010 }), false);
  });
}

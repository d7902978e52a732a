import assert from "node:assert/strict";
import { test } from "node:test";
import { ok } from "./errors.ts";
import { LentToken } from "./lent-token.ts";
import { failed } from "./platform-call.ts";

let elapsed = 0;
const clock = { now: () => 0, elapsed: () => elapsed, after: () => () => {} };

test("a short-lived token is used for half its life", async () => {
  let asked = 0;
  const token = new LentToken(clock, async () => ok({ text: `t${++asked}`, seconds: 60 }));
  assert.deepEqual(await token.get(), ok("t1"));
  elapsed += 29_999;
  assert.deepEqual(await token.get(), ok("t1"));
  elapsed += 1;
  assert.deepEqual(await token.get(), ok("t2"));
});

test("many who wait are one request; a failure is told to all of them, and asked for again by the next", async () => {
  let asked = 0;
  const token = new LentToken(clock, async () => (++asked === 1 ? failed("channel-retry", "busy") : ok({ text: "t", seconds: 3_600 })));
  const answers = await Promise.all([token.get(), token.get(), token.get()]);
  assert.deepEqual([asked, answers.map((one) => one.ok)], [1, [false, false, false]]);
  assert.deepEqual(await token.get(), ok("t"));
});

test("a request for a token that is cut off did nothing of what the token was for", async () => {
  const cut = { ok: false, fault: { fault: { code: "http-cut", message: "cut" }, sure: false } } as const;
  const answer = await new LentToken(clock, async () => cut).use(async () => assert.fail("called without a token"));
  assert.ok(!answer.ok && answer.fault.sure);
});

test("a refused token is replaced once; another that came meanwhile is kept", async () => {
  let asked = 0;
  const token = new LentToken(clock, async () => ok({ text: `t${++asked}`, seconds: 3_600 }));
  const refused = (text: string) => ({ ok: false, fault: { ...failed("channel-auth", text).fault, status: 401 } }) as const;
  assert.deepEqual(await token.use(async (text) => (text === "t1" ? refused(text) : ok(text))), ok("t2"));
  const calls: string[] = [];
  const never = await token.use(async (text) => {
    calls.push(text);
    return refused(text);
  });
  assert.deepEqual([never.ok, calls, asked], [false, ["t2", "t3"], 3]);
});

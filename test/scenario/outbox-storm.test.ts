import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { SendOutcome } from "../../src/core/delivery.ts";
import type { TestGateway } from "../compose.ts";
import type { Behaviour, Call, Platform } from "./outbox/platform.ts";
import type { Told } from "./outbox/stalled.ts";
import { assertInOrder, assertNothingDead, inWorld, minute, say, second } from "./outbox/world.ts";

const failing = ({ gateway }: TestGateway) => gateway.findings().map(({ code, subject }) => `${code} ${subject}`);

/** Calls that began although the platform had asked to wait, and the time wasn't over. */
function tooEarly(calls: readonly Call[]): readonly Call[] {
  const asked = calls.flatMap(({ outcome, endedAt }) =>
    outcome?.kind === "retry" && outcome.afterMs !== undefined && endedAt !== undefined
      ? [[endedAt, endedAt + outcome.afterMs] as const]
      : [],
  );
  return calls.filter(({ at }) => asked.some(([from, to]) => at > from && at < to));
}

const tooMany = (scope?: "account"): SendOutcome => {
  return { kind: "retry", code: "channel-retry", message: "429", afterMs: 45 * second, ...(scope && { scope }) };
};
const broken: SendOutcome = { kind: "retry", code: "channel-retry", message: "503" };

for (const { name, scope, earlyAtMost } of [
  { name: "that say for whom", scope: "account", earlyAtMost: 0 },
  // The first refusal may be meant for its conversation only: one more call tells.
  { name: "that don't say for whom", scope: undefined, earlyAtMost: 1 },
] as const) {
  test(`a storm of 429s ${name}, 5xx and time-outs for ten minutes, with 10,000 queued`, { timeout: 300_000 }, async () => {
    const storm: Behaviour = (at) => {
      if (at < 4 * minute) return tooMany(scope);
      if (at < 8 * minute) return broken;
      return at < 10 * minute ? "hang" : "accept";
    };
    const chats = 2_000;
    await inWorld({ stormy: storm }, async ({ on, simulation, platforms }) => {
      const platform = platforms.stormy as Platform;
      // The first is alone, as one that finds out.
      await say(on, "stormy", "c0", "0");
      await simulation.run(second);
      await Promise.all(Array.from({ length: chats - 1 }, (_, n) => say(on, "stormy", `c${n + 1}`, "0")));
      for (let round = 1; round < 5; round++) {
        for (let chat = 0; chat < chats; chat += 500) {
          await Promise.all(Array.from({ length: 500 }, (_, n) => say(on, "stormy", `c${chat + n}`, String(round))));
        }
      }
      await simulation.run(7 * minute);
      assert.deepEqual(failing(on), ["account-failing accounts.stormy"]);
      await simulation.run(10 * minute);
      const during = platform.calls.length;
      await simulation.run(15 * minute, () => platform.calls.length >= 10_000 + during);
      await simulation.run(16 * minute);

      assert.ok(tooEarly(platform.calls).length <= earlyAtMost, `${tooEarly(platform.calls).length} calls before Retry-After`);
      assert.ok(platform.calls.length <= 1.2 * 10_000, `${platform.calls.length} attempts for 10000 messages`);
      assert.ok(during >= 5 && during <= 100, `${during} calls during the storm`);
      assertInOrder(platform, chats, 10_000);
      await assertNothingDead(on);
      assert.deepEqual(failing(on), []);
      // What waited comes back by and by: one, then as many more as came through.
      const [first] = platform.calls.filter(({ at }) => at >= 10 * minute);
      assert.ok(first);
      const together = platform.calls.filter(({ at }) => at >= first.at && at < first.at + 50).length;
      assert.equal(together, 1);
    });
  });
}

const run = promisify(execFile);

async function stalled(messages: number): Promise<Told> {
  const script = fileURLToPath(new URL("./outbox/stalled.ts", import.meta.url));
  const { stdout } = await run(process.execPath, [script, String(messages)]);
  return JSON.parse(stdout) as Told;
}

test("an account that hangs for half an hour, with 100,000 queued, slows no other and drains in order", { timeout: 300_000 }, async () => {
  const messages = 100_000;
  const alone = await stalled(0);
  const beside = await stalled(messages);
  assert.equal(beside.sends, alone.sends);
  assert.ok(beside.p99 <= 1.2 * alone.p99, `99 % within ${beside.p99} ms, alone ${alone.p99} ms`);
  assert.ok(beside.attempts <= 1.2 * messages, `${beside.attempts} attempts for ${messages} messages`);
  // The first few, and then one probe a minute.
  assert.ok(beside.hung >= 10 && beside.hung <= 100, `${beside.hung} attempts while it hung`);
  // Whatever waits in the store: a line of each account, and what one look at the store brings.
  assert.ok(beside.most <= 5_000, `${beside.most} lanes and conversations in memory`);
});

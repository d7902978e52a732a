import assert from "node:assert/strict";
import type { Platform } from "./platform.ts";
import { assertInOrder, assertNothingDead, inWorld, minute, say, second } from "./world.ts";

/** What one run tells, as JSON on standard output. */
export interface Told {
  /** Of the account that is well: its sends, and how long 99 % of its messages took at most. */
  readonly sends: number;
  readonly p99: number;
  /** Of the other one: attempts while it hung, and at all. */
  readonly hung: number;
  readonly attempts: number;
  /** Lanes and conversations in memory, at the worst moment. */
  readonly most: number;
}

/**
 * A message each 700 ms on one account for 40 minutes of simulated time, beside another account that hangs for the first
 * 30 with so many queued. In a process of its own: the test runner watches each promise, and here are millions.
 *
 * usage: node stalled.ts <messages>
 */
const messages = Number(process.argv[2]);
const chats = 1_000;

await inWorld(
  { slow: (at) => (at < 30 * minute ? "hang" : "accept"), well: () => "accept" },
  async ({ on, simulation, platforms, queue }) => {
    const slow = platforms.slow as Platform;
    const well = platforms.well as Platform;
    const asked = new Map<string, number>();
    let most = 0;
    await simulation.run(second);
    await queue("slow", chats, messages);
    const saying = (): void => {
      const { held, waiting, running } = on.gateway.load();
      most = Math.max(most, held + waiting + running);
      const at = simulation.clock.elapsed();
      if (at > 40 * minute) return;
      const [chat, text] = [`c${asked.size % 50}`, String(Math.floor(asked.size / 50))];
      asked.set(`${chat} ${text}`, at);
      void say(on, "well", chat, text);
      simulation.clock.after(700, saying);
    };
    saying();
    await simulation.run(41 * minute);
    assertInOrder(well, 50, asked.size);
    assertInOrder(slow, Math.min(chats, messages), messages);
    await assertNothingDead(on);
    const waits = well.calls.map(({ chat, text, endedAt = 0 }) => endedAt - (asked.get(`${chat} ${text}`) as number)).sort((a, b) => a - b);
    const told: Told = {
      sends: well.calls.length,
      p99: waits[Math.floor(waits.length * 0.99)] as number,
      hung: slow.calls.filter(({ at }) => at < 30 * minute).length,
      attempts: slow.calls.length,
      most,
    };
    assert.equal(told.sends, asked.size);
    console.log(JSON.stringify(told));
  },
);

import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock, settled } from "../../test/clock.ts";
import { quiet } from "../../test/compose.ts";
import type { Account, Channel } from "../core/channel.ts";
import type { PlatformEvent } from "../core/event.ts";
import { allKinds } from "../kinds.ts";
import { showTyping } from "./typing.ts";

const event = { kind: "message", key: "wamid.1", chat: { id: "1", kind: "direct" } } as unknown as PlatformEvent;

function shown(limits: object, typing: Channel["typing"], inBlocks = false) {
  const clock = createHandClock();
  const stop = showTyping({ limits, typing } as unknown as Channel, { clock, log: quiet } as unknown as Account, event, inBlocks);
  return { clock, stop };
}

test("the indicator is shown as often as the platform forgets it, and not after the end", async () => {
  const asked: (PlatformEvent | undefined)[] = [];
  const { clock, stop } = shown({ typingEvery: 22_000 }, async (_, __, ___, of) => void asked.push(of));
  assert.deepEqual(asked, [event]);
  await clock.advance(21_000);
  assert.equal(asked.length, 1, "it still stands");
  await clock.advance(1_000);
  assert.equal(asked.length, 2);
  await clock.advance(44_000);
  assert.equal(asked.length, 4);
  stop();
  await clock.advance(60_000);
  assert.equal(asked.length, 4);
});

test("between blocks, each of which takes it away, it comes back soon", async () => {
  let times = 0;
  const { clock, stop } = shown({ typingEvery: 22_000 }, async () => void times++, true);
  await clock.advance(9_000);
  assert.equal(times, 3);
  stop();
});

test("one that can't be shown is tried again at the same pace, and holds nothing up", async () => {
  let tries = 0;
  const { clock, stop } = shown({ typingEvery: 5_000 }, async () => {
    tries++;
    throw new Error("cut");
  });
  await settled();
  await clock.advance(10_000);
  assert.equal(tries, 3);
  stop();
});

test("each platform has its own pace", async () => {
  const kinds = allKinds();
  const paces = await Promise.all(kinds.channels.map(async (kind) => [kind, (await kinds.channel(kind))?.limits.typingEvery] as const));
  const { whatsapp, telegram, discord, webhook } = Object.fromEntries(paces);
  // As long as each documents that it lasts, and a little less.
  for (const [pace, lasts] of [
    [whatsapp, 25_000],
    [telegram, 5_000],
    [discord, 10_000],
  ] as const) {
    assert.ok(pace !== undefined && pace < lasts && pace > lasts * 0.8, `${pace} of ${lasts}`);
  }
  assert.equal(webhook, undefined);
});

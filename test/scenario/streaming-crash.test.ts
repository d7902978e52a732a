import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type AccountId, defaultTenant } from "../../src/core/ids.ts";
import { plainText } from "../../src/core/message.ts";
import type { Store } from "../../src/core/store.ts";
import { createHandClock } from "../clock.ts";
import { composeTestGateway } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";
import { type Boundary, both, copyStore, dyingAt } from "../support/dying.ts";
import { answer, paragraphs, passing, slowModel } from "../support/paragraphs.ts";
import { noting, says } from "../support/talk.ts";

/**
 * The gateway dies while an answer leaves in blocks; another one starts from what is on disk. People have read each paragraph
 * once, in order, and the conversation's past has the whole answer.
 */
const boundaries: readonly Boundary[] = [
  ...both("sayBlock"),
  ...both("sayBlock", 2),
  ...both("beginAttempt"),
  ...both("endAttempt"),
  ...both("endAttempt", 2),
  ...both("finishTurn"),
];
for (const boundary of boundaries) {
  test(`died ${boundary.when} ${boundary.method} ${boundary.nth}`, { timeout: 60_000 }, async () => {
    await using home = await temporaryHome();
    const second = join(home.path, "second");
    await mkdir(second);
    const sent: string[] = [];
    const limits = { history: 20, maxOutputTokens: 1_000, steps: 4, turnMs: 1e9 };
    const common = {
      agent: { limits },
      channels: [noting(sent)],
      accounts: { bot: { channel: "chat", settings: {}, streaming: "blocks" } },
    } as const;
    const clock = createHandClock();
    let dead = false;
    let real: Store | undefined;
    const wrap = (store: Store) => {
      real = store;
      return dyingAt(store, boundary, () => {
        dead = true;
      });
    };
    const first = await composeTestGateway({ ...common, home: home.path, clock, provider: slowModel(clock), wrap });
    await first.gateway.receive("bot" as AccountId, [says("Tell me all.")]);
    await passing(clock, () => dead);
    copyStore(home.path, second);
    {
      await using on = await composeTestGateway({ ...common, home: second, clock, provider: slowModel(clock) });
      await passing(clock, async () => {
        const { events, deliveries } = await on.store.records.counts(defaultTenant);
        return events.queued + events.running + deliveries.queued + deliveries.sending === 0;
      });
      assert.deepEqual(sent.join("\n\n"), answer.replaceAll("**", ""));
      assert.ok(sent.length > 1 && sent.length <= paragraphs.length, `${sent.length} messages`);
      const [story] = await on.store.records.stories(defaultTenant, { limit: 1 });
      assert.ok(story);
      const past = await on.store.history(story.conversation, undefined, 9);
      assert.deepEqual(
        past.map(({ author, parts }) => [author, plainText(parts)]),
        [
          [undefined, "Tell me all."],
          ["agent", answer],
        ],
      );
      const trace = await on.store.records.trace(defaultTenant, story.trace);
      assert.deepEqual([...new Set(trace?.deliveries.map(({ state, message }) => `${state} ${message}`))], [`sent ${past[1]?.id}`]);
    }
    await real?.close();
  });
}

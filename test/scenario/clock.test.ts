import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { defineChannel } from "../../src/core/channel.ts";
import type { SendOutcome } from "../../src/core/delivery.ts";
import { ok } from "../../src/core/errors.ts";
import { type AccountId, defaultTenant } from "../../src/core/ids.ts";
import { textPart } from "../../src/core/message.ts";
import { defineProvider } from "../../src/core/provider.ts";
import type { Store } from "../../src/core/store.ts";
import { plain } from "../../src/dialects/plain.ts";
import { watchJumps } from "../../src/ops/jumps.ts";
import { createHandClock, type HandClock } from "../clock.ts";
import { composeTestGateway, type TestGateway } from "../compose.ts";
import { temporaryHome } from "../gateway-process.ts";

const hour = 3_600_000;
const day = 86_400_000;
const desk = "desk" as AccountId;

const echo = defineProvider<never>({
  kind: "echo",
  name: "Echo",
  settings: undefined as never,
  models: async () => ({ ok: true, value: [] }),
  async *stream() {
    yield { type: "text", delta: "Got it" };
    yield { type: "end", reason: "stop", usage: { input: 1, cachedInput: 0, output: 1, reported: true } };
  },
});

/** A platform that answers each send as it is told, at the times that the clock's counter showed. */
function platformOf(clock: HandClock, answer: (nth: number) => SendOutcome | Promise<SendOutcome>) {
  const sends: number[] = [];
  const channel = defineChannel({
    kind: "test",
    name: "Test",
    summary: "for tests",
    settings: z.object({}),
    dialect: plain,
    limits: {
      text: { max: 4_000, unit: "utf16", counts: "sent" },
      rate: { account: Number.POSITIVE_INFINITY, conversation: Number.POSITIVE_INFINITY },
    },
    idempotent: false,
    guide: "",
    probe: async () => ok({ id: "1", name: "test" }),
    async send() {
      sends.push(clock.elapsed());
      return answer(sends.length);
    },
  });
  return { sends, channel };
}

/** The gateway with the parts that start.ts gives it for the clock's sake. */
async function start(home: string, clock: HandClock, channel: unknown, boot: string): Promise<TestGateway> {
  let store: Store | undefined;
  const tell = () => store?.tellTime({ now: clock.now(), upMs: clock.elapsed(), boot });
  const watched = watchJumps(clock, () => void tell());
  const gateway = await composeTestGateway({
    home,
    clock: watched,
    channels: [channel as never],
    accounts: { desk: { channel: "test", settings: {}, streaming: false } },
    provider: echo,
    limits: { deliveryAttempts: 50, deliveryAgeMs: day },
    wrap(opened) {
      store = opened;
      return {
        ...opened,
        async recover(now) {
          await tell();
          return opened.recover(now);
        },
      };
    },
  });
  return gateway;
}

const hello = (key: string) => ({
  kind: "message" as const,
  key,
  chat: { id: "c", kind: "direct" as const },
  sender: { id: "u", bot: false, self: false },
  at: 0,
  platformId: key,
  parts: [textPart("hello")],
  addressed: true,
});

/** A second after the other, each with the time that a disk takes. */
async function pass(clock: HandClock, ms: number, until: () => boolean = () => false): Promise<void> {
  for (let passed = 0; passed < ms && !until(); passed += 1_000) {
    await clock.advance(1_000);
    await wait(1);
  }
}

test("a clock that is set while it runs, and between starts: nothing is sent early, late or twice", { timeout: 120_000 }, async () => {
  await using home = await temporaryHome();
  const clock = createHandClock();
  const failures = 9;
  const refused: SendOutcome = { kind: "retry", code: "channel-retry", message: "not now" };
  const { sends, channel } = platformOf(clock, (nth) => (nth <= failures ? refused : { kind: "sent", receipt: "r" }));
  let on = await start(home.path, clock, channel, "first boot");
  const [received] = await on.gateway.receive(desk, [hello("k1")]);
  assert.ok(received);
  await pass(clock, hour, () => sends.length === failures);
  assert.equal(sends.length, failures);
  const dueIn = async () => ((await on.store.nextDelivery(received.conversation))?.dueAt ?? 0) - clock.now();
  for (let i = 0; i < 200 && (await dueIn()) < 60_000; i++) await wait(5);
  const left = await dueIn();
  const due = clock.elapsed() + left;
  assert.ok(left > 100_000, `the ninth failure waits for minutes: ${left} ms`);

  for (const jump of [hour, -hour, 400 * day, -800 * day, 400 * day]) {
    clock.jump(jump);
    await pass(clock, 4_000);
    assert.equal(sends.length, failures, `nothing is sent early after ${jump} ms`);
  }
  for (const [jump, boot] of [
    [hour, "first boot"],
    [-hour, "first boot"],
    [400 * day, "first boot"],
    [-400 * day, "second boot"],
    [400 * day, "third boot"],
  ] as const) {
    await on[Symbol.asyncDispose]();
    clock.jump(jump);
    on = await start(home.path, clock, channel, boot);
    await pass(clock, 4_000);
    assert.equal(sends.length, failures, `nothing is sent early after a start at ${jump} ms`);
  }
  await pass(clock, hour, () => sends.length > failures);
  const late = (sends[failures] ?? 0) - due;
  assert.ok(late >= 0, `${-late} ms early`);
  // Over a boot a wait stands still from when the clocks were last told: here since the start before.
  assert.ok(late < 30_000, `${late} ms late`);
  await pass(clock, 10 * 60_000);
  assert.equal(sends.length, failures + 1, "and once");
  const trace = await on.store.records.trace(defaultTenant, received.event);
  assert.equal(trace?.deliveries[0]?.state, "sent");
  await on[Symbol.asyncDispose]();
});

test("a clock that is set in the middle of a send takes no lease away, and a platform's repeat stays known", {
  timeout: 60_000,
}, async () => {
  await using home = await temporaryHome();
  const clock = createHandClock();
  const answer = Promise.withResolvers<SendOutcome>();
  const { sends, channel } = platformOf(clock, () => answer.promise);
  await using on = await start(home.path, clock, channel, "boot");
  await on.gateway.receive(desk, [hello("k1")]);
  await pass(clock, 20_000, () => sends.length === 1);
  for (const jump of [400 * day, 400 * day, -800 * day, hour]) {
    clock.jump(jump);
    await pass(clock, 5_000);
    assert.deepEqual(await on.store.recover(clock.now()), { turns: 0, repeated: 0, unknown: 0 });
    const keep = { messagesDays: 1, ledgerDays: 1, newestMessages: 0, dedupeDays: 8 };
    for (let place = await on.store.sweep(keep); place; ) place = await on.store.sweep(keep, place);
    const [again] = await on.gateway.receive(desk, [hello("k1")]);
    assert.equal(again?.duplicate, true);
  }
  answer.resolve({ kind: "sent", receipt: "r" });
  await on.until("delivery-sent");
  await pass(clock, 20_000);
  assert.equal(sends.length, 1);
});

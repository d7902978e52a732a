import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { settleAllDead } from "../../src/core/dead.ts";
import type { DeliveryState, SendOutcome } from "../../src/core/delivery.ts";
import { fault } from "../../src/core/errors.ts";
import type { PlatformEvent } from "../../src/core/event.ts";
import { type AccountId, type AgentId, defaultTenant, newId } from "../../src/core/ids.ts";
import { textPart } from "../../src/core/message.ts";
import { defineProvider } from "../../src/core/provider.ts";
import type { TestGateway } from "../compose.ts";
import type { Platform } from "./outbox/platform.ts";
import { inWorld, minute, say, second } from "./outbox/world.ts";

const refused = (code: "channel-permanent" | "channel-gone" | "channel-auth" | "file-refused"): SendOutcome => {
  return { kind: "refused", code, message: "no" };
};

/** Each outcome that a platform keeps giving to one message, how often it is tried (of 20 tries), and what becomes of it. */
const classes: readonly {
  readonly what: string;
  readonly always: SendOutcome | "accept" | "hang";
  readonly calls: number;
  readonly ends: DeliveryState;
}[] = [
  { what: "accepted", always: "accept", calls: 1, ends: "sent" },
  { what: "wrong", always: refused("channel-permanent"), calls: 1, ends: "failed" },
  { what: "gone", always: refused("channel-gone"), calls: 1, ends: "failed" },
  { what: "void", always: refused("channel-auth"), calls: 1, ends: "failed" },
  { what: "local", always: refused("file-refused"), calls: 1, ends: "failed" },
  { what: "broken", always: { kind: "retry", code: "channel-retry", message: "503" }, calls: 20, ends: "dead" },
  { what: "unreachable", always: { kind: "retry", code: "channel-unreachable", message: "refused" }, calls: 20, ends: "dead" },
  // The platform of the test drops repeats: trying again is safe.
  { what: "silent", always: "hang", calls: 20, ends: "unknown" },
];

test("every class of outcome has its end: what is refused for good is never tried again", { timeout: 120_000 }, async () => {
  const behaviours = Object.fromEntries(classes.map(({ what, always }) => [what, () => always]));
  await inWorld(behaviours, async ({ on, simulation, platforms }) => {
    for (const { what } of classes) await say(on, what, "c0", "0");
    await simulation.run(180 * minute);
    for (const { what, calls, ends } of classes) {
      const [delivery] = await on.store.records.deliveries(defaultTenant, { account: what as AccountId, limit: 9 });
      assert.deepEqual([what, platforms[what]?.calls.length, delivery?.state], [what, calls, ends]);
    }
    assert.deepEqual(on.gateway.findings(), [], "one message that fails alone is no outage, and the void credential was proven again");
  });
});

test("a platform that always asks to wait is asked ever less often, and costs no tries until the message is too old", {
  timeout: 120_000,
}, async () => {
  const asks: SendOutcome = { kind: "retry", code: "channel-retry", message: "429", afterMs: 2 * second };
  const state = async ({ store }: TestGateway) =>
    (await store.records.deliveries(defaultTenant, { limit: 9 })).map((delivery) => delivery.state);
  await inWorld(
    { busy: () => asks },
    async ({ on, simulation, platforms }) => {
      await say(on, "busy", "c0", "0");
      await simulation.run(118 * minute);
      assert.deepEqual(await state(on), ["queued"]);
      const { calls } = platforms.busy as Platform;
      assert.ok(calls.length > 20 && calls.length < 70, `${calls.length} calls in two hours`);
      await simulation.run(130 * minute);
      assert.deepEqual(await state(on), ["dead"]);
    },
    { limits: { deliveryAgeMs: 120 * minute } },
  );
});

test("an hour without an answer leaves only what was under way in doubt; the rest waits and arrives", { timeout: 120_000 }, async () => {
  const chats = 1_000;
  await inWorld(
    { mute: (at) => (at > second && at < 60 * minute ? "mute" : "accept") },
    async ({ on, simulation, platforms, queue }) => {
      const mute = platforms.mute as Platform;
      await simulation.run(2 * second);
      await queue("mute", chats, chats);
      await simulation.run(4 * minute);
      const inDoubt = mute.calls.length;
      assert.ok(inDoubt <= 8, `${inDoubt} messages were risked`);
      assert.deepEqual(
        on.gateway.findings().map(({ code }) => code),
        ["account-failing"],
      );
      await simulation.run(59 * minute);
      assert.equal(mute.calls.length, inDoubt);
      await simulation.run(65 * minute);
      const { deliveries } = await on.store.records.counts(defaultTenant);
      assert.deepEqual(deliveries, { queued: 0, sending: 0, unknown: inDoubt, failed: 0, dead: 0 });
      assert.equal(mute.arrived.size, chats - inDoubt);
    },
    { idempotent: false },
  );
});

const echo = defineProvider<never>({
  kind: "test",
  name: "Test",
  settings: z.never(),
  async *stream(_, { messages }) {
    // Messages without an answer stand before the one that is asked about.
    const last = messages.at(-1);
    const part = last?.role === "user" ? last.content.at(-1) : undefined;
    const said = part?.type === "text" ? part.text : "";
    yield { type: "text", delta: `re: ${said}` };
    yield { type: "end", reason: "stop", usage: { input: 1, cachedInput: 0, output: 1, reported: true } };
  },
  models: async () => ({ ok: true, value: ["model"] }),
});

function message(key: string, chat: string): PlatformEvent {
  return {
    ...{ kind: "message", key, platformId: key, at: 1, addressed: true, parts: [textPart(key)] },
    ...{ chat: { id: chat, kind: "direct" }, sender: { id: "u1", bot: false, self: false } },
  };
}

test("a message that was set aside holds nobody up, and is answered once when an operator says so", { timeout: 120_000 }, async () => {
  await inWorld(
    { desk: () => "accept" },
    async ({ on, simulation, platforms }) => {
      const desk = "desk" as AccountId;
      const { store, gateway } = on;
      const { arrived } = platforms.desk as Platform;
      const at = simulation.clock.now();
      const [first] = await store.receive({ tenant: defaultTenant, account: desk, channel: "desk", at, events: [message("first", "a")] });
      assert.ok(first);
      // Five tries that came to nothing, as with a model that fails each time and a gateway that is stopped before the last word.
      for (let tries = 0; tries < 5; tries++) {
        const lease = await store.lease(`turn:${first.conversation}`);
        const event = await store.nextEvent(first.conversation);
        assert.ok(lease && event);
        const call = { id: newId("model-call", at), provider: "test", model: "model", purpose: "answer", startedAt: at } as const;
        const begun = await store.beginTurn(lease, { event, agent: "main" as AgentId, route: 0, call, at });
        assert.ok(begun.ok);
        const why = fault("provider-unavailable", "no model answers");
        await store.retryTurn(lease, begun.value.turn, { fault: why, dueAt: at, at, calls: [] });
        await store.release(lease);
      }
      await gateway.receive(desk, [message("second", "a"), message("third", "b")]);
      await simulation.run(10 * second);
      assert.deepEqual([arrived.get("a"), arrived.get("b")], [["re: second"], ["re: third"]]);
      assert.equal((await store.records.counts(defaultTenant)).events.poison, 1);

      const who = { tenant: defaultTenant, by: "op_ada", at: simulation.clock.now() };
      assert.equal(await settleAllDead(store, who, { states: ["poison"] }, "retry"), 1);
      gateway.wake();
      await gateway.receive(desk, [message("fourth", "a")]);
      await simulation.run(20 * second);
      assert.deepEqual(arrived.get("a"), ["re: second", "re: first", "re: fourth"]);
      assert.equal(await settleAllDead(store, { ...who, at: simulation.clock.now() }, {}, "retry"), 0);
      await gateway.receive(desk, [message("first", "a")]);
      await simulation.run(30 * second);
      assert.equal(arrived.get("a")?.filter((text) => text === "re: first").length, 1, "the platform's repeat is none");
    },
    { provider: echo },
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock, type HandClock } from "../../test/clock.ts";
import type { Account, Channel } from "../core/channel.ts";
import type { Delivery, SendOutcome } from "../core/delivery.ts";
import type { Lease } from "../core/engine.ts";
import { ok } from "../core/errors.ts";
import type { AccountId, ConversationId } from "../core/ids.ts";
import type { OutboxStore } from "../core/store.ts";
import { type DeliverDoor, deliverNext } from "./deliver.ts";
import type { Gate } from "./gate.ts";
import { createPace } from "./pace.ts";

const account = "desk" as AccountId;
const conversation = "cv_1" as ConversationId;
const lease: Lease = { lane: "send:cv_1", fence: 1 };

interface Attempted {
  readonly clock: HandClock;
  readonly delivery: Partial<Delivery>;
  readonly channel: Partial<Channel>;
}

/** Makes one attempt; what the store was told of it. */
async function attempt({ clock, delivery, channel }: Attempted): Promise<string> {
  const whole = { account, conversation, attempts: 1, spared: 0, createdAt: clock.now(), onUnknown: "repeat", ...delivery } as Delivery;
  let told = "";
  const store = {
    beginAttempt: async () => ({ kind: "begun", delivery: whole, entries: [] }),
    async endAttempt(_: Lease, __: Delivery, { outcome, retryAt }: { outcome: SendOutcome; retryAt?: number }) {
      told = `${outcome.kind}${retryAt === undefined ? "" : ", again"}`;
      return ok({ entries: [], more: false });
    },
  } as unknown as OutboxStore;
  const unlimited = { account: Number.POSITIVE_INFINITY, conversation: Number.POSITIVE_INFINITY };
  const gate = { enter: () => ({ leave() {} }), heard: () => ({ spared: false, waitMs: 0 }) } as unknown as Gate;
  const from = { channel: { limits: { rate: unlimited }, ...channel } as unknown as Channel, account: { id: account } as Account };
  const door: DeliverDoor = {
    ...{ store, clock, gate, pace: createPace(clock), random: () => 0.5, report() {}, tell() {} },
    limits: () => ({ deliveryAttempts: 5, deliveryAgeMs: 60_000 }),
    account: () => from,
  };
  await deliverNext(door, lease, account, conversation, new AbortController().signal);
  return told;
}

/** Delivers an answer whose draft is gone from the platform; what was called, and what it came to. */
async function overLostDraft(idempotent: boolean): Promise<readonly string[]> {
  const called: string[] = [];
  const channel: Partial<Channel> = {
    idempotent,
    async edit() {
      called.push("edit");
      return { kind: "refused", code: "channel-permanent", message: "there is no such message" };
    },
    async send() {
      called.push("send");
      return { kind: "sent", receipt: "1" };
    },
  };
  const told = await attempt({ clock: createHandClock(), delivery: { receipt: "draft" }, channel });
  return [...called, told];
}

test("an answer whose draft is gone is sent anew", async () => {
  assert.deepEqual(await overLostDraft(false), ["edit", "send", "sent"]);
});

test("not where the platform drops a second send of the same delivery: it would call the draft the answer", async () => {
  assert.deepEqual(await overLostDraft(true), ["edit", "refused"]);
});

test("a clock that is set while something is being sent makes it no older", async () => {
  const clock = createHandClock();
  const channel: Partial<Channel> = {
    async send() {
      clock.jump(400 * 86_400_000);
      return { kind: "retry", code: "channel-retry", message: "500" };
    },
  };
  assert.equal(await attempt({ clock, delivery: {}, channel }), "retry, again");
  const old = { createdAt: clock.now() - 61_000 };
  assert.equal(await attempt({ clock, delivery: old, channel: { ...channel } }), "retry");
});

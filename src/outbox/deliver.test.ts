import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
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

/** Delivers an answer whose draft is gone from the platform; what was called, and what it came to. */
async function overLostDraft(idempotent: boolean): Promise<readonly string[]> {
  const clock = createHandClock();
  const told: string[] = [];
  const delivery = { account, conversation, attempts: 1, createdAt: clock.now(), onUnknown: "repeat", receipt: "draft" } as Delivery;
  const store = {
    nextDelivery: async () => ({ account, dueAt: clock.now() }),
    beginAttempt: async () => ({ kind: "begun", delivery, entries: [] }),
    async endAttempt(_: Lease, __: Delivery, { outcome }: { outcome: SendOutcome }) {
      told.push(outcome.kind);
      return ok([]);
    },
  } as unknown as OutboxStore;
  const unlimited = { account: Number.POSITIVE_INFINITY, conversation: Number.POSITIVE_INFINITY };
  const channel = {
    ...{ idempotent, limits: { rate: unlimited } },
    async edit() {
      told.push("edit");
      return { kind: "refused", code: "channel-permanent", message: "there is no such message" };
    },
    async send() {
      told.push("send");
      return { kind: "sent", receipt: "1" };
    },
  } as unknown as Channel;
  const gate = { enter: () => ({ leave() {} }), heard: () => ({ spared: false, waitMs: 0 }) } as unknown as Gate;
  const door: DeliverDoor = {
    ...{ store, clock, gate, pace: createPace(clock), random: () => 0.5, report() {}, tell() {} },
    limits: () => ({ deliveryAttempts: 5, deliveryAgeMs: 60_000 }),
    account: () => ({ channel, account: { id: account } as Account }),
  };
  assert.equal(await deliverNext(door, lease, conversation, new AbortController().signal), 0);
  return told;
}

test("an answer whose draft is gone is sent anew", async () => {
  assert.deepEqual(await overLostDraft(false), ["edit", "send", "sent"]);
});

test("not where the platform drops a second send of the same delivery: it would call the draft the answer", async () => {
  assert.deepEqual(await overLostDraft(true), ["edit", "refused"]);
});

import assert from "node:assert/strict";
import type { Delivery, OnUnknown, SendOutcome } from "../../../src/core/delivery.ts";
import type { Lease } from "../../../src/core/engine.ts";
import type { Result } from "../../../src/core/errors.ts";
import type { PlatformEvent } from "../../../src/core/event.ts";
import {
  type AccountId,
  type AgentId,
  type ConversationId,
  type DeliveryId,
  defaultTenant,
  type EventId,
  newId,
  type TenantId,
} from "../../../src/core/ids.ts";
import { textPart } from "../../../src/core/message.ts";
import type { NewOutbound, QueuedEvent, Received, Store, TurnFinish } from "../../../src/core/store.ts";
import type { ModelCall, Turn } from "../../../src/core/turn.ts";

/** One installation of the store under test. */
export interface Opened {
  /** The gateway's. */
  readonly store: Store;
  /** The gateway dies without a word; a new one opens what is on disk. */
  crash(): Promise<Store>;
  /** Another process beside the gateway. */
  guest(): Promise<Store>;
  close(): Promise<void>;
}

export type Open = () => Promise<Opened>;

export const tenant = defaultTenant;
export const other = "other" as TenantId;
export const account = "desk" as AccountId;
export const noon = Date.UTC(2026, 10, 22, 12);
export const by = "op_tester";

let made = 0;

/** A message of Ada's in the chat `c1`, unless told otherwise. */
export function said(text: string, more: Partial<PlatformEvent> = {}): PlatformEvent {
  made += 1;
  return {
    kind: "message",
    key: `update-${made}`,
    chat: { id: "c1", kind: "direct" },
    sender: { id: "u1", name: "Ada", bot: false, self: false },
    at: noon,
    platformId: `p${made}`,
    parts: [textPart(text)],
    addressed: true,
    ...more,
  } as PlatformEvent;
}

export async function receive(store: Store, ...events: readonly PlatformEvent[]): Promise<readonly Received[]> {
  return store.receive({ tenant, account, channel: "test", at: noon, events });
}

/** Stores one event and gives its conversation. */
export async function arrive(store: Store, event: PlatformEvent = said("Hello")): Promise<Received> {
  const [received] = await receive(store, event);
  assert.ok(received);
  return received;
}

export async function take(store: Store, kind: "turn" | "send", conversation: ConversationId): Promise<Lease> {
  const lease = await store.lease(`${kind}:${conversation}`);
  assert.ok(lease, `the lane ${kind}:${conversation} is free`);
  return lease;
}

export function value<Value>(result: Result<Value>): Value {
  assert.ok(result.ok, `it was refused: ${JSON.stringify(result)}`);
  return result.value;
}

export function refused(result: Result<unknown>, code: string): void {
  assert.equal(result.ok ? "done" : result.fault.code, code);
}

export function newCall(more: Partial<ModelCall> = {}): ModelCall {
  return { id: newId("model-call", noon), provider: "demo", model: "demo-1", purpose: "answer", startedAt: noon, ...more };
}

export interface Running {
  readonly lease: Lease;
  readonly event: QueuedEvent;
  readonly turn: Turn;
  readonly call: ModelCall;
}

/** Begins the turn of the conversation's oldest event, under the lease or a new one. */
export async function begin(store: Store, conversation: ConversationId, held?: Lease): Promise<Running> {
  const lease = held ?? (await take(store, "turn", conversation));
  const event = await store.nextEvent(conversation);
  assert.ok(event, "the conversation has an event");
  const call = newCall();
  const { turn } = value(await store.beginTurn(lease, { event, agent: "main" as AgentId, route: 0, call, at: noon + 1 }));
  return { lease, event, turn, call };
}

/** Begins the turn of the oldest event together with the next ones. */
export async function beginWith(store: Store, conversation: ConversationId, joined: readonly EventId[]): Promise<Running> {
  const lease = await take(store, "turn", conversation);
  const event = await store.nextEvent(conversation);
  assert.ok(event);
  const call = newCall();
  const begun = await store.beginTurn(lease, { event, agent: "main" as AgentId, route: 0, call, at: noon + 1, joined });
  return { lease, event, turn: value(begun).turn, call };
}

export function answerOf({ event, turn, call }: Running, text: string, more: Partial<TurnFinish> = {}): TurnFinish {
  return {
    turn,
    event,
    state: "done",
    message: newId("message", noon),
    parts: [textPart(text, "markdown")],
    deliveries: [{ content: { text, visible: text }, onUnknown: "hold" }],
    controlVersion: event.conversation.controlVersion,
    calls: [{ ...call, endedAt: noon + 2, usage: { input: 10, cachedInput: 2, output: 5, reported: true } }],
    at: noon + 2,
    ...more,
  };
}

/** Answers the conversation's oldest event and lets the lane go; gives the deliveries. */
export async function answer(
  store: Store,
  conversation: ConversationId,
  text: string,
  onUnknown: OnUnknown = "hold",
): Promise<readonly DeliveryId[]> {
  const lease = await take(store, "turn", conversation);
  try {
    const running = await begin(store, conversation, lease);
    const deliveries = [{ content: { text, visible: text }, onUnknown }];
    return value(await store.finishTurn(lease, answerOf(running, text, { deliveries }))).deliveries;
  } finally {
    await store.release(lease);
  }
}

/** Takes the conversation's first delivery; the lane stays held. */
export async function attempt(store: Store, conversation: ConversationId, at = noon + 3): Promise<{ lease: Lease; delivery: Delivery }> {
  const lease = await take(store, "send", conversation);
  return { lease, delivery: await start(store, lease, conversation, at) };
}

async function start(store: Store, lease: Lease, conversation: ConversationId, at: number): Promise<Delivery> {
  const begun = await store.beginAttempt(lease, conversation, at);
  assert.equal(begun.kind, "begun");
  return (begun as { delivery: Delivery }).delivery;
}

/** Takes the conversation's first delivery, stores what became of it and lets the lane go. */
export async function send(store: Store, conversation: ConversationId, outcome?: SendOutcome, retryAt?: number): Promise<Delivery> {
  const lease = await take(store, "send", conversation);
  try {
    const delivery = await start(store, lease, conversation, noon + 3);
    const end = { outcome: outcome ?? ({ kind: "sent", receipt: `r-${delivery.id}` } as const), at: noon + 4, ...(retryAt && { retryAt }) };
    value(await store.endAttempt(lease, delivery, end));
    return delivery;
  } finally {
    await store.release(lease);
  }
}

export function operatorSays(text: string, more: Partial<NewOutbound> = {}): NewOutbound {
  return {
    tenant,
    account,
    channel: "test",
    chat: { id: "c1", kind: "direct" },
    author: "operator",
    message: newId("message", noon),
    parts: [textPart(text)],
    deliveries: [{ content: { text, visible: text }, onUnknown: "hold" }],
    at: noon,
    ...more,
  };
}

/** The lanes of both kinds that are due, turns first. */
export async function due(store: Store, now: number, limit = 9): Promise<readonly string[]> {
  const pages = await Promise.all([store.due("turn", now, limit), store.due("send", now, limit)]);
  return pages.flatMap(({ lanes }) => lanes.map(({ lane }) => lane));
}

/** The stages of a story, with their reasons. */
export async function stages(store: Store, trace: string): Promise<readonly string[]> {
  const found = await store.records.trace(tenant, trace);
  return (found?.entries ?? []).map(({ stage, reason }) => (reason ? `${stage} (${reason})` : stage));
}

export async function stateOf(store: Store, id: DeliveryId): Promise<string | undefined> {
  return (await store.records.delivery(tenant, id))?.state;
}

/** Runs with an installation of its own. */
export function using(open: Open, run: (opened: Opened, store: Store) => Promise<void>): () => Promise<void> {
  return async () => {
    const opened = await open();
    try {
      await run(opened, opened.store);
    } finally {
      await opened.close();
    }
  };
}

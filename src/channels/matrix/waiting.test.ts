import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountState } from "../../core/account-state.ts";
import { readEvent } from "./event.ts";
import { type Waiting, WaitingEvents } from "./waiting.ts";

/** Kept by key, as a store does, which knows no other order. */
function stateInMemory(): AccountState {
  const rows = new Map<string, Uint8Array>();
  return {
    read: async () => new Map([...rows].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    key: () => assert.fail("nothing here is secret"),
    async write(changes) {
      for (const [key, value] of changes) value ? rows.set(key, value) : rows.delete(key);
    },
  };
}

test("events that came at the same time wait in their order, over a start, too", async () => {
  const state = stateInMemory();
  const ids = ["$q", "$b", "$z", "$a", "$m"];
  const waiting = ids.map((id): Waiting => {
    const event = readEvent({ type: "m.room.encrypted", event_id: id, sender: "@ada:example.com", origin_server_ts: 7, content: {} });
    assert.ok(event);
    return { room: "!r", event, at: 1_000, told: false };
  });
  await (await WaitingEvents.open(state)).add(waiting.slice(0, 3));
  await (await WaitingEvents.open(state)).add(waiting);
  const again = await WaitingEvents.open(state);
  assert.deepEqual(
    again.all().map(({ event }) => event.event_id),
    ids,
  );
});

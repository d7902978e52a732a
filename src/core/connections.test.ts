import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock, settled } from "../../test/clock.ts";
import { Connections, idleMs, type LiveConnection } from "./connections.ts";
import { fail, ok, type Result } from "./errors.ts";

const never = new AbortController().signal;

class FakeConnection implements LiveConnection {
  readonly #over = new AbortController();
  readonly over = this.#over.signal;
  close(): void {
    this.#over.abort();
  }
}

function world() {
  const clock = createHandClock();
  const connections = new Connections<object, FakeConnection>();
  let opened = 0;
  const open = async (): Promise<Result<FakeConnection>> => {
    opened++;
    await settled();
    return ok(new FakeConnection());
  };
  return { clock, connections, open, key: {}, count: () => opened, get: (key: object) => connections.get(key, clock, never, open) };
}

test("who asks meanwhile or later gets the same one; another key another", async () => {
  const { get, key, count } = world();
  const [one, two] = await Promise.all([get(key), get(key)]);
  const three = await get(key);
  assert.ok(one.ok && two.ok && three.ok && one.value === two.value && two.value === three.value);
  assert.equal(count(), 1);
  await get({});
  assert.equal(count(), 2);
});

test("one that ended is opened anew, and a failure is tried again", async () => {
  const { get, key, connections, clock } = world();
  const refused = await connections.get(key, clock, never, async () => fail("channel-auth", "no"));
  assert.ok(!refused.ok && refused.fault.code === "channel-auth");
  const one = await get(key);
  assert.ok(one.ok);
  one.value.close();
  assert.equal(connections.live(key), undefined);
  const two = await get(key);
  assert.ok(two.ok && two.value !== one.value);
});

test("it is closed when nobody has held it for a while, and not before", async () => {
  const { get, key, connections, clock } = world();
  const release = connections.hold(key, clock);
  const one = await get(key);
  assert.ok(one.ok);
  await clock.advance(idleMs * 3);
  assert.ok(!one.value.over.aborted, "it is held");
  release();
  await clock.advance(idleMs - 1);
  await get(key);
  await clock.advance(idleMs - 1);
  assert.ok(!one.value.over.aborted, "it was needed meanwhile");
  await clock.advance(1);
  assert.ok(one.value.over.aborted);
});

test("who aborts stops waiting, and the others get it all the same", async () => {
  const { connections, key, clock, open, get } = world();
  const gone = new AbortController();
  const first = connections.get(key, clock, gone.signal, open);
  const second = get(key);
  gone.abort();
  const given = await first;
  assert.ok(!given.ok && given.fault.code === "channel-unreachable");
  assert.ok((await second).ok);
});

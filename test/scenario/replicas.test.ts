import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Access } from "../../src/access/access.ts";
import type { Fault } from "../../src/core/errors.ts";
import { type AccountId, defaultTenant } from "../../src/core/ids.ts";
import type { Log } from "../../src/core/log.ts";
import { type Beat, type SharedStore, silenceMs } from "../../src/core/replica.ts";
import type { Store } from "../../src/core/store.ts";
import { keptKey } from "../../src/http/kept-key.ts";
import { clientOf } from "../../src/stores/postgres/connection.ts";
import { type Migration, migrate } from "../../src/stores/postgres/migrate.ts";
import { openPostgresStore } from "../../src/stores/postgres.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createVault } from "../../src/vault/vault.ts";
import { attempt, noon, operatorSays, said, take, value } from "../contract/store/fixture.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
import { setClockMissing, startSetClock } from "../servers/set-clock.ts";

const accounts = ["a", "b", "c", "d", "e"] as AccountId[];

interface Replica {
  readonly store: Store;
  readonly shared: SharedStore;
  readonly fatal: Fault[];
  beat(more?: Partial<Beat>): ReturnType<SharedStore["beat"]>;
  mine(): Promise<readonly AccountId[]>;
}

describe("gateways that share a store in PostgreSQL", { skip: postgresMissing() }, () => {
  let server: PostgresServer;
  const stores: Store[] = [];
  before(async () => {
    server = await startPostgres();
  });
  after(async () => {
    for (const store of stores) await store.close();
    await server[Symbol.asyncDispose]();
  });

  async function join(url: string, name: string): Promise<Replica> {
    const fatal: Fault[] = [];
    const opened = await openPostgresStore({
      url,
      role: "owner",
      shared: { name, version: "1.0.0" },
      onFatal: (fault) => fatal.push(fault),
    });
    assert.ok(opened.ok, JSON.stringify(opened));
    stores.push(opened.value);
    const shared = opened.value.shared as SharedStore;
    const beat: Replica["beat"] = (more) =>
      shared.beat({ tenant: defaultTenant, wanted: accounts, released: [], statuses: [], leaving: false, judges: false, ...more });
    return {
      ...{ store: opened.value, shared, fatal, beat },
      mine: async () => [...(await beat()).owners].flatMap(([account, { replica }]) => (replica === shared.self ? [account] : [])).sort(),
    };
  }

  test("the first takes all; who comes later gets a fair share of what is let go of, and everybody knows whose an account is", async () => {
    const url = await server.database();
    const one = await join(url, "one");
    assert.deepEqual(await one.mine(), accounts);
    const two = await join(url, "two");
    assert.equal(two.shared.cluster, one.shared.cluster);
    assert.deepEqual(await two.mine(), []);
    await one.beat({ released: ["a", "b"] as AccountId[] });
    assert.deepEqual(await two.mine(), ["a", "b"]);
    const status = { id: "a" as AccountId, channel: "telegram", state: "ready", since: 7 } as const;
    const standing = await two.beat({ statuses: [status] });
    assert.deepEqual(
      standing.replicas.map(({ name, leaving }) => [name, leaving]),
      [
        ["one", false],
        ["two", false],
      ],
    );
    assert.deepEqual((await one.beat()).owners.get("a" as AccountId), { replica: two.shared.self, status });
    await two.shared.leave();
    assert.deepEqual(await one.mine(), accounts);
  });

  test("who leaves gets nothing more", async () => {
    const url = await server.database();
    const [one, two] = [await join(url, "one"), await join(url, "two")];
    await one.beat({ leaving: true });
    assert.deepEqual(await two.mine(), accounts);
    await two.beat({ released: accounts, leaving: true });
    assert.deepEqual([...(await one.beat({ leaving: true })).owners], []);
  });

  test("who is silent for too long is dead to those who weren't: what it had is free, and what it writes is refused", async () => {
    const url = await server.database();
    const [one, two] = [await join(url, "one"), await join(url, "two")];
    assert.deepEqual(await one.mine(), ["a", "b", "c"]);
    one.shared.own(new Set(accounts));
    const lease = await one.store.lease("turn:cv_1");
    assert.ok(lease);
    for (const until = performance.now() + silenceMs + 500; performance.now() < until; await wait(200)) await two.beat({ judges: true });
    const standing = await two.beat({ judges: true });
    assert.deepEqual(
      standing.replicas.map(({ name }) => name),
      ["two"],
    );
    assert.deepEqual(await two.mine(), accounts);
    two.shared.own(new Set(accounts));
    const later = await two.store.lease("turn:cv_1");
    assert.ok(later && later.fence > lease.fence, "fences grow from one owner to the next");
    await assert.rejects(one.store.probe(), /took over what it had/);
    assert.deepEqual(
      one.fatal.map(({ code }) => code),
      ["store-locked"],
    );
  });

  test("a server whose clock is set makes nobody dead, and hides nobody's death", { skip: setClockMissing() }, async () => {
    await using clock = await startSetClock();
    await using server = await startPostgres({ env: clock.env });
    const url = await server.database();
    const replicas = [await join(url, "one"), await join(url, "two"), await join(url, "three")];
    const beatAll = async (ms: number, who = replicas) => {
      for (const until = performance.now() + ms; performance.now() < until; await wait(200))
        for (const replica of who) await replica.beat({ judges: true });
    };
    const client = clientOf(url, "test");
    await client.connect();
    const due = async () => Number((await client.query("SELECT due_at FROM events")).rows[0]?.due_at);
    try {
      await replicas[0]?.store.receive({
        tenant: defaultTenant,
        account: "a" as AccountId,
        channel: "test",
        at: noon,
        events: [said("Hello")],
      });
      await client.query("UPDATE events SET due_at = $1", [noon]);
      await beatAll(1_000);
      for (const seconds of [3_600, -3_600]) {
        await clock.set(seconds);
        await beatAll(1_000);
        assert.equal((await replicas[0]?.beat({ judges: true }))?.replicas.length, 3, `${seconds} s`);
        assert.ok(Math.abs((await due()) - noon - seconds * 1_000) < 3_000, `what waits is moved, once: ${(await due()) - noon}`);
        for (const { shared } of replicas) assert.ok(Math.abs(shared.now() - Date.now() - seconds * 1_000) < 3_000, "the server's time");
      }
      // Somebody's last word was told just before the clock was set on, and isn't moved yet.
      await client.query("UPDATE replicas SET seen_at = seen_at - 3600000");
      assert.equal((await replicas[0]?.beat({ judges: true }))?.replicas.length, 3, "words are new, whatever time they bear");
      // Its last word is of a time that comes back in an hour.
      const [silent, ...others] = replicas;
      await clock.set(0);
      await beatAll(1_000);
      await clock.set(-3_600);
      await beatAll(silenceMs + 1_000, others);
      assert.deepEqual(
        (await others[0]?.beat({ judges: true }))?.replicas.map(({ name }) => name),
        ["two", "three"],
      );
      await assert.rejects(async () => silent?.store.probe(), /took over what it had/);
    } finally {
      await client.end();
      for (const store of stores.splice(-replicas.length)) await store.close();
    }
  });

  test("what one wrote who hadn't heard yet that the clock was set back doesn't wait for that time to come", {
    skip: setClockMissing(),
  }, async () => {
    await using clock = await startSetClock();
    await using server = await startPostgres({ env: clock.env });
    const url = await server.database();
    const [one, two] = [await join(url, "one"), await join(url, "two")];
    const client = clientOf(url, "test");
    await client.connect();
    try {
      for (const replica of [two, one]) await replica.beat();
      two.shared.own(new Set(accounts));
      const write = async (text: string) => {
        const at = two.shared.now();
        await two.store.receive({ tenant: defaultTenant, account: "a" as AccountId, channel: "test", at, events: [said(text)] });
        await two.store.enqueue(operatorSays(text, { at }));
      };
      await write("before");
      const other = { account: "a" as AccountId, chat: { id: "c2", kind: "direct" } } as const;
      const arrival = { tenant: defaultTenant, account: other.account, channel: "test", at: two.shared.now() - 7_200_000 };
      const [arrived] = await two.store.receive({ ...arrival, events: [said("put off", other)] });
      assert.ok(arrived);
      await two.store.enqueue(operatorSays("put off", { ...other, at: arrival.at }));
      const putOff = async () => {
        const { store } = two;
        const event = await store.nextEvent(arrived.conversation);
        const { lease, delivery } = await attempt(store, arrived.conversation, two.shared.now());
        assert.ok(event);
        const at = two.shared.now();
        value(
          await store.holdEvent(await take(store, "turn", arrived.conversation), event, { at, dueAt: at + 5_000, reason: "models-down" }),
        );
        const outcome = { kind: "retry", code: "channel-retry", message: "not now" } as const;
        value(await store.endAttempt(lease, delivery, { outcome, at, retryAt: at + 5_000 }));
      };
      await clock.set(-3_600);
      const heard = async ({ shared, beat }: Replica) => {
        while (Date.now() - shared.now() < 3_000_000) await Promise.all([beat(), wait(100)]);
      };
      await heard(one);
      await write("between");
      await putOff();
      assert.ok(two.shared.now() - one.shared.now() > 3_000_000, "it hasn't heard");
      await heard(two);
      await write("after");
      await two.beat();
      for (const table of ["events", "deliveries"]) {
        const { rows } = await client.query(`SELECT due_at FROM ${table} WHERE ended_at IS NULL ORDER BY seq`);
        const waits = rows.map(({ due_at }) => Number(due_at) - one.shared.now());
        assert.ok(waits.length === 4 && waits.every((ms) => ms < 5_000 && ms > -20_000), `${table}: ${waits}`);
        assert.ok(Math.max(...waits) > 0, `what was put off waits no less for it: ${waits}`);
      }
    } finally {
      await client.end();
      for (const store of stores.splice(-2)) await store.close();
    }
  });

  test("who doesn't judge buries nobody, and a later life of the same name doesn't wait for its earlier one", async () => {
    const url = await server.database();
    const [one, two] = [await join(url, "one"), await join(url, "two")];
    assert.deepEqual(await one.mine(), ["a", "b", "c"]);
    await server.cut(url);
    // Its connection comes back with its next words; the other one's is gone for good.
    assert.equal((await two.beat({ judges: false })).replicas.length, 2);
    const again = await join(url, "one");
    assert.deepEqual((await two.beat()).replicas.map(({ id }) => id).sort(), [two.shared.self, again.shared.self].sort());
    assert.ok(again.shared.self > one.shared.self);
    assert.equal((await two.mine()).length + (await again.mine()).length, accounts.length);
  });

  test("beside one that has the store alone there are no others", async () => {
    const url = await server.database();
    const alone = await openPostgresStore({ url, role: "owner" });
    assert.ok(alone.ok);
    const refused = await openPostgresStore({ url, role: "owner", shared: { name: "one", version: "1.0.0" } });
    assert.equal(!refused.ok && refused.fault.code, "store-locked");
    await alone.value.close();
    const one = await join(url, "one");
    const second = await openPostgresStore({ url, role: "owner" });
    assert.equal(!second.ok && second.fault.code, "store-locked");
    await one.beat();
  });

  test("the same first link is made by two that start at once", async () => {
    const url = await server.database();
    const [one, two] = [await join(url, "one"), await join(url, "two")];
    const log: Log = { debug() {}, info() {}, warn() {}, error() {}, with: () => log };
    const token = "a-setup-token-that-is-long-enough";
    const links = [one, two].map(({ store: { records } }) =>
      new Access({ records, clock: systemClock, log, tenant: defaultTenant }).prepareSetup(token),
    );
    assert.deepEqual(await Promise.all(links), [token, token]);
    assert.equal((await two.store.records.credentials(defaultTenant, "setup")).length, 1);
  });

  test("the keys of file links and of the web chat are made once, however many gateways start at once", async () => {
    const url = await server.database();
    const replicas = await Promise.all(["one", "two", "three"].map((name) => join(url, name)));
    const environment = { POLYLOGUE_MASTER_KEY: Buffer.alloc(32, 1).toString("base64") };
    const log: Log = { debug() {}, info() {}, warn: (event) => assert.fail(event), error() {}, with: () => log };
    const vaults = replicas.map(({ store: { records } }) =>
      createVault({ home: "/nowhere", environment, clock: systemClock, keychain: async () => "none here", tenant: defaultTenant, records }),
    );
    for (const name of ["file-link-key", "webchat-key"] as const) {
      const keys = await Promise.all(vaults.map((vault) => keptKey(name, vault, log)));
      assert.equal(new Set(keys.map((key) => Buffer.from(key).toString("hex"))).size, 1, `${name} differs`);
      const kept = await vaults[0]?.read(name);
      assert.equal(kept?.ok && kept.value, Buffer.from(keys[0] ?? "").toString("base64"));
    }
    const written = await replicas[0]?.store.records.auditLog(defaultTenant, { action: "secret-set", limit: 10 });
    assert.deepEqual(written?.map(({ subject }) => subject).toSorted(), ["file-link-key", "webchat-key"]);
  });

  test("versions beside each other: what only adds to the schema lets older gateways go on and start, anything else doesn't", async () => {
    const url = await server.database();
    const one = await join(url, "one");
    await one.beat();
    const client = clientOf(url, "test");
    await client.connect();
    const step = (version: number, sql: string): Migration => ({ version, sql });
    const old = [step(9_000, "-- adds nothing\nCREATE TABLE nothing (one INTEGER)")];
    const added = [...old, step(9_001, "-- adds a column\nALTER TABLE nothing ADD COLUMN two INTEGER")];
    const broken = [...added, step(9_002, "ALTER TABLE nothing DROP COLUMN one")];
    const codeOf = async (known: readonly Migration[]) => {
      const result = await migrate(client, known);
      return result.ok ? "ok" : result.fault.code;
    };
    assert.equal(await codeOf(old), "ok");
    assert.equal(await codeOf(added), "ok");
    assert.equal(await codeOf(old), "ok", "an older version starts on what only adds");
    assert.equal(await codeOf(broken), "store-locked", "a gateway works on it that couldn't go on");
    await one.shared.leave();
    assert.equal(await codeOf(broken), "ok");
    assert.equal(await codeOf(added), "store-too-new");
    await client.end();
  });

  test("lanes are found due and given back by those alone whose accounts they are", async () => {
    const url = await server.database();
    const [one, two] = [await join(url, "one"), await join(url, "two")];
    one.shared.own(new Set(["a"] as AccountId[]));
    two.shared.own(new Set(["b"] as AccountId[]));
    await one.beat({ wanted: ["a"] as AccountId[] });
    await two.beat({ wanted: ["b"] as AccountId[] });
    for (const account of ["a", "b"] as AccountId[]) {
      await two.store.receive({ tenant: defaultTenant, account, channel: "test", at: noon, events: [said("Hello")] });
    }
    const lanesOf = async ({ store }: Replica) => (await store.due("turn", noon + 10, 100)).lanes.map(({ owner }) => owner.account);
    assert.deepEqual(await lanesOf(one), ["a"]);
    assert.deepEqual(await lanesOf(two), ["b"]);
  });
});

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "../../src/core/errors.ts";
import { clientOf, prepare, writingClientOf } from "../../src/stores/postgres/connection.ts";
import { locks } from "../../src/stores/postgres/locks.ts";
import { type Writer, writerOn } from "../../src/stores/postgres/writer.ts";
import { answered, type Work } from "../../src/tables/work.ts";
import { startLine } from "../servers/line.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
import { setClockMissing, startSetClock } from "../servers/set-clock.ts";
import { openPostgres } from "../support/postgres-store.ts";

describe("the writer of a real PostgreSQL", { skip: postgresMissing() }, () => {
  let server: PostgresServer;
  const fatal: Fault[] = [];
  before(async () => {
    server = await startPostgres();
  });
  after(() => server[Symbol.asyncDispose]());

  async function writerAt(url: string): Promise<Writer> {
    const client = writingClientOf(url);
    await client.connect();
    return writerOn({
      ...{ url, client, again: async () => undefined, onFatal: (fault) => fatal.push(fault) },
      ...{ enter: () => answered(undefined), leave: () => answered(undefined), forget: () => {} },
    });
  }

  const put = prepare("INSERT INTO things (n) VALUES (?)");
  const things = prepare<{ n: number }>("SELECT n FROM things ORDER BY n");

  function* put2(n: number, then: number | null): Work<number> {
    yield* put.do(n);
    yield* put.do(then);
    return n;
  }

  test("a statement that nobody waits for fails its own call, whole, and none that shares the transaction", async () => {
    const writer = await writerAt(await server.database());
    await writer.write(() => prepare("CREATE TABLE things (n bigint NOT NULL UNIQUE)").run());
    const calls = [
      writer.write(() => put2(1, 2)),
      writer.write(() => put2(3, null)),
      writer.write(() => put2(4, 5)),
      writer.write(() => put2(6, 1)),
    ];
    const ends = await Promise.allSettled(calls);
    const whyNot = (n: number) => (ends[n]?.status === "rejected" ? String(ends[n].reason) : ends[n]?.status);
    assert.equal(whyNot(0), "fulfilled");
    assert.match(String(whyNot(1)), /null value in column "n"/);
    assert.equal(whyNot(2), "fulfilled");
    assert.match(String(whyNot(3)), /duplicate key/);
    assert.deepEqual(
      (await writer.write(() => things.all())).map(({ n }) => n),
      [1, 2, 4, 5],
    );
    await writer.close();
    assert.deepEqual(fatal, []);
  });

  test("what a failed transaction left prepared is prepared anew, and more than goes out at once keeps its order", async () => {
    const writer = await writerAt(await server.database());
    await writer.write(() => prepare("CREATE TABLE things (n bigint NOT NULL, at bigserial)").run());
    const missing = prepare<{ word: string; none: null; yes: number }>("SELECT word, NULL AS none, n > 1 AS yes FROM words ORDER BY n");
    const both = () =>
      writer.write(function* () {
        yield* put.do(1);
        return yield* missing.all();
      });
    await assert.rejects(both(), /relation "words" does not exist/);
    await writer.write(() => prepare("CREATE TABLE words AS SELECT 1::bigint AS n, 'one'::text AS word UNION SELECT 2, 'two'").run());
    const words = [
      { word: "one", none: null, yes: 0 },
      { word: "two", none: null, yes: 1 },
    ];
    assert.deepEqual([await both(), await both()], [words, words]);
    const many = Array.from({ length: 730 }, (_, n) => n);
    await writer.write(function* () {
      for (const n of many) yield* put.do(n);
    });
    const inOrder = await writer.write(() => prepare<{ n: number }>("SELECT n FROM things ORDER BY at").all());
    assert.deepEqual(
      inOrder.map(({ n }) => n),
      [1, 1, ...many],
    );
    await writer.close();
  });

  test("who stands still in a transaction loses it, and with it the lock that others wait for", async () => {
    const url = await server.database();
    const store = await openPostgres(url, "owner");
    const frozen = writingClientOf(url);
    frozen.on("error", () => {});
    await frozen.connect();
    await frozen.query("BEGIN");
    await frozen.query(locks.write);
    await store.probe();
    await assert.rejects(frozen.query("COMMIT"));
    await store.close();
  });

  test("a server that is silent is gone: the call ends with store-unavailable, and the next goes through another connection", async () => {
    const url = new URL(await server.database());
    await using line = await startLine({ port: Number(url.port) });
    url.port = String(line.port);
    const writer = await writerAt(url.href);
    await writer.write(() => prepare("CREATE TABLE things (n bigint)").run());
    line.cut();
    await assert.rejects(
      writer.write(() => put.do(1)),
      /store-unavailable|doesn't take it/,
    );
    line.mend();
    await writer.write(() => put.do(2));
    assert.deepEqual(
      (await writer.write(() => things.all())).map(({ n }) => n),
      [2],
    );
    await writer.close();
  });

  test("a line that is cut before the commit costs nothing where the next one gets through", async () => {
    const url = new URL(await server.database());
    await using line = await startLine({ port: Number(url.port) });
    url.port = String(line.port);
    const writer = await writerAt(url.href);
    await writer.write(() => prepare("CREATE TABLE things (n bigint)").run());
    let tries = 0;
    const written = writer.write(function* () {
      yield* put.do(1);
      if (++tries === 1) line.hangUp();
      return (yield* things.all()).length;
    });
    assert.deepEqual([await written, tries], [1, 2]);
    assert.deepEqual(
      (await writer.write(() => things.all())).map(({ n }) => n),
      [1],
    );
    await writer.close();
  });

  test("a server's clock that is set on ends statements before their time, and they are begun anew", {
    skip: setClockMissing(),
  }, async () => {
    await using clock = await startSetClock();
    await using other = await startPostgres({ env: clock.env });
    const url = await other.database();
    const writer = await writerAt(url);
    const [holder, looker] = [clientOf(url, "holder"), clientOf(url, "looker")];
    for (const client of [holder, looker]) await client.on("error", () => {}).connect();
    await holder.query("BEGIN");
    await holder.query(locks.write);
    const written = writer.write(() => prepare<{ one: number }>("SELECT 1 AS one").all());
    const waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory'";
    while ((await looker.query(waits)).rowCount === 0) await wait(20);
    await clock.set(200);
    // The server looks at its limits when a wait ends.
    await holder.query("COMMIT");
    assert.deepEqual(await written, [{ one: 1 }]);
    await Promise.all([writer.close(), holder.end(), looker.end()]);
  });

  test("who is cut off in the middle of a long statement doesn't keep the lock for as long as that takes", async () => {
    const direct = await server.database();
    const url = new URL(direct);
    await using line = await startLine({ port: Number(url.port) });
    url.port = String(line.port);
    const [writer, other] = [await writerAt(url.href), await writerAt(direct)];
    const waits = writer
      .write(() => prepare("SELECT pg_sleep(600)").all())
      .then(
        () => "done",
        (reason: unknown) => String(reason),
      );
    const client = clientOf(direct, "test");
    await client.connect();
    while ((await client.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).rowCount === 0) await wait(20);
    line.cut();
    const ask = () => other.write(() => prepare<{ one: number }>("SELECT 1 AS one").all());
    const [row] = await ask().catch(ask);
    assert.equal(row?.one, 1);
    assert.match(await waits, /store-unavailable|doesn't take it/);
    await client.end();
    line.mend();
    await Promise.all([writer.close(), other.close()]);
  });

  /** A database whose commits of a row in `things` take a while, and a way to it that can fail in that time. */
  async function slowCommits(rights = "") {
    const direct = await server.database();
    const owner = writingClientOf(direct);
    await owner.connect();
    await owner.query(`
      CREATE TABLE things (n bigint);
      CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION linger();
      ${rights}`);
    const url = new URL(direct);
    const line = await startLine({ port: Number(url.port) });
    url.port = String(line.port);
    return {
      ...{ url, line, owner },
      async [Symbol.asyncDispose]() {
        await owner.end();
        await line[Symbol.asyncDispose]();
      },
    };
  }

  /** Once the server is at it. */
  async function committing(owner: Awaited<ReturnType<typeof slowCommits>>["owner"]): Promise<void> {
    const asked = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query = 'COMMIT' AND state = 'active'";
    while ((await owner.query(asked)).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  test("a commit whose answer is lost is a success, once the server says that it took effect", async () => {
    await using place = await slowCommits();
    const writer = await writerAt(place.url.href);
    const written = writer.write(() => put2(1, 2));
    await committing(place.owner);
    place.line.hangUp();
    assert.equal(await written, 1);
    assert.deepEqual(
      (await writer.write(() => things.all())).map(({ n }) => n),
      [1, 2],
    );
    await writer.close();
    assert.deepEqual(fatal, []);
  });

  test("where the server won't say what became of a commit, the writer ends: nobody is told that nothing was stored and goes on", async () => {
    await using place = await slowCommits(`
      CREATE ROLE plain LOGIN;
      GRANT ALL ON things TO plain;
      REVOKE EXECUTE ON FUNCTION pg_xact_status(xid8) FROM PUBLIC;`);
    place.url.username = "plain";
    const writer = await writerAt(place.url.href);
    const written = writer.write(() => put2(1, 2));
    await committing(place.owner);
    place.line.hangUp();
    await assert.rejects(written, /store-unavailable|doesn't take it/);
    assert.match(fatal.splice(0)[0]?.message ?? "", /went away during a commit/);
    await assert.rejects(
      writer.write(() => put.do(3)),
      /went away during a commit/,
    );
    await writer.close();
  });

  test("what waits for the lock when the line falls silent isn't stored behind its caller's back", async () => {
    await using place = await slowCommits();
    const writer = await writerAt(place.url.href);
    await place.owner.query("BEGIN");
    await place.owner.query(locks.write);
    const written = writer
      .write(() => put.do(1))
      .then(
        () => "stored",
        () => "not stored",
      );
    const asked = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'";
    while ((await place.owner.query(asked)).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    // What was sent behind the question for the lock arrives, too.
    await new Promise((resolve) => setTimeout(resolve, 200));
    place.line.cut();
    await place.owner.query("COMMIT");
    const said = await written;
    place.line.mend();
    const { rows } = await place.owner.query("SELECT n FROM things");
    assert.deepEqual({ said, rows: rows.length }, { said: "not stored", rows: 0 });
    await writer.close();
  });
});

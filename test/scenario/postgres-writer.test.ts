import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Fault } from "../../src/core/errors.ts";
import { prepare, writingClientOf } from "../../src/stores/postgres/connection.ts";
import { locks } from "../../src/stores/postgres/locks.ts";
import { type Writer, writerOn } from "../../src/stores/postgres/writer.ts";
import { answered, type Work } from "../../src/tables/work.ts";
import { startLine } from "../servers/line.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../servers/postgres.ts";
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
});

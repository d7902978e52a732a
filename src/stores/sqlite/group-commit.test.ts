import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Fault, FaultError } from "../../core/errors.ts";
import { groupCommit } from "./group-commit.ts";

/** What SQLite throws, by its code. */
const sqlite = (errcode: number) => Object.assign(new Error(`code ${errcode}`), { code: "ERR_SQLITE_ERROR", errcode });
const busy = sqlite(5);
const full = sqlite(13);
const fsyncFailed = sqlite(1034);

/** A connection that fails as told: the next errors of each statement, in order. */
function connection(
  failures: { readonly [statement in "BEGIN IMMEDIATE" | "COMMIT" | "ROLLBACK"]?: (Error | undefined)[] },
  sync?: (done: (failure: Error | null) => void) => void,
  gather?: (run: () => void) => void,
) {
  const ran: string[] = [];
  const faults: Fault[] = [];
  let isTransaction = false;
  const database = {
    get isTransaction() {
      return isTransaction;
    },
    prepare: (sql: "BEGIN IMMEDIATE" | "COMMIT" | "ROLLBACK") => ({
      run() {
        ran.push(sql.slice(0, 3));
        const failure = failures[sql]?.shift();
        if (failure) throw failure;
        isTransaction = sql === "BEGIN IMMEDIATE";
      },
    }),
  };
  const nothing = () => undefined;
  const onFatal = (fault: Fault) => faults.push(fault);
  const hooks = { enter: nothing, leave: nothing, forget: nothing, onFatal, ...(sync && { sync }), ...(gather && { gather }) };
  return { ran, faults, commits: groupCommit(database as unknown as Parameters<typeof groupCommit>[0], hooks) };
}

const codes = (settled: readonly PromiseSettledResult<unknown>[]) =>
  settled.map((one) =>
    one.status === "fulfilled" ? one.value : one.reason instanceof FaultError ? one.reason.fault.code : String(one.reason),
  );

describe("group commit", () => {
  test("calls of one turn of the event loop share a commit, in their order", async () => {
    const { ran, commits } = connection({});
    const order: number[] = [];
    const calls = [1, 2, 3].map((n) => commits.write(() => order.push(n)));
    assert.deepEqual(order, [], "not yet");
    assert.deepEqual(await Promise.all(calls), [1, 2, 3]);
    assert.deepEqual(
      [order, ran],
      [
        [1, 2, 3],
        ["BEG", "COM"],
      ],
    );
  });

  test("who brings its own time says when what was gathered is committed", async () => {
    const waiting: (() => void)[] = [];
    const { ran, commits } = connection({}, undefined, (run) => waiting.push(run));
    const calls = [1, 2].map((n) => commits.write(() => n));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([ran, waiting.length], [[], 1]);
    waiting[0]?.();
    assert.deepEqual(await Promise.all(calls), [1, 2]);
  });

  test("more calls than a group holds take more commits", async () => {
    const { ran, commits } = connection({});
    await Promise.all(Array.from({ length: 1000 }, (_, n) => commits.write(() => n)));
    assert.ok(ran.length >= 8, `${ran.length} statements`);
  });

  test("a call that throws fails alone", async () => {
    const { commits } = connection({});
    const settled = await Promise.allSettled([
      commits.write(() => "a"),
      commits.write(() => {
        throw new Error("mine");
      }),
      commits.write(() => "c"),
    ]);
    assert.deepEqual(codes(settled), ["a", "Error: mine", "c"]);
  });

  test("a full disk refuses the group, and the next try may succeed", async () => {
    const { commits, faults, ran } = connection({ COMMIT: [full] });
    assert.deepEqual(codes(await Promise.allSettled([commits.write(() => 1), commits.write(() => 2)])), [
      "store-unavailable",
      "store-unavailable",
    ]);
    assert.equal(await commits.write(() => 3), 3);
    assert.deepEqual([faults, ran], [[], ["BEG", "COM", "ROL", "BEG", "COM"]]);
  });

  test("another process's lock is waited for, and later calls don't overtake", async () => {
    const { commits } = connection({ "BEGIN IMMEDIATE": [busy, busy] });
    const order: string[] = [];
    const first = commits.write(() => order.push("first"));
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, commits.write(() => order.push("second"))]);
    assert.deepEqual(order, ["first", "second"]);
  });

  test("found alone, calls keep their order, and none outlives the end", async () => {
    const fails = () => {
      throw new Error("mine");
    };
    const order: number[] = [];
    const waits = connection({ "BEGIN IMMEDIATE": [undefined, undefined, undefined, busy] });
    const calls = [() => order.push(1), fails, () => order.push(3), () => order.push(4)].map((job) => waits.commits.write<unknown>(job));
    await Promise.allSettled(calls);
    assert.deepEqual(order.slice(-3), [1, 3, 4], "the third waited, and the fourth behind it");

    const ends = connection({ COMMIT: [fsyncFailed] });
    const ended = [() => 1, fails, () => 3].map((job) => ends.commits.write<unknown>(job));
    assert.deepEqual(codes(await Promise.allSettled(ended)), ["store-unavailable", "store-unavailable", "store-unavailable"]);
    assert.equal(ends.faults.length, 1);
  });

  const unknowable: readonly [string, Parameters<typeof connection>[0]][] = [
    ["an fsync that failed", { COMMIT: [fsyncFailed] }],
    ["a transaction that can't be taken back", { COMMIT: [full], ROLLBACK: [sqlite(10)] }],
    ["a damaged file", { "BEGIN IMMEDIATE": [sqlite(11)] }],
  ];
  for (const [what, failures] of unknowable) {
    test(`${what} ends everything, once and loudly`, async () => {
      const { commits, faults } = connection(failures);
      const first = commits.write(() => 1);
      assert.deepEqual(codes(await Promise.allSettled([first])), ["store-unavailable"]);
      assert.deepEqual(codes(await Promise.allSettled([commits.write(() => 2)])), ["store-unavailable"]);
      assert.equal(faults.length, 1);
      await commits.drain();
    });
  }

  describe("with a sync beside the event loop", () => {
    const turn = () => new Promise((resolve) => setImmediate(resolve));

    test("a promise is kept only after it; what comes meanwhile shares the next one", async () => {
      const syncs: ((failure: Error | null) => void)[] = [];
      const { commits, ran } = connection({}, (done) => syncs.push(done));
      const kept: string[] = [];
      const write = (name: string) => commits.write(() => name).then((value) => kept.push(value));
      const first = write("first");
      await turn();
      await turn();
      assert.deepEqual([ran, syncs.length, kept], [["BEG", "COM"], 1, []]);
      const later = [write("second"), write("third")];
      let drained = false;
      const rest = commits.drain().then(() => {
        drained = true;
      });
      await turn();
      assert.deepEqual([ran.length, syncs.length], [2, 1], "they gather");
      syncs[0]?.(null);
      await first;
      await turn();
      await turn();
      assert.deepEqual([kept, ran.length, syncs.length, drained], [["first"], 4, 2, false]);
      syncs[1]?.(null);
      await Promise.all(later);
      await rest;
      assert.deepEqual(kept, ["first", "second", "third"]);
    });

    test("a full group doesn't wait for the sync under way", async () => {
      const syncs: ((failure: Error | null) => void)[] = [];
      const { commits, ran } = connection({}, (done) => syncs.push(done));
      const first = commits.write(() => 0);
      await turn();
      const many = Array.from({ length: 300 }, (_, n) => commits.write(() => n));
      await turn();
      assert.deepEqual([ran.filter((statement) => statement === "COM").length, syncs.length], [2, 1]);
      syncs[0]?.(null);
      await turn();
      syncs[1]?.(null);
      await turn();
      syncs[2]?.(null);
      await Promise.all([first, ...many]);
    });

    test("one that fails ends everything: what was committed can't be taken back", async () => {
      const { commits, faults } = connection({}, (done) => setImmediate(done, new Error("EIO")));
      const settled = await Promise.allSettled([commits.write(() => 1), commits.write(() => 2)]);
      assert.deepEqual(codes(settled), ["store-unavailable", "store-unavailable"]);
      assert.equal(faults.length, 1);
      await assert.rejects(
        commits.write(() => 3),
        FaultError,
      );
      await commits.drain();
    });
  });
});

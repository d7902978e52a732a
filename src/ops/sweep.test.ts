import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandClock } from "../../test/clock.ts";
import { quiet } from "../../test/compose.ts";
import { defaultTenant, type FileId, newId } from "../core/ids.ts";
import type { SweepPlace } from "../core/retention.ts";
import { type SweepParts, strayFileLook, sweepOnce } from "./sweep.ts";

/** A store that has `steps` steps to do and gives files to remove, and a folder of files. */
function world(steps: number, { dropped = [], lying = [], held = [] }: { dropped?: FileId[]; lying?: FileId[]; held?: FileId[] }) {
  const clock = createHandClock();
  const told: string[] = [];
  const answerAges: number[] = [];
  const list = new Set(dropped);
  const folder = new Set([...dropped, ...lying]);
  let stopped = false;
  const store: SweepParts["store"] = {
    tellTime: async () => 0,
    foldUsage: async () => false,
    probe: async () => {},
    dropAnswers: async (before) => void answerAges.push(clock.now() - before),
    dropApprovals: async () => {},
    async sweep(_, place): Promise<SweepPlace | undefined> {
      told.push(`step at ${clock.elapsed()}`);
      const after = (place?.after ?? 0) + 1;
      return after < steps ? { of: "stories", after } : undefined;
    },
    droppedFiles: async (limit) => [...list].slice(0, limit).map((id) => ({ tenant: defaultTenant, id })),
    async forgetFiles(ids) {
      for (const id of ids) {
        assert.ok(!folder.has(id), "forgotten before it was removed");
        list.delete(id);
      }
    },
    strayFiles: async (_, ids) => ids.filter((id) => !held.includes(id)),
  };
  const files: SweepParts["files"] = {
    remove: async (_, id) => void folder.delete(id),
    async *list() {
      yield [...folder];
      yield [];
    },
  };
  const parts: SweepParts = {
    ...{ store, files, tenant: defaultTenant, clock, log: quiet, stopped: () => stopped },
    keep: () => ({ dedupeDays: 8, newestMessages: 0 }),
  };
  const stop = () => {
    stopped = true;
  };
  const run = async (work: Promise<void>) => {
    let done = false;
    void work.then(() => {
      done = true;
    });
    for (let i = 0; i < 1_000 && !done; i++) await clock.advance(1);
    assert.ok(done, "it comes to an end");
  };
  return { parts, told, folder, list, answerAges, run, stop };
}

const ids = (count: number) => Array.from({ length: count }, () => newId("file", 0));

test("a pass rests between its steps, then removes files: the bytes first, then what names them", async () => {
  const { parts, told, folder, list, run } = world(4, { dropped: ids(120) });
  await run(sweepOnce(parts));
  assert.equal(told.length, 4);
  assert.equal(new Set(told).size, 4, `no two steps at once: ${told}`);
  assert.deepEqual([folder.size, list.size], [0, 0]);
});

test("an answer that may stand in goes with the messages, where they go before it", async () => {
  const { parts, answerAges, run } = world(1, {});
  const keep = { ...parts.keep(), answerHours: 72 };
  await run(sweepOnce({ ...parts, keep: () => keep }));
  await run(sweepOnce({ ...parts, keep: () => ({ ...keep, messagesDays: 1 }) }));
  assert.deepEqual(answerAges, [72 * 3_600_000, 24 * 3_600_000]);
});

test("a pass ends with the gateway, wherever it is", async () => {
  const { parts, told, folder, stop, run } = world(1_000_000, { dropped: ids(1) });
  const pass = sweepOnce(parts);
  stop();
  await run(pass);
  assert.deepEqual([told.length, folder.size], [1, 1]);
});

test("a file that no message holds goes when it is found alone twice; one that got its message meanwhile stays", async () => {
  const [lost, fresh, ofMessage] = ids(3) as [FileId, FileId, FileId];
  const held = [ofMessage];
  const { parts, folder, run } = world(1, { lying: [lost, fresh, ofMessage], held });
  const look = strayFileLook(parts);
  await run(look());
  assert.equal(folder.size, 3);
  held.push(fresh);
  await run(look());
  assert.deepEqual([...folder], [fresh, ofMessage]);
});

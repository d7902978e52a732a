import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { answerOf, arrive, begin, newCall, noon, value } from "../../../test/contract/store/fixture.ts";
import { fault } from "../../core/errors.ts";
import { openSqliteStore } from "../sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "store-calls-"));
after(() => rmSync(folder, { recursive: true }));

describe("billed requests", () => {
  test("each is stored once: with its usage when it ended, open when its turn died", async () => {
    const file = join(folder, "store.sqlite");
    const opened = await openSqliteStore({ file, role: "owner" });
    assert.ok(opened.ok);
    const store = opened.value;
    const { conversation } = await arrive(store);

    const first = await begin(store, conversation);
    const second = newCall();
    const ended = { ...first.call, endedAt: noon + 5, usage: { input: 3, cachedInput: 1, output: 2, reported: true } };
    value(await store.stepTurn(first.lease, first.turn, { ended, tools: [], next: second, at: noon + 5 }));
    await store.release(first.lease);
    await store.recover(noon + 6);

    const third = await begin(store, conversation);
    await store.release(third.lease);
    await store.recover(noon + 7);

    const fourth = await begin(store, conversation);
    const why = fault("provider-unavailable", "overloaded");
    const failed = { ...fourth.call, endedAt: noon + 8, fault: why };
    value(await store.retryTurn(fourth.lease, fourth.turn, { fault: why, dueAt: noon, at: noon + 8, calls: [failed] }));
    const fifth = await begin(store, conversation, fourth.lease);
    value(await store.finishTurn(fifth.lease, answerOf(fifth, "done")));
    await store.close();

    const database = new DatabaseSync(file, { readOnly: true, returnArrays: true });
    const rows = database.prepare("SELECT id, ended_at, input, cached_input, output, reported, fault FROM model_calls ORDER BY seq").all();
    database.close();
    assert.deepEqual(rows as unknown, [
      [first.call.id, noon + 5, 3, 1, 2, 1, null],
      [second.id, null, null, null, null, null, null],
      [third.call.id, null, null, null, null, null, null],
      [failed.id, noon + 8, null, null, null, null, JSON.stringify(why)],
      [fifth.call.id, noon + 2, 10, 2, 5, 1, null],
    ]);
  });
});

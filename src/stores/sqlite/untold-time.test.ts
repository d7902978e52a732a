import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { account, arrive, noon, receive, said, tenant } from "../../../test/contract/store/fixture.ts";
import type { Store } from "../../core/store.ts";
import { openSqliteStore } from "../sqlite.ts";

const hour = 3_600_000;

/** A store whose disk is full as long as `disk.full` says so. */
async function openOn(disk: { full: boolean }, run: (store: Store) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "polylogue-untold-"));
  const opened = await openSqliteStore({
    file: join(folder, "store.sqlite"),
    role: "owner",
    timing: {
      gather: (run) => void setImmediate(run),
      flush: (done) => void setImmediate(done, null),
      room() {
        if (disk.full) throw Object.assign(new Error("database or disk is full"), { errcode: 13 });
      },
    },
  });
  assert.ok(opened.ok);
  try {
    await run(opened.value);
  } finally {
    await opened.value.close();
    rmSync(folder, { recursive: true });
  }
}

test("a time that the full disk didn't take comes before whatever is written next", async () => {
  const disk = { full: false };
  await openOn(disk, async (store) => {
    const tell = (now: number, upMs: number) => store.tellTime({ now, upMs, boot: "b" });
    const dueAt = async (text: string, at: number) => {
      const [{ conversation } = assert.fail()] = await store.receive({
        ...{ tenant, account, channel: "test", at },
        events: [said(text, { chat: { id: text, kind: "direct" } })],
      });
      return async () => (await store.nextEvent(conversation))?.dueAt;
    };
    await tell(noon, 0);
    const before = await dueAt("before", noon);
    // The clock goes back by an hour, on a full disk, which takes nothing until there is room again.
    disk.full = true;
    const untaken = receive(store, said("never"));
    await assert.rejects(tell(noon - hour, 0), { message: /full/ });
    await assert.rejects(untaken);
    await assert.rejects(tell(noon - hour + 5, 5), { message: /full/ });
    await assert.rejects(arrive(store, said("not yet")));
    disk.full = false;
    const after = await dueAt("after", noon - hour + 10);
    assert.equal(await before(), noon - hour, "what was there moves with the clock");
    assert.equal(await after(), noon - hour + 10, "what came since has the new time already");
    // It moves once more: each is moved by that alone.
    assert.equal(await tell(noon + hour + 10, 10), 2 * hour);
    assert.equal(await before(), noon + hour);
    assert.equal(await after(), noon + hour + 10);
  });
});

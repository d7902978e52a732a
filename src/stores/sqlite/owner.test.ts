import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { type Fault, FaultError } from "../../core/errors.ts";
import { defaultTenant } from "../../core/ids.ts";
import type { Store } from "../../core/store.ts";
import { openSqliteStore, type SqliteOptions } from "../sqlite.ts";

const tenant = defaultTenant;
const folder = mkdtempSync(join(tmpdir(), "store-owner-"));
after(() => rmSync(folder, { recursive: true }));
let made = 0;
const newFile = () => join(folder, `d${made++}`, "store.sqlite");

async function open(options: SqliteOptions): Promise<Store> {
  const opened = await openSqliteStore(options);
  assert.ok(opened.ok, `it opens: ${JSON.stringify(opened)}`);
  return opened.value;
}

async function refusal(options: SqliteOptions): Promise<string> {
  const opened = await openSqliteStore(options);
  if (opened.ok) await opened.value.close();
  return opened.ok ? "opened" : opened.fault.code;
}

/** A gateway of its own process that holds the store until it is killed. */
async function holder(file: string): Promise<ChildProcess> {
  const code = `
    import { openSqliteStore } from ${JSON.stringify(new URL("../sqlite.ts", import.meta.url).href)};
    const opened = await openSqliteStore({ file: ${JSON.stringify(file)}, role: "owner" });
    console.log(opened.ok);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  assert.equal(line.toString().trim(), "true");
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

describe("ownership", () => {
  test("a second gateway is refused while the first lives, in this process and from another", async () => {
    const file = newFile();
    const store = await open({ file, role: "owner" });
    assert.equal(await refusal({ file, role: "owner" }), "store-locked");
    await store.close();
    const child = await holder(file);
    assert.equal(await refusal({ file, role: "owner" }), "store-locked");
    const guest = await open({ file, role: "guest" });
    await guest.records.putSetting(tenant, "a", 1, "cli", 1);
    await guest.close();
    await kill(child);
    const next = await open({ file, role: "owner" });
    assert.deepEqual([...(await next.records.settings(tenant))], [["a", 1]]);
    await next.close();
  });

  test("a guest gets no lanes and recovers nothing", async () => {
    const file = newFile();
    const guest = await open({ file, role: "guest" });
    assert.equal(await guest.lease("turn:a"), undefined);
    assert.deepEqual(await guest.due("turn", 1, 9), { lanes: [] });
    assert.deepEqual(await guest.recover(1), { turns: 0, repeated: 0, unknown: 0 });
    await guest.close();
  });

  test("an owner whose lock was lost writes nothing more and says so", async () => {
    const file = newFile();
    const faults: Fault[] = [];
    const store = await open({ file, role: "owner", onFatal: (fault) => faults.push(fault) });
    await store.records.putSetting(tenant, "before", 1, "x", 1);
    const thief = new DatabaseSync(file);
    thief.exec("UPDATE owner SET epoch = epoch + 1");
    await assert.rejects(store.records.putSetting(tenant, "after", 1, "x", 1), FaultError);
    await assert.rejects(store.records.putSetting(tenant, "after", 1, "x", 1), FaultError);
    assert.deepEqual(
      faults.map(({ code }) => code),
      ["store-locked"],
    );
    assert.equal(thief.prepare("SELECT count(*) AS n FROM settings").get()?.n, 1);
    thief.close();
    await store.close();
  });
});

describe("opening", () => {
  test("files are the owner's alone", async () => {
    const file = newFile();
    const store = await open({ file, role: "owner" });
    for (const end of ["", "-wal", "-shm", ".owner"]) assert.equal(statSync(file + end).mode & 0o777, 0o600, `store.sqlite${end}`);
    await store.close();
  });

  test("a store of a newer version is refused, and let be", async () => {
    const file = newFile();
    await (await open({ file, role: "owner" })).close();
    const newer = new DatabaseSync(file);
    const { user_version: ours } = newer.prepare("PRAGMA user_version").get() as { user_version: number };
    newer.exec("PRAGMA user_version = 9999");
    for (const role of ["owner", "guest"] as const) assert.equal(await refusal({ file, role }), "store-too-new");
    newer.exec(`PRAGMA user_version = ${ours}`);
    newer.close();
    assert.equal(await refusal({ file, role: "owner" }), "opened");
  });

  test("many processes may make the schema at once", async () => {
    const file = newFile();
    const opened = await Promise.all([holder(file), ...[1, 2, 3].map(() => open({ file, role: "guest" }))]);
    const [child, ...guests] = opened as [ChildProcess, ...Store[]];
    for (const guest of guests) {
      assert.equal(await guest.records.version(tenant), 0);
      await guest.close();
    }
    await kill(child);
  });

  test("what is no database, or can't be written, is said to be so", async () => {
    const garbage = join(folder, "garbage");
    writeFileSync(garbage, "this is no database, it is a letter to someone".repeat(100));
    assert.equal(await refusal({ file: garbage, role: "owner" }), "store-unavailable");
    assert.equal(await refusal({ file: join(garbage, "below-a-file", "store"), role: "owner" }), "store-unavailable");
  });
});

describe("another process that writes", () => {
  test("is waited for, while this one goes on reading", async () => {
    const file = newFile();
    const store = await open({ file, role: "owner" });
    const writer = new DatabaseSync(file);
    writer.exec("BEGIN IMMEDIATE");
    let stored = false;
    const waiting = store.records.putSetting(tenant, "a", 1, "x", 1).then(() => {
      stored = true;
    });
    for (let i = 0; i < 5; i++) assert.equal(await store.records.version(tenant), 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(stored, false);
    writer.exec("COMMIT");
    writer.close();
    await waiting;
    assert.equal(await store.records.version(tenant), 1);
    await store.close();
  });
});

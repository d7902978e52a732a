import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Fault, FaultError } from "../../core/errors.ts";
import { type DeliveryId, defaultTenant, type EventId } from "../../core/ids.ts";
import type { Store } from "../../core/store.ts";
import { openSqliteStore } from "../sqlite.ts";

const tenant = defaultTenant;
const writer = fileURLToPath(new URL("../../../test/support/store-writer.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "store-crash-"));
after(() => rmSync(folder, { recursive: true }));

interface Told {
  readonly ready?: true;
  readonly received?: string;
  readonly event?: EventId;
  readonly refused?: string;
  readonly answered?: string;
  readonly delivery?: DeliveryId;
  readonly sent?: DeliveryId;
}

/** Starts a writer; `until` sees each promise as it is told, and says when it is enough. Then the writer is killed. */
async function writeUntil(command: readonly string[], until: (told: Told, child: ChildProcess) => boolean): Promise<readonly Told[]> {
  const [program = "", ...rest] = command;
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(child, "exit");
  const lines: Told[] = [];
  let enough = false;
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    // The last line may be cut by the kill: then it was not told.
    if (!line.endsWith("}")) continue;
    const told = JSON.parse(line) as Told;
    lines.push(told);
    if (enough || !until(told, child)) continue;
    enough = true;
    child.kill("SIGKILL");
  }
  await gone;
  return lines;
}

async function reopened(file: string): Promise<Store> {
  const opened = await openSqliteStore({ file, role: "owner" });
  assert.ok(opened.ok, `it opens again: ${JSON.stringify(opened)}`);
  return opened.value;
}

async function promisesAreKept(store: Store, told: readonly Told[]): Promise<void> {
  for (const { received, event, answered, delivery, sent } of told) {
    if (event) assert.equal((await store.records.trace(tenant, event))?.event?.key, received, `${received} was received`);
    if (delivery) assert.ok(await store.records.delivery(tenant, delivery), `${answered} was answered`);
    if (sent) assert.equal((await store.records.delivery(tenant, sent))?.state, "sent");
  }
}

/** What belongs together is there together, whatever was promised. */
function holdsTogether(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true });
  const none = (sql: string) => assert.deepEqual(database.prepare(sql).all(), [], sql);
  assert.equal(database.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
  none("SELECT key FROM dedupe WHERE event NOT IN (SELECT id FROM events)");
  none("SELECT id FROM events WHERE id NOT IN (SELECT event FROM dedupe)");
  none("SELECT id FROM events WHERE message IS NULL OR (state = 'done') <> (answer IS NOT NULL)");
  none("SELECT id FROM events e WHERE state = 'done' AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.trace = e.id)");
  none("SELECT trace FROM deliveries GROUP BY trace HAVING count(*) > 1");
  none("SELECT id FROM messages WHERE id IN (SELECT id FROM messages GROUP BY id HAVING count(*) > 1)");
  none(`SELECT id FROM conversations c WHERE last_event <> (SELECT max(seq) FROM events e WHERE e.conversation = c.id)`);
  const { messages } = database.prepare("SELECT messages FROM tenants").get() as { messages: number };
  assert.equal(database.prepare("SELECT count(*) AS n FROM messages").get()?.n, messages);
  database.close();
}

describe("kill -9 while writing", () => {
  test("no kept promise is lost, nothing is there by halves, and the next start goes on", async () => {
    const file = join(folder, "killed", "store.sqlite");
    const told: Told[] = [];
    for (let life = 0; life < 8; life++) {
      let lines = 0;
      const more = await writeUntil([process.execPath, writer, file, String(life * 1000)], () => ++lines > 20 + life * 37);
      told.push(...more);
      holdsTogether(file);
    }
    const store = await reopened(file);
    await promisesAreKept(store, told);
    assert.ok(told.filter(({ sent }) => sent).length > 8, "it did get to send something");
    const received = told.flatMap(({ event }) => event ?? []);
    assert.equal(new Set(received).size, received.length);
    await store.close();
  });
});

const canLift = (() => {
  try {
    execFileSync("prlimit", ["--version"]);
    return true;
  } catch {
    return false;
  }
})();

describe("a disk that takes no more", () => {
  test("refuses loudly, keeps what it has, and goes on by itself", {
    skip: canLift ? false : "there is no prlimit to give room again",
  }, async () => {
    const file = join(folder, "full", "store.sqlite");
    // The limit on a file's size stands for the disk's end: writing past it fails in the middle of a commit. The schema fits in twice.
    const limited = ["sh", "-c", 'ulimit -S -f 3200; exec "$@"', "sh", process.execPath, writer, file, "0"];
    let refused = 0;
    let after = 0;
    const told = await writeUntil(limited, (line, child) => {
      if (line.refused && ++refused === 20) execFileSync("prlimit", ["--pid", String(child.pid), "--fsize=unlimited"]);
      if (line.sent && refused >= 20) after += 1;
      return after > 20;
    });
    assert.ok(refused >= 20 && after > 20, `${refused} refused, ${after} sent afterwards`);
    holdsTogether(file);
    const store = await reopened(file);
    await promisesAreKept(store, told);
    await store.close();
  });
});

describe("a damaged file", () => {
  test("stops the process's store loudly", async () => {
    const file = join(folder, "damaged", "store.sqlite");
    let lines = 0;
    const told = await writeUntil([process.execPath, writer, file, "0"], () => ++lines > 400);
    await (await reopened(file)).close();
    const { size } = statSync(file);
    const handle = openSync(file, "r+");
    // All but the pages that hold the schema.
    for (let page = 100 * 4096; page < size; page += 4096) writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, page);
    closeSync(handle);
    const faults: Fault[] = [];
    const opened = await openSqliteStore({ file, role: "guest", onFatal: (fault) => faults.push(fault) });
    assert.ok(opened.ok);
    const { records } = opened.value;
    const traces = await Promise.allSettled(told.map(({ event = "" }) => records.trace(tenant, event)));
    const reasons = traces.flatMap((trace) => (trace.status === "rejected" ? [trace.reason] : []));
    assert.ok(reasons.length > 0 && faults.length > 0, "the damage is met, and told");
    for (const reason of reasons) assert.ok(reason instanceof FaultError && reason.fault.code === "store-unavailable", String(reason));
    await opened.value.close();
  });
});

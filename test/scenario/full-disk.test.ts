import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type GatewayProcess, startGatewayProcess, temporaryHome } from "../gateway-process.ts";
import { type Desk, openDesk } from "../support/desk.ts";

/** A way to have a disk that ends. */
interface SmallDisk {
  /** The data folder on it, and how to take it away. */
  open(home: string): () => void;
  fill(home: string, gateway: GatewayProcess): void;
  free(home: string, gateway: GatewayProcess): void;
}

/** No file may become longer: writing past that fails in the middle, as at the end of a disk. Works for any user. */
const limited: SmallDisk = {
  open: () => () => {},
  fill: (home, { process: { pid } }) => {
    const { size } = statSync(join(home, "polylogue.db-wal"));
    execFileSync("prlimit", ["--pid", String(pid), `--fsize=${Math.min(size, 300_000)}:unlimited`]);
  },
  free(_, { process: { pid, signalCode } }) {
    // A process that was killed took its limit along.
    if (signalCode === null) execFileSync("prlimit", ["--pid", String(pid), "--fsize=unlimited:unlimited"]);
  },
};

/** A real file system of 64 MiB, filled to its last byte by something else. */
const mounted: SmallDisk = {
  open(home) {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", home]);
    return () => void execFileSync("umount", ["-l", home]);
  },
  fill(home) {
    const ballast = openSync(join(home, "ballast"), "a");
    try {
      for (let bytes = 1 << 20; bytes >= 1; ) {
        try {
          writeSync(ballast, Buffer.alloc(bytes));
        } catch (thrown) {
          if ((thrown as NodeJS.ErrnoException).code !== "ENOSPC") throw thrown;
          bytes = Math.floor(bytes / 2);
        }
      }
    } finally {
      closeSync(ballast);
    }
  },
  free: (home) => rmSync(join(home, "ballast")),
};

/** Containers often forbid it; the other way is there then. */
const canMount = (() => {
  const folder = join(import.meta.dirname, "..", "..", "node_modules");
  return spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", folder]).status === 0;
})();

/** Somebody who repeats a message until it is taken, as platforms do. */
class Sender {
  readonly acknowledged = new Set<string>();
  readonly statuses = new Map<number, number>();
  readonly #desk: Desk;
  readonly #prefix: string;
  #url: string;
  #going = true;
  #next = 0;

  constructor(desk: Desk, url: string, prefix: string) {
    this.#desk = desk;
    this.#url = url;
    this.#prefix = prefix;
  }

  count(status: number): number {
    return this.statuses.get(status) ?? 0;
  }

  /** Speaks in eight conversations at a time; the returned function ends it. */
  speak(): () => Promise<void> {
    this.#going = true;
    const talk = Promise.all(Array.from({ length: 8 }, () => this.#talk()));
    return async () => {
      this.hush();
      await talk;
    };
  }

  hush(): void {
    this.#going = false;
  }

  async #talk(): Promise<void> {
    while (this.#going) {
      const id = `${this.#prefix}-${this.#next++}`;
      for (let status = 0; status !== 202 && this.#going; ) {
        // A gateway that was killed answers nothing: nothing is owed then.
        status = await this.#desk.post(this.#url, { id, conversation: id, text: `message ${id} ${"x".repeat(2_000)}` }).catch(() => 0);
        this.statuses.set(status, this.count(status) + 1);
        if (status === 202) this.acknowledged.add(id);
        else await wait(20);
      }
    }
  }
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 90_000;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `it never came to this: ${what}`);
    await wait(50);
  }
}

const readiness = async (url: string) => (await fetch(`${url}/readyz`)).status;

function storedIn(home: string): Set<string> {
  const database = new DatabaseSync(join(home, "polylogue.db"), { readOnly: true });
  try {
    const rows = database.prepare("SELECT d.key FROM dedupe d JOIN events e ON e.id = d.event JOIN messages m ON m.seq = e.message").all();
    return new Set(rows.map(({ key }) => String(key)));
  } finally {
    database.close();
  }
}

const missing = (of: ReadonlySet<string>, from: ReadonlySet<string>) => [...of].filter((id) => !from.has(id));

async function story(disk: SmallDisk): Promise<void> {
  await using temporary = await temporaryHome();
  const home = join(temporary.path, "data");
  await mkdir(home);
  const close = disk.open(home);
  const answered = new Map<string, Set<string>>();
  await using desk = await openDesk({
    connections: 16,
    arrived: ({ id, conversation }) => answered.set(conversation, (answered.get(conversation) ?? new Set()).add(id)),
  });
  const configuration = { accounts: { desk: desk.account }, providers: { demo: { kind: "demo", delayMs: 0 } }, log: { level: "error" } };
  const gateways: GatewayProcess[] = [];
  const senders: Sender[] = [];
  try {
    const first = await startGatewayProcess({ home, configuration });
    gateways.push(first);
    const early = new Sender(desk, first.url, "early");
    senders.push(early);
    const hush = early.speak();
    await until("messages are taken", () => early.count(202) > 20);
    disk.fill(home, first);
    await until("messages are refused", () => early.count(503) > 20);
    assert.deepEqual([...early.statuses.keys()].sort(), [202, 503], "nothing but taken and refused");
    await first.kill();
    await hush();
    disk.free(home, first);

    const second = await startGatewayProcess({ home });
    gateways.push(second);
    assert.deepEqual(missing(early.acknowledged, storedIn(home)), [], "what was acknowledged is there after a kill on the full disk");
    assert.equal(await readiness(second.url), 200);
    const late = new Sender(desk, second.url, "late");
    senders.push(late);
    const silence = late.speak();
    await until("messages are taken again", () => late.count(202) > 20);
    disk.fill(home, second);
    await until("messages are refused", () => late.count(503) > 20);
    await until("it isn't ready", async () => (await readiness(second.url)) === 503);
    disk.free(home, second);
    const before = late.count(202);
    await until("it takes messages again by itself", () => late.count(202) > before + 20);
    // Those who go on writing would fill a small disk again.
    await silence();
    await until("it is ready again", async () => (await readiness(second.url)) === 200);
    assert.deepEqual([...late.statuses.keys()].sort(), [202, 503]);
    const owed = new Set([...early.acknowledged, ...late.acknowledged]);
    await until("every acknowledged message has its answer", () => [...owed].every((id) => answered.has(id)));
    for (const id of owed) assert.equal(answered.get(id)?.size, 1, `${id} is answered once`);
    await second.kill();
    assert.deepEqual(missing(owed, storedIn(home)), []);
  } finally {
    for (const sender of senders) sender.hush();
    for (const gateway of gateways) await gateway.kill();
    close();
  }
}

test(
  "a disk that takes no more: 503, nothing acknowledged that isn't stored, and on it goes when there is room",
  { timeout: 300_000 },
  () => story(limited),
);

if (canMount) test("the same on a file system that is full to its last byte", { timeout: 300_000 }, () => story(mounted));

const canInject = spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
const skip = canInject ? false : "there is no strace to make the disk fail (Debian: apt-get install strace)";

test("a flush that fails ends the process loudly, and nothing is acknowledged from then on", {
  skip,
  timeout: 120_000,
}, async () => {
  await using home = await temporaryHome();
  await using desk = await openDesk({ connections: 8, arrived: () => {} });
  const configuration = { accounts: { desk: desk.account }, log: { level: "error" } };
  const inject = ["-f", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=30+"];
  const gateway = await startGatewayProcess({ home: home.path, configuration, under: ["strace", ...inject] });
  const sender = new Sender(desk, gateway.url, "m");
  const hush = sender.speak();
  assert.equal(await gateway.ended, 1);
  await hush();
  assert.match(gateway.log(), /store-fatal/);
  assert.deepEqual(missing(sender.acknowledged, storedIn(home.path)), []);
  assert.ok(sender.count(202) > 0 && sender.count(0) > 0, "it took some before, and none after");
});

test("a disk that fails to write for a while: 503, and on it goes when it writes again", { skip, timeout: 120_000 }, async () => {
  await using home = await temporaryHome();
  await using desk = await openDesk({ connections: 8, arrived: () => {} });
  const configuration = { accounts: { desk: desk.account }, log: { level: "error" } };
  const wal = join(home.path, "polylogue.db-wal");
  const inject = ["-f", "-o", "/dev/null", "-P", wal, "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=EIO:when=600..660"];
  const gateway = await startGatewayProcess({ home: home.path, configuration, under: ["strace", ...inject] });
  const sender = new Sender(desk, gateway.url, "m");
  const hush = sender.speak();
  try {
    await until("messages are refused", () => sender.count(503) > 0);
    const before = sender.count(202);
    await until("messages are taken again", () => sender.count(202) > before + 50);
    await until("it is ready again", async () => (await readiness(gateway.url)) === 200);
  } finally {
    await hush();
    await killTraced(gateway);
  }
  assert.deepEqual([...sender.statuses.keys()].sort(), [202, 503]);
  assert.deepEqual(missing(sender.acknowledged, storedIn(home.path)), []);
});

/** strace goes with what it traces; without it the gateway would go on alone. */
async function killTraced({ process: { pid }, ended }: GatewayProcess): Promise<void> {
  const [traced] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ");
  process.kill(Number(traced), "SIGKILL");
  await ended;
}

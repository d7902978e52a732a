/**
 * The real gateway for the power-loss scenario, run under strace by record.ts. It checkpoints its WAL far more often than
 * the product does, so that a short run crosses many of them, and can be broken on purpose.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const { POLYLOGUE_HOME: home = "", POWER_BROKEN: broken, POWER_CHECKPOINT_MS: checkpointMs = "400" } = process.env;

if (broken === "no-fsync") {
  // What a build would be that keeps a promise before the disk has it: the flush says at once that it is done.
  const pretend = (_file: number, done: (failure: null) => void) => void setImmediate(done, null);
  Object.assign(fs, { fdatasync: pretend });
  syncBuiltinESMExports();
}

const { startGateway } = await import("../../../src/start.ts");
const started = await startGateway({ home, version: "0.0.0", environment: process.env, host: "127.0.0.1", port: 0 });
if (!started.ok) throw new Error(started.fault.message);

const beside = new DatabaseSync(join(home, "polylogue.db"));
const checkpoints = setInterval(() => beside.exec("PRAGMA wal_checkpoint(RESTART)"), Number(checkpointMs));
process.stdout.write(`ready ${started.value.address}\n`);

/** Whoever started it closes its standard input, on purpose or by dying. */
process.stdin.resume().once("end", () => {
  clearInterval(checkpoints);
  beside.close();
  void started.value.stop().then(() => process.exit(0));
});

import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./progress.mjs";

const beatMs = 2_000;
/** After so long without a sign a holder on another host is gone; on ours its processes tell, until ids may have been reused. */
const silentMs = { elsewhere: 30_000, here: 900_000 };

/**
 * Runs `work` while no other process does in this folder. A lock that a killed process left is taken over.
 * @param {string} root
 * @param {(begun: (pid: number) => void) => Promise<void>} work calls `begun` for each process that it starts: it may
 *   outlive us, and holds the lock as long as it lives
 */
export async function withLock(root, work) {
  const folder = join(root, ".bootstrap");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "lock");
  const holder = { pids: [process.pid], host: hostname(), at: Date.now() };
  let mine = JSON.stringify(holder);
  for (let told = false; !take(file, mine); ) {
    const other = read(file);
    if (isGone(file, other)) {
      evict(file, other);
      continue;
    }
    if (other.pids && !told) {
      say(`another start is installing or building here (process ${other.pids.at(-1)}); waiting for it.`);
      told = true;
    }
    await sleep(200);
  }
  const beat = setInterval(() => touch(file), beatMs);
  try {
    await work((pid) => {
      holder.pids.push(pid);
      if (read(file).text !== mine) return;
      mine = JSON.stringify(holder);
      writeFileSync(file, mine);
    });
  } finally {
    clearInterval(beat);
    if (read(file).text === mine) rmSync(file, { force: true });
  }
}

/**
 * @param {string} file
 * @param {string} text
 */
function take(file, text) {
  try {
    writeFileSync(file, text, { flag: "wx" });
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw cause;
  }
}

/**
 * @typedef {{ text: string, pids?: number[], host?: string }} Holder without `pids` when it was just being written, or torn
 * @param {string} file
 * @returns {Holder}
 */
function read(file) {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
    const { pids, host } = JSON.parse(text);
    return { text, pids: pids.map(Number), host: String(host) };
  } catch {
    return { text };
  }
}

/**
 * @param {string} file
 * @param {Holder} holder
 */
function isGone(file, holder) {
  const silent = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (!holder.pids || holder.host !== hostname()) return silent > silentMs.elsewhere;
  return silent > silentMs.here || !holder.pids.some(isAlive);
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EPERM";
  }
}

/**
 * Takes a dead holder's lock away. Two may try at once, so it looks at what it took, and gives back what isn't dead.
 * @param {string} file
 * @param {Holder} dead
 */
function evict(file, dead) {
  const taken = `${file}.${process.pid}`;
  try {
    renameSync(file, taken);
    const { text } = read(taken);
    if (text !== dead.text) writeFileSync(file, text, { flag: "wx" });
  } catch {
    // Another one was quicker.
  } finally {
    rmSync(taken, { force: true });
  }
}

/** @param {string} file */
function touch(file) {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Taken over or gone: the end of the work will see it.
  }
}

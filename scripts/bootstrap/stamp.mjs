import { createHash } from "node:crypto";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";

/** What was last seen to be right, so that the next start needs only a few `stat` calls. */

/**
 * @param {string} file
 * @returns {Record<string, string> | undefined}
 */
export function readStamp(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * Where it can't be written (a read-only folder) the next start just looks more closely again.
 * @param {string} file
 * @param {Record<string, string>} content
 */
export function writeStamp(file, content) {
  try {
    writeFileSync(file, JSON.stringify(content));
  } catch {
    rmSync(file, { force: true });
  }
}

/**
 * A cheap sign that a file wasn't touched; "absent" when there is none.
 * @param {string} file
 */
export function signOf(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.size}:${stat.mtimeMs}:${stat.ino}` : "absent";
}

/** @param {(string | Buffer)[]} pieces */
export function hashOf(pieces) {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece).update("\0");
  return hash.digest("hex");
}

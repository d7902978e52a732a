// Makes a clone ready: dependencies as in the lockfile, the web app as in its sources. Runs on Node 20, without
// dependencies, and costs a few milliseconds when nothing is to be done.
import { dependencyProblem, installDependencies } from "./dependencies.mjs";
import { withLock } from "./lock.mjs";
import { say } from "./progress.mjs";
import { buildWebApp, webAppProblem } from "./web-app.mjs";

/**
 * Resolves with false, having said why and set the exit code, when it couldn't be done.
 * @param {string} root
 * @param {{ webApp: boolean }} want
 * @returns {Promise<boolean>}
 */
export async function prepare(root, want) {
  // For images and read-only installations that were made ready beforehand.
  if (process.env.POLYLOGUE_BOOTSTRAP === "off") return true;
  try {
    if (isReady(root, want)) return true;
    await withLock(root, async (begun) => {
      // Whoever held the lock before may have done it.
      const problem = dependencyProblem(root);
      if (problem) await installDependencies(root, problem, begun);
      const stale = want.webApp ? webAppProblem(root) : undefined;
      if (stale) await buildWebApp(root, stale, begun);
    });
    return true;
  } catch (cause) {
    say(describe(cause, root));
    process.exitCode = 1;
    return false;
  }
}

/**
 * @param {string} root
 * @param {{ webApp: boolean }} want
 */
function isReady(root, want) {
  return !dependencyProblem(root) && !(want.webApp && webAppProblem(root));
}

/**
 * @param {unknown} cause
 * @param {string} root
 */
function describe(cause, root) {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EACCES" || code === "EROFS" || code === "EPERM") {
    return `${root.replace(/\/$/, "")} can't be written to (${code}), but something is to be installed or built. Run it once as the owner of the folder.`;
  }
  if (code === "ENOSPC") return "The disk is full.";
  return cause instanceof Error ? cause.message : String(cause);
}

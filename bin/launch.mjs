// Starts the command line on the pinned Node: from `src/` in a clone, from `dist/` when installed. Runs on Node 20.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runOnPinnedNode } from "./runtime.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** @param {string[]} args */
export async function launch(args) {
  stopWithNpm();
  if (!existsSync(join(root, "src", "main.ts"))) {
    return runOnPinnedNode({ root, entry: join(root, "dist", "main.js"), args, compileCache: cacheFolder() });
  }
  const { prepare } = await import(new URL("../scripts/bootstrap/prepare.mjs", import.meta.url).href);
  if (!(await prepare(root, { webApp: args[0] === "start" }))) return;
  await runOnPinnedNode({ root, entry: join(root, "src", "main.ts"), args, compileCache: join(root, ".bootstrap", "compile-cache") });
}

/**
 * `npx` puts a shell between itself and us, and that dies of the signal which it should pass on
 * (https://github.com/npm/cli/issues/6684). We would run on unseen, so the loss of our parent counts as SIGTERM.
 */
function stopWithNpm() {
  const parent = process.ppid;
  if (!process.env.npm_execpath || parent === 1) return;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, 250);
  watch.unref();
}

/** Not in the data folder: that is made by the gateway, for its user alone. */
function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "polylogue");
}

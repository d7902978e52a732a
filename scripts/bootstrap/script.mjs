import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runOnPinnedNode } from "../../bin/runtime.mjs";
import { prepare } from "./prepare.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** @param {string[]} given `--web-app` if it is needed, the script (from the folder of the call), and its arguments */
export async function runScript(given) {
  const webApp = given[0] === "--web-app";
  const [script = "", ...args] = webApp ? given.slice(1) : given;
  if (!(await prepare(root, { webApp }))) return;
  await runOnPinnedNode({ root, entry: resolve(script), args, compileCache: join(root, ".bootstrap", "compile-cache") });
}

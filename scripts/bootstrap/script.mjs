import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runOnPinnedNode } from "../../bin/runtime.mjs";
import { prepare } from "./prepare.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** @param {string[]} args the script, from the folder of the call, and its arguments */
export async function runScript([script = "", ...args]) {
  if (!(await prepare(root, { webApp: false }))) return;
  await runOnPinnedNode({ root, entry: resolve(script), args, compileCache: join(root, ".bootstrap", "compile-cache") });
}

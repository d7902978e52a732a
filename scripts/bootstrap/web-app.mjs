import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pinnedNode } from "../../bin/runtime.mjs";
import { capture } from "./child.mjs";
import { say, showProgress } from "./progress.mjs";
import { hashOf, readStamp, signOf, writeStamp } from "./stamp.mjs";

/** @param {string} root */
function places(root) {
  return {
    sources: join(root, "ui"),
    built: join(root, "dist", "ui"),
    next: join(root, "dist", "ui.next"),
    stamp: join(root, ".bootstrap", "web-app.json"),
  };
}

/**
 * Why the web app must be built, in words; undefined when `dist/ui` is what the sources say.
 * @param {string} root
 * @returns {string | undefined}
 */
export function webAppProblem(root) {
  const at = places(root);
  if (!existsSync(join(at.built, "index.html"))) return "it was not built yet";
  const stamp = readStamp(at.stamp);
  const files = inputs(root);
  const signs = signsOf(root, files);
  if (stamp?.signs === signs) return undefined;
  const content = contentOf(root, files);
  if (stamp?.content !== content) return stamp ? "its sources changed" : "nothing says from which sources it was built";
  writeStamp(at.stamp, { signs, content });
  return undefined;
}

/**
 * A build that fails leaves the last good one in place: the gateway can then still start with it.
 * @param {string} root
 * @param {string} reason
 * @param {(pid: number) => void} begun
 */
export async function buildWebApp(root, reason, begun) {
  const at = places(root);
  say(`building the web app, because ${reason}.`);
  const done = showProgress(() => "vite build");
  const args = [
    join(root, "node_modules", "vite", "bin", "vite.js"),
    "build",
    "ui",
    "--outDir",
    at.next,
    "--emptyOutDir",
    "--logLevel",
    "warn",
  ];
  const vite = await capture(pinnedNode(root) ?? process.execPath, args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: "1" },
    begun,
  }).finally(done);
  if (vite.code !== 0) {
    if (!existsSync(join(at.built, "index.html")))
      throw new Error(`${vite.output.trimEnd()}\npolylogue: the web app can't be built; see above.`);
    say(`${vite.output.trimEnd()}\npolylogue: the web app can't be built; see above. Going on with the last one.`);
    return;
  }
  mkdirSync(join(root, ".bootstrap"), { recursive: true });
  rmSync(at.stamp, { force: true });
  rmSync(at.built, { recursive: true, force: true });
  renameSync(at.next, at.built);
  const files = inputs(root);
  writeStamp(at.stamp, { signs: signsOf(root, files), content: contentOf(root, files) });
}

/**
 * @param {string} root
 * @param {string[]} files
 */
function signsOf(root, files) {
  return hashOf([...files.map((file) => `${file} ${signOf(file)}`), signOf(join(places(root).built, "index.html"))]);
}

/**
 * @param {string} root
 * @param {string[]} files
 */
function contentOf(root, files) {
  return hashOf([
    ...files.flatMap((file) => [file.slice(root.length), readFileSync(file)]),
    signOf(join(places(root).built, "index.html")),
  ]);
}

/**
 * Everything that decides what the build gives, in a fixed order.
 * @param {string} root
 * @returns {string[]}
 */
function inputs(root) {
  const files = readdirSync(join(root, "ui"), { recursive: true, encoding: "utf8" })
    .map((name) => join(root, "ui", name))
    .filter((file) => !/\.test\.[jt]sx?$/.test(file) && statSync(file).isFile());
  return [...files, join(root, "package-lock.json"), join(root, "tsconfig.json")].sort();
}

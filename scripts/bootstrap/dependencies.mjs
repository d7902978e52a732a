import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { nodeMissing, pinned, pinnedNode, runs } from "../../bin/runtime.mjs";
import { capture } from "./child.mjs";
import { say, showProgress } from "./progress.mjs";
import { hashOf, readStamp, signOf, writeStamp } from "./stamp.mjs";

/** @param {string} root */
function places(root) {
  const modules = join(root, "node_modules");
  return {
    modules,
    lock: join(root, "package-lock.json"),
    /** npm writes it at the very end of an installation. */
    installed: join(modules, ".package-lock.json"),
    stamp: join(modules, ".polylogue.json"),
  };
}

/**
 * Why the dependencies must be installed, in words; undefined when they are as the lockfile says.
 * @param {string} root
 * @returns {string | undefined}
 */
export function dependencyProblem(root) {
  const at = places(root);
  if (!existsSync(at.modules)) return "there is no node_modules yet";
  if (!existsSync(at.installed)) return "the last installation did not finish";
  const lost = directDependencies(root).find((name) => !existsSync(join(at.modules, name, "package.json")));
  if (lost) return `${lost} is missing`;
  const stamp = readStamp(at.stamp);
  const signs = signsOf(root);
  if (stamp?.signs === signs) return undefined;
  const content = contentOf(root);
  const node = pinnedNode(root);
  if (stamp?.content !== content) {
    const difference = differenceFromLock(at);
    if (difference) return difference;
  }
  const { version, comes } = pinned(root);
  if (comes && !(node && runs(node, version))) return `Node ${version} is missing`;
  writeStamp(at.stamp, { signs, content });
  return undefined;
}

/**
 * @param {string} root
 * @param {string} reason
 * @param {(pid: number) => void} begun
 */
export async function installDependencies(root, reason, begun) {
  const at = places(root);
  mkdirSync(at.modules, { recursive: true });
  // Both go first: what a killed installation leaves must not look finished.
  rmSync(at.stamp, { force: true });
  rmSync(at.installed, { force: true });
  const wanted = packagesHere(at.lock);
  say(`installing ${wanted.length} packages with \`npm ci\`, because ${reason}.`);
  const done = showProgress(() => {
    const there = wanted.filter((path) => existsSync(join(root, path, "package.json"))).length;
    return `${there} of ${wanted.length} packages`;
  });
  const { command, first, shell } = npmCommand();
  const args = [...first, "ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = await capture(command, args, { cwd: root, env: withoutOurNode(root), shell, begun }).finally(done);
  if (npm.code !== 0) throw new Error(`${npm.output.trimEnd()}\npolylogue: ${whyNpmFailed(npm)}`);
  const problem = dependencyProblem(root);
  if (problem) {
    throw new Error(`npm ci ended well, but ${problem}. ${nodeMissing(root)}`);
  }
}

/** @param {string} root */
function directDependencies(root) {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.keys({ ...dependencies, ...devDependencies });
}

/** @param {string} root */
function signsOf(root) {
  const at = places(root);
  return [signOf(at.lock), signOf(at.installed), signOf(pinnedNode(root) ?? ""), platform()].join(" ");
}

/** @param {string} root */
function contentOf(root) {
  const at = places(root);
  return hashOf([readFileSync(at.lock), readFileSync(at.installed), platform()]);
}

function platform() {
  return `${process.platform}-${process.arch}`;
}

/**
 * @param {{ lock: string, installed: string }} at
 * @returns {string | undefined}
 */
function differenceFromLock(at) {
  const installed = lockedPackages(at.installed);
  for (const [path, wanted] of Object.entries(lockedPackages(at.lock))) {
    const found = installed[path];
    // What is optional may be for another platform.
    if (!found && (wanted.optional || wanted.devOptional || wanted.peer)) continue;
    if (!found || found.version !== wanted.version || found.integrity !== wanted.integrity) {
      return `package-lock.json asks for ${path.replace(/^.*node_modules\//, "")} ${wanted.version}`;
    }
  }
  return undefined;
}

/**
 * What will be installed on this platform, as far as the lockfile tells.
 * @param {string} lockFile
 */
function packagesHere(lockFile) {
  const packages = Object.entries(lockedPackages(lockFile));
  return packages.filter(([, { optional, devOptional }]) => !optional && !devOptional).map(([path]) => path);
}

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} Locked
 * @param {string} lockFile
 * @returns {Record<string, Locked>}
 */
function lockedPackages(lockFile) {
  const { "": _self, ...packages } = JSON.parse(readFileSync(lockFile, "utf8")).packages;
  return packages;
}

/** The npm that runs us, on the Node that it runs on; else the one on the path. */
function npmCommand() {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  if (cli?.endsWith("npm-cli.js") && node && existsSync(cli) && existsSync(node) && !node.includes("node_modules")) {
    return { command: node, first: [cli], shell: false };
  }
  return { command: "npm", first: [], shell: process.platform === "win32" };
}

/**
 * Without our own node_modules on the path: npm is about to delete the Node in there.
 * @param {string} root
 */
function withoutOurNode(root) {
  const own = join(root, "node_modules");
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(own));
  if (!dirname(process.execPath).startsWith(own)) path.push(dirname(process.execPath));
  return { ...process.env, PATH: path.join(delimiter), NODE_ENV: "development" };
}

/** @param {{ output: string }} npm */
function whyNpmFailed({ output }) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|network/i.test(output)) {
    return "npm could not reach its registry. Check the network or the proxy settings, then start again.";
  }
  if (/SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)|CERT_/.test(output)) {
    return "the registry's certificate isn't trusted here. Name your authority's file in NODE_EXTRA_CA_CERTS, or with `npm config set cafile`.";
  }
  if (/EACCES|EROFS|EPERM/.test(output)) return "npm may not write to this folder. Run it once as the owner of the folder.";
  if (/ENOSPC/.test(output)) return "the disk is full.";
  if (/EUSAGE|in sync/.test(output)) return "package.json and package-lock.json don't match: run `npm install` and commit both.";
  return "npm ci failed; its last lines stand above. Start again to retry.";
}

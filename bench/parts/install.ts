import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Effort, type Findings, spread } from "../figures.ts";
import { temporaryFolder } from "../processes.ts";
import { startsOf } from "./start.ts";

const run = promisify(execFile);

/** The package as it is published, installed into an empty folder: its size, how many others it brings, how soon it is ready. */
export async function measureInstall(effort: Effort, root: string): Promise<Findings["install"]> {
  const folder = temporaryFolder();
  try {
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder.path], { cwd: root, maxBuffer: 2 ** 26 });
    const file = /"filename":\s*"([^"]+)"/.exec(stdout)?.[1];
    if (!file) throw new Error("npm pack didn't say what it packed");
    writeFileSync(join(folder.path, "package.json"), JSON.stringify({ name: "installed", private: true }));
    await run("npm", ["install", "--omit=dev", "--no-audit", "--no-fund", join(folder.path, file)], { cwd: folder.path });
    const modules = join(folder.path, "node_modules");
    const { packages } = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8")) as { packages: Record<string, object> };
    const isNode = (path: string) => /(^|\/)node-(bin-)?(linux|darwin|win)/.test(path);
    const names = Object.keys(packages).filter((path) => path !== "");
    const mb = bytesBelow(modules) / 1e6;
    const nodeMb = names.filter(isNode).reduce((sum, path) => sum + bytesBelow(join(folder.path, path)), 0) / 1e6;
    const entry = join(modules, "polylogue", "bin", "polylogue.mjs");
    const [firstMs = Number.NaN] = await startsOf(entry, 1);
    return {
      mb,
      mbWithoutNode: mb - nodeMb,
      packages: names.filter((path) => !isNode(path)).length,
      firstMs,
      readyMs: spread(await startsOf(entry, effort.starts)),
    };
  } finally {
    folder.remove();
  }
}

/** Bytes on disk, as `du` counts them. */
function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + (statSync(join(entry.parentPath, entry.name)).blocks ?? 0) * 512, 0);
}

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fail, ok, type Result } from "./core/errors.ts";
import type { OptionalPackage, PackageLoader } from "./core/packages.ts";

/** Packages that aren't part of the installation, in a folder of their own with its own lockfile. */
export interface Packages {
  readonly folder: string;
  readonly load: PackageLoader;
  /** The version that is there. */
  installed(name: string): Promise<string | undefined>;
  /** From the npm registry, at exactly that version; runs no script of the package. Written down in package-lock.json. */
  install(wanted: OptionalPackage): Promise<Result<void>>;
}

const patienceMs = 300_000;

export function createPackages(folder: string, environment: NodeJS.ProcessEnv): Packages {
  const manifest = join(folder, "package.json");
  const loaded = new Map<string, Promise<unknown>>();
  return {
    folder,
    async load({ name }) {
      try {
        let loading = loaded.get(name);
        if (!loading) {
          loading = import(pathToFileURL(createRequire(manifest).resolve(name)).href);
          loaded.set(name, loading);
        }
        return ok(await loading);
      } catch (thrown) {
        loaded.delete(name);
        const code = (thrown as { code?: unknown }).code;
        return fail("package-missing", code === "MODULE_NOT_FOUND" ? "it isn't installed" : String((thrown as Error).message), thrown);
      }
    },
    async installed(name) {
      try {
        const { version } = JSON.parse(await readFile(join(folder, "node_modules", name, "package.json"), "utf8")) as { version?: unknown };
        return typeof version === "string" ? version : undefined;
      } catch {
        return undefined; // not there, or half of it
      }
    },
    async install({ name, version }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (!existsSync(manifest))
        await writeFile(manifest, `${JSON.stringify({ name: "polylogue-packages", private: true }, undefined, 2)}\n`);
      const options = ["--save-exact", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
      const said = await npm(["install", ...options, `${name}@${version}`], folder, environment);
      return said === undefined ? ok(undefined) : fail("package-missing", `npm couldn't install ${name}@${version}: ${said}`);
    },
  };
}

/** Nothing when it went well, else what npm said. */
function npm(words: readonly string[], folder: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  // On Windows npm is a script, which only a shell runs; no word of it comes from outside.
  const shell = process.platform === "win32";
  const child = spawn("npm", words, { cwd: folder, env: environment, shell, stdio: ["ignore", "ignore", "pipe"], timeout: patienceMs });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (said.length < 2_000) said += chunk.toString();
  });
  child.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ENOENT" ? "there is no npm on the path" : error.message));
  child.once("close", (code, signal) => resolve(code === 0 ? undefined : said.trim() || `it ended with ${signal ?? code}`));
  return promise;
}

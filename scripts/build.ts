import { cpSync, globSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { root, run } from "./gate/steps.ts";

/** `dist/` as it is published: the compiled sources, their SQL, the widget, and the web app (which the bootstrap has built already). */
const dist = join(root, "dist");
mkdirSync(dist, { recursive: true });
for (const entry of readdirSync(dist)) if (entry !== "ui") rmSync(join(dist, entry), { recursive: true });

process.exitCode = await run("tsc", ["-p", "tsconfig.build.json"]);
// The web chat's widget runs in browsers: other types, the same output.
process.exitCode ||= await run("tsc", ["-p", "src/http/widget", "--noEmit", "false", "--outDir", join(dist, "http/widget")]);

for (const file of globSync("**/*.sql", { cwd: join(root, "src") })) {
  mkdirSync(dirname(join(dist, file)), { recursive: true });
  cpSync(join(root, "src", file), join(dist, file));
}

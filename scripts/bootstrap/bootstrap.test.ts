import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { isAtLeast, nodePackage } from "../../bin/runtime.mjs";
import { dependencyProblem } from "./dependencies.mjs";
import { prepare } from "./prepare.mjs";
import { buildWebApp, webAppProblem } from "./web-app.mjs";

const version = process.versions.node;
const executable = `node_modules/${nodePackage}/bin/node`;
const modulesOfOurs = fileURLToPath(new URL(".", import.meta.url));

/** A clone as a finished installation leaves it: two locked packages, a Node that runs, a web app and its (stand-in) builder. */
function clone(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), "polylogue-clone-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const packages = {
    [`node_modules/${nodePackage}`]: { version, integrity: "a", optional: true },
    "node_modules/zod": { version: "4.0.0", integrity: "b" },
    "node_modules/only-elsewhere": { version: "1.0.0", integrity: "c", optional: true },
  };
  write("package.json", JSON.stringify({ dependencies: { zod: "4.0.0" }, optionalDependencies: { [nodePackage]: version } }));
  write("package-lock.json", JSON.stringify({ packages: { "": {}, ...packages } }));
  write("node_modules/.package-lock.json", JSON.stringify({ packages: { ...packages, "node_modules/only-elsewhere": undefined } }));
  write("node_modules/zod/package.json", "{}");
  write(`node_modules/${nodePackage}/package.json`, "{}");
  write(executable, `#!/bin/sh\nexec ${process.execPath} "$@"\n`);
  chmodSync(join(root, executable), 0o755);
  write("tsconfig.json", "{}");
  write("ui/index.html", "<p>");
  write("ui/src/main.ts", "export {};");
  write(
    "node_modules/vite/bin/vite.js",
    `const { cpSync, readFileSync, existsSync } = require("node:fs");
     if (existsSync("broken")) { console.error("no such import"); process.exit(1); }
     cpSync("ui", process.argv[process.argv.indexOf("--outDir") + 1], { recursive: true });`,
  );
  return { root, write };
}

describe("dependencies", () => {
  test("a finished installation is right, and stays so when only times change", (t) => {
    const { root } = clone(t);
    assert.equal(dependencyProblem(root), undefined);
    utimesSync(join(root, "package-lock.json"), new Date(), new Date());
    assert.equal(dependencyProblem(root), undefined);
  });

  test("what is missing or old is named", (t) => {
    const problemAfter = (change: (at: ReturnType<typeof clone>) => void) => {
      const at = clone(t);
      assert.equal(dependencyProblem(at.root), undefined);
      change(at);
      return dependencyProblem(at.root);
    };
    const remove = (path: string) => problemAfter(({ root }) => rmSync(join(root, path), { recursive: true }));
    assert.match(remove("node_modules") ?? "", /no node_modules/);
    assert.match(remove("node_modules/.package-lock.json") ?? "", /did not finish/);
    assert.match(remove("node_modules/zod") ?? "", /zod is missing/);
    assert.match(remove(executable) ?? "", /Node .* is missing/);
    const upgraded = problemAfter(({ root, write }) => {
      write("package-lock.json", readFileSync(join(root, "package-lock.json"), "utf8").replace('"4.0.0"', '"4.1.0"'));
    });
    assert.match(upgraded ?? "", /asks for zod 4\.1\.0/);
    assert.match(problemAfter(({ write }) => write(executable, "torn")) ?? "", /Node .* is missing/);
  });
});

describe("the web app", () => {
  test("is built once, and again when its sources change", async (t) => {
    const { root, write } = clone(t);
    const begun: number[] = [];
    assert.match(webAppProblem(root) ?? "", /not built yet/);
    await buildWebApp(root, "testing", (pid) => begun.push(pid));
    assert.equal(webAppProblem(root), undefined);
    assert.equal(begun.length, 1);
    utimesSync(join(root, "ui/index.html"), new Date(), new Date());
    assert.equal(webAppProblem(root), undefined);
    write("ui/src/main.ts", "export const a = 1;");
    assert.match(webAppProblem(root) ?? "", /sources changed/);
    await buildWebApp(root, "testing", () => {});
    write("ui/src/more.ts", "export {};");
    assert.match(webAppProblem(root) ?? "", /sources changed/);
  });

  test("a build that fails leaves the last good one", async (t) => {
    const { root, write } = clone(t);
    await buildWebApp(root, "testing", () => {});
    write("broken", "");
    write("ui/index.html", "<q>");
    await buildWebApp(root, "testing", () => {});
    assert.equal(readFileSync(join(root, "dist/ui/index.html"), "utf8"), "<p>");
    assert.match(webAppProblem(root) ?? "", /sources changed/);
  });

  test("without a last good one it says so and doesn't start", async (t) => {
    const { root, write } = clone(t);
    write("broken", "");
    assert.equal(await prepare(root, { webApp: true }), false);
    assert.equal(process.exitCode, 1);
    process.exitCode = 0;
  });
});

describe("the lock", () => {
  const worker = (root: string, name: string) => {
    const code = `import { appendFileSync } from "node:fs";
      import { withLock } from ${JSON.stringify(join(modulesOfOurs, "lock.mjs"))};
      for (let i = 0; i < 5; i++) await withLock(${JSON.stringify(root)}, async () => {
        appendFileSync(${JSON.stringify(join(root, "log"))}, "${name} in\\n");
        await new Promise((resolve) => setTimeout(resolve, 5));
        appendFileSync(${JSON.stringify(join(root, "log"))}, "${name} out\\n");
      });`;
    return spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: "ignore" });
  };

  test("lets one in at a time, over processes", async (t) => {
    const { root } = clone(t);
    const workers = ["a", "b", "c"].map((name) => worker(root, name));
    for (const code of await Promise.all(workers.map((one) => once(one, "exit").then(([end]) => end)))) assert.equal(code, 0);
    const lines = readFileSync(join(root, "log"), "utf8").trim().split("\n");
    assert.equal(lines.length, 30);
    for (let i = 0; i < lines.length; i += 2) assert.deepEqual([lines[i]?.slice(2), lines[i + 1]], ["in", lines[i]?.replace("in", "out")]);
    assert.equal(existsSync(join(root, ".bootstrap/lock")), false);
  });

  test("one that a dead process left is taken over", async (t) => {
    const { root, write } = clone(t);
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    write(".bootstrap/lock", JSON.stringify({ pids: [gone.pid], host: hostname(), at: 0 }));
    const next = worker(root, "a");
    assert.deepEqual(await once(next, "exit"), [0, null]);
  });

  test("one whose installer lives on is waited for", async (t) => {
    const { root, write } = clone(t);
    const npm = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    write(".bootstrap/lock", JSON.stringify({ pids: [2 ** 22, npm.pid], host: hostname(), at: 0 }));
    const next = worker(root, "a");
    const ended = once(next, "exit");
    await once(npm, "spawn");
    appendFileSync(join(root, "log"), "npm\n");
    npm.kill("SIGKILL");
    await ended;
    assert.match(readFileSync(join(root, "log"), "utf8"), /^npm\na in/);
  });
});

describe("the pinned Node", () => {
  test("versions: same major, not older", () => {
    for (const [given, wanted] of [
      ["26.10.0", true],
      ["26.10.1", true],
      ["26.11.0", true],
      ["26.9.9", false],
      ["27.0.0", false],
      ["20.20.2", false],
    ] as const) {
      assert.equal(isAtLeast(given, "26.10.0"), wanted, given);
    }
  });

  test("on another Node it runs in a child, whose signals and end are ours", async (t) => {
    const { root, write } = clone(t);
    write("package.json", JSON.stringify({ optionalDependencies: { [nodePackage]: "99.0.0" } }));
    write(
      "entry.mjs",
      `process.on("SIGTERM", () => process.exit(7)); setInterval(() => {}, 1000); console.log(process.argv.slice(2).join());`,
    );
    const runtime = fileURLToPath(new URL("../../bin/runtime.mjs", import.meta.url));
    const code = `import { runOnPinnedNode } from ${JSON.stringify(runtime)};
      await runOnPinnedNode({ root: ${JSON.stringify(root)}, entry: ${JSON.stringify(join(root, "entry.mjs"))}, args: ["a", "b"], compileCache: ${JSON.stringify(join(root, "cache"))} });`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
    const [first] = await once(parent.stdout, "data");
    assert.equal(String(first).trim(), "a,b");
    parent.kill("SIGTERM");
    assert.deepEqual(await once(parent, "exit"), [7, null]);
  });
});

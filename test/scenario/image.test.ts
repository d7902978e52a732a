import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, chown, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { setupToken } from "../gateway-process.ts";
import { freePorts } from "../servers/ports.ts";

const execute = promisify(execFile);
const clone = fileURLToPath(new URL("../../", import.meta.url));
const recipe = readFileSync(join(clone, "deploy/docker/Dockerfile"), "utf8").replaceAll("\\\n", " ");
const last = recipe.slice(recipe.lastIndexOf("\nFROM "));
const missing =
  process.platform !== "linux" || process.getuid?.() !== 0
    ? "only root on Linux can give a process another root"
    : ["strip", "unshare", "chroot"].some((program) => spawnSync(program, ["--version"]).error)
      ? "no binutils or util-linux (Debian, Ubuntu: apt-get install binutils util-linux libatomic1)"
      : false;

/** A machine that is a container itself may lend no mounts: then the root is closed by its rights alone, to a user who isn't root. */
const mounts = !missing && spawnSync("unshare", ["--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]).status === 0;

/** An instruction of the last stage, as JSON where it is a list. */
function instruction(name: string): unknown {
  const found = new RegExp(`^${name} (.*)$`, "m").exec(last)?.[1] ?? "";
  return found.startsWith("[") ? JSON.parse(found) : found.trim();
}

/** ENV of the last stage. */
const env = Object.fromEntries([...String(instruction("ENV")).matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
const [user = 0] = String(instruction("USER")).split(":").map(Number);

/**
 * What `docker build` would make: the same script of the same files, and around it what the base has of what a Node needs. No engine is
 * asked for; the processes get this folder as their root, which they can't write to, and the user, the variables and the commands of the recipe.
 */
describe("the image", { skip: missing, timeout: 600_000 }, () => {
  let folder = "";
  let port = 0;
  const running = new Set<ChildProcess>();
  const root = () => join(folder, "root");

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "polylogue-image-"));
    [port = 0] = await freePorts(1);
    const source = join(folder, "source");
    const { stdout } = await execute("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
      ...{ cwd: clone, maxBuffer: 1e8 },
    });
    for (const file of stdout.split("\0").filter(Boolean)) await cp(join(clone, file), join(source, file)).catch(() => {});
    await execute("sh", [join(source, "deploy/docker/assemble.sh"), source, join(folder, "out")], { maxBuffer: 1e8 });
    for (const [, from = "", to = ""] of last.matchAll(/^COPY --from=build(?: --chown=\S+)? \/out\/(\S+) \/(\S+)$/gm))
      await cp(join(folder, "out", from), join(root(), to), { recursive: true });
    for (const data of [join(folder, "out/data"), join(root(), "data")]) await chown(data, user, user);
    await addBase();
  });
  after(async () => {
    for (const child of running) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  /** A distroless `cc`: the C and C++ libraries, certificates, names, and nothing to run. */
  async function addBase(): Promise<void> {
    for (const name of ["tmp", "proc", "dev", "etc/ssl/certs"]) await mkdir(join(root(), name), { recursive: true });
    await chmod(join(root(), "tmp"), 0o1777);
    const { stdout } = await execute("ldd", [join(root(), "usr/local/bin/node")]);
    for (const [, path = ""] of stdout.matchAll(/(\/\S+) \(0x/g)) {
      if (path.includes("libatomic")) continue;
      await mkdir(join(root(), dirname(path)), { recursive: true });
      await cp(path, join(root(), path), { dereference: true });
    }
    await writeFile(join(root(), "etc/passwd"), `nonroot:x:${user}:${user}:nonroot:/home/nonroot:/sbin/nologin\n`);
  }

  /** A process of the container. */
  function run(command: readonly string[], more: Readonly<Record<string, string>> = {}): ChildProcess {
    const enter = `exec chroot --userspec=${user}:${user} ${root()} "$@"`;
    const mounted = [
      `mount --bind ${root()} ${root()}`,
      `mount -o remount,bind,ro ${root()}`,
      `mount -t proc proc ${root()}/proc`,
      `mount -t tmpfs -o mode=1777 tmpfs ${root()}/tmp`,
      `mount --bind ${folder}/out/data ${root()}/data`,
      enter,
    ].join(" && ");
    const [program = "", ...before] = mounts ? ["unshare", "--mount", "sh", "-c", mounted] : ["sh", "-c", enter];
    const child = spawn(program, [...before, "sh", ...command], {
      env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", ...env, ...more },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    child.once("exit", () => running.delete(child));
    return child;
  }

  async function outcome(child: ChildProcess): Promise<{ code: number; said: string }> {
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (said += text));
    const [code] = await once(child, "close");
    return { code, said };
  }

  const node = (script: string) => outcome(run(["/usr/local/bin/node", "-e", script]));

  test("is small, names what is in it, and has no shell", async (t) => {
    const { stdout } = await execute("du", ["-sb", root()]);
    const bytes = Number(/^\d+/.exec(stdout)?.[0]);
    t.diagnostic(`${Math.round(bytes / 1e6)} MB`);
    // Most of the base is copied; what there is besides (certificates, names of time zones) is below 10 MB.
    assert.ok(bytes > 50e6 && bytes < 240e6, `${bytes} bytes`);
    const bill = JSON.parse(readFileSync(join(root(), "app/sbom.cdx.json"), "utf8"));
    assert.equal(bill.bomFormat, "CycloneDX");
    const { dependencies } = JSON.parse(readFileSync(join(clone, "package.json"), "utf8"));
    const named = new Set(bill.components.map(({ name, group }: { name: string; group?: string }) => (group ? `${group}/${name}` : name)));
    assert.deepEqual(
      Object.keys(dependencies).filter((name) => !named.has(name)),
      [],
      "what it needs is in its bill",
    );
    assert.notEqual((await outcome(run(["/bin/sh", "-c", "true"]))).code, 0);
  });

  test("serves as nobody, on a root that can't be written to, and ends when it is told", async () => {
    const setup = { POLYLOGUE_PORT: String(port), POLYLOGUE_HOST: "127.0.0.1", POLYLOGUE_SETUP_TOKEN: setupToken };
    const gateway = run([...(instruction("ENTRYPOINT") as string[]), ...(instruction("CMD") as string[])], setup);
    const ended = once(gateway, "exit");
    let errors = "";
    gateway.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
    const ready = (async () => {
      for await (const line of createInterface({ input: gateway.stdout as NodeJS.ReadableStream }))
        if (line.startsWith("ready ")) return true;
      return false;
    })();
    assert.equal(await ready, true, errors);
    const url = `http://127.0.0.1:${port}`;
    const made = await fetch(`${url}/api/setup`, {
      ...{ method: "POST", headers: { "content-type": "application/json" } },
      body: JSON.stringify({ token: setupToken, name: "Ada", password: "a-long-enough-password-1" }),
    });
    assert.equal(made.status, 201);
    assert.equal((await fetch(url)).status, 200, "the web app is in it");

    const health = /HEALTHCHECK [^[]*CMD (\[.*\])/.exec(last)?.[1] ?? "[]";
    const check = (JSON.parse(health) as string[]).map((word) => word.replace(":8501", `:${port}`));
    assert.equal((await outcome(run(check))).code, 0);
    const doctor = await outcome(run([...(instruction("ENTRYPOINT") as string[]), "doctor", "--json"], setup));
    assert.match(doctor.said, /"name": "provider demo"/);
    assert.deepEqual(JSON.parse(doctor.said).findings, []);
    const status = readFileSync(`/proc/${gateway.pid}/status`, "utf8");
    assert.match(status, new RegExp(`^Uid:\\t${user}\\t${user}\\t`, "m"));

    gateway.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null], errors);
    assert.notEqual((await outcome(run(check))).code, 0, "the health check tells a gateway that is gone");
  });

  test("what isn't its data can't be written, whatever runs in it", async (t) => {
    t.diagnostic(mounts ? "on a read-only mount" : "without mounts: by the rights of its files");
    for (const path of ["/app/dist/main.js", "/usr/local/bin/node", "/new"]) {
      const { said } = await node(`require("fs").writeFileSync(${JSON.stringify(path)}, "")`);
      assert.match(said, /EROFS|EACCES|ETXTBSY/, path);
    }
    assert.match((await node(`require("fs").writeFileSync("/new", "")`)).said, mounts ? /EROFS/ : /EACCES/);
    assert.equal((await node(`require("fs").writeFileSync("/data/new", "")`)).code, 0);
  });
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryHome } from "../gateway-process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The gateway as a stranger starts it; resolves with its address once it says that it is ready. */
async function start(t: TestContext, home: string, command: string, ...args: string[]) {
  const { PATH = "" } = process.env;
  const child = spawn(command, args, {
    cwd: root,
    env: { PATH, HOME: home, POLYLOGUE_HOME: home, POLYLOGUE_PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = /^ready (http:\/\/[^/]+\/)(#setup=.+)?$/.exec(line);
    if (ready) return { child, url: ready[1] as string, setup: ready[2] };
  }
  throw new Error(`${command} ${args.join(" ")} ended before it was ready:\n${errors}`);
}

for (const [program, ...args] of [
  ["npm", "start"],
  ["node", "bin/polylogue.mjs", "start"],
] as const) {
  test(`${[program, ...args].join(" ")}: ready, answers, and SIGTERM reaches the gateway`, async (t) => {
    await using home = await temporaryHome();
    const { child, url, setup } = await start(t, home.path, program, ...args);
    assert.match(setup ?? "", /^#setup=/);
    assert.equal((await fetch(`${url}livez`)).status, 200);
    assert.match(await (await fetch(url)).text(), /<div id="app">/);
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [0, null]);
    await assert.rejects(fetch(`${url}livez`));
  });
}

const wrong = ["http", "80 80", "65536", "-1", "0x50", "1e3"];
for (const port of wrong) {
  test(`POLYLOGUE_PORT=${port}: exit code 2, and what is wrong`, async () => {
    await using home = await temporaryHome();
    const { code, errors } = await refusal(home.path, { POLYLOGUE_PORT: port });
    assert.equal(code, 2);
    assert.match(errors, /POLYLOGUE_PORT must be a number from 0 to 65535/);
  });
}

test("a port that another program has: exit code 1, and which port", async (t) => {
  await using home = await temporaryHome();
  const other = createServer();
  t.after(() => other.close());
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const { code, errors } = await refusal(home.path, { POLYLOGUE_PORT: String(port) });
  assert.equal(code, 1);
  assert.match(errors, new RegExp(`can't listen on 127\\.0\\.0\\.1:${port}: another program listens there`));
  assert.match(errors, /Set POLYLOGUE_PORT/);
  await using again = await temporaryHome();
  const machine = await refusal(again.path, { POLYLOGUE_PORT: String(port) }, "--json");
  assert.equal((JSON.parse(machine.out) as { error: { code: string } }).error.code, "port-unavailable");
});

/** What `polylogue start` says when it doesn't start. */
async function refusal(home: string, environment: { readonly [name: string]: string }, ...args: string[]) {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, ["src/main.ts", "start", ...args], {
    cwd: root,
    env: { PATH, HOME: home, POLYLOGUE_HOME: home, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { out, errors, code: code as number };
}

test("npx polylogue start: the gateway ends with the npx that started it", async (t) => {
  await using home = await temporaryHome();
  const { child, url } = await start(t, home.path, "npx", "polylogue", "start");
  child.kill("SIGTERM");
  await once(child, "exit");
  // npx doesn't wait for what it started, so the gateway is asked until it is gone.
  while (await fetch(`${url}livez`).then(Boolean, () => false)) await new Promise((resolve) => setTimeout(resolve, 50));
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
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

test("npx polylogue start: the gateway ends with the npx that started it", async (t) => {
  await using home = await temporaryHome();
  const { child, url } = await start(t, home.path, "npx", "polylogue", "start");
  child.kill("SIGTERM");
  await once(child, "exit");
  // npx doesn't wait for what it started, so the gateway is asked until it is gone.
  while (await fetch(`${url}livez`).then(Boolean, () => false)) await new Promise((resolve) => setTimeout(resolve, 50));
});

/**
 * How long the web app takes to be of use, and the answers that its rooms wait for, with many messages stored: a real gateway
 * in a process of its own, a real Chromium with an empty cache each time. Prints milliseconds.
 *
 * usage: node bench/web-app.ts [messages] [rounds] [file | postgres]
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { Store } from "../src/core/store.ts";
import { storeFile } from "../src/places.ts";
import { openSqliteStore } from "../src/stores/sqlite.ts";
import { setupToken, startGatewayProcess } from "../test/gateway-process.ts";
import { startPostgres } from "../test/servers/postgres.ts";
import { openPostgres } from "../test/support/postgres-store.ts";
import { Stories } from "./load/stories.ts";

const [messages = 100_000, rounds = 20] = process.argv.slice(2, 4).map(Number);
await using server = process.argv[4] === "postgres" ? await startPostgres({ flushes: true }) : undefined;
const database = await server?.database();
const lists = ["/api/conversations?limit=50", "/api/conversations/counts", "/api/search?q=coast&limit=50"];
const home = mkdtempSync(join(tmpdir(), "polylogue-bench-"));
try {
  await fill(database === undefined ? await openFile() : await openPostgres(database, "owner"));
  await measure();
} finally {
  rmSync(home, { recursive: true });
}

async function openFile(): Promise<Store> {
  const file = storeFile(home);
  mkdirSync(join(file, ".."), { recursive: true });
  const opened = await openSqliteStore({ file, role: "owner" });
  if (!opened.ok) throw new Error(opened.fault.message);
  return opened.value;
}

/** A message and its answer are two. */
async function fill(store: Store): Promise<void> {
  await new Stories(store, { account: "bench", conversations: 10_000 }).tell(messages / 2, 256);
  await store.close();
}

async function measure(): Promise<void> {
  const key = Buffer.alloc(32, 1).toString("base64");
  const env = database === undefined ? {} : { POLYLOGUE_STORE: database, POLYLOGUE_MASTER_KEY: key };
  const gateway = await startGatewayProcess({ home, env });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const set = await fetch(`${gateway.url}/api/setup`, {
      ...{ method: "POST", headers: { "content-type": "application/json", origin: gateway.url } },
      body: JSON.stringify({ token: setupToken, name: "bench", password: "correct horse battery staple" }),
    });
    const cookie = set.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    for (const path of ["/api/home", "/api/counts", "/api/findings", "/api/stories?limit=50", ...lists]) {
      const times: number[] = [];
      for (let n = 0; n < rounds * 5; n++) {
        const begun = performance.now();
        const answer = await fetch(gateway.url + path, { headers: { cookie } });
        await answer.arrayBuffer();
        if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
        times.push(performance.now() - begun);
      }
      print(path, times);
    }
    const [name = "", value = ""] = cookie.split("=");
    const [painted, used]: [number[], number[]] = [[], []];
    for (let n = 0; n < rounds; n++) {
      const context = await browser.newContext({ serviceWorkers: "block" });
      await context.addCookies([{ name, value, url: gateway.url }]);
      const page = await context.newPage();
      const begun = performance.now();
      await page.goto(gateway.url, { waitUntil: "commit" });
      await page.getByRole("list", { name: "Messages, newest first" }).getByRole("listitem").first().waitFor();
      await page.getByText("Answered in", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByRole("button", { name: "Resume" }).waitFor();
      used.push(performance.now() - begun);
      painted.push(Number(await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")));
      await context.close();
    }
    print("first paint of content", painted);
    print("Home shows its messages and figures, and answers a click", used);
  } finally {
    await browser.close();
    await gateway.kill();
  }
}

function print(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
  console.log(`${what}: p50 ${at(0.5)}, p95 ${at(0.95)}, most ${at(1)} ms (${times.length})`);
}

/**
 * What the store costs: every message goes through receive, nextEvent, beginTurn, past, finishTurn, nextDelivery,
 * beginAttempt and endAttempt, as in the path but with nothing else. Prints microseconds per message.
 *
 * usage: node bench/store.ts [messages] [--growth <stored messages>] [--store <postgres://…>]
 */
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeFile } from "../src/places.ts";
import { storePlace } from "../src/store-place.ts";
import { cachePast } from "../src/stores/cached-past.ts";
import { memoryPasts } from "../src/stores/memory-pasts.ts";
import { Stories } from "./load/stories.ts";

const together = 256;
const folder = mkdtempSync(join(tmpdir(), "polylogue-bench-"));
const file = storeFile(folder);
try {
  const address = process.argv.indexOf("--store");
  const place = storePlace(folder, address > 0 ? { POLYLOGUE_STORE: process.argv[address + 1] } : {});
  const opened = place.ok ? await place.value.open("owner") : place;
  if (!opened.ok) throw new Error(opened.fault.message);
  const stories = new Stories(cachePast(opened.value, memoryPasts()).store, { account: "bench", conversations: 1000 });
  const messages = Number(process.argv[2] ?? 20_000);
  const growth = process.argv.indexOf("--growth");
  await stories.tell(2000, together);
  await measure("empty store", stories, messages);
  if (growth > 0) {
    await stories.tell(Number(process.argv[growth + 1]), together);
    await measure(`${stories.made} stored`, stories, messages);
  }
  await opened.value.close();
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(what: string, stories: Stories, messages: number): Promise<void> {
  const before = process.cpuUsage();
  const started = performance.now();
  await stories.tell(messages, together);
  const { user, system } = process.cpuUsage(before);
  const wall = ((performance.now() - started) * 1000) / messages;
  const size = existsSync(file) ? `${(statSync(file).size / stories.made).toFixed(0)} bytes stored` : "stored elsewhere";
  const figures = [
    `${((user + system) / messages).toFixed(1)} µs CPU`,
    `${wall.toFixed(1)} µs wall`,
    size,
    `${Math.round(1e6 / wall)} messages/s`,
  ];
  console.log(`${what}: ${figures.join(", ")} per message`);
}

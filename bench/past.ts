/**
 * What the cache of pasts saves: the same stories as in bench/store.ts on two stores, with it and without, slice by slice in
 * turn. Prints the store's CPU per message, the store's own reads of the past, and how many came from memory.
 *
 * usage: node bench/past.ts [messages of a slice] [rounds]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../src/core/store.ts";
import { cachePast } from "../src/stores/cached-past.ts";
import { memoryPasts } from "../src/stores/memory-pasts.ts";
import { openSqliteStore } from "../src/stores/sqlite.ts";
import { spread } from "./figures.ts";
import { Stories } from "./load/stories.ts";

const together = 256;
const conversations = 1000;
const [messages = 10_000, rounds = 5] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "polylogue-bench-"));
try {
  for (const history of [10, 40]) await compare(history);
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(history: number): Promise<void> {
  const sides = {
    without: await side(`without-${history}`, history, (store) => ({ store, told: () => "" })),
    with: await side(`with-${history}`, history, (store) => {
      const pasts = memoryPasts();
      const cached = cachePast(store, pasts);
      const told = () => `; reads ${JSON.stringify(cached.reads())}, kept ${JSON.stringify(pasts.size())}`;
      return { store: cached.store, told };
    }),
  };
  for (const { stories } of Object.values(sides)) await stories.tell(conversations * (history / 2 + 5), together);
  for (let round = 0; round < rounds; round++) {
    for (const one of Object.values(sides)) {
      const before = process.cpuUsage();
      await one.stories.tell(messages, together);
      const { user, system } = process.cpuUsage(before);
      one.cpu.push((user + system) / messages);
    }
  }
  for (const [name, { cpu, told, close }] of Object.entries(sides)) {
    const { median, least, most } = spread(cpu);
    console.log(`history ${history}, ${name}: ${median.toFixed(0)} µs (${least.toFixed(0)}–${most.toFixed(0)}) CPU per message${told()}`);
    await close();
  }
}

async function side(name: string, history: number, wrap: (store: Store) => { readonly store: Store; told(): string }) {
  const opened = await openSqliteStore({ file: join(folder, `${name}.sqlite`), role: "owner" });
  if (!opened.ok) throw new Error(opened.fault.message);
  const { store, told } = wrap(opened.value);
  const stories = new Stories(store, { account: "bench", conversations, history });
  return { stories, told, cpu: [] as number[], close: opened.value.close };
}

/**
 * `node bench/calls.ts [--calls 2000] [--open 500]`: what one streamed model call of 50 chunks costs, next to a
 * bare reader of the same stream, in one run: CPU, and memory while it is open. The two formats of ours alone and inside the turn
 * loop, and a package through the adapter. The server is a process of its own, which isn't counted.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { openWays, type WayName, wayNames } from "./calls/ways.ts";
import { spread } from "./figures.ts";
import { start } from "./processes.ts";

const { values } = parseArgs({ options: { calls: { type: "string", default: "2000" }, open: { type: "string", default: "500" } } });
const calls = Number(values.calls);
const atOnce = 16;
const rounds = 3;

const server = await start(process.execPath, ["test/simulators/model.ts"], { PATH: process.env.PATH });
const ways = openWays({ origin: server.url, model: "chunks-50", words: "Go on.", sockets: atOnce });

/** Microseconds. */
async function cpuOf(name: WayName, count: number): Promise<number> {
  const before = process.cpuUsage();
  let left = count;
  const worker = async () => {
    while (left-- > 0) await ways.call[name]();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** kB of each stream. */
async function memoryOf(name: WayName): Promise<{ readonly heap: number; readonly resident: number }> {
  const program = fileURLToPath(new URL("calls/memory.ts", import.meta.url));
  const args = ["--expose-gc", program, String(wayNames.indexOf(name)), values.open, server.url];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

const cpu = new Map<WayName, number>();
const memory = new Map<WayName, { heap: number[]; resident: number[] }>();
for (const name of wayNames) await cpuOf(name, 300);
for (let round = 0; round < rounds; round++) {
  for (const name of wayNames) {
    cpu.set(name, Math.min(cpu.get(name) ?? Number.POSITIVE_INFINITY, await cpuOf(name, calls)));
    const { heap, resident } = await memoryOf(name);
    const before = memory.get(name);
    memory.set(name, { heap: [...(before?.heap ?? []), heap], resident: [...(before?.resident ?? []), resident] });
  }
}
await ways.close();
await server.stop();

const median = (name: WayName, key: "heap" | "resident") => spread(memory.get(name)?.[key] ?? []).median;
const of = (value: number, base: number) => `${value.toFixed(0)} | ${(value / base).toFixed(2)} ×`;
const [bare] = wayNames;
console.log("| way | CPU, µs | | heap, kB | | resident, kB | |");
for (const name of wayNames) {
  const columns = [
    of(cpu.get(name) ?? Number.NaN, cpu.get(bare) ?? Number.NaN),
    of(median(name, "heap"), median(bare, "heap")),
    of(median(name, "resident"), median(bare, "resident")),
  ];
  console.log(`| ${name} | ${columns.join(" | ")} |`);
}

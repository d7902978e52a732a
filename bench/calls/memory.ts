import { openWays, wayNames } from "./ways.ts";

/**
 * Holds streams open in the middle of their answers, in a process that does nothing else, and prints as JSON what each takes: kB of
 * the heap with what hangs on it (after a collection), and of resident memory.
 * usage: node --expose-gc bench/calls/memory.ts <index of the way> <streams> <origin of the model simulator>
 */
const [index = "0", count = "500", origin = ""] = process.argv.slice(2);
const streams = Number(count);
const name = wayNames[Number(index)];
if (!name || !global.gc) throw new Error("see the usage");
const ways = openWays({ origin, model: "stall+slow", words: "word ".repeat(50), sockets: streams + 100 });

async function settled(): Promise<void> {
  let before = -1;
  while (ways.heard() !== before) {
    before = ways.heard();
    await new Promise((go) => setTimeout(go, 700));
  }
}

async function open(many: number): Promise<void> {
  const from = ways.heard();
  for (let n = 0; n < many; n++) {
    void ways.call[name as keyof typeof ways.call]().catch(() => {});
    // As people write: not all in one moment.
    if (n % 20 === 19) await new Promise((go) => setTimeout(go, 5));
  }
  await settled();
  if (ways.heard() - from < many * 20) throw new Error(`${name}: ${ways.heard() - from} chunks of ${many} streams`);
}

function held(): { heap: number; resident: number } {
  global.gc?.();
  global.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}

// What is compiled and allocated once isn't any stream's.
await open(100);
const before = held();
await open(streams);
const after = held();
const each = (key: "heap" | "resident") => (after[key] - before[key]) / streams / 1_000;
console.log(JSON.stringify({ heap: each("heap"), resident: each("resident") }));
process.exit(0);

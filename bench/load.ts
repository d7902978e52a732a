/**
 * Load in a process of its own, its sink in another. Whoever starts it (`startLoad`) tells it what to do.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Generator, type LoadSlice, type LoadTarget, patienceMs } from "./load/generator.ts";
import type { Counts, LoadFigures } from "./load/tally.ts";
import type { Arrivals } from "./sink.ts";

type Order =
  | { readonly kind: "aim"; readonly target: LoadTarget }
  | { readonly kind: "run"; readonly slice: LoadSlice }
  | { readonly kind: "counts" }
  | { readonly kind: "drain"; readonly messages: number };

/** Answers to messages that the load didn't send itself. */
export interface Drained {
  readonly arrived: number;
  readonly different: number;
}

export interface Load {
  /** Where the target is to send its answers. */
  readonly sink: string;
  aim(target: LoadTarget): Promise<void>;
  run(slice: LoadSlice): Promise<LoadFigures>;
  /** All slices together, and what has come since. */
  counts(): Promise<Counts>;
  /** Waits for the answers to so many messages that were there before; resolves when all have come, or none comes any more. */
  drain(messages: number): Promise<Drained>;
  stop(): Promise<void>;
}

export async function startLoad(): Promise<Load> {
  const child = fork(fileURLToPath(import.meta.url), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = once(child, "exit");
  const [{ url }] = (await once(child, "message")) as [{ url: string }];
  return {
    sink: url,
    aim: (target) => tell(child, { kind: "aim", target }),
    run: (slice) => tell(child, { kind: "run", slice }),
    counts: () => tell(child, { kind: "counts" }),
    drain: (messages) => tell(child, { kind: "drain", messages }),
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}

function tell<Answer>(child: ChildProcess, order: Order): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error("the load has ended before its time"));
    child.once("exit", gone);
    child.once("message", (answer: Answer) => {
      child.off("exit", gone);
      resolve(answer);
    });
    child.send(order);
  });
}

if (import.meta.main) {
  const sink = fork(fileURLToPath(new URL("sink.ts", import.meta.url)), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [told] = (await once(sink, "message")) as [{ url: string }];
  let generator: Generator | undefined;
  let arrived = 0;
  const different = new Set<number>();
  sink.on("message", (arrivals: Arrivals) => {
    for (let n = 0; n < arrivals.length; n += 2) {
      arrived++;
      if (generator) generator.arrived(arrivals[n] as number, arrivals[n + 1] as number);
      else different.add(arrivals[n] as number);
    }
  });

  async function drain(messages: number): Promise<Drained> {
    for (
      let idleMs = 0, before = arrived;
      different.size < messages && idleMs < patienceMs;
      idleMs = arrived === before ? idleMs + 20 : 0
    ) {
      before = arrived;
      await new Promise((go) => setTimeout(go, 20));
    }
    return { arrived, different: different.size };
  }
  process.on("message", async (order: Order) => {
    if (order.kind === "aim") {
      generator = new Generator(order.target);
      process.send?.({});
    } else if (order.kind === "drain") process.send?.(await drain(order.messages));
    else if (order.kind === "run") process.send?.(await (generator as Generator).run(order.slice));
    else process.send?.((generator as Generator).tally.counts());
  });
  process.once("disconnect", () => {
    sink.disconnect();
    process.exit();
  });
  process.send?.(told);
}

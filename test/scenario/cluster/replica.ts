import { setTimeout as wait } from "node:timers/promises";
import { type GatewayProcess, startGatewayProcess, type TemporaryHome, temporaryHome } from "../../gateway-process.ts";
import { type Line, startLine } from "../../servers/line.ts";

/** One gateway of several, with a supervisor that starts it again, and a network of its own to the servers. */
export interface SupervisedReplica extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly toStore: Line;
  readonly toEngine: Line;
  /** kill -9; the supervisor starts it again. */
  kill(): Promise<void>;
  /** SIGTERM, as a rolling restart does; resolves with how long it took to end, in milliseconds. */
  restart(): Promise<number>;
  /** Stands still for so long, as a machine that swaps or a container that is paused. */
  freeze(ms: number): Promise<void>;
  /** How often it ended by itself. */
  readonly falls: readonly string[];
  /** The end of its log. */
  log(): string;
  /** Resolves when it answers again. */
  ready(): Promise<void>;
}

export interface ReplicaOptions {
  readonly name: string;
  readonly port: number;
  readonly store: string;
  readonly engine: string;
  readonly configuration: object;
  readonly env?: Readonly<Record<string, string>>;
}

const masterKey = Buffer.alloc(32, 1).toString("base64");

export async function superviseReplica({ name, port, store, engine, configuration, env }: ReplicaOptions): Promise<SupervisedReplica> {
  const home: TemporaryHome = await temporaryHome();
  const [toStore, toEngine] = await Promise.all([startLine({ port: portOf(store) }), startLine({ port: portOf(engine) })]);
  const falls: string[] = [];
  let process: GatewayProcess | undefined;
  let lastLog = "";
  let over = false;
  let wanted = false;
  let starting: Promise<void> = Promise.resolve();

  async function start(): Promise<void> {
    while (!over) {
      try {
        const started = await startGatewayProcess({
          ...{ home: home.path, configuration },
          env: {
            ...{ POLYLOGUE_STORE: through(store, toStore), POLYLOGUE_ENGINE: through(engine, toEngine), POLYLOGUE_REPLICA: name },
            ...{ POLYLOGUE_PORT: String(port), POLYLOGUE_MASTER_KEY: masterKey, ...env },
          },
        });
        process = started;
        void started.ended.then((end) => {
          lastLog = started.log();
          process = undefined;
          if (over) return;
          if (!wanted) falls.push(`${end}: ${lastLog.slice(-2_000)}`);
          wanted = false;
          starting = start();
        });
        return;
      } catch (thrown) {
        // A start without a database ends, and is tried again.
        if (!over) falls.push(String(thrown).slice(-2_000));
        await wait(500);
      }
    }
  }

  starting = start();
  await starting;
  return {
    ...{ name, port, toStore, toEngine, falls },
    async kill() {
      wanted = true;
      await process?.kill();
      await wait(0);
    },
    async restart() {
      wanted = true;
      const began = performance.now();
      await process?.stop();
      await wait(0);
      return performance.now() - began;
    },
    async freeze(ms) {
      const { pid = 0 } = process?.process ?? {};
      if (pid === 0) return;
      globalThis.process.kill(pid, "SIGSTOP");
      await wait(ms);
      globalThis.process.kill(pid, "SIGCONT");
    },
    log: () => process?.log() ?? lastLog,
    ready: () => starting,
    async [Symbol.asyncDispose]() {
      over = true;
      await starting;
      await process?.kill();
      await Promise.all([toStore[Symbol.asyncDispose](), toEngine[Symbol.asyncDispose](), home[Symbol.asyncDispose]()]);
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function through(url: string, line: Line): string {
  const address = new URL(url);
  address.port = String(line.port);
  return address.href;
}

/**
 * The real gateway in a process of its own that kills itself, as kill -9 does, at one boundary: before or after the n-th
 * call of a store method or of a platform. Started by world.ts with its plan in the environment.
 */
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import type { HttpClient, HttpRequest } from "../../../src/core/http.ts";
import type { Store } from "../../../src/core/store.ts";
import { startGateway } from "../../../src/start.ts";
import { breakOnPurpose } from "./broken.ts";
import type { CrashPlan } from "./plan.ts";

const { POLYLOGUE_HOME: home = "", POLYLOGUE_PORT: port = "0", CRASH_PLAN = "{}" } = process.env;
const plan = JSON.parse(CRASH_PLAN) as CrashPlan;
let calls = 0;

function passing(point: string, when: "before" | "after"): void {
  if (point !== plan.point || when !== plan.when || ++calls !== plan.nth) return;
  const file = openSync(plan.log, "a");
  writeSync(file, `${JSON.stringify({ life: plan.life, at: Date.now(), point, when })}\n`);
  fsyncSync(file);
  closeSync(file);
  process.kill(process.pid, "SIGKILL");
  // The signal needs a moment to arrive: nothing may happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function wrapStore(store: Store): Store {
  const wrapped = { ...store };
  for (const name of Object.keys(store) as (keyof Store)[]) {
    const method = store[name] as unknown;
    if (typeof method !== "function") continue;
    Object.assign(wrapped, {
      async [name](...given: unknown[]) {
        passing(name, "before");
        const result: unknown = await method.apply(store, given);
        passing(name, "after");
        return result;
      },
    });
  }
  return breakOnPurpose(wrapped, plan.broken);
}

/** Whoever is called learns which life calls: what a life wrote may be read long after its death. */
function wrapHttp(client: HttpClient): HttpClient {
  const named = (request: HttpRequest) => ({ ...request, headers: { ...request.headers, "x-caller": String(plan.life) } });
  return {
    stream: (request) => client.stream(named(request)),
    async send(request) {
      const point = pointOf(request);
      passing(point, "before");
      const answer = await client.send(named(request));
      passing(point, "after");
      return answer;
    },
  };
}

function pointOf({ method, url }: HttpRequest): string {
  const last = new URL(url).pathname.split("/").at(-1) ?? "";
  return method === "POST" ? last : `${method} ${last}`;
}

const started = await startGateway({
  ...{ home, version: "0.0.0", environment: process.env, host: "127.0.0.1", port: Number(port) },
  ...{ wrapStore, wrapHttp },
});
if (!started.ok) throw new Error(started.fault.message);
process.stdout.write(`ready ${started.value.address}\n`);
// Its end is that of whoever started it: no gateway is left behind by a test that broke off.
process.stdin.once("end", () => process.exit(1)).resume();
process.once("SIGTERM", () => void started.value.stop().then(() => process.exit(0)));

/**
 * The real gateway with shorter waits before it tells of findings. With KILL it kills itself, as kill -9 does, `before` or
 * `after` the write that stores its first notice.
 */
import type { Store } from "../../../src/core/store.ts";
import { startGateway } from "../../../src/start.ts";

const { POLYLOGUE_HOME: home = "", POLYLOGUE_PORT: port = "0", KILL = "" } = process.env;

function passing(when: "before" | "after"): void {
  if (when !== KILL) return;
  process.kill(process.pid, "SIGKILL");
  // The signal needs a moment to arrive: nothing may happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function wrapStore(store: Store): Store {
  return {
    ...store,
    async notify(change, messages) {
      if (messages.length === 0) return store.notify(change, messages);
      passing("before");
      const queued = await store.notify(change, messages);
      passing("after");
      return queued;
    },
  };
}

const started = await startGateway({
  ...{ home, version: "0.0.0", environment: process.env, host: "127.0.0.1", port: Number(port), wrapStore },
  noticeTimes: { lookMs: 50, graceMs: 300, calmMs: 300 },
});
if (!started.ok) throw new Error(started.fault.message);
process.stdout.write(`ready ${started.value.address}\n`);
process.once("SIGTERM", () => void started.value.stop().then(() => process.exit(0)));

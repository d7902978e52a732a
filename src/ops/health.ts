import { type Clock, sleep } from "../core/clock.ts";
import { fail, faultOf, ok, type Result } from "../core/errors.ts";
import type { GatewayDoor } from "../core/gateway.ts";
import type { Store } from "../core/store.ts";

export interface Health {
  /** Whether requests should be sent here: it isn't stopping, and the store takes writes. */
  ready(): Promise<Result<undefined>>;
  /** From now on it isn't ready, so that proxies send elsewhere; what comes all the same is still taken until it drains. */
  leave(): void;
  readonly leaving: boolean;
}

const keptMs = 1_000;
const patienceMs = 2_000;

/** The store is asked at most once a second, however many ask here. */
export function createHealth(parts: {
  readonly gateway: Pick<GatewayDoor, "draining">;
  readonly store: Pick<Store, "probe">;
  readonly clock: Clock;
}): Health {
  const { gateway, store, clock } = parts;
  let left = false;
  const leaving = () => left || gateway.draining;
  let last: { readonly at: number; readonly result: Promise<Result<undefined>> } | undefined;

  async function askStore(): Promise<Result<undefined>> {
    // It changes nothing, but goes the way of every write.
    const written = store.probe().then(
      () => ok(undefined),
      (thrown) => ({ ok: false, fault: faultOf(thrown, "store-unavailable") }) as const,
    );
    return Promise.race([
      written,
      sleep(clock, patienceMs).then(() => fail("store-unavailable", `the store didn't answer within ${patienceMs} ms`)),
    ]);
  }

  return {
    async ready() {
      if (leaving()) return fail("draining", "the gateway is stopping");
      if (!last || clock.elapsed() - last.at > keptMs) last = { at: clock.elapsed(), result: askStore() };
      return last.result;
    },
    leave() {
      left = true;
    },
    get leaving() {
      return leaving();
    },
  };
}

import { readFileSync } from "node:fs";
import type { Environment } from "./config/sources.ts";
import { fail, ok, type Result } from "./core/errors.ts";

/** What joins several gateways: a Redis server (or Valkey). */
export interface EnginePlace {
  readonly url: string;
  /** For people: without its password. */
  readonly shown: string;
  /** Why it doesn't answer; nothing when it does. */
  ping(): Promise<string | undefined>;
}

/**
 * By `POLYLOGUE_ENGINE`, an address like `redis://user:password@host:6379/0` (https://www.iana.org/assignments/uri-schemes/prov/redis; `rediss:` with
 * TLS), or `POLYLOGUE_ENGINE_FILE`, a file that holds one. Nothing without: this gateway is alone.
 */
export function enginePlace(environment: Environment): Result<EnginePlace | undefined> {
  const { POLYLOGUE_ENGINE: address, POLYLOGUE_ENGINE_FILE: file } = environment;
  if (!address && !file) return ok(undefined);
  let url = address;
  try {
    url ||= readFileSync(file ?? "", "utf8").trim();
  } catch (thrown) {
    const { code = "unknown error" } = thrown as NodeJS.ErrnoException;
    return fail("config-invalid", `POLYLOGUE_ENGINE_FILE names a file that can't be read (${code}).`);
  }
  if (!URL.canParse(url) || !/^rediss?:\/\//.test(url)) {
    return fail("config-invalid", "POLYLOGUE_ENGINE isn't an address like redis://user:password@host:6379.");
  }
  if (!environment.POLYLOGUE_STORE && !environment.POLYLOGUE_STORE_FILE) {
    return fail("config-invalid", "POLYLOGUE_ENGINE is for gateways that share a store: POLYLOGUE_STORE must name a PostgreSQL database.");
  }
  const shown = new URL(url);
  shown.password = "";
  return ok({
    ...{ url, shown: shown.href },
    async ping() {
      const { pingRedis } = await import("./engines/redis-bus.ts");
      return pingRedis(url).then(
        () => undefined,
        (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
      );
    },
  });
}

import { createRequire } from "node:module";
import type * as Undici from "undici";
import { fail, type Result } from "../core/errors.ts";
import type { HttpClient, HttpFailure, HttpRequest, HttpResponse, HttpStream } from "../core/http.ts";
import { guardedLookup, literalAddress, type Resolve, refusal, resolveWithSystem } from "./addresses.ts";
import { Exchange, type Reader } from "./exchange.ts";
import { flow } from "./flow.ts";

export interface HttpClientOptions {
  /** Hosts on private addresses that `public` requests may reach too; asked at every connect. */
  readonly allowPrivate?: () => readonly string[];
  /** How names are resolved for `public` requests; the operating system's way if absent. */
  readonly resolve?: Resolve;
  /** Milliseconds for name, connect and TLS together; 10,000 if absent. */
  readonly connectTimeoutMs?: number;
  /** Origins whose connections are kept; the one unused for longest is closed. 256 if absent. */
  readonly maxOrigins?: number;
  /** Connections to one origin at most; further requests wait. 1,024 if absent. */
  readonly connectionsPerOrigin?: number;
  readonly userAgent?: string;
}

export interface ClosableHttpClient extends HttpClient {
  /** Closes every connection; requests under way fail. */
  close(): Promise<void>;
}

/**
 * The pool alone: the package's entry loads its fetch, caches and mocks too, which is a tenth of the time to start and
 * some megabytes. Its version is pinned, and it has no list of exports that this would go round.
 */
const Pool = createRequire(import.meta.url)("undici/lib/dispatcher/pool.js") as typeof Undici.Pool;
type Pool = Undici.Pool;

const mebibyte = 1024 * 1024;

/**
 * HTTP/1.1 over undici pools, one per origin and trust. Nothing is retried, redirected or decompressed (the request says
 * `accept-encoding: identity`, so that a small answer can't grow); no fault names a path or a query.
 */
export function createHttpClient(options: HttpClientOptions = {}): ClosableHttpClient {
  const pools = new Map<string, Pool>();
  const { maxOrigins = 256, connectionsPerOrigin = 1024, connectTimeoutMs = 10_000, userAgent = "polylogue" } = options;
  const privateAllowed = (host: string) => options.allowPrivate?.().includes(host) ?? false;
  const publicLookup = guardedLookup(options.resolve ?? resolveWithSystem, privateAllowed);
  let closed = false;

  function poolOf(origin: string, trust: "configured" | "public"): Pool {
    const key = `${trust} ${origin}`;
    let pool = pools.get(key);
    if (pool) pools.delete(key);
    else {
      pool = new Pool(origin, {
        connections: connectionsPerOrigin,
        connectTimeout: connectTimeoutMs,
        // Time is kept by Exchange, exactly and with one timer; HTTP/2 would blur when a request was written.
        headersTimeout: 0,
        bodyTimeout: 0,
        allowH2: false,
        ...(trust === "public" ? { connect: { lookup: publicLookup } } : {}),
      });
    }
    pools.set(key, pool); // a Map keeps the order of insertion: the first is the one unused for longest
    if (pools.size > maxOrigins) retireOldest();
    return pool;
  }

  function retireOldest(): void {
    const [key, pool] = pools.entries().next().value as [string, Pool];
    pools.delete(key);
    void pool.close(); // its requests are finished first
  }

  function dispatch(request: HttpRequest, url: URL, exchange: Exchange): void {
    poolOf(url.origin, request.trust ?? "configured").dispatch(
      {
        method: request.method,
        path: url.pathname + url.search,
        headers: withDefaults(request.headers),
        body: request.body ?? null,
      },
      exchange,
    );
  }

  /** Names in lower case, so that none is sent twice. */
  function withDefaults(given: HttpRequest["headers"] = {}): Record<string, string> {
    const headers: Record<string, string> = { "user-agent": userAgent, "accept-encoding": "identity" };
    for (const name of Object.keys(given)) headers[name.toLowerCase()] = given[name] as string;
    return headers;
  }

  function aim(request: HttpRequest): Result<URL, HttpFailure> {
    if (closed) return refused("draining", "the gateway is stopping");
    if (request.signal?.aborted) return refused("aborted", "the request was taken back before it was sent");
    const url = URL.parse(request.url);
    if (!url) return refused("request-invalid", "the address is no URL");
    if (url.protocol !== "http:" && url.protocol !== "https:")
      return refused("address-refused", `${url.protocol} is not fetched, only http and https`);
    if (url.username || url.password)
      return refused("request-invalid", `the address of ${url.origin} carries a password; send it in a header`);
    if (request.trust === "public") {
      const literal = literalAddress(url.hostname);
      const reason = literal && refusal(literal, privateAllowed(url.hostname) || privateAllowed(literal));
      if (reason) return refused("address-refused", `${url.origin} is not fetched: it is ${reason}`);
    }
    return { ok: true, value: url };
  }

  return {
    send(request) {
      const url = aim(request);
      if (!url.ok) return Promise.resolve(url);
      return new Promise((resolve) => {
        const exchange = new Exchange(url.value.origin, request.method, request.maxBytes ?? 10 * mebibyte, request.signal, whole(resolve));
        exchange.limit(request.timeoutMs ?? 30_000);
        dispatch(request, url.value, exchange);
      });
    },
    stream(request) {
      const url = aim(request);
      if (!url.ok) return Promise.resolve(url);
      return new Promise<Result<HttpStream, HttpFailure>>((resolve) => {
        const reader = flow(resolve, () => exchange, request.stallMs ?? 60_000);
        const exchange = new Exchange(url.value.origin, request.method, request.maxBytes ?? 10 * mebibyte, request.signal, reader);
        exchange.limit(request.timeoutMs ?? 30_000);
        dispatch(request, url.value, exchange);
      });
    },
    async close() {
      closed = true;
      const all = [...pools.values()];
      pools.clear();
      await Promise.all(all.map((pool) => pool.destroy()));
    },
  };
}

function refused(code: HttpFailure["code"], message: string): { ok: false; fault: HttpFailure } {
  return { ok: false, fault: { ...fail(code, message).fault, ambiguous: false } };
}

/** The answer in one piece. */
function whole(resolve: (result: Result<HttpResponse, HttpFailure>) => void): Reader {
  const chunks: Uint8Array[] = [];
  let status = 0;
  let headers: Readonly<Record<string, string>> = {};
  return {
    head(code, fields) {
      status = code;
      headers = fields;
    },
    chunk: (bytes) => void chunks.push(bytes),
    end: () =>
      resolve({ ok: true, value: { status, headers, body: chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks) } }),
    fail: (fault) => resolve({ ok: false, fault }),
  };
}

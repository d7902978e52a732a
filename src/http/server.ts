import { createServer, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { fail, ok, type Result } from "../core/errors.ts";
import type { TlsWatch } from "../ops/certificate.ts";
import type { Health } from "../ops/health.ts";
import type { Metrics } from "../ops/metrics.ts";
import { createApi, type Env } from "./api.ts";
import { createDispatch } from "./dispatch.ts";
import type { HttpDoor } from "./door.ts";
import { EventStreams } from "./events.ts";
import { Trials } from "./playground.ts";
import { createRedirect } from "./redirect.ts";

export interface ServerParts {
  readonly door: HttpDoor;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** The folder of the built web app; absent: there is none. */
  readonly ui?: string;
  /** What else is served besides the API: the web chat. The first that takes the path gets the request. */
  readonly mounts?: readonly Mount[];
  /** Absent: plain HTTP. */
  readonly tls?: TlsWatch;
  /** Only tests want shorter ones, in milliseconds. */
  readonly timeouts?: { readonly headersMs: number; readonly requestMs: number; readonly idleMs: number; readonly checkMs: number };
  /** Holds every answer of the API against the contract; for tests. */
  readonly checkAnswers?: boolean;
}

export interface Mount {
  serves(pathname: string): boolean;
  readonly app: Hono<Env>;
}

export interface HttpServer {
  readonly port: number;
  /** Where the web app is, with a slash at the end. */
  readonly url: string;
  /** Takes no new connections, ends live streams, waits for answers under way up to `graceMs`, then cuts. */
  close(graceMs: number): Promise<void>;
}

/** Between two looks, while the server stops, at connections that wait for nothing any more. */
const idleLookMs = 50;

/** Listens. `port-unavailable` when the address is taken or not ours. */
export async function startServer(parts: ServerParts): Promise<Result<HttpServer>> {
  const { door, host } = parts;
  const timeouts = parts.timeouts ?? { headersMs: 15_000, requestMs: 30_000, idleMs: 120_000, checkMs: 2_000 };
  const streams = { events: new EventStreams(door), trials: new Trials(door) };
  const api = createApi(door, streams, { checkAnswers: parts.checkAnswers === true });
  const listeners = {
    api: getRequestListener(api.fetch),
    mounts: (parts.mounts ?? []).map(({ serves, app }) => ({ serves, listen: getRequestListener(app.fetch) })),
  };
  const dispatch = createDispatch({ ...parts, ...(parts.ui === undefined ? {} : { ui: path.resolve(parts.ui) }), listeners });
  const options = {
    headersTimeout: timeouts.headersMs,
    requestTimeout: timeouts.requestMs,
    connectionsCheckingInterval: timeouts.checkMs,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16_384,
    noDelay: true,
  };
  const server = parts.tls ? tlsServer(parts.tls, options) : createServer(options);
  // A socket on which nothing moves for so long is cut: who doesn't read his answer must not hold it forever.
  server.setTimeout(timeouts.idleMs);
  server.maxConnections = 10_000;
  server.on("request", (incoming, outgoing) => void dispatch(incoming, outgoing));
  server.on("clientError", refuseUnreadable);
  const bound = await listen(server, host, parts.port);
  if (!bound.ok) return bound;
  const { port } = bound.value;
  const settings = () => door.config.current().http;
  const redirectPort = parts.tls && settings().tls?.redirectPort;
  const redirect = redirectPort === undefined ? undefined : createRedirect({ http: settings, port: () => port });
  const redirected = redirect && (await listen(redirect, host, redirectPort as number));
  if (redirected?.ok === false) {
    server.close();
    return redirected;
  }
  return ok({
    port,
    url: `${parts.tls ? "https" : "http"}://${shownHost(host)}:${port}/`,
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      streams.events.close();
      streams.trials.close();
      redirect?.close();
      redirect?.closeAllConnections();
      server.closeIdleConnections();
      // What ends from here on leaves its connection open for a next request, which would be waited for in vain.
      const idle = setInterval(() => server.closeIdleConnections(), idleLookMs);
      const cut = door.clock.after(graceMs, () => server.closeAllConnections());
      await closed;
      cut();
      clearInterval(idle);
    },
  });
}

function tlsServer(tls: TlsWatch, options: object): TlsServer {
  const server = createTlsServer({ ...options, ...tls.identity, minVersion: "TLSv1.2", handshakeTimeout: 15_000 });
  tls.renewed(({ cert, key }) => server.setSecureContext({ cert, key, minVersion: "TLSv1.2" }));
  // Scanners and browsers that don't trust the certificate: not ours to mend.
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return server;
}

function listen(server: Server | TlsServer, host: string, port: number): Promise<Result<AddressInfo>> {
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "another program listens there" : error.code === "EACCES" ? "not allowed" : error.message;
      resolve(fail("port-unavailable", `can't listen on ${host}:${port}: ${why}`, error));
    });
    server.listen(port, host, () => resolve(ok(server.address() as AddressInfo)));
  });
}

/** What isn't HTTP, or too slow, or has too large headers: a short answer, and the connection ends. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) return void socket.destroy();
  const status = { ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout", HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large" };
  const line = status[error.code as keyof typeof status] ?? "400 Bad Request";
  socket.end(`HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

function shownHost(host: string): string {
  if (host === "0.0.0.0" || host === "::" || host === "") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

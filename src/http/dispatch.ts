import type { IncomingMessage, ServerResponse } from "node:http";
import { type Fault, fault, faultOf } from "../core/errors.ts";
import type { Health } from "../ops/health.ts";
import type { Metrics } from "../ops/metrics.ts";
import { authenticate } from "./authenticate.ts";
import type { HttpDoor } from "./door.ts";
import { checkHost, checkOrigin } from "./guard.ts";
import { securityHeaders } from "./headers.ts";
import { createHookRoute } from "./hooks.ts";
import { problemOf } from "./problem.ts";
import { serveStatic } from "./static.ts";
import { startVisit, type Visit } from "./visit.ts";

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

export interface DispatchParts {
  readonly door: HttpDoor;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly ui?: string;
  readonly listeners: {
    readonly api: Listener;
    readonly mounts: readonly { serves(pathname: string): boolean; readonly listen: Listener }[];
  };
}

/** Which part of the gateway a path belongs to; also the label in the metrics. */
type Area = "hooks" | "health" | "metrics" | "api" | "mount" | "app" | "none";

/** Every request comes through here, on bare node:http: who asks, may the request come this way, whose is the path. */
export function createDispatch(parts: DispatchParts): Listener {
  const { door, health, metrics, listeners } = parts;
  const { gateway, clock, log } = door;
  const serveHook = createHookRoute({ gateway, clock, log, records: door.store.records });

  return async (incoming, outgoing) => {
    const visit = startVisit(incoming, door.config.current().http);
    const pathname = pathOf(incoming.url ?? "");
    const mount = pathname === undefined ? undefined : listeners.mounts.find(({ serves }) => serves(pathname));
    const area = pathname === undefined ? "none" : mount ? "mount" : areaOf(pathname);
    outgoing.once("close", () => {
      metrics.request(area, outgoing.statusCode);
      door.log.debug("request", { requestId: visit.requestId, method: incoming.method, area, status: outgoing.statusCode });
    });
    outgoing.setHeader("x-request-id", visit.requestId);
    if (health.leaving) outgoing.setHeader("connection", "close");
    try {
      if (pathname === undefined) return refuse(incoming, outgoing, visit, fault("request-invalid", "the address is malformed"));
      if (area === "hooks") return await serveHook(incoming, outgoing, visit, pathname.slice("/hooks/".length));
      for (const [name, value] of Object.entries(securityHeaders)) outgoing.setHeader(name, value);
      if (visit.https) outgoing.setHeader("strict-transport-security", "max-age=31536000");
      if (area === "health") return await serveHealth(pathname, incoming, outgoing, visit);
      const guarded = guard(incoming, visit, area);
      if (guarded) return refuse(incoming, outgoing, visit, guarded);
      if (mount) return await mount.listen(incoming, outgoing);
      if (area === "api") return await listeners.api(incoming, outgoing);
      if (incoming.method !== "GET" && incoming.method !== "HEAD") return refuseMethod(incoming, outgoing, visit);
      if (area === "metrics") return await serveMetrics(incoming, outgoing, visit);
      if (parts.ui && (await serveStatic(parts.ui, incoming, outgoing, pathname))) return;
      refuse(
        incoming,
        outgoing,
        visit,
        fault("not-found", parts.ui ? "there is nothing here" : "the web app isn't built: run `npm run build`"),
      );
    } catch (thrown) {
      door.log.error("request-fail", { requestId: visit.requestId, area, cause: thrown });
      if (outgoing.headersSent) outgoing.destroy();
      else refuse(incoming, outgoing, visit, faultOf(thrown));
    }
  };

  function guard(incoming: IncomingMessage, visit: Visit, area: Area): Fault | undefined {
    const settings = door.config.current().http;
    const host = checkHost(visit, settings);
    if (!host.ok) return host.fault;
    const changes = incoming.method !== "GET" && incoming.method !== "HEAD";
    const origin = area === "api" && changes ? checkOrigin(incoming.headers, visit, settings) : host;
    return origin.ok ? undefined : origin.fault;
  }

  async function serveHealth(pathname: string, incoming: IncomingMessage, outgoing: ServerResponse, visit: Visit): Promise<void> {
    if (incoming.method !== "GET" && incoming.method !== "HEAD") return refuseMethod(incoming, outgoing, visit);
    const ready = pathname === "/livez" ? undefined : await health.ready();
    if (ready?.ok === false) return refuse(incoming, outgoing, visit, ready.fault);
    outgoing.writeHead(200, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" }).end("ok\n");
  }

  async function serveMetrics(incoming: IncomingMessage, outgoing: ServerResponse, visit: Visit): Promise<void> {
    const actor = await authenticate(door.access, incoming.headers, visit);
    if (!actor.ok) return refuse(incoming, outgoing, visit, actor.fault);
    const text = await metrics.text();
    outgoing.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" }).end(text);
  }
}

function areaOf(pathname: string): Area {
  if (pathname.startsWith("/hooks/")) return "hooks";
  if (pathname === "/livez" || pathname === "/readyz") return "health";
  if (pathname === "/metrics") return "metrics";
  return pathname === "/api" || pathname.startsWith("/api/") ? "api" : "app";
}

/** The path without the query, percent codes read; nothing when they can't be, or hide a NUL. */
function pathOf(url: string): string | undefined {
  if (!url.startsWith("/")) return undefined;
  try {
    const pathname = decodeURIComponent(url.split("?", 1)[0] as string);
    return pathname.includes("\0") ? undefined : pathname;
  } catch {
    return undefined;
  }
}

function refuseMethod(incoming: IncomingMessage, outgoing: ServerResponse, visit: Visit): void {
  outgoing.setHeader("allow", "GET, HEAD");
  refuse(incoming, outgoing, visit, fault("method-refused", `${incoming.method} isn't possible here`));
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, visit: Visit, of: Fault): void {
  const { status, headers, body } = problemOf(of, visit.requestId, visit.speak);
  // Nothing more of a body that was refused is read.
  if (!incoming.complete) outgoing.setHeader("connection", "close");
  outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
}

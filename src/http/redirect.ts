import { createServer, type Server } from "node:http";
import type { HttpSettings } from "../core/configuration.ts";
import { checkHost } from "./guard.ts";
import { startVisit } from "./visit.ts";

/**
 * Sends browsers that came in clear to the https address. What came with content is refused instead: it may be a password, and
 * who sent it once must not get used to it.
 */
export function createRedirect({ http, port }: { http(): HttpSettings; port(): number }): Server {
  return createServer({ headersTimeout: 15_000, requestTimeout: 30_000, maxHeaderSize: 16_384 }, (incoming, outgoing) => {
    const visit = startVisit(incoming, http());
    outgoing.setHeader("connection", "close");
    outgoing.setHeader("content-length", "0");
    if (incoming.method !== "GET" && incoming.method !== "HEAD") return void outgoing.writeHead(403).end();
    if (!incoming.url?.startsWith("/") || !checkHost(visit, http()).ok) return void outgoing.writeHead(421).end();
    const name = visit.host.replace(/:\d+$/, "");
    const to = port() === 443 ? name : `${name}:${port()}`;
    outgoing.writeHead(308, { location: `https://${to}${incoming.url}`, "cache-control": "no-store" }).end();
  });
}

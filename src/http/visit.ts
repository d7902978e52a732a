import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { HttpSettings } from "../core/configuration.ts";
import { type Peer, peerOf } from "./peer.ts";

/** What is known of a request before anybody looks into it. */
export interface Visit extends Peer {
  /** Stands in the answer's X-Request-Id, in error bodies and in the log. */
  readonly requestId: string;
}

const visits = new WeakMap<IncomingMessage, Visit>();

export function startVisit(incoming: IncomingMessage, settings: HttpSettings): Visit {
  const visit = { ...peerOf(incoming, settings.trustedProxies), requestId: `rq_${randomBytes(9).toString("base64url")}` };
  visits.set(incoming, visit);
  return visit;
}

/** Of a request that came through the server; a bug otherwise. */
export function visitOf(incoming: IncomingMessage): Visit {
  const visit = visits.get(incoming);
  if (!visit) throw new Error("the request didn't come through the server's dispatch");
  return visit;
}

import type { IncomingMessage } from "node:http";
import type { HttpSettings } from "../core/configuration.ts";
import { type Speak, speakerFor } from "../languages/speak.ts";
import { type Peer, peerOf } from "./peer.ts";

/** What is known of a request before anybody looks into it. Who asks is worked out when somebody wants to know. */
export class Visit implements Peer {
  /** Stands in the answer's X-Request-Id, in error bodies and in the log. */
  readonly requestId: string = newRequestId();
  readonly #incoming: IncomingMessage;
  readonly #trustedProxies: readonly string[];
  #peer: Peer | undefined;

  constructor(incoming: IncomingMessage, trustedProxies: readonly string[]) {
    this.#incoming = incoming;
    this.#trustedProxies = trustedProxies;
  }

  get peer(): string {
    return this.#known.peer;
  }

  get https(): boolean {
    return this.#known.https;
  }

  get host(): string {
    return this.#known.host;
  }

  get local(): string {
    return this.#known.local;
  }

  /** In the language that was asked for. */
  get speak(): Speak {
    return speakerFor(this.#incoming.headers["accept-language"]);
  }

  get #known(): Peer {
    this.#peer ??= peerOf(this.#incoming, this.#trustedProxies);
    return this.#peer;
  }
}

const visits = new WeakMap<IncomingMessage, Visit>();

export function startVisit(incoming: IncomingMessage, settings: HttpSettings): Visit {
  const visit = new Visit(incoming, settings.trustedProxies);
  visits.set(incoming, visit);
  return visit;
}

/** Of a request that came through the server; a bug otherwise. */
export function visitOf(incoming: IncomingMessage): Visit {
  const visit = visits.get(incoming);
  if (!visit) throw new Error("the request didn't come through the server's dispatch");
  return visit;
}

const idBytes = 9;
let pool = Buffer.alloc(0);
let used = 0;

function newRequestId(): string {
  if (used + idBytes > pool.length) {
    pool = Buffer.from(crypto.getRandomValues(new Uint8Array(idBytes * 256)));
    used = 0;
  }
  used += idBytes;
  return `rq_${pool.toString("base64url", used - idBytes, used)}`;
}

import type { Fault, Result } from "./errors.ts";

/** Calls to other machines. One implementation (pools, time-outs, address rules) serves channels, providers and tools. */
export interface HttpClient {
  /**
   * Sends one request and reads the whole answer. Never throws for what the network does, and never retries or follows
   * redirects. An answer of any status is `ok`; only its absence is a failure.
   */
  send(request: HttpRequest): Promise<Result<HttpResponse, HttpFailure>>;
  /**
   * The same with the body as it arrives. Aborting the signal closes the connection; breaking off the iteration does too,
   * unless the body ends by itself within a second.
   */
  stream(request: HttpRequest): Promise<Result<HttpStream, HttpFailure>>;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Milliseconds until the answer's end (`send`) or its head (`stream`); 30,000 if absent. */
  readonly timeoutMs?: number;
  /** `stream` only: milliseconds allowed between two chunks; 60,000 if absent. */
  readonly stallMs?: number;
  /** Bytes of the body that are read at most; 10 MiB if absent. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
  /**
   * `public`: the address came from a message, a model or a stranger: only public addresses, checked on the resolved
   * address that is then connected to. `configured` (default): the operator wrote it, private addresses are fine.
   */
  readonly trust?: "configured" | "public";
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated ones joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface HttpStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Throws FaultError when the connection is cut or stalls. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface HttpFailure extends Fault {
  /**
   * Whether the other side may have acted on the request: false only when it can't have (no address, no connection,
   * refused before the first byte was written).
   */
  readonly ambiguous: boolean;
}

import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { ErrorCode } from "../core/errors.ts";
import type { HttpFailure } from "../core/http.ts";
import { AddressRefused } from "./addresses.ts";

/** Takes the answer as it arrives. After `end` or `fail`, which come once and never both, nothing more comes. */
export interface Reader {
  head(status: number, headers: Readonly<Record<string, string>>): void;
  chunk(bytes: Uint8Array): void;
  end(): void;
  fail(failure: HttpFailure): void;
}

const lastBytes = 16 * 1024;
const lastMs = 1000;
/** What a timer can hold. */
const longestMs = 2 ** 31 - 1;

/**
 * One request on one connection. undici calls `onRequestStart` on a connected (and, for https, verified) socket, right
 * before it writes the first byte: until then nobody can have acted on the request, from then on anybody may have.
 * https://undici.nodejs.org/#/docs/api/Dispatcher
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #origin: string;
  readonly #method: string;
  #maxBytes: number;
  readonly #reader: Reader;
  readonly #signal: AbortSignal | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #over = false;
  #received = 0;
  #progressAt = 0;

  constructor(origin: string, method: string, maxBytes: number, signal: AbortSignal | undefined, reader: Reader) {
    this.#origin = origin;
    this.#method = method;
    this.#maxBytes = maxBytes;
    this.#reader = reader;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#abort, { once: true });
  }

  /** Fails the exchange unless it is over, or `watch` was called, within `ms`. */
  limit(ms: number): void {
    this.#timer = setTimeout(
      () => {
        if (this.#controller) this.#give("http-timeout", `${this.#origin} did not answer within ${ms} ms`);
        else this.#give("http-unreachable", `no connection to ${this.#origin} within ${ms} ms`);
      },
      Math.min(ms, longestMs),
    );
  }

  /** Replaces the limit: fails the exchange when nothing arrives and nobody reads for `ms`. */
  watch(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#over) return;
    this.progress();
    const look = () => {
      const left = this.#progressAt + ms - performance.now();
      if (left > 0) this.#timer = setTimeout(look, Math.min(left, longestMs));
      else this.#give("http-timeout", `${this.#origin} sent nothing for ${ms} ms`);
    };
    this.#timer = setTimeout(look, Math.min(ms, longestMs));
  }

  progress(): void {
    this.#progressAt = performance.now();
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    if (!this.#over) this.#controller?.resume();
  }

  /**
   * Nobody wants the rest. If that is just the end, the connection is left for others: it has a second and a few bytes for
   * that. Aborting the signal still closes it at once.
   */
  leave(): void {
    if (this.#over) return;
    clearTimeout(this.#timer);
    this.#maxBytes = Math.min(this.#maxBytes, this.#received + lastBytes);
    this.#timer = setTimeout(() => {
      if (this.#finish()) this.#controller?.abort(new Error("not wanted any more"));
    }, lastMs);
    this.#timer.unref();
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // A second start would be a second write of the same request.
    if (this.#over || this.#controller) controller.abort(new Error("given up before it was sent"));
    else this.#controller = controller;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.#over || status < 200) return;
    // They are read: a stream may stay open for long, and they hold a Buffer for each name and value.
    controller.rawHeaders = null;
    const announced = this.#method === "HEAD" ? 0 : Number(headers["content-length"] ?? 0);
    if (announced > this.#maxBytes) this.#tooLarge();
    else this.#reader.head(status, flatten(headers));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    this.#received += chunk.length;
    if (this.#received > this.#maxBytes) {
      this.#tooLarge();
      return;
    }
    this.progress();
    this.#reader.chunk(chunk);
  }

  onResponseEnd(): void {
    if (this.#finish()) this.#reader.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error & { code?: string }): void {
    const [code, message] = explain(this.#origin, error, this.#controller !== undefined);
    this.#give(code, message, error);
  }

  #abort = (): void => this.#give("aborted", `the request to ${this.#origin} was taken back`);

  #tooLarge(): void {
    this.#give("http-too-large", `the answer of ${this.#origin} is larger than ${this.#maxBytes} bytes`);
  }

  #give(code: ErrorCode, message: string, cause?: Error): void {
    if (!this.#finish()) return;
    const ambiguous = this.#controller !== undefined;
    this.#reader.fail(cause ? { code, message, cause, ambiguous } : { code, message, ambiguous });
    this.#controller?.abort(new Error(message));
  }

  #finish(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#abort);
    return true;
  }
}

/** In words, with the origin only: paths may hold tokens (Telegram's do). */
function explain(origin: string, error: Error & { code?: string }, written: boolean): [ErrorCode, string] {
  const code = error.code ?? error.name;
  if (error instanceof AddressRefused) return ["address-refused", `${origin} is not fetched: ${error.message}`];
  if (code === "UND_ERR_INVALID_ARG") return ["request-invalid", `the request to ${origin} can't be sent: ${error.message}`];
  if (!written) return ["http-unreachable", `can't connect to ${origin}: ${code}`];
  if (error.name === "HTTPParserError" || code === "UND_ERR_HEADERS_OVERFLOW") {
    return ["http-malformed", `${origin} did not answer in valid HTTP: ${code}`];
  }
  return ["http-cut", `${origin} closed the connection before its answer was complete: ${code}`];
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === "string" ? value : value.join(", ");
  }
  return flat;
}

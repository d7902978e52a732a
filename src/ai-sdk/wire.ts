import { FaultError } from "../core/errors.ts";
import { faultOfStream, openModelStream, type Refusal, type Who } from "../core/model-http.ts";
import type { ProviderAccount } from "../core/provider.ts";

/**
 * The `fetch` that a package is given: our own HTTP client with its pools and limits. What went wrong on the wire is
 * known here first, whatever the package makes of it.
 */
export interface Wire {
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  failure(): Refusal | undefined;
  requestId(): string | undefined;
}

/** `endMark`: text after which the rest of the stream isn't waited for. */
export function wireOf({ http, stallMs }: ProviderAccount, who: Who, signal: AbortSignal, endMark: string | undefined): Wire {
  let failure: Refusal | undefined;
  let requestId: string | undefined;
  return {
    failure: () => failure,
    requestId: () => requestId,
    async fetch(input, init) {
      const headers = Object.fromEntries(new Headers(init?.headers));
      const url = input instanceof Request ? input.url : String(input);
      const body = typeof init?.body === "string" ? { body: init.body } : {};
      const opened = await openModelStream(http, { method: "POST", url, headers, ...body, timeoutMs: stallMs, stallMs, signal }, who);
      if (!opened.ok) {
        const { fault, afterMs } = opened;
        failure = { fault, ...(afterMs === undefined ? {} : { afterMs }) };
        throw new FaultError(fault);
      }
      const { status, headers: answered, body: bytes } = opened.stream;
      requestId = answered["x-request-id"] ?? answered["request-id"];
      const watched = watch(endMark === undefined ? bytes : upTo(endMark, bytes), (thrown) => {
        failure = { fault: faultOfStream(thrown, who) };
      });
      return new Response(ReadableStream.from(watched), { status, headers: answered });
    },
  };
}

async function* watch(bytes: AsyncIterable<Uint8Array>, failed: (thrown: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (thrown) {
    failed(thrown);
    throw thrown;
  }
}

/** The mark may be cut into pieces. */
async function* upTo(mark: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let tail = "";
  for await (const chunk of bytes) {
    yield chunk;
    const text = tail + Buffer.from(chunk).toString("latin1");
    if (text.includes(mark)) return;
    tail = text.slice(-(mark.length - 1));
  }
}

import { FaultError } from "../core/errors.ts";
import type { HttpClient, HttpRequest } from "../core/http.ts";

/** A server may have nothing to say for long: the stream of its own messages stays open. */
const silentMs = 3_600_000;

/** The `fetch` that the client is given: our own HTTP client, with its pools and limits. The operator wrote the address. */
export function fetchThrough(http: HttpClient): (input: string | URL, init?: RequestInit) => Promise<Response> {
  return async (input, init) => {
    const { method = "GET", body, signal } = init ?? {};
    const opened = await http.stream({
      ...{ method: method as HttpRequest["method"], url: String(input), headers: Object.fromEntries(new Headers(init?.headers)) },
      ...(typeof body === "string" && { body }),
      ...(signal && { signal }),
      stallMs: silentMs,
      maxBytes: Number.MAX_SAFE_INTEGER,
    });
    if (!opened.ok) throw new FaultError(opened.fault);
    const { status, headers, body: bytes } = opened.value;
    const empty = status === 204 || status === 202 || status === 304;
    if (empty) for await (const _ of bytes); // the connection is free again
    return new Response(empty ? null : ReadableStream.from(bytes), { status, headers });
  };
}

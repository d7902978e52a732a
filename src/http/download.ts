import { FaultError, fail, fault, faultOf, ok, type Result } from "../core/errors.ts";
import type { HttpClient, HttpRequest, HttpStream } from "../core/http.ts";
import type { Page } from "../core/tool.ts";

export interface DownloadLimits {
  readonly maxBytes: number;
  readonly trust: "configured" | "public";
  /** Milliseconds for everything: redirects, head and body; 120,000 if absent. */
  readonly totalMs?: number;
  /** Hops that may be followed, each checked like the first; none if absent. */
  readonly redirects?: number;
  readonly signal?: AbortSignal;
}

const redirecting = new Set([301, 302, 303, 307, 308]);
/** What may follow to another origin; everything else (authorization, cookies, platform keys) stays behind. */
const harmless = new Set(["accept", "accept-language", "user-agent", "range"]);

/**
 * The bytes of an attachment, under limits of size and time. Throws FaultError: the client's own faults, or
 * `file-refused` when the answer isn't a file (status, redirect). Breaking off closes the connection.
 */
export async function* fetchFile(client: HttpClient, request: HttpRequest, limits: DownloadLimits): AsyncGenerator<Uint8Array, void, void> {
  const total = limits.totalMs ?? 120_000;
  const deadline = AbortSignal.timeout(total);
  const signals = [deadline, limits.signal, request.signal].filter((signal) => signal !== undefined);
  const signal = AbortSignal.any(signals);
  try {
    const answer = await follow(client, { ...request, signal, trust: limits.trust, maxBytes: limits.maxBytes }, limits.redirects ?? 0);
    for await (const chunk of answer.body) yield chunk;
  } catch (error) {
    if (deadline.aborted) throw new FaultError(fault("http-timeout", `the file was not complete after ${total} ms`, error));
    throw error;
  }
}

const pageLimits = { maxBytes: 2 * 2 ** 20, totalMs: 20_000, redirects: 5 };

/** A page that a model asked for: public addresses only, the beginning of what is too long. */
export async function fetchPage(client: HttpClient, url: string, signal: AbortSignal): Promise<Result<Page>> {
  const { maxBytes, totalMs, redirects } = pageLimits;
  const all = AbortSignal.any([AbortSignal.timeout(totalMs), signal]);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const accept = "text/html,application/xhtml+xml,text/markdown,text/plain,application/json;q=0.9,*/*;q=0.1";
    const request = { method: "GET", url, headers: { accept }, signal: all, trust: "public", maxBytes: Number.MAX_SAFE_INTEGER } as const;
    const { headers, body } = await follow(client, request, redirects);
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size > maxBytes) break;
    }
    const [type = "", ...parameters] = (headers["content-type"] ?? "").split(";").map((part) => part.trim());
    const charset =
      parameters
        .find((part) => /^charset=/i.test(part))
        ?.slice(8)
        .replaceAll('"', "") ?? "";
    return ok({ mediaType: type.toLowerCase(), charset, bytes: Buffer.concat(chunks).subarray(0, maxBytes), cut: size > maxBytes });
  } catch (thrown) {
    if (all.aborted && !signal.aborted) return fail("http-timeout", `the page was not there after ${totalMs / 1_000} s`, thrown);
    return { ok: false, fault: faultOf(thrown) };
  }
}

async function follow(client: HttpClient, request: HttpRequest, hops: number): Promise<HttpStream> {
  const result = await client.stream(request);
  if (!result.ok) throw new FaultError(result.fault);
  const { status, headers, body } = result.value;
  if (status >= 200 && status < 300 && status !== 204) return result.value;
  await body[Symbol.asyncIterator]().return?.();
  const origin = new URL(request.url).origin;
  const location = headers.location;
  if (!redirecting.has(status) || location === undefined) {
    throw new FaultError(fault("file-refused", `${origin} answered ${status} instead of the file`));
  }
  if (hops === 0) throw new FaultError(fault("file-refused", `${origin} redirects elsewhere, which is not followed any further`));
  const target = URL.parse(location, request.url);
  if (!target) throw new FaultError(fault("file-refused", `${origin} redirects to something that is no address`));
  if (request.url.startsWith("https:") && target.protocol !== "https:") {
    throw new FaultError(fault("file-refused", `${origin} redirects from https to ${target.protocol}`));
  }
  return follow(client, nextHop(request, target, origin), hops - 1);
}

/** A redirect is fetched with GET and no body, and with nothing that was meant for another origin. */
function nextHop(request: HttpRequest, target: URL, origin: string): HttpRequest {
  const { body: _, headers = {}, ...rest } = request;
  const kept =
    target.origin === origin ? headers : Object.fromEntries(Object.entries(headers).filter(([name]) => harmless.has(name.toLowerCase())));
  return { ...rest, method: "GET", url: target.href, headers: kept };
}

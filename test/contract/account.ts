import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Account, Channel } from "../../src/core/channel.ts";
import type { Clock } from "../../src/core/clock.ts";
import { fault, ok, type Result } from "../../src/core/errors.ts";
import type { HttpClient, HttpFailure, HttpRequest, HttpResponse } from "../../src/core/http.ts";
import { type AccountId, defaultTenant, type FileId } from "../../src/core/ids.ts";
import type { Log, LogFields } from "../../src/core/log.ts";

/** An account as the gateway would hand it to the channel, whose log lines can be read. */
export interface TestAccount<Settings> extends Account<Settings> {
  /** Every log line so far, as JSON. */
  readonly lines: readonly string[];
}

export interface AccountOptions {
  readonly identity?: Account["identity"];
  readonly webhookUrl?: string;
  readonly http?: HttpClient;
  readonly clock?: Clock;
  /** The stored attachments, by id. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** Reads `settings` with the channel's schema, secrets in clear, and makes an account of them. Throws when they are invalid. */
export function openAccount<Settings>(channel: Channel<Settings>, settings: unknown, options: AccountOptions = {}): TestAccount<Settings> {
  const lines: string[] = [];
  return {
    tenant: defaultTenant,
    id: "test-account" as AccountId,
    settings: channel.settings.parse(settings),
    http: options.http ?? plainHttp,
    clock: options.clock ?? systemClock,
    log: recordingLog(lines),
    lines,
    ...(options.identity ? { identity: options.identity } : {}),
    ...(options.webhookUrl ? { webhookUrl: options.webhookUrl } : {}),
    async readFile(id: FileId) {
      const bytes = options.files?.[id];
      if (!bytes) throw new Error(`no stored file ${id}`);
      return bytes;
    },
  };
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

function recordingLog(lines: string[], bound: LogFields = {}): Log {
  const write = (level: string) => (event: string, fields?: LogFields) => {
    lines.push(
      JSON.stringify({ level, event, ...bound, ...fields }, (_, value: unknown) => (value instanceof Error ? String(value.stack) : value)),
    );
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    with: (fields) => recordingLog(lines, { ...bound, ...fields }),
  };
}

/** The HTTP contract in its plainest form: one connection per request, so that no test sees another one's socket. */
export const plainHttp: HttpClient = {
  send: (request) => new Promise((resolve) => exchange(request, resolve)),
  async stream(request) {
    const answer = await plainHttp.send(request);
    if (!answer.ok) return answer;
    const { status, headers, body } = answer.value;
    return ok({
      status,
      headers,
      body: (async function* () {
        yield body;
      })(),
    });
  },
};

function exchange(request: HttpRequest, resolve: (result: Result<HttpResponse, HttpFailure>) => void): void {
  const url = new URL(request.url);
  let connected = false;
  const failed = (cause: unknown) => {
    const what = cause instanceof Error ? cause.message : String(cause);
    const failure = { ...fault("channel-unreachable", `${request.method} ${url.host}: ${what}`, cause), ambiguous: connected };
    resolve({ ok: false, fault: failure });
  };
  const call = url.protocol === "https:" ? httpsRequest : httpRequest;
  const outgoing = call(url, { method: request.method, headers: { ...request.headers }, agent: false }, (answer) => {
    const chunks: Uint8Array[] = [];
    answer.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    answer.on("error", failed);
    answer.on("aborted", () => failed(new Error("cut while the answer came")));
    answer.on("end", () => {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(answer.headers)) headers[name] = Array.isArray(value) ? value.join(",") : (value ?? "");
      resolve(ok({ status: answer.statusCode ?? 0, headers, body: new Uint8Array(Buffer.concat(chunks)) }));
    });
  });
  outgoing.on("socket", (socket) => socket.on("connect", () => (connected = true)));
  outgoing.on("error", failed);
  outgoing.setTimeout(request.timeoutMs ?? 30_000, () => outgoing.destroy(new Error("timed out")));
  const abort = () => outgoing.destroy(new Error("aborted"));
  if (request.signal?.aborted) abort();
  request.signal?.addEventListener("abort", abort, { once: true });
  outgoing.on("close", () => request.signal?.removeEventListener("abort", abort));
  outgoing.end(request.body);
}

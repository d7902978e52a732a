import type { Account, Channel } from "../../src/core/channel.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { HttpClient } from "../../src/core/http.ts";
import { type AccountId, defaultTenant, type FileId } from "../../src/core/ids.ts";
import type { Log, LogFields } from "../../src/core/log.ts";
import { createHttpClient } from "../../src/http/client.ts";

/** An account as the gateway would hand it to the channel, whose log lines can be read. */
export interface TestAccount<Settings> extends Account<Settings> {
  /** Every log line so far, as JSON. */
  readonly lines: readonly string[];
  /** Closes its connections. */
  close(): Promise<void>;
}

export interface AccountOptions {
  readonly identity?: Account["identity"];
  readonly webhookUrl?: string;
  readonly http?: HttpClient;
  readonly clock?: Clock;
  /** The stored attachments, by id. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly fileUrl?: NonNullable<Account["fileUrl"]>;
}

/** Reads `settings` with the channel's schema, secrets in clear, and makes an account of them. Throws when they are invalid. */
export function openAccount<Settings>(channel: Channel<Settings>, settings: unknown, options: AccountOptions = {}): TestAccount<Settings> {
  const lines: string[] = [];
  const http = options.http ?? createHttpClient();
  return {
    tenant: defaultTenant,
    id: "test-account" as AccountId,
    settings: channel.settings.parse(settings),
    http,
    clock: options.clock ?? systemClock,
    log: recordingLog(lines),
    lines,
    ...(options.identity ? { identity: options.identity } : {}),
    ...(options.fileUrl ? { fileUrl: options.fileUrl } : {}),
    ...(options.webhookUrl ? { webhookUrl: options.webhookUrl } : {}),
    async readFile(id: FileId) {
      const bytes = options.files?.[id];
      if (!bytes) throw new Error(`no stored file ${id}`);
      return bytes;
    },
    close: async () => (options.http ? undefined : (http as ReturnType<typeof createHttpClient>).close()),
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

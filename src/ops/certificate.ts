import { X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { Clock } from "../core/clock.ts";
import type { TlsSettings } from "../core/configuration.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import { finding, type SaidFinding } from "../core/finding.ts";
import type { Log } from "../core/log.ts";
import { say } from "../core/say.ts";

/** What a server shows, and proves with. */
export interface Identity {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** When the certificate ends. */
  readonly endsAt: number;
}

export interface TlsWatch {
  readonly identity: Identity;
  /** Called with each new identity; what is connected stays so. */
  renewed(take: (identity: Identity) => void): void;
  findings(): readonly SaidFinding[];
  stop(): void;
}

const lookEveryMs = 10_000;
const dayMs = 86_400_000;
/** Whoever renews does so a month before the end: half of that is over. */
const soonDays = 14;

/**
 * The own certificate, and what becomes of its files. `tls-unusable` when they can't be used: who asked for TLS must not get a server
 * without. Later the last good ones stay, and a finding says why.
 */
export async function openTls(
  settings: TlsSettings,
  { clock, log, everyMs = lookEveryMs }: { readonly clock: Clock; readonly log: Log; readonly everyMs?: number },
): Promise<Result<TlsWatch>> {
  let marks = await marksOf(settings);
  const first = await readIdentity(settings);
  if (!first.ok) return first;
  let identity = first.value;
  let trouble: string | undefined;
  let take: ((identity: Identity) => void) | undefined;
  let cancel = clock.after(everyMs, beat);
  let stopped = false;

  function beat(): void {
    look()
      .catch((cause: unknown) => log.warn("tls-look-fail", { cause }))
      .finally(() => {
        if (!stopped) cancel = clock.after(everyMs, beat);
      });
  }

  async function look(): Promise<void> {
    const seen = await marksOf(settings);
    if (seen === marks && trouble === undefined) return;
    const read = await readIdentity(settings);
    // Certificate and key are two files, one written after the other: what doesn't fit yet is looked at again.
    if (!read.ok) {
      if (trouble === undefined) log.warn("tls-unusable", { why: read.fault.message });
      trouble = read.fault.message;
      return;
    }
    marks = seen;
    trouble = undefined;
    if (read.value.cert.equals(identity.cert) && read.value.key.equals(identity.key)) return;
    identity = read.value;
    take?.(identity);
    log.info("tls-renewed", { until: new Date(identity.endsAt).toISOString() });
  }

  return ok({
    get identity() {
      return identity;
    },
    renewed(next) {
      take = next;
    },
    findings: () => [...(trouble === undefined ? [] : [unusable(trouble)]), ...certificateFindings(identity.endsAt, clock.now())],
    stop() {
      stopped = true;
      cancel();
    },
  });
}

function unusable(why: string): SaidFinding {
  return finding(
    { code: "tls-unusable", severity: "error", subject: "http.tls" },
    say`The new certificate can't be used: ${why}. The one before stays.`,
    say`Put a certificate in place with its chain and the key that belongs to it.`,
  );
}

/** A certificate that is over, or soon will be. */
export function certificateFindings(endsAt: number, now: number): SaidFinding[] {
  const days = Math.floor((endsAt - now) / dayMs);
  if (days >= soonDays) return [];
  const over = endsAt <= now;
  return [
    finding(
      { code: "certificate-ending", severity: over ? "error" : "warning", subject: "http.tls.certificate" },
      over
        ? say`The certificate ended at ${new Date(endsAt).toISOString()}: nobody is let through to the gateway.`
        : say`The certificate ends at ${new Date(endsAt).toISOString()}, in ${days} days.`,
      say`Renew it; the gateway takes the new files within seconds, without a restart.`,
    ),
  ];
}

export async function readIdentity({ certificate, key: keyFile }: TlsSettings): Promise<Result<Identity>> {
  try {
    const [cert, key] = await Promise.all([readFile(certificate), readFile(keyFile)]);
    // Throws when the key isn't that of the certificate.
    createSecureContext({ cert, key });
    return ok({ cert, key, endsAt: Date.parse(new X509Certificate(cert).validTo) });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return fail("tls-unusable", `${certificate} with ${keyFile}: ${why}`, cause);
  }
}

async function marksOf({ certificate, key }: TlsSettings): Promise<string> {
  const marks = [certificate, key].map(async (path) => {
    const about = await stat(path, { bigint: true }).catch(() => undefined);
    return about ? `${about.ino} ${about.size} ${about.mtimeNs}` : "";
  });
  return (await Promise.all(marks)).join("|");
}

import { backoff } from "../core/backoff.ts";
import type { Account, Channel } from "../core/channel.ts";
import { type Clock, sleep } from "../core/clock.ts";
import { errorTable, fail, faultOf, ok, type Result } from "../core/errors.ts";
import type { HttpRequest } from "../core/http.ts";
import type { TraceId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { FilePart, Part, StoredFile } from "../core/message.ts";
import type { FileStore } from "../core/store.ts";

export interface AttachmentDoor {
  readonly files: FileStore;
  readonly clock: Clock;
  readonly random: () => number;
  /** The bytes of an attachment as they arrive, under limits of size, time and address; throws FaultError. */
  readonly download: (
    request: HttpRequest,
    limits: { readonly maxBytes: number; readonly trust: "configured" | "public"; readonly signal: AbortSignal },
  ) => AsyncIterable<Uint8Array>;
  readonly maxBytes: () => number;
}

/** A network that stumbles must not cost an attachment. */
const maxTries = 3;

/**
 * Fetches what the platform only named. An attachment that can't be had becomes one that says why: a turn never waits
 * for a file for ever, and the agent is told what is missing.
 */
export async function fetchAttachments(
  door: AttachmentDoor,
  channel: Channel,
  account: Account,
  trace: TraceId,
  parts: readonly Part[],
  signal: AbortSignal,
): Promise<{ readonly parts: readonly Part[]; readonly entries: readonly LedgerEntry[] }> {
  const entries: LedgerEntry[] = [];
  const fetched: Part[] = [];
  for (const part of parts) {
    if (!("source" in part) || part.source.at !== "platform") {
      fetched.push(part);
      continue;
    }
    const source = await fetchFile(door, channel, account, part, signal);
    fetched.push({ ...part, source });
    entries.push({
      tenant: account.tenant,
      trace,
      stage: "file",
      at: door.clock.now(),
      ...(source.at === "nowhere"
        ? { reason: "file-refused", detail: { type: part.type, why: source.reason } }
        : { detail: { type: part.type, id: source.id, mediaType: source.mediaType, size: source.size } }),
    });
  }
  return { parts: fetched, entries };
}

async function fetchFile(door: AttachmentDoor, channel: Channel, account: Account, part: FilePart, signal: AbortSignal) {
  if (part.source.at !== "platform") return part.source;
  const maxBytes = Math.min(door.maxBytes(), channel.limits.file?.inbound ?? Number.POSITIVE_INFINITY);
  if ((part.source.size ?? 0) > maxBytes) return lost(`it is larger than ${maxBytes} bytes`);
  for (let tries = 1; ; tries++) {
    const stored = await fetchOnce(door, channel, account, part.source.ref, maxBytes, signal);
    if (stored.ok) return stored.value;
    if (tries === maxTries || signal.aborted || !errorTable[stored.fault.code].retryable) return lost(stored.fault.message);
    await sleep(door.clock, backoff(tries, undefined, door.random), signal);
  }
}

async function fetchOnce(
  door: AttachmentDoor,
  channel: Channel,
  account: Account,
  ref: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Result<StoredFile>> {
  try {
    if (channel.fetchFile) {
      const fetched = await channel.fetchFile(account, ref, signal);
      return fetched.ok ? ok(await door.files.put(account.tenant, whole(fetched.value), maxBytes)) : fetched;
    }
    const located = await channel.locateFile?.(account, ref, signal);
    if (!located) return fail("file-refused", `${channel.name} offers no way to fetch it`);
    if (!located.ok) return located;
    const { open, ...request } = located.value;
    const bytes = door.download(request, { maxBytes, trust: request.trust ?? "public", signal });
    if (!open) return ok(await door.files.put(account.tenant, bytes, maxBytes));
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    const opened = open(Buffer.concat(chunks));
    return opened.ok ? ok(await door.files.put(account.tenant, whole(opened.value), maxBytes)) : opened;
  } catch (thrown) {
    return { ok: false, fault: faultOf(thrown, "file-refused") };
  }
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function lost(reason: string) {
  return { at: "nowhere", reason } as const;
}

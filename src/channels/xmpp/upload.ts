import { errorTable, fail, ok, type Result } from "../../core/errors.ts";
import type { FilePart } from "../../core/message.ts";
import { outgoingFile } from "../../core/outgoing-file.ts";
import { domainOf } from "../../wires/xmpp/login.ts";
import type { XmppStream } from "../../wires/xmpp/stream.ts";
import { slotFor } from "../../wires/xmpp/upload.ts";
import { maxFile, type XmppAccount } from "./settings.ts";

/** Puts a file where the server says, and gives the address under which everybody gets it. */
export async function upload(account: XmppAccount, stream: XmppStream, part: FilePart, signal: AbortSignal): Promise<Result<string>> {
  const file = await outgoingFile(account, part, maxFile);
  if (!file.ok) return file;
  const { name, mediaType, bytes: body } = file.value;
  const slot = await slotFor(stream, { name, mediaType, size: body.length });
  if (!slot.ok) return slot;
  const { put: url, get, headers } = slot.value;
  // Where the operator's own domain is, the server may name a private address.
  const trust = `.${new URL(url).hostname}`.endsWith(`.${domainOf(account.settings.jid)}`) ? "configured" : "public";
  const request = {
    method: "PUT",
    url,
    headers: { "content-type": mediaType, ...headers },
    body,
    trust,
    timeoutMs: 120_000,
    signal,
  } as const;
  const stored = await account.http.send(request);
  // Nobody sees a file before a message names it: what failed can be done again.
  const passes = stored.ok ? stored.value.status >= 500 || stored.value.status === 429 : errorTable[stored.fault.code].retryable;
  if (stored.ok && stored.value.status < 300) return ok(get);
  const why = stored.ok ? `status ${stored.value.status}` : stored.fault.message;
  return fail(passes ? "channel-retry" : "channel-permanent", `the file wasn't taken: ${why}`);
}

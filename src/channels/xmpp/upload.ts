import { type Element, xml } from "@xmpp/client";
import { errorTable, fail, ok, type Result } from "../../core/errors.ts";
import type { FilePart } from "../../core/message.ts";
import { ns } from "./names.ts";
import { domainOf, type XmppAccount } from "./settings.ts";
import type { XmppStream } from "./stream.ts";

/** The upload service of a stream's server, once found. */
const services = new WeakMap<XmppStream, string>();

/** Puts a file where the server says, and gives the address under which everybody gets it. https://xmpp.org/extensions/xep-0363.html */
export async function upload(stream: XmppStream, { source, name, type }: FilePart, signal: AbortSignal): Promise<Result<string>> {
  if (source.at !== "store") return fail("file-refused", "the file isn't here");
  const service = services.get(stream) ?? (await find(stream));
  if (service === undefined) return fail("channel-permanent", "the server takes no files (HTTP upload)");
  services.set(stream, service);
  const filename = (name ?? `${type}.${source.mediaType.split("/").at(-1)}`).replace(/[^\p{L}\p{N}._ -]/gu, "_").slice(-100);
  const wanted = { xmlns: ns.upload, filename, size: String(source.size), "content-type": source.mediaType };
  const asked = await stream.ask("get", xml("request", wanted), service);
  if (!asked.ok) return asked;
  const slot = asked.value.getChild("slot", ns.upload);
  const [put, get] = [slot?.getChild("put"), slot?.getChild("get")?.attrs.url];
  const url = put?.attrs.url;
  if (!put || !isSafe(url) || !isSafe(get)) return fail("channel-permanent", "the server named no place of the web for the file");
  const body = await stream.account.readFile(source.id);
  const headers = { "content-type": source.mediaType, ...headersOf(put) };
  const trust = isOfDomain(url, stream.account) ? "configured" : "public";
  const stored = await stream.account.http.send({ method: "PUT", url, headers, body, trust, timeoutMs: 120_000, signal });
  // Nobody sees a file before a message names it: what failed can be done again.
  if (!stored.ok)
    return fail(
      errorTable[stored.fault.code].retryable ? "channel-retry" : "channel-permanent",
      `the file wasn't taken: ${stored.fault.message}`,
    );
  const { status } = stored.value;
  if (status < 300) return ok(get);
  return fail(status >= 500 || status === 429 ? "channel-retry" : "channel-permanent", `the file wasn't taken: status ${status}`);
}

async function find(stream: XmppStream): Promise<string | undefined> {
  const asked = await stream.ask("get", xml("query", { xmlns: ns.discoItems }), domainOf(stream.self));
  const items = asked.ok ? (asked.value.getChild("query", ns.discoItems)?.getChildren("item") ?? []) : [];
  for (const jid of [domainOf(stream.self), ...items.flatMap(({ attrs }) => attrs.jid ?? []).slice(0, 50)])
    if ((await stream.look(jid)).features.has(ns.upload)) return jid;
  return undefined;
}

/** Encrypted, or on this very machine. */
function isSafe(url: string | undefined): url is string {
  return url !== undefined && URL.canParse(url) && /^(https:\/\/|http:\/\/(localhost|127\.\d+\.\d+\.\d+)[:/])/.test(url);
}

/** Where the operator's own domain is, the server may name a private address. */
function isOfDomain(url: string, { settings }: XmppAccount): boolean {
  const domain = domainOf(settings.jid);
  const { hostname } = new URL(url);
  return hostname === domain || hostname.endsWith(`.${domain}`);
}

/** https://xmpp.org/extensions/xep-0363.html#request: no others may be sent, and none that breaks out of its line. */
function headersOf(put: Element): Record<string, string> {
  const all = put
    .getChildren("header")
    .map((header) => [header.attrs.name?.toLowerCase() ?? "", header.getText().replace(/[\r\n]/g, "")] as const);
  return Object.fromEntries(all.filter(([name]) => /^(authorization|cookie|expires)$/.test(name)));
}

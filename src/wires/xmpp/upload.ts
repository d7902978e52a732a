import { type Element, xml } from "@xmpp/client";
import { fail, ok, type Result } from "../../core/errors.ts";
import { domainOf } from "./login.ts";
import { ns } from "./names.ts";
import type { XmppStream } from "./stream.ts";

/** Where a file is put, and where everybody gets it. Both encrypted, or on this very machine. */
export interface Slot {
  readonly put: string;
  readonly get: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The upload service of a stream's server, once found. */
const services = new WeakMap<XmppStream, string>();

/** https://xmpp.org/extensions/xep-0363.html */
export async function slotFor(
  stream: XmppStream,
  { name, size, mediaType }: { readonly name: string; readonly size: number; readonly mediaType: string },
): Promise<Result<Slot>> {
  const service = services.get(stream) ?? (await find(stream));
  if (service === undefined) return fail("channel-permanent", "the server takes no files (HTTP upload)");
  services.set(stream, service);
  const filename = name.replace(/[^\p{L}\p{N}._ -]/gu, "_").slice(-100);
  const wanted = { xmlns: ns.upload, filename, size: String(size), "content-type": mediaType };
  const asked = await stream.ask("get", xml("request", wanted), service);
  if (!asked.ok) return asked;
  const slot = asked.value.getChild("slot", ns.upload);
  const put = slot?.getChild("put");
  const [to, get] = [put?.attrs.url, slot?.getChild("get")?.attrs.url];
  if (!put || !isSafe(to) || !isSafe(get)) return fail("channel-permanent", "the server named no place of the web for the file");
  return ok({ put: to, get, headers: headersOf(put) });
}

async function find(stream: XmppStream): Promise<string | undefined> {
  const asked = await stream.ask("get", xml("query", { xmlns: ns.discoItems }), domainOf(stream.self));
  const items = asked.ok ? (asked.value.getChild("query", ns.discoItems)?.getChildren("item") ?? []) : [];
  for (const jid of [domainOf(stream.self), ...items.flatMap(({ attrs }) => attrs.jid ?? []).slice(0, 50)])
    if ((await stream.look(jid)).features.has(ns.upload)) return jid;
  return undefined;
}

function isSafe(url: string | undefined): url is string {
  return url !== undefined && URL.canParse(url) && /^(https:\/\/|http:\/\/(localhost|127\.\d+\.\d+\.\d+)[:/])/.test(url);
}

/** https://xmpp.org/extensions/xep-0363.html#request: no others may be sent, and none that breaks out of its line. */
function headersOf(put: Element): Record<string, string> {
  const all = put
    .getChildren("header")
    .map((header) => [header.attrs.name?.toLowerCase() ?? "", header.getText().replace(/[\r\n]/g, "")] as const);
  return Object.fromEntries(all.filter(([name]) => /^(authorization|cookie|expires)$/.test(name)));
}

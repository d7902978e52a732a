import { type Element, xml } from "@xmpp/client";
import { errorTable, type Fault } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import type { Arrivals, Position } from "./arrivals.ts";
import { ns } from "./names.ts";
import type { Room } from "./room.ts";
import type { XmppStream } from "./stream.ts";

/** Messages of a page that are asked for; servers give fewer if they like. */
const pageSize = "100";
/** Events that may wait for the store while more are fetched. */
const maxWaiting = 1_000;

/**
 * Hands over what was said behind the stored position, page by page; where there is none it only finds out where the archive ends (a room
 * without one begins now).
 * https://xmpp.org/extensions/xep-0313.html
 *
 * Says why it must be done again; an archive that is refused for good is none.
 */
export async function catchUp(
  stream: XmppStream,
  {
    arrivals,
    room,
    read,
  }: { readonly arrivals: Arrivals; readonly room?: Room; readonly read: (message: Element, position: Position) => void },
): Promise<Fault | undefined> {
  const archive = room?.jid ?? "";
  const from = arrivals.positionOf(archive);
  const begin = (position: Position) => arrivals.add({ archive, position });
  if (!(room ?? stream).features.has(ns.mam)) {
    if (room && !from) begin({ id: "", at: stream.account.clock.now() });
    return undefined;
  }
  let [after, since] = [from?.id ?? "", from && from.id === "" && from.at > 0 ? from.at : undefined];
  for (;;) {
    const edge = from ? (after === "" ? {} : { after }) : { before: "" };
    const asked = await stream.page(archive, [
      ...(since === undefined ? [] : [form({ start: new Date(since).toISOString() })]),
      set(from ? pageSize : "1", edge),
    ]);
    if (!asked.ok && from && after !== "" && since === undefined && /item-not-found/.test(asked.fault.message)) {
      // An archive forgets; then the time says where to go on.
      [after, since] = ["", from.at];
      continue;
    }
    if (!asked.ok) {
      stream.account.log.error("xmpp-archive-unread", { archive: archive || stream.self, why: asked.fault.message });
      return errorTable[asked.fault.code].retryable ? asked.fault : undefined;
    }
    const { results, fin } = asked.value;
    const last = results.at(-1);
    if (!from) begin((last && positionOf(last)) ?? { id: "", at: 0 });
    if (!from) return undefined;
    for (const result of results) {
      const [message, position] = [messageOf(result), positionOf(result)];
      if (message && position) read(message, position);
    }
    if (fin.attrs.complete === "true" || last?.attrs.id === undefined || last.attrs.id === after) return undefined;
    after = last.attrs.id;
    while (arrivals.waiting.length > maxWaiting && !stream.over.aborted) await arrivals.moved();
    if (stream.over.aborted) return stream.why;
  }
}

/** The newest messages of a chat, newest page first, each with its id in the archive. */
export async function* newest(stream: XmppStream, chat: Chat, pages: number): AsyncGenerator<readonly [id: string, message: Element]> {
  const [archive, filter] = chat.kind === "group" ? [chat.id, []] : ["", [form({ with: chat.id })]];
  for (let before: string | undefined = "", page = 0; before !== undefined && page < pages; page++) {
    const asked = await stream.page(archive, [...filter, set(pageSize, { before })]);
    const results: readonly Element[] = asked.ok ? asked.value.results : [];
    for (const result of results) {
      const message = messageOf(result);
      if (message && result.attrs.id !== undefined) yield [result.attrs.id, message];
    }
    before = results[0]?.attrs.id;
  }
}

function messageOf(result: Element): Element | undefined {
  return result.getChild("forwarded", ns.forward)?.getChild("message");
}

function positionOf(result: Element): Position | undefined {
  const at = timeOf(result.getChild("forwarded", ns.forward));
  return result.attrs.id === undefined || at === undefined ? undefined : { id: result.attrs.id, at };
}

/** https://xmpp.org/extensions/xep-0203.html: milliseconds. */
export function timeOf(delayed: Element | undefined): number | undefined {
  const time = Date.parse(delayed?.getChild("delay", ns.delay)?.attrs.stamp ?? "");
  return Number.isFinite(time) ? time : undefined;
}

/** https://xmpp.org/extensions/xep-0059.html */
function set(max: string, edge: Readonly<Record<string, string>>): Element {
  return xml("set", { xmlns: ns.rsm }, xml("max", {}, max), ...Object.entries(edge).map(([name, id]) => xml(name, {}, id)));
}

/** https://xmpp.org/extensions/xep-0313.html#filter */
function form(fields: Readonly<Record<string, string>>): Element {
  const all = Object.entries({ FORM_TYPE: ns.mam, ...fields });
  const elements = all.map(([name, value]) =>
    xml("field", { var: name, type: name === "FORM_TYPE" ? "hidden" : undefined }, xml("value", {}, value)),
  );
  return xml("x", { xmlns: ns.form, type: "submit" }, ...elements);
}

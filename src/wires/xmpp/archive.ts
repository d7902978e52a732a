import { type Element, xml } from "@xmpp/client";
import { type Fault, ok, type Result } from "../../core/errors.ts";
import { ns } from "./names.ts";
import type { XmppStream } from "./stream.ts";

/** Messages of a page that are asked for; servers give fewer if they like. */
const pageSize = "100";

/** A place in an archive: behind the message of this id ("" for its beginning), said at that time. */
export interface Place {
  readonly id: string;
  /** Milliseconds, by the server's clock. */
  readonly at: number;
}

/** A message as an archive has it. */
export interface Kept {
  readonly message: Element;
  readonly place: Place;
}

/**
 * What an archive ("" is our own, else a room's) has behind a place, page by page, oldest first; gives the fault that ended it early.
 * https://xmpp.org/extensions/xep-0313.html
 */
export async function* pagesBehind(stream: XmppStream, archive: string, from: Place): AsyncGenerator<readonly Kept[], Fault | undefined> {
  let [after, since] = [from.id, from.id === "" && from.at > 0 ? from.at : undefined];
  for (;;) {
    const asked = await stream.page(archive, [
      ...(since === undefined ? [] : [form({ start: new Date(since).toISOString() })]),
      set(pageSize, after === "" ? {} : { after }),
    ]);
    if (!asked.ok && after !== "" && since === undefined && /item-not-found/.test(asked.fault.message)) {
      // An archive forgets; then the time says where to go on.
      [after, since] = ["", from.at];
      continue;
    }
    if (!asked.ok) return asked.fault;
    const { results, fin } = asked.value;
    yield results.flatMap(keptOf);
    const last = results.at(-1)?.attrs.id;
    if (fin.attrs.complete === "true" || last === undefined || last === after) return undefined;
    after = last;
  }
}

/** Where an archive ends now. */
export async function endOf(stream: XmppStream, archive: string): Promise<Result<Place>> {
  const asked = await stream.page(archive, [set("1", { before: "" })]);
  return asked.ok ? ok(asked.value.results.flatMap(keptOf).at(-1)?.place ?? { id: "", at: 0 }) : asked;
}

/** The newest messages of an archive, newest page first; `among`: those exchanged with this address. */
export async function* newest(stream: XmppStream, archive: string, among: string | undefined, pages: number): AsyncGenerator<Kept> {
  const filter = among === undefined ? [] : [form({ with: among })];
  for (let before: string | undefined = "", page = 0; before !== undefined && page < pages; page++) {
    const asked = await stream.page(archive, [...filter, set(pageSize, { before })]);
    const results: readonly Element[] = asked.ok ? asked.value.results : [];
    yield* results.flatMap(keptOf);
    before = results[0]?.attrs.id;
  }
}

function keptOf(result: Element): Kept[] {
  const forwarded = result.getChild("forwarded", ns.forward);
  const [message, at, id] = [forwarded?.getChild("message"), timeOf(forwarded), result.attrs.id];
  return message && at !== undefined && id !== undefined ? [{ message, place: { id, at } }] : [];
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

import { xml } from "@xmpp/client";
import { defineChannel, type Identity } from "../../core/channel.ts";
import { Connections } from "../../core/connections.ts";
import { outcomeOfFault } from "../../core/delivery.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { messageStyling } from "../../dialects/message-styling.ts";
import { domainOf } from "../../wires/xmpp/login.ts";
import { ns } from "../../wires/xmpp/names.ts";
import { XmppConnection } from "./connection.ts";
import { german } from "./german.ts";
import { guide } from "./guide.ts";
import { listen } from "./listen.ts";
import { edit, react, retract, send, typing } from "./send.ts";
import { maxFile, type Settings, settings, type XmppAccount } from "./settings.ts";

const connections = new Connections<Settings, XmppConnection>();

/** https://xmpp.org/rfcs/rfc6120.html, https://xmpp.org/rfcs/rfc6121.html, and the extensions in `names.ts` */
export default defineChannel<Settings>({
  kind: "xmpp",
  name: "XMPP",
  summary: "An account on any XMPP (Jabber) server, over TLS: direct messages and rooms, unencrypted ones.",
  settings,
  dialect: messageStyling,
  limits: {
    // Servers take stanzas of 10,000 bytes at least (https://www.rfc-editor.org/rfc/rfc6120#section-13.12), and 256 kB by default.
    text: { max: 8_000, unit: "byte", counts: "sent" },
    // No figure is published; servers slow down a stream of some kB a second.
    rate: { account: 10, conversation: 2 },
    editEvery: { direct: 4_000, group: 8_000 },
    file: { inbound: maxFile, outbound: maxFile },
    // https://xmpp.org/extensions/xep-0085.html: it lasts until the next state; apps that don't trust that give up after 30 seconds.
    typingEvery: 20_000,
  },
  idempotent: false,
  receipts: true,
  guide,
  translations: { de: german },

  /** A question and its answer: on the stream that there is, while it answers; else on a new one, which `listen` goes on with. */
  async probe(account, signal): Promise<Result<Identity>> {
    const open = connections.live(account.settings)?.stream;
    const asked = await open?.ask("get", xml("ping", { xmlns: ns.ping }), domainOf(open.self));
    if (asked?.ok === false && asked.fault.code === "channel-unreachable") open?.end(asked.fault);
    const opened = await connectionOf(account, signal);
    return opened.ok ? ok({ id: opened.value.stream.self, name: opened.value.stream.self }) : opened;
  },

  async listen(account, inbox, signal) {
    const opened = await connectionOf(account, signal);
    if (!opened.ok) return signal.aborted ? undefined : opened.fault;
    const release = connections.hold(account.settings, account.clock);
    return listen(opened.value, inbox, signal).finally(release);
  },

  async send(account, outbound, signal) {
    const opened = await connectionOf(account, signal);
    return opened.ok ? send(opened.value, outbound, signal) : outcomeOfFault(opened.fault);
  },

  async edit(account, outbound, signal) {
    const opened = await connectionOf(account, signal);
    return opened.ok ? edit(opened.value, outbound, signal) : outcomeOfFault(opened.fault);
  },

  async react(account, reaction, signal) {
    const opened = await connectionOf(account, signal);
    return opened.ok ? react(opened.value, reaction, signal) : opened.fault;
  },

  async delete(account, sent, signal) {
    const opened = await connectionOf(account, signal);
    return opened.ok ? retract(opened.value, sent, signal) : opened.fault;
  },

  async typing({ settings }, chat) {
    const open = connections.live(settings);
    if (open) typing(open, chat);
  },

  /** Anybody may name any address, so private ones are not fetched. */
  async locateFile(_account, ref) {
    return URL.canParse(ref) ? ok({ method: "GET", url: ref, trust: "public" }) : fail("file-refused", "the file's address can't be read");
  },
});

function connectionOf(account: XmppAccount, signal: AbortSignal): Promise<Result<XmppConnection>> {
  return connections.get(account.settings, account.clock, signal, () => XmppConnection.open(account));
}

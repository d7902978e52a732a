import { Arrivals } from "../../core/arrivals.ts";
import { defineChannel, type Identity } from "../../core/channel.ts";
import { Connections } from "../../core/connections.ts";
import { outcomeOfFault } from "../../core/delivery.ts";
import { ok, type Result } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import { irc } from "../../dialects/irc.ts";
import type { IrcClient } from "../../wires/irc/client.ts";
import { formatLine, withTags } from "../../wires/irc/line.ts";
import { IrcConnection } from "./connection.ts";
import { german } from "./german.ts";
import { guide } from "./guide.ts";
import { listen } from "./listen.ts";
import { react, send } from "./send.ts";
import { type IrcAccount, type Settings, settings } from "./settings.ts";

const connections = new Connections<Settings, IrcConnection>();
/** What a connection left behind when it ended. */
const unstored = new WeakMap<Settings, Arrivals<PlatformEvent>>();

/** https://modern.ircdocs.horse (what servers speak), https://ircv3.net/irc/ (what the better ones add) */
export default defineChannel<Settings>({
  kind: "irc",
  name: "IRC",
  summary: "A nick on any IRC network, over TLS with SASL: channels and direct messages.",
  settings,
  dialect: irc,
  limits: {
    // A line has 512 bytes (https://modern.ircdocs.horse/#message-format), of which the longest names take some 190.
    text: { max: 320, unit: "byte", counts: "sent", lines: 4 },
    // Lines are paced where they are written (`lineMs`); this only keeps a crowd from queueing there.
    rate: { account: 4, conversation: 2 },
    // https://ircv3.net/specs/client-tags/typing: at most every 3 seconds, forgotten after 6.
    typingEvery: 4_500,
  },
  idempotent: false,
  guide,
  translations: { de: german },
  probe,

  async listen(account, inbox, signal) {
    const connection = await connectionOf(account, signal);
    if (!connection.ok) return signal.aborted ? undefined : connection.fault;
    const release = connections.hold(account.settings, account.clock);
    try {
      return await listen(account, connection.value, inbox, signal);
    } finally {
      release();
    }
  },

  async send(account, outbound, signal) {
    const connection = await connectionOf(account, signal);
    return connection.ok ? send(connection.value, outbound, signal) : outcomeOfFault(connection.fault);
  },

  async react(account, reaction, signal) {
    const connection = await connectionOf(account, signal);
    return connection.ok ? react(connection.value, reaction, signal) : connection.fault;
  },

  /** https://ircv3.net/specs/client-tags/typing */
  async typing({ settings }, chat) {
    const connection = connections.live(settings);
    const nick = chat.kind === "group" ? chat.id : connection?.nickOf(chat.id)?.nick;
    if (connection?.client.caps.has("message-tags") && nick !== undefined)
      connection.client.exchange.hint(withTags({ "+typing": "active" }, formatLine("TAGMSG", nick)));
  },
});

function connectionOf(account: IrcAccount, signal: AbortSignal): Promise<Result<IrcConnection>> {
  const { settings, clock } = account;
  const arrivals = unstored.get(settings) ?? new Arrivals<PlatformEvent>();
  unstored.set(settings, arrivals);
  return connections.get(settings, clock, signal, () => IrcConnection.open(account, arrivals));
}

/** On the connection that there is, while it answers; else on a new one, which `listen` goes on with. */
async function probe(account: IrcAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const open = connections.live(account.settings)?.client;
  const asked = await open?.exchange.ask([formatLine("PING", "probe")], signal);
  if (open && asked?.ok && asked.value.whole) return ok(identityOf(open));
  const connection = await connectionOf(account, signal);
  return connection.ok ? ok(identityOf(connection.value.client)) : connection;
}

function identityOf({ user, nick }: IrcClient): Identity {
  return { id: user ?? nick, name: nick };
}

import { defineChannel, type Identity } from "../../core/channel.ts";
import { Connections } from "../../core/connections.ts";
import { errorTable, ok, type Result } from "../../core/errors.ts";
import { irc } from "../../dialects/irc.ts";
import { type Arrivals, IrcConnection } from "./connection.ts";
import { guide } from "./guide.ts";
import { formatLine, withTags } from "./line.ts";
import { listen } from "./listen.ts";
import { react, send } from "./send.ts";
import { type IrcAccount, type Settings, settings } from "./settings.ts";

const connections = new Connections<Settings, IrcConnection>();
const unstored = new WeakMap<Settings, Arrivals>();

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
  },
  idempotent: false,
  guide,
  probe,

  async listen(account, inbox, signal) {
    const connection = await connectionOf(account, signal);
    if (!connection.ok) return signal.aborted ? undefined : connection.fault;
    const release = connections.hold(account.settings, account.clock);
    try {
      return await listen(account, { connection: connection.value, arrivals: arrivalsOf(account) }, inbox, signal);
    } finally {
      release();
    }
  },

  async send(account, outbound, signal) {
    const connection = await connectionOf(account, signal);
    if (connection.ok) return send(connection.value, outbound, signal);
    const { code, message } = connection.fault;
    return { kind: errorTable[code].retryable ? "retry" : "refused", code, message };
  },

  async react(account, reaction, signal) {
    const connection = await connectionOf(account, signal);
    return connection.ok ? react(connection.value, reaction, signal) : connection.fault;
  },

  /** https://ircv3.net/specs/client-tags/typing */
  async typing({ settings }, chat) {
    const connection = connections.live(settings);
    const nick = chat.kind === "group" ? chat.id : connection?.people.of(chat.id, connection.elapsed)?.nick;
    if (connection?.caps.has("message-tags") && nick !== undefined)
      connection.exchange.hint(withTags({ "+typing": "active" }, formatLine("TAGMSG", nick)));
  },
});

function connectionOf(account: IrcAccount, signal: AbortSignal): Promise<Result<IrcConnection>> {
  return connections.get(account.settings, account.clock, signal, () => IrcConnection.open(account, arrivalsOf(account)));
}

function arrivalsOf({ settings }: IrcAccount): Arrivals {
  const known = unstored.get(settings);
  if (known) return known;
  const arrivals: Arrivals = { events: [] };
  unstored.set(settings, arrivals);
  return arrivals;
}

/** On the connection that there is, while it answers; else on a new one, which `listen` goes on with. */
async function probe(account: IrcAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const open = connections.live(account.settings);
  const asked = await open?.exchange.ask([formatLine("PING", "probe")], signal);
  if (open && asked?.ok && asked.value.whole) return ok(identityOf(open));
  const connection = await connectionOf(account, signal);
  return connection.ok ? ok(identityOf(connection.value)) : connection;
}

function identityOf({ user, nick }: IrcConnection): Identity {
  return { id: user ?? nick, name: nick };
}

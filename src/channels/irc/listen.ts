import type { Inbox } from "../../core/channel.ts";
import { sleep } from "../../core/clock.ts";
import { type Fault, faultOf } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import type { Arrivals, IrcConnection } from "./connection.ts";
import { formatLine } from "./line.ts";
import { personOf } from "./people.ts";
import { join } from "./send.ts";
import { channelShape, type IrcAccount } from "./settings.ts";

/** Events of one transaction at most. */
const batchSize = 200;
/** Pages of a channel's past that are asked for after a connection was lost. */
const maxPages = 50;
/** Channels whose time is remembered. */
const maxChannels = 200;
/** Milliseconds after which a channel that let us not in is tried again. */
const enterMs = 5 * 60_000;

/**
 * Enters the channels, fetches what was said there meanwhile where the server kept it, and hands over what arrives. IRC tells everything
 * once: what the store refuses stays here, whatever becomes of the connection, and is handed over when `listen` is called again.
 */
export async function listen(
  account: IrcAccount,
  { connection, arrivals }: { readonly connection: IrcConnection; readonly arrivals: Arrivals },
  inbox: Inbox,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const past = new Past(inbox.cursor);
  connection.since = past.since;
  connection.heard = () => inbox.alive();
  connection.trouble = (part, why) => inbox.trouble?.(part, why);
  connection.invited = (channel, by) => {
    const sender = { id: personOf(by, undefined, (name) => connection.fold(name)), bot: false, self: false };
    const chat = { id: connection.fold(channel), kind: "group" as const };
    if (!channelShape.test(channel) || !account.admits?.({ chat, sender })) return account.log.info("irc-invitation-refused", { channel });
    connection.thrownOut.delete(chat.id);
    void enter(channel);
  };
  inbox.alive();

  const enter = async (wanted: string) => {
    const [channel = ""] = wanted.split(" ");
    const id = connection.fold(channel);
    past.begin(id, connection.serverTime);
    const why = await join(connection, wanted, signal);
    if (!why) await catchUp(connection, channel, past, signal);
    past.end(id);
    if (why && !connection.over.aborted && !signal.aborted) inbox.trouble?.(id, why);
  };
  const entering = (async () => {
    while (!connection.over.aborted && !signal.aborted) {
      for (const wanted of account.settings.channels.filter((one) => isMissing(connection, one))) await enter(wanted);
      await sleep(account.clock, enterMs, AbortSignal.any([signal, connection.over]));
    }
  })();

  try {
    for (;;) {
      await connection.arrived(signal);
      if (signal.aborted) return undefined;
      const batch = arrivals.events.slice(0, batchSize);
      if (batch.length === 0) return connection.why;
      const refused = await store(inbox, batch, past.after(batch, connection));
      if (refused) return refused;
      arrivals.events.splice(0, batch.length);
    }
  } finally {
    if (signal.aborted) connection.close();
    if (connection.over.aborted) await entering;
  }
}

function isMissing(connection: IrcConnection, wanted: string): boolean {
  const id = connection.fold(wanted.split(" ", 1)[0] ?? "");
  return !connection.joined.has(id) && !connection.thrownOut.has(id);
}

async function store(inbox: Inbox, events: readonly PlatformEvent[], cursor: string | undefined): Promise<Fault | undefined> {
  try {
    await inbox.receive(events, cursor);
    return undefined;
  } catch (thrown) {
    return faultOf(thrown, "store-unavailable");
  }
}

/** https://ircv3.net/specs/extensions/chathistory: page by page, until nothing new comes. */
async function catchUp(connection: IrcConnection, channel: string, past: Past, signal: AbortSignal): Promise<void> {
  const from = past.since.get(connection.fold(channel));
  if (from === undefined || !connection.caps.has("draft/chathistory") || !connection.caps.has("batch")) return;
  const limit = Math.min(Number(connection.support.get("CHATHISTORY")) || 100, 100);
  let after = `timestamp=${new Date(from - 1).toISOString()}`;
  for (let page = 0; page < maxPages; page++) {
    const asked = await connection.exchange.ask([formatLine("CHATHISTORY", "AFTER", channel, after, String(limit))], signal);
    if (!asked.ok || !asked.value.whole) return;
    const said = asked.value.lines.filter(({ command }) => command === "PRIVMSG" || command === "NOTICE");
    const last = said.at(-1)?.tags.get("msgid");
    if (said.length < limit || last === undefined || `msgid=${last}` === after) return;
    after = `msgid=${last}`;
  }
}

/**
 * Until when each channel was heard, by the server's clock: the cursor. A channel that is being entered keeps its time until all of its past
 * is here, so that a crash in the middle loses nothing.
 */
class Past {
  /** As it was when listening began. A channel that isn't in it is new to us, and what was said there before is old. */
  readonly since: ReadonlyMap<string, number>;
  readonly #times: Map<string, number>;
  readonly #entering = new Set<string>();

  constructor(cursor: string | undefined) {
    this.since = new Map(readCursor(cursor));
    this.#times = new Map(this.since);
  }

  begin(channel: string, now: number): void {
    this.#entering.add(channel);
    if (!this.#times.has(channel)) this.#times.set(channel, now);
  }

  end(channel: string): void {
    this.#entering.delete(channel);
  }

  /** The cursor once these are stored; none where the server gives nothing back. */
  after(events: readonly PlatformEvent[], { caps }: IrcConnection): string | undefined {
    if (!caps.has("server-time") || !caps.has("batch")) return undefined;
    for (const { kind, chat, at } of events) {
      const before = this.#times.get(chat.id);
      if (kind === "membership" || before === undefined || this.#entering.has(chat.id)) continue;
      this.#times.set(chat.id, Math.max(before, at));
    }
    return JSON.stringify([...this.#times].slice(-maxChannels));
  }
}

function readCursor(cursor: string | undefined): [string, number][] {
  try {
    const read: unknown = JSON.parse(cursor ?? "[]");
    const isEntry = (entry: unknown): entry is [string, number] =>
      Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "number";
    return Array.isArray(read) ? read.filter(isEntry) : [];
  } catch {
    return [];
  }
}

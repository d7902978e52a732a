import type { Inbox } from "../../core/channel.ts";
import { sleep } from "../../core/clock.ts";
import { type Fault, faultOf } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import type { IrcClient } from "../../wires/irc/client.ts";
import type { IrcConnection } from "./connection.ts";
import { personOf } from "./people.ts";
import { channelShape, type IrcAccount } from "./settings.ts";

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
  connection: IrcConnection,
  inbox: Inbox,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const { client, arrivals } = connection;
  const past = new Past(inbox.cursor);
  connection.since = past.since;
  client.heard = () => inbox.alive();
  connection.trouble = (part, why) => inbox.trouble?.(part, why);
  connection.invited = (channel, by) => {
    const sender = { id: personOf(by, undefined, (name) => client.fold(name)), bot: false, self: false };
    const chat = { id: client.fold(channel), kind: "group" as const };
    if (!channelShape.test(channel) || !account.admits?.({ chat, sender })) return account.log.info("irc-invitation-refused", { channel });
    client.thrownOut.delete(chat.id);
    void enter(channel);
  };
  inbox.alive();

  const keep = async () => {
    const cursor = past.after([], client);
    try {
      if (cursor !== undefined) await inbox.receive([], cursor);
      return undefined;
    } catch (thrown) {
      return faultOf(thrown, "store-unavailable");
    }
  };
  const enter = async (wanted: string) => {
    const [channel = "", ...key] = wanted.split(" ");
    const id = client.fold(channel);
    const isNew = past.begin(id, client.serverTime);
    // What is said there from now on is missed by nobody: who is killed before it is stored reads it again.
    const unkept = isNew ? await keep() : undefined;
    if (unkept) return client.end(unkept);
    const why = await client.join(channel, key, signal);
    const since = past.since.get(id);
    if (!why && since !== undefined) await client.playBack(channel, since, signal);
    past.end(id);
    if (why && !client.over.aborted && !signal.aborted) inbox.trouble?.(id, why);
  };
  const entering = (async () => {
    while (!client.over.aborted && !signal.aborted) {
      for (const wanted of account.settings.channels.filter((one) => isMissing(client, one))) await enter(wanted);
      await sleep(account.clock, enterMs, AbortSignal.any([signal, client.over]));
    }
  })();

  try {
    return await arrivals.handOver(inbox, client, signal, (events) => ({ events, cursor: past.after(events, client) }));
  } finally {
    if (signal.aborted) connection.close();
    if (client.over.aborted) await entering;
  }
}

function isMissing(client: IrcClient, wanted: string): boolean {
  const id = client.fold(wanted.split(" ", 1)[0] ?? "");
  return !client.joined.has(id) && !client.thrownOut.has(id);
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

  /** Whether it is new to us. */
  begin(channel: string, now: number): boolean {
    this.#entering.add(channel);
    if (this.#times.has(channel)) return false;
    this.#times.set(channel, now);
    return true;
  }

  end(channel: string): void {
    this.#entering.delete(channel);
  }

  /** The cursor once these are stored; none where the server gives nothing back. */
  after(events: readonly PlatformEvent[], { caps }: IrcClient): string | undefined {
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

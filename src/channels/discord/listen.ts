import { z } from "zod";
import type { Inbox } from "../../core/channel.ts";
import { sleep } from "../../core/clock.ts";
import { type Fault, fault, faultOf, ok, type Result } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import { call } from "./api.ts";
import { decode } from "./decode.ts";
import { answerCommand } from "./interactions.ts";
import { type Dispatch, type Interaction, readDispatch } from "./payload.ts";
import { Places } from "./places.ts";
import type { DiscordAccount } from "./settings.ts";
import { type RawDispatch, runShard, type Session } from "./shard.ts";

/** Milliseconds between two shards that identify: https://docs.discord.com/developers/events/gateway#rate-limiting */
const identifyMs = 5_000;

/** GUILDS, GUILD_MESSAGES, GUILD_MESSAGE_REACTIONS, DIRECT_MESSAGES, DIRECT_MESSAGE_REACTIONS: https://docs.discord.com/developers/events/gateway#list-of-intents */
const intents = (1 << 0) | (1 << 9) | (1 << 10) | (1 << 12) | (1 << 13);
const messageContent = 1 << 15;

const cursorShape = z.record(z.string(), z.object({ id: z.string(), url: z.string(), seq: z.int() }));
const gatewayShape = z.object({
  url: z.string(),
  session_start_limit: z.object({ remaining: z.int(), reset_after: z.number() }),
});

/**
 * All shards, until the signal aborts or a person must act. The cursor holds each one's session: after a crash it is resumed, and Discord
 * sends again what wasn't stored.
 */
export async function listen(account: DiscordAccount, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const listener = new Listener(account, inbox, both);
  const shards = Array.from({ length: account.settings.shards }, (_, shard) => listener.keep(shard));
  const ended = await Promise.race(shards);
  stop.abort();
  await Promise.all(shards);
  return signal.aborted ? undefined : ended;
}

class Listener {
  readonly #account: DiscordAccount;
  readonly #inbox: Inbox;
  readonly #signal: AbortSignal;
  readonly #places = new Places();
  readonly #sessions: Map<string, Session>;
  #self: string | undefined;
  #identifying: Promise<void> = Promise.resolve();

  constructor(account: DiscordAccount, inbox: Inbox, signal: AbortSignal) {
    this.#account = account;
    this.#inbox = inbox;
    this.#signal = signal;
    this.#self = account.identity?.id;
    this.#sessions = readCursor(inbox.cursor, account.settings.shards);
  }

  /** One shard over as many connections as it takes. One that never got to work ends the listening, which is then begun anew with pauses. */
  async keep(shard: number): Promise<Fault | undefined> {
    const name = String(shard);
    while (!this.#signal.aborted) {
      const session = this.#sessions.get(name);
      const address = await this.#address(session);
      if (this.#signal.aborted) return undefined;
      if (!address.ok) return address.fault;
      const work = new Work();
      const connection = new AbortController();
      const end = await runShard({
        account: this.#account,
        address: address.value,
        session,
        identify: () => this.#identify(shard),
        signal: AbortSignal.any([this.#signal, connection.signal]),
        dispatch: (dispatch) => {
          work.waiting.push(dispatch);
          void this.#store(name, work).then((failed) => {
            if (failed) connection.abort();
          });
        },
      });
      await work.running;
      if (this.#signal.aborted) return undefined;
      if (work.failed) return work.failed;
      if (end.kind === "fault") return end.fault;
      if (!end.resume && this.#sessions.delete(name)) this.#account.log.warn("discord-session-lost", { shard });
      if (!end.worked && (end.resume || !session)) return fault("channel-retry", "the connection to Discord broke before it worked");
      // https://docs.discord.com/developers/events/gateway-events#invalid-session: after a random time of 1 to 5 seconds.
      const pause = end.resume ? 500 * Math.random() : 1_000 + 4_000 * Math.random();
      await sleep(this.#account.clock, pause, this.#signal);
    }
    return undefined;
  }

  /** https://docs.discord.com/developers/events/gateway#get-gateway-bot; a session names its own address. */
  async #address(session: Session | undefined): Promise<Result<string>> {
    if (session) return this.#checked(session.url);
    const answer = await call(this.#account, "GET", "/gateway/bot", { signal: this.#signal });
    if (!answer.ok) return { ok: false, fault: answer.fault.fault };
    const { data } = gatewayShape.safeParse(answer.value);
    if (!data)
      return { ok: false, fault: fault("channel-permanent", "the server's answer to /gateway/bot is not Discord's: check apiRoot") };
    const { remaining, reset_after } = data.session_start_limit;
    if (remaining > 0) return this.#checked(data.url);
    const minutes = Math.ceil(reset_after / 60_000);
    return { ok: false, fault: fault("channel-retry", `Discord allows this bot no more sessions for ${minutes} minutes`) };
  }

  #checked(url: string): Result<string> {
    const address = URL.parse(url);
    const standIn = this.#account.settings.apiRoot.startsWith("http:") && address?.protocol === "ws:";
    if (!address || !(standIn || (address.protocol === "wss:" && /(^|\.)discord\.gg$/.test(address.hostname)))) {
      return { ok: false, fault: fault("channel-retry", "Discord named no address of its own for the gateway") };
    }
    address.search = "?v=10&encoding=json";
    return ok(address.href);
  }

  /** Shards identify one after the other. */
  async #identify(shard: number): Promise<object> {
    const { clock, settings } = this.#account;
    const turn = this.#identifying;
    this.#identifying = turn.then(() => (settings.shards > 1 ? sleep(clock, identifyMs, this.#signal) : undefined));
    await turn;
    return {
      token: settings.botToken,
      intents: intents | (settings.messageContent ? messageContent : 0),
      properties: { os: process.platform, browser: "polylogue", device: "polylogue" },
      shard: [shard, settings.shards],
    };
  }

  /** Stores what waits, in order, and with it from where to go on. Gives the fault that stopped it. */
  #store(name: string, work: Work): Promise<Fault | undefined> {
    if (work.running && !work.idle) return work.running;
    work.idle = false;
    work.running = this.#drain(name, work).then((failed) => {
      work.idle = true;
      work.failed ??= failed;
      return work.failed;
    });
    return work.running;
  }

  async #drain(name: string, work: Work): Promise<Fault | undefined> {
    try {
      while (work.waiting.length > 0) {
        const batch = work.waiting;
        work.waiting = [];
        await this.#storeBatch(name, batch);
      }
      return undefined;
    } catch (error) {
      return faultOf(error, "store-unavailable");
    }
  }

  async #storeBatch(name: string, batch: readonly RawDispatch[]): Promise<void> {
    const events: PlatformEvent[] = [];
    const commands: Interaction[] = [];
    let began = false;
    for (const raw of batch) {
      const { dispatch, problem } = readDispatch(raw.name, raw.data);
      if (problem) this.#account.log.error("discord-dispatch-unreadable", { problem });
      if (dispatch?.t === "READY") {
        this.#self = dispatch.d.user.id;
        this.#sessions.set(name, { id: dispatch.d.session_id, url: dispatch.d.resume_gateway_url, seq: raw.seq });
        began = true;
      } else if (dispatch) {
        events.push(...(await this.#decode(dispatch, name, raw.seq)));
        if (dispatch.t === "INTERACTION_CREATE") commands.push(dispatch.d);
      }
    }
    const session = this.#sessions.get(name);
    const seq = batch.at(-1)?.seq;
    const next = session && seq !== undefined ? { ...session, seq } : undefined;
    if (events.length > 0 || began) {
      const cursor = Object.fromEntries(next ? [...this.#sessions, [name, next] as const] : this.#sessions);
      await this.#inbox.receive(events, JSON.stringify(cursor));
    }
    if (next) this.#sessions.set(name, next);
    this.#inbox.alive();
    for (const command of commands) void answerCommand(this.#account, command, this.#signal);
  }

  async #decode(dispatch: Dispatch, shard: string, seq: number): Promise<readonly PlatformEvent[]> {
    this.#places.learn(dispatch);
    const where = "channel_id" in dispatch.d && "guild_id" in dispatch.d && dispatch.d.guild_id ? dispatch.d.channel_id : undefined;
    if (where && dispatch.t !== "INTERACTION_CREATE") await this.#places.find(this.#account, where, this.#signal);
    return decode(dispatch, {
      self: this.#self,
      name: this.#account.identity?.name,
      place: (channel) => this.#places.get(channel),
      key: `${this.#sessions.get(shard)?.id ?? ""}:${seq}`,
      now: this.#account.clock.now(),
    });
  }
}

/** What one connection brought and isn't stored yet. */
class Work {
  waiting: RawDispatch[] = [];
  running: Promise<Fault | undefined> | undefined;
  idle = true;
  failed: Fault | undefined;
}

/** Sessions of another number of shards are of no use. */
function readCursor(cursor: string | undefined, shards: number): Map<string, Session> {
  let raw: unknown;
  try {
    raw = JSON.parse(cursor ?? "{}");
  } catch {
    return new Map();
  }
  const { data } = cursorShape.safeParse(raw);
  const all = Object.entries(data ?? {});
  return new Map(all.length === shards ? all : []);
}

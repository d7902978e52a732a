import { z } from "zod";
import type { Inbox } from "../../core/channel.ts";
import { sleep } from "../../core/clock.ts";
import { type Fault, FaultError, fault, faultOf } from "../../core/errors.ts";
import type { Chat, PlatformEvent } from "../../core/event.ts";
import { parseJson } from "../../core/json.ts";
import type { Json } from "../../core/terms.ts";
import { runSocket, type Say } from "../../wires/json-socket.ts";
import { type Answer, call } from "./api.ts";
import { chatOf, decode, deleted, type Place, placeOf, type View } from "./decode.ts";
import { erased, frame, type Message, type Room, rooms, synced, told } from "./message.ts";
import type { RocketAccount } from "./settings.ts";

/** Milliseconds of silence after which we ask whether the server is still there; it asks after 15 or 30 s itself. */
const quietMs = 25_000;
/** Milliseconds by which the catch-up reaches back behind what is stored: servers of a cluster store and tell not quite in order. */
const overlapMs = 60_000;
/** Milliseconds: where nothing was said for so long before we were away, nobody is asked whether something was edited meanwhile. */
const editedWithinMs = 86_400_000;
/** Messages of which it is remembered where they were said: a deletion names its message only. */
const mostKnown = 5_000;

/** Until when, by the server's clock, everything is stored. DDP resumes nothing: each connection begins with reading what was missed. */
const cursorShape = z.object({ since: z.int() });

/** https://developer.rocket.chat/apidocs/realtimeapi: the messages of all our rooms over one subscription. */
export async function listen(account: RocketAccount, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  const { identity, clock } = account;
  if (!identity) return fault("channel-retry", "the account is not proven yet");
  const stored = parseJson(Buffer.from(inbox.cursor ?? "{}"));
  const cursor = cursorShape.safeParse(stored.ok ? stored.value : undefined).data;
  const hearing = new Hearing(account, inbox, signal, cursor?.since);
  try {
    await hearing.begin();
  } catch (error) {
    return signal.aborted ? undefined : faultOf(error, "store-unavailable");
  }
  const ping = (say: Say) => say({ msg: "ping" });
  return runSocket(
    {
      ...{ platform: "Rocket.Chat", clock, maxBytes: 16 * 1024 * 1024, quietMs, nudge: ping },
      address: `${account.settings.server.replace(/^http/, "ws").replace(/\/+$/, "")}/websocket`,
      opened: (say) => say({ msg: "connect", version: "1", support: ["1"] }),
      answer(json, say) {
        const { data } = frame.safeParse(json);
        if (data?.msg === "ping") say({ msg: "pong", ...(data.id ? { id: data.id } : {}) });
        return data?.msg === "ping" || data?.msg === "pong";
      },
      take: (frames, say) => hearing.take(frames, say),
    },
    signal,
  );
}

class Hearing {
  readonly #account: RocketAccount;
  readonly #inbox: Inbox;
  readonly #signal: AbortSignal;
  readonly #places = new Map<string, Place>();
  readonly #known = new Map<string, Chat>();
  /** Rooms whose deletions we hear of: the server tells of them room by room. */
  readonly #erasing = new Set<string>();
  #first: boolean;
  #since: number;

  constructor(account: RocketAccount, inbox: Inbox, signal: AbortSignal, since: number | undefined) {
    this.#account = account;
    this.#inbox = inbox;
    this.#signal = signal;
    this.#first = since === undefined;
    this.#since = since ?? 0;
  }

  /** At the very first only what is said from now on counts, also if storing it fails. */
  async begin(): Promise<void> {
    const { now } = await this.#rooms();
    if (!this.#first) return;
    this.#since = now + overlapMs;
    await this.#inbox.receive([], JSON.stringify({ since: this.#since }));
  }

  async take(frames: readonly Json[], say: Say): Promise<Fault | undefined> {
    const { token } = this.#account.settings;
    const events: PlatformEvent[] = [];
    let since = this.#since;
    for (const { data } of frames.map((one) => frame.safeParse(one))) {
      if (data?.msg === "connected") say({ msg: "method", method: "login", id: "login", params: [{ resume: token }] });
      else if (data?.msg === "failed") return fault("account-invalid", "the server speaks another version of DDP: check server");
      else if (data?.msg === "result" && data.id === "login") {
        if (data.error)
          return fault(data.error.error === 403 ? "channel-auth" : "channel-retry", "Rocket.Chat refused the login over its socket");
        say({ msg: "sub", id: "messages", name: "stream-room-messages", params: ["__my_messages__", false] });
      } else if (data?.msg === "nosub" && data.id === "messages") return fault("channel-retry", "Rocket.Chat refused the subscription");
      else if (data?.msg === "nosub") this.#erasing.delete(data.id ?? "");
      else if (data?.msg === "ready" && data.subs.includes("messages")) {
        const missed = await this.#missed();
        events.push(...missed.events);
        since = Math.max(since, missed.now);
      } else if (data?.msg === "changed" && data.fields) {
        const heard = await this.#heard(data.collection, data.fields, say);
        events.push(...heard.events);
        since = Math.max(since, heard.at);
      }
    }
    if (events.length > 0 || since > this.#since) await this.#inbox.receive(events, JSON.stringify({ since }));
    this.#since = since;
    this.#inbox.alive();
    return undefined;
  }

  async #heard(
    collection: string,
    { eventName, args }: { eventName: string; args: readonly unknown[] },
    say: Say,
  ): Promise<{ readonly events: readonly PlatformEvent[]; readonly at: number }> {
    const gone =
      collection === "stream-notify-room" && eventName.endsWith("/deleteMessage") ? erased.safeParse(args).data?.[0]._id : undefined;
    if (gone !== undefined) {
      const rid = eventName.slice(0, -"/deleteMessage".length);
      return { events: [deleted(gone, this.#chatOf(gone, rid), this.#account.clock.now())], at: 0 };
    }
    // Of public rooms also those are told that we aren't in.
    const [message, { roomParticipant } = { roomParticipant: false }] = told.safeParse(args).data ?? [];
    if (collection !== "stream-room-messages" || !message || !roomParticipant) return { events: [], at: 0 };
    if (!this.#places.has(message.rid)) await this.#rooms();
    if (!this.#erasing.has(message.rid)) {
      this.#erasing.add(message.rid);
      say({ msg: "sub", id: message.rid, name: "stream-notify-room", params: [`${message.rid}/deleteMessage`, false] });
    }
    return { events: this.#decode(message, this.#since - overlapMs), at: message._updatedAt ?? message.ts };
  }

  #decode(message: Message, since: number): readonly PlatformEvent[] {
    const view = this.#view(message.rid, since);
    const events = decode(message, view);
    if (events.some(({ kind }) => kind === "message")) {
      this.#known.set(message._id, chatOf(message, view));
      if (this.#known.size > mostKnown) this.#known.delete(this.#known.keys().next().value as string);
    }
    return events;
  }

  #chatOf(message: string, rid: string): Chat {
    const { kind, title } = this.#view(rid, 0);
    return this.#known.get(message) ?? { id: rid, kind, ...(title ? { title } : {}) };
  }

  #view(rid: string, since: number): View {
    const { settings, identity } = this.#account;
    const self = { self: settings.userId, name: identity?.name ?? "", replyInThread: settings.replyInThread, since };
    return { ...self, ...(this.#places.get(rid) ?? { kind: "group" }) };
  }

  /** Our rooms, and the server's time. https://developer.rocket.chat/apidocs/get-rooms */
  async #rooms(): Promise<{ readonly all: readonly Room[]; readonly now: number }> {
    const { fields, headers } = await this.#ask("rooms.get");
    const all = rooms.catch([]).parse(fields.update);
    for (const room of all) this.#places.set(room._id, placeOf(room));
    return { all, now: Date.parse(headers.date ?? "") || this.#account.clock.now() };
  }

  /** What was said, edited and deleted while we were away, oldest first. https://developer.rocket.chat/apidocs/sync-messages */
  async #missed(): Promise<{ readonly events: readonly PlatformEvent[]; readonly now: number }> {
    if (this.#first) {
      this.#first = false;
      return { events: [], now: 0 };
    }
    const { all, now } = await this.#rooms();
    const since = this.#since - overlapMs;
    const said: Message[] = [];
    const gone: PlatformEvent[] = [];
    for (const { _id: rid } of all.filter(({ lm = 0 }) => lm > since - editedWithinMs)) {
      const query = new URLSearchParams({ roomId: rid, lastUpdate: new Date(since).toISOString() });
      const { data } = synced.safeParse((await this.#ask(`chat.syncMessages?${query}`)).fields.result);
      if (!data) throw new FaultError(fault("channel-retry", "Rocket.Chat's answer holds no messages"));
      for (const message of data.updated) if (message && message.rid === rid) said.push(message);
      for (const one of data.deleted) if (one) gone.push(deleted(one._id, this.#chatOf(one._id, rid), one._deletedAt));
    }
    said.sort((one, other) => one.ts - other.ts);
    return { events: [...said.flatMap((message) => this.#decode(message, since)), ...gone], now };
  }

  /** Waits where the server's limit asks for it: it may be many calls. */
  async #ask(path: string): Promise<Answer> {
    for (;;) {
      const answer = await call(this.#account, "GET", path, { signal: this.#signal });
      if (answer.ok) return answer.value;
      if (answer.fault.fault.code !== "channel-retry" || answer.fault.status !== 429 || this.#signal.aborted)
        throw new FaultError(answer.fault.fault);
      await sleep(this.#account.clock, answer.fault.retryAfterMs ?? 5_000, this.#signal);
    }
  }
}

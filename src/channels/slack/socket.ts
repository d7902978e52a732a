import { WebSocket } from "ws";
import { z } from "zod";
import type { Inbox } from "../../core/channel.ts";
import type { Cancel } from "../../core/clock.ts";
import { type Fault, fault, faultOf } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import { parseJson } from "../../core/json.ts";
import { call } from "./api.ts";
import { decode } from "./decode.ts";
import { readPayload } from "./payload.ts";
import type { SlackAccount } from "./settings.ts";
import { viewOf } from "./webhook.ts";

/** Slack pings every few seconds; its own clients take a connection that is silent for so long for dead. */
const silenceMs = 30_000;
const openMs = 20_000;
/** Bytes of one envelope; events hold a message each. */
const maxBytes = 8 * 1024 * 1024;

/** https://docs.slack.dev/apis/events-api/using-socket-mode */
const envelope = z.object({
  type: z.string(),
  envelope_id: z.string().min(1).max(128).optional(),
  payload: z.unknown().optional(),
  reason: z.string().optional().catch(undefined),
});

/**
 * Socket Mode: one connection at a time, because Slack spreads events over several without an order. Before Slack closes one (about
 * once an hour) it says so; the next is then opened first, and the old one still delivers what it has. An envelope is acknowledged
 * once its events are on disk; what isn't comes again, over another connection if need be.
 */
export async function listenBySocket(account: SlackAccount, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  const open = new Set<Connection>();
  const ended = Promise.withResolvers<Fault | undefined>();
  const stop = () => ended.resolve(undefined);
  signal.addEventListener("abort", stop, { once: true });

  let opening = 0;
  const connect = async (): Promise<void> => {
    opening++;
    const address = await newAddress(account, signal);
    opening--;
    if (signal.aborted) return stop();
    if (typeof address !== "string") return ended.resolve(address);
    const connection = new Connection(account, inbox, address, {
      replace: () => void connect(),
      close(why) {
        open.delete(connection);
        // One that was replaced may go; with the last one the listening ends, and starts anew.
        if (why.code !== "channel-retry" || open.size + opening === 0) ended.resolve(why);
      },
    });
    open.add(connection);
  };

  try {
    if (signal.aborted) return undefined;
    await connect();
    return await ended.promise;
  } finally {
    signal.removeEventListener("abort", stop);
    for (const connection of open) connection.end();
  }
}

/** https://docs.slack.dev/reference/methods/apps.connections.open: an address for one connection. */
async function newAddress(account: SlackAccount, signal: AbortSignal): Promise<string | Fault> {
  const answer = await call(account, "apps.connections.open", {}, { token: account.settings.appToken, signal });
  if (!answer.ok) {
    const { fault: of, word } = answer.fault;
    if (of.code === "channel-auth") return fault("channel-auth", `Slack refused the appToken: ${word || of.message}`);
    // Nothing was done that could be done twice.
    return of.code === "channel-permanent" ? fault("account-invalid", `Slack opens no socket for this app: ${word}`) : of;
  }
  const { url } = answer.value.fields;
  const address = typeof url === "string" ? URL.parse(url) : null;
  const standIn = URL.parse(account.settings.apiRoot)?.protocol === "http:" && address?.protocol === "ws:";
  if (!address || !(address.protocol === "wss:" || standIn)) return fault("channel-retry", "Slack named no address for a socket");
  return address.href;
}

interface Ends {
  /** Slack is about to close it: the next one may be opened. */
  replace(): void;
  /** It is closed; with the fault that a person or a new start must mend. */
  close(why: Fault): void;
}

class Connection {
  readonly #account: SlackAccount;
  readonly #inbox: Inbox;
  readonly #ends: Ends;
  readonly #socket: WebSocket;
  #waiting: { id: string; payload: unknown }[] = [];
  #storing = false;
  #replaced = false;
  #done = false;
  #cancelSilence: Cancel | undefined;

  constructor(account: SlackAccount, inbox: Inbox, address: string, ends: Ends) {
    this.#account = account;
    this.#inbox = inbox;
    this.#ends = ends;
    this.#socket = new WebSocket(address, { handshakeTimeout: openMs, maxPayload: maxBytes, perMessageDeflate: false });
    this.#heard();
    this.#socket.on("ping", () => this.#heard());
    this.#socket.on("message", (data, isBinary) => {
      this.#heard();
      if (!isBinary) this.#read(data as Buffer);
    });
    // Its text may name the address, which is a ticket.
    this.#socket.on("error", () => this.#close(fault("channel-retry", "the socket to Slack broke")));
    this.#socket.on("close", (code) => this.#close(fault("channel-retry", `Slack closed the socket (${code})`)));
  }

  /** Stops without a word more; what wasn't acknowledged comes again. */
  end(): void {
    this.#done = true;
    this.#cancelSilence?.();
    this.#socket.terminate();
  }

  #close(why: Fault): void {
    if (this.#done) return;
    this.end();
    this.#ends.close(why);
  }

  #heard(): void {
    this.#cancelSilence?.();
    if (this.#done) return;
    const silent = fault("channel-retry", `the socket to Slack was silent for ${silenceMs / 1000} s`);
    this.#cancelSilence = this.#account.clock.after(silenceMs, () => this.#close(silent));
  }

  #read(bytes: Uint8Array): void {
    const json = parseJson(bytes);
    const { data } = envelope.safeParse(json.ok ? json.value : undefined);
    if (!data) this.#account.log.error("slack-envelope-unreadable");
    else if (data.type === "hello") this.#inbox.alive();
    else if (data.type === "disconnect") this.#disconnect(data.reason);
    else if (data.envelope_id !== undefined) {
      this.#waiting.push({ id: data.envelope_id, payload: data.payload });
      void this.#store();
    }
  }

  /** https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect */
  #disconnect(reason: string | undefined): void {
    if (reason === "link_disabled") {
      this.#close(fault("account-invalid", "Socket Mode is switched off in the app's settings at Slack"));
    } else if (reason === "warning" || reason === "refresh_requested") {
      if (this.#replaced) return;
      this.#replaced = true;
      this.#ends.replace();
    } else this.#close(fault("channel-retry", `Slack ended the socket: ${reason}`));
  }

  /** What came meanwhile goes in one piece with what waited. */
  async #store(): Promise<void> {
    if (this.#storing) return;
    this.#storing = true;
    while (this.#waiting.length > 0 && !this.#done) {
      const batch = this.#waiting;
      this.#waiting = [];
      const events = batch.flatMap(({ payload }) => this.#decode(payload));
      try {
        await this.#inbox.receive(events);
      } catch (error) {
        this.#close(faultOf(error, "store-unavailable"));
        break;
      }
      for (const { id } of batch) if (!this.#done) this.#socket.send(JSON.stringify({ envelope_id: id }));
      this.#inbox.alive();
    }
    this.#storing = false;
  }

  /** What can't be read is passed over with a line in the log: it would come back for ever. */
  #decode(raw: unknown): readonly PlatformEvent[] {
    const { payload, problem } = readPayload(raw);
    if (payload) return decode(payload, viewOf(this.#account), this.#account.clock.now());
    this.#account.log.error("slack-payload-unreadable", { problem });
    return [];
  }
}

import { z } from "zod";
import type { Inbox } from "../../core/channel.ts";
import { type Fault, fault } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import { handOver } from "../../core/hand-over.ts";
import type { Json } from "../../core/terms.ts";
import { runSocket, type Say } from "../../wires/json-socket.ts";
import { call } from "./api.ts";
import { decode } from "./decode.ts";
import { readPayload } from "./payload.ts";
import type { SlackAccount } from "./settings.ts";
import { viewOf } from "./webhook.ts";

/** Slack pings every few seconds; its own clients take a connection that is silent for twice as long for dead. */
const quietMs = 15_000;
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
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const running = new Set<Promise<void>>();
  let ended: Fault | undefined;
  let broke: Fault | undefined;

  const run = async (): Promise<void> => {
    const address = await newAddress(account, both);
    const opened = typeof address === "string";
    const why = opened ? await talk(account, inbox, address, connect, both) : address;
    // One that was replaced may break off; with the last one the listening ends, and starts anew.
    if (opened && why?.code === "channel-retry") broke = why;
    else if (why) {
      ended ??= why;
      stop.abort();
    }
  };
  const connect = (): void => {
    const one: Promise<void> = run().finally(() => running.delete(one));
    running.add(one);
  };

  if (!both.aborted) connect();
  try {
    while (running.size > 0) await Promise.all(running);
  } finally {
    stop.abort();
  }
  return signal.aborted ? undefined : (ended ?? broke);
}

/** One connection, from its address to its end. `replace`: Slack is about to close it, the next one may be opened. */
function talk(account: SlackAccount, inbox: Inbox, address: string, replace: () => void, signal: AbortSignal): Promise<Fault | undefined> {
  const { clock, log } = account;
  let replaced = false;

  /** https://docs.slack.dev/apis/events-api/using-socket-mode#disconnect */
  function disconnected(reason: string | undefined): Fault | undefined {
    if (reason === "link_disabled") return fault("account-invalid", "Socket Mode is switched off in the app's settings at Slack");
    if (reason !== "warning" && reason !== "refresh_requested") return fault("channel-retry", `Slack ended the socket: ${reason}`);
    if (!replaced) replace();
    replaced = true;
    return undefined;
  }

  /** What came meanwhile goes in one piece with what waited. */
  async function take(frames: readonly Json[], say: Say): Promise<Fault | undefined> {
    const events: PlatformEvent[] = [];
    const stored: string[] = [];
    let last: Fault | undefined;
    for (const frame of frames) {
      const { data } = envelope.safeParse(frame);
      if (!data) log.error("slack-envelope-unreadable");
      else if (data.type === "disconnect") last ??= disconnected(data.reason);
      else if (data.envelope_id !== undefined) {
        events.push(...eventsOf(account, data.payload));
        stored.push(data.envelope_id);
      }
    }
    const refused = events.length > 0 ? await handOver(inbox, events) : undefined;
    if (refused) return refused;
    for (const envelope_id of stored) say({ envelope_id });
    inbox.alive();
    return last;
  }

  return runSocket({ platform: "Slack", address, clock, maxBytes, quietMs, nudge: () => {}, take }, signal);
}

/** What can't be read is passed over with a line in the log: it would come back for ever. */
function eventsOf(account: SlackAccount, raw: unknown): readonly PlatformEvent[] {
  const { payload, problem } = readPayload(raw);
  if (payload) return decode(payload, viewOf(account), account.clock.now());
  account.log.error("slack-payload-unreadable", { problem });
  return [];
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

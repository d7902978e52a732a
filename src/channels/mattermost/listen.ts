import { z } from "zod";
import type { Inbox } from "../../core/channel.ts";
import { type Fault, fault, faultOf } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import { parseJson } from "../../core/json.ts";
import type { Json } from "../../core/terms.ts";
import { runSocket, type Say } from "../../wires/json-socket.ts";
import { address, authorization } from "./api.ts";
import { channelsOf, missed } from "./catch-up.ts";
import { decodeEvent, type Place, placeOf, type View } from "./decode.ts";
import { type Channel, socketEvent } from "./post.ts";
import type { MattermostAccount } from "./settings.ts";

/** Milliseconds of silence after which we ask whether the server is still there, as its own client does. */
const quietMs = 30_000;
/** Milliseconds by which the catch-up reaches back behind what is stored: servers of a cluster store and tell not quite in order. */
const overlapMs = 60_000;

/** The connection and the number of its last event that is stored, and until when, by the server's clock, everything is. */
const cursorShape = z.object({ connection: z.string(), seq: z.int(), since: z.int() });

/**
 * https://developers.mattermost.com/api-documentation/#/#websocket. The token goes with the upgrade, because only then the server resumes a connection
 * (its api4/websocket.go): for some minutes it keeps the last events of one that broke, and sends again what comes behind
 * `sequence_number`, also to the next process. Where it greets instead, with another connection's id, or leaves out a number, what was
 * missed is read over REST.
 */
export async function listen(account: MattermostAccount, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  const { identity, clock } = account;
  if (!identity) return fault("channel-retry", "the account is not proven yet");
  const places = new Map<string, Place>();
  const learn = (all: readonly Channel[]) => {
    for (const { id, type, display_name } of all) places.set(id, placeOf(type, display_name));
  };
  const view = (channel: string): View => {
    const { replyInThread } = account.settings;
    return { self: identity.id, name: identity.name, replyInThread, ...(places.get(channel) ?? { kind: "group" }) };
  };
  const stored = parseJson(Buffer.from(inbox.cursor ?? "{}"));
  const cursor = cursorShape.safeParse(stored.ok ? stored.value : undefined).data;
  let at = cursor ?? { connection: "", seq: -1, since: 0 };
  let first = cursor === undefined;

  const take = async (frames: readonly Json[]): Promise<undefined> => {
    let events: readonly PlatformEvent[] = [];
    let last = at;
    let gap = false;
    for (const { data: event } of frames.map((frame) => socketEvent.safeParse(frame))) {
      if (!event) continue;
      const { connection_id: connection = last.connection, post, channel_type: type, channel_display_name: title } = event.data;
      gap ||= connection !== last.connection || event.seq !== last.seq + 1;
      last = { connection, seq: event.seq, since: Math.max(last.since, post?.update_at ?? 0) };
      const channel = post?.channel_id ?? event.broadcast.channel_id;
      if (channel === undefined) continue;
      if (type !== "") places.set(channel, placeOf(type, title));
      events = [...events, ...decodeEvent(event, `${connection}:${event.seq}`, view(channel))];
    }
    if (gap && !first) {
      const { all, now } = await channelsOf(account, signal);
      learn(all);
      const read = await missed(account, all, Math.max(1, at.since - overlapMs), view, signal);
      events = [...new Map([...read, ...events].map((event) => [event.key, event])).values()];
      last = { ...last, since: Math.max(last.since, now) };
    }
    if (gap || events.length > 0) await inbox.receive(events, JSON.stringify(last));
    first = false;
    at = last;
    inbox.alive();
  };

  try {
    // That says also whether the token still holds; the socket doesn't.
    const { all, now } = await channelsOf(account, signal);
    learn(all);
    if (first) {
      // Only what is said from the greeting on counts; it counts also if storing it fails.
      at = { ...at, since: now + overlapMs };
      await inbox.receive([], JSON.stringify(at));
    }
  } catch (error) {
    return signal.aborted ? undefined : faultOf(error, "store-unavailable");
  }
  const { connection, seq } = at;
  const resume = new URLSearchParams(connection ? { connection_id: connection, sequence_number: String(seq + 1) } : {});
  let said = 0;
  const ping = (say: Say) => say({ action: "ping", seq: ++said });
  return runSocket(
    {
      address: `${address(account, "/websocket").replace(/^http/, "ws")}?${resume}`,
      headers: authorization(account),
      ...{ platform: "Mattermost", clock, maxBytes: 16 * 1024 * 1024, quietMs, opened: ping, nudge: ping, take },
    },
    signal,
  );
}

import { WebSocket } from "ws";
import { z } from "zod";
import type { Cancel } from "../../core/clock.ts";
import { type Fault, fault } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import type { DiscordAccount } from "./settings.ts";

/** What a connection goes on from. `seq` is that of the last dispatch whose events are on disk. */
export interface Session {
  readonly id: string;
  readonly url: string;
  readonly seq: number;
}

export interface RawDispatch {
  readonly seq: number;
  readonly name: string;
  readonly data: unknown;
}

/** How a connection ended. `resume`: the same session may go on over the next one. */
export type End =
  | { readonly kind: "again"; readonly resume: boolean; readonly worked: boolean }
  | { readonly kind: "fault"; readonly fault: Fault };

export interface ShardOptions {
  readonly account: DiscordAccount;
  readonly address: string;
  readonly identify: () => Promise<object>;
  readonly session: Session | undefined;
  readonly dispatch: (dispatch: RawDispatch) => void;
  readonly signal: AbortSignal;
}

const frame = z.object({ op: z.int(), d: z.unknown().optional(), s: z.int().nullish(), t: z.string().nullish() });
const hello = z.object({ heartbeat_interval: z.number().min(1_000).max(600_000) });
/** Bytes of one frame; a large server is told of in one. */
const maxBytes = 64 * 1024 * 1024;

/** https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes: a person must act. */
const fatal: ReadonlyMap<number, Fault> = new Map([
  [4004, fault("channel-auth", "Discord refused the botToken (4004)")],
  [4010, fault("account-invalid", "Discord refused the shard (4010): check shards")],
  [4011, fault("account-invalid", "the bot is in too many servers for this number of shards (4011): raise shards")],
  [4012, fault("account-invalid", "Discord no longer speaks this version of its gateway (4012): check apiRoot")],
  [4013, fault("account-invalid", "Discord refused the intents (4013)")],
  [
    4014,
    fault(
      "account-invalid",
      "the bot may not read messages (4014): switch on Message Content Intent on the application's page Bot, or set messageContent to false",
    ),
  ],
]);
/** The session is over: a new one must begin. */
const sessionOver = new Set([1000, 1001, 4003, 4005, 4007, 4009]);

/**
 * One connection to the gateway, from hello to its end: https://docs.discord.com/developers/events/gateway. It is left without a close frame, so
 * that the session can be resumed, also by the next process.
 */
export function runShard({ account, address, identify, session, dispatch, signal }: ShardOptions): Promise<End> {
  return new Promise((resolve) => {
    const { clock } = account;
    const socket = new WebSocket(address, { handshakeTimeout: 20_000, maxPayload: maxBytes, perMessageDeflate: false });
    let done = false;
    let worked = false;
    let last = session?.seq ?? null;
    let acknowledged = true;
    let cancel: Cancel = clock.after(30_000, () => finish({ kind: "again", resume: true, worked }));

    const finish = (end: End): void => {
      if (done) return;
      done = true;
      cancel();
      signal.removeEventListener("abort", abort);
      socket.terminate();
      resolve(end);
    };
    const again = (resume: boolean) => finish({ kind: "again", resume, worked });
    const abort = () => again(true);
    const say = (op: number, d: unknown) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ op, d }));
    };
    const beat = (interval: number, wait: number): void => {
      cancel();
      cancel = clock.after(wait, () => {
        // Nothing came back since the last beat: the other side is gone.
        if (!acknowledged) return again(true);
        acknowledged = false;
        say(1, last);
        beat(interval, interval);
      });
    };
    const greet = async (interval: number): Promise<void> => {
      beat(interval, interval * Math.random());
      const { botToken: token } = account.settings;
      if (session) say(6, { token, session_id: session.id, seq: session.seq });
      else say(2, await identify());
    };
    const read = ({ op, d, s, t }: z.infer<typeof frame>): void => {
      if (op === 10) {
        const { data } = hello.safeParse(d);
        if (data) void greet(data.heartbeat_interval);
        else again(true);
      } else if (op === 11) acknowledged = true;
      else if (op === 1) say(1, last);
      else if (op === 7) again(true);
      else if (op === 9) again(d === true);
      else if (op === 0 && t && typeof s === "number") {
        last = s;
        if (t === "READY" || t === "RESUMED") worked = true;
        dispatch({ seq: s, name: t, data: d });
      }
    };

    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) return abort();
    socket.on("message", (bytes) => {
      const json = parseJson(bytes as Buffer);
      const { data } = frame.safeParse(json.ok ? json.value : undefined);
      if (done) return;
      if (data) read(data);
      else account.log.error("discord-frame-unreadable");
    });
    socket.on("error", () => again(true));
    socket.on("close", (code) => {
      const why = fatal.get(code);
      if (why) finish({ kind: "fault", fault: why });
      else again(!sessionOver.has(code));
    });
  });
}

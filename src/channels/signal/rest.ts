import { WebSocket } from "ws";
import { type Fault, fail, fault, ok, type Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { parseJson } from "../../core/json.ts";
import { type CallFailure, callPlatform, fieldsOf, outcomeOf, type PlatformAnswer, type Refusal } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import type { Arrived, Daemon } from "./daemon.ts";
import { byWords, captcha } from "./failure.ts";
import type { SignalAccount } from "./settings.ts";

/** https://bbernhard.github.io/signal-cli-rest-api. It takes no ranges of styles, so that words go plain. */
export const rest: Daemon = {
  async check(account, signal) {
    const answer = await call(account, "GET", "/v1/accounts", undefined, signal);
    if (!answer.ok) return { ok: false, fault: answer.fault.fault };
    const { account: wanted } = account.settings;
    if (Array.isArray(answer.value) && answer.value.includes(wanted)) return ok(true);
    return fail("account-invalid", `signal-cli has no account ${wanted}: register or link it first`);
  },

  async send(account, { chat, text, attachments, quote }, signal) {
    const body = {
      number: account.settings.account,
      recipients: [recipientOf(chat)],
      message: text,
      text_mode: "normal",
      ...(attachments.length > 0 ? { base64_attachments: attachments } : {}),
      ...(quote ? { quote_timestamp: quote.timestamp, quote_author: quote.author } : {}),
    };
    const answer = await call(account, "POST", "/v2/send", body, signal, 180_000);
    if (!answer.ok) return outcomeOf(answer.fault);
    const { timestamp } = fieldsOf(answer.value);
    if (/^\d+$/.test(String(timestamp))) return { kind: "sent", receipt: String(timestamp) };
    return { kind: "unknown", code: "channel-unknown", message: "signal-cli took the message, but its answer names none" };
  },

  async react(account, chat, { author, timestamp }, emoji, remove, signal) {
    const body = { recipient: recipientOf(chat), reaction: emoji, target_author: author, timestamp };
    const answer = await call(account, remove ? "DELETE" : "POST", own(account, "reactions"), body, signal);
    return answer.ok ? undefined : answer.fault.fault;
  },

  async remove(account, chat, timestamp, signal) {
    const answer = await call(account, "DELETE", own(account, "remote-delete"), { recipient: recipientOf(chat), timestamp }, signal);
    return answer.ok ? undefined : answer.fault.fault;
  },

  async typing(account, chat, signal) {
    await call(account, "PUT", own(account, "typing-indicator"), { recipient: recipientOf(chat) }, signal);
  },

  async attachment(account, _chat, id, signal) {
    const url = address(account, `/v1/attachments/${encodeURIComponent(id)}`);
    const answer = await account.http.send({ method: "GET", url, timeoutMs: 120_000, maxBytes: 50_000_000, signal });
    if (!answer.ok) return { ok: false, fault: answer.fault };
    const { status, body } = answer.value;
    return status === 200 ? ok(body) : fail("file-refused", `the attachment isn't there any more: ${status}`);
  },

  async poll(account, signal) {
    const answer = await call(account, "GET", `${own(account, "receive")}?timeout=20&max_messages=10`, undefined, signal, 60_000);
    return answer.ok ? ok(Array.isArray(answer.value) ? answer.value : []) : answer;
  },

  events,
};

/** Milliseconds without a word or a ping. */
const silenceMs = 150_000;

/** What comes while nobody is connected is gone: https://github.com/bbernhard/signal-cli-rest-api/issues/834 */
async function* events(account: SignalAccount, _cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Arrived, Fault> {
  const socket = new WebSocket(address(account, own(account, "receive")).replace(/^http/, "ws"), { handshakeTimeout: 20_000 });
  const waiting: Json[] = [];
  let ended = signal.aborted;
  let wake = () => {};
  const heard = () => wake();
  const end = () => {
    ended = true;
    wake();
  };
  socket.on("message", (data) => {
    const json = parseJson(data as Buffer);
    if (json.ok) waiting.push(json.value);
    wake();
  });
  socket.on("ping", heard);
  socket.on("open", heard);
  socket.on("error", end);
  socket.on("close", end);
  signal.addEventListener("abort", end, { once: true });
  try {
    while (!ended) {
      const silent = account.clock.after(silenceMs, end);
      if (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      silent();
      if (!ended) yield { items: waiting.splice(0) };
    }
    return fault("channel-retry", "the socket to signal-cli-rest-api ended, or couldn't be opened: is its MODE json-rpc?");
  } finally {
    signal.removeEventListener("abort", end);
    socket.terminate();
  }
}

async function call(
  account: SignalAccount,
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  body: object | undefined,
  signal: AbortSignal,
  timeoutMs = 30_000,
): Promise<Result<Json, CallFailure>> {
  const answer = await callPlatform(account.http, {
    platform: "signal-cli-rest-api",
    what: `${method} ${path.split("/").slice(0, 3).join("/")}`,
    request: {
      method,
      url: address(account, path),
      ...(body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {}),
      timeoutMs,
      maxBytes: 50_000_000,
      signal,
    },
    secrets: [],
    refusal,
  });
  return answer.ok ? ok(answer.value.json) : answer;
}

/** `SendMessageError` of its description: words of signal-cli's, and tokens where Signal wants a captcha. */
function refusal({ status, json }: PlatformAnswer): Refusal | undefined {
  const { error, challenge_tokens: tokens } = fieldsOf(json);
  if (status < 300 || typeof error !== "string") return undefined;
  if (Array.isArray(tokens) && tokens.length > 0) return captcha("", String(tokens[0]));
  return { word: "", said: error, ...byWords(error) };
}

/** It names groups by the base64 of their base64: https://github.com/bbernhard/signal-cli-rest-api/blob/master/src/client/client.go */
function recipientOf({ kind, id }: Chat): string {
  return kind === "group" ? `group.${Buffer.from(id).toString("base64")}` : id;
}

function own({ settings }: SignalAccount, what: string): string {
  return `/v1/${what}/${encodeURIComponent(settings.account)}`;
}

function address({ settings }: SignalAccount, path: string): string {
  return settings.url.replace(/\/+$/, "") + path;
}

import { WebSocket } from "ws";
import { type Fault, fail, fault, ok, type Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { parseJson } from "../../core/json.ts";
import { type CallFailure, fieldsOf, type PlatformAnswer, type Refusal } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import { type Arrived, addressOf, call, type Daemon, type Task } from "./daemon.ts";
import { byWords, captcha } from "./failure.ts";
import type { SignalAccount } from "./settings.ts";

/** https://bbernhard.github.io/signal-cli-rest-api. It takes no ranges of styles, so that words go plain. */
export const rest: Daemon = {
  async check(account, signal) {
    const answer = await ask(account, ["GET", "/v1/accounts"], signal);
    if (!answer.ok) return { ok: false, fault: answer.fault.fault };
    const { account: wanted } = account.settings;
    const known = Array.isArray(answer.value) && answer.value.includes(wanted);
    return known ? ok(true) : fail("account-invalid", `signal-cli has no account ${wanted}: register or link it first`);
  },

  perform: (account, task, signal) => ask(account, inWords(task, account.settings.account), signal),

  async attachment(account, _chat, id, signal) {
    const url = addressOf(account, `/v1/attachments/${encodeURIComponent(id)}`);
    const answer = await account.http.send({ method: "GET", url, timeoutMs: 120_000, maxBytes: 50_000_000, signal });
    if (!answer.ok) return { ok: false, fault: answer.fault };
    const { status, body } = answer.value;
    return status === 200 ? ok(body) : fail("file-refused", `the attachment isn't there any more: ${status}`);
  },

  events,
};

type Request = readonly [method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object];

function inWords(task: Task, number: string): Request {
  const own = (what: string) => `/v1/${what}/${encodeURIComponent(number)}`;
  switch (task.do) {
    case "send": {
      const { chat, text: message, attachments, quote } = task;
      const quoted = quote && { quote_timestamp: quote.timestamp, quote_author: quote.author };
      const files = attachments.length > 0 && { base64_attachments: attachments };
      return ["POST", "/v2/send", { number, recipients: [recipientOf(chat)], message, text_mode: "normal", ...files, ...quoted }];
    }
    case "react": {
      const { chat, target, emoji: reaction, remove } = task;
      const body = { recipient: recipientOf(chat), reaction, target_author: target.author, timestamp: target.timestamp };
      return [remove ? "DELETE" : "POST", own("reactions"), body];
    }
    case "remove":
      return ["DELETE", own("remote-delete"), { recipient: recipientOf(task.chat), timestamp: task.timestamp }];
    case "type":
      return ["PUT", own("typing-indicator"), { recipient: recipientOf(task.chat) }];
    case "receive":
      return ["GET", `${own("receive")}?timeout=20&max_messages=10`];
  }
}

/** It names groups by the base64 of their base64: https://github.com/bbernhard/signal-cli-rest-api/blob/master/src/client/client.go */
function recipientOf({ kind, id }: Chat): string {
  return kind === "group" ? `group.${Buffer.from(id).toString("base64")}` : id;
}

/** Milliseconds without a word or a ping. */
const silenceMs = 150_000;

/** What comes while nobody is connected is gone: https://github.com/bbernhard/signal-cli-rest-api/issues/834 */
async function* events(account: SignalAccount, _cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Arrived, Fault> {
  const address = addressOf(account, `/v1/receive/${encodeURIComponent(account.settings.account)}`).replace(/^http/, "ws");
  const socket = new WebSocket(address, { handshakeTimeout: 20_000 });
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
  for (const sign of ["ping", "open"] as const) socket.on(sign, heard);
  for (const sign of ["error", "close"] as const) socket.on(sign, end);
  signal.addEventListener("abort", end, { once: true });
  try {
    while (!ended) {
      const enough = account.clock.after(silenceMs, end);
      if (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      enough();
      if (!ended) yield { items: waiting.splice(0) };
    }
    return fault("channel-retry", "the socket to signal-cli-rest-api ended, or couldn't be opened: is its MODE json-rpc?");
  } finally {
    signal.removeEventListener("abort", end);
    socket.terminate();
  }
}

function ask(account: SignalAccount, [method, path, body]: Request, signal: AbortSignal): Promise<Result<Json, CallFailure>> {
  // Without the number.
  const what = `${method} ${path.split("/").slice(0, 3).join("/")}`;
  return call(account, { platform: "signal-cli-rest-api", what, method, path, body, refusal }, signal);
}

/** `SendMessageError` of its description: words of signal-cli's, and tokens where Signal wants a captcha. */
function refusal({ status, json }: PlatformAnswer): Refusal | undefined {
  const { error, challenge_tokens: tokens } = fieldsOf(json);
  if (status < 300 || typeof error !== "string") return undefined;
  if (Array.isArray(tokens) && tokens.length > 0) return captcha("", String(tokens[0]));
  return { word: "", said: error, ...byWords(error) };
}

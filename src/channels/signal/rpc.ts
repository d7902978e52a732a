import { type Fault, fail, fault, faultOf, ok, type Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { parseJson } from "../../core/json.ts";
import { type CallFailure, callPlatform, fieldsOf, outcomeOf, type PlatformAnswer, type Refusal } from "../../core/platform-call.ts";
import { eventReader } from "../../core/sse.ts";
import type { Json } from "../../core/terms.ts";
import type { Arrived, Daemon } from "./daemon.ts";
import { refusalOf, untrusted } from "./failure.ts";
import { isPerson, type SignalAccount } from "./settings.ts";

/** signal-cli's daemon by HTTP: https://github.com/AsamK/signal-cli/blob/master/man/signal-cli-jsonrpc.5.adoc */
export const rpc: Daemon = {
  async check(account, signal) {
    const answer = await call(account, "listAccounts", undefined, signal);
    // A daemon that was started for one account has no list of them.
    if (!answer.ok) return answer.fault.word === "-32601" ? ok(true) : { ok: false, fault: answer.fault.fault };
    const known = (Array.isArray(answer.value) ? answer.value : []).map(fieldsOf);
    const { account: wanted } = account.settings;
    if (known.some(({ number, aci }) => number === wanted || aci === wanted)) return ok(true);
    return fail("account-invalid", `signal-cli has no account ${wanted}: register or link it first`);
  },

  async send(account, { chat, text, styles, attachments, quote }, signal) {
    const params = {
      ...to(chat),
      ...(text ? { message: text } : {}),
      ...(styles.length > 0 ? { textStyles: styles } : {}),
      ...(attachments.length > 0 ? { attachments } : {}),
      ...(quote ? { quoteTimestamp: quote.timestamp, quoteAuthor: quote.author } : {}),
    };
    const answer = await call(account, "send", params, signal, 180_000);
    if (!answer.ok) return outcomeOf(answer.fault);
    const { timestamp } = fieldsOf(answer.value);
    if (typeof timestamp === "number") return { kind: "sent", receipt: String(timestamp) };
    return { kind: "unknown", code: "channel-unknown", message: "signal-cli took the message, but its answer names none" };
  },

  async react(account, chat, { author, timestamp }, emoji, remove, signal) {
    const params = { ...to(chat), emoji, targetAuthor: author, targetTimestamp: timestamp, ...(remove ? { remove } : {}) };
    const answer = await call(account, "sendReaction", params, signal);
    return answer.ok ? undefined : answer.fault.fault;
  },

  async remove(account, chat, timestamp, signal) {
    const answer = await call(account, "remoteDelete", { ...to(chat), targetTimestamp: timestamp }, signal);
    return answer.ok ? undefined : answer.fault.fault;
  },

  async typing(account, chat, signal) {
    await call(account, "sendTyping", to(chat), signal);
  },

  async attachment(account, chat, id, signal) {
    const answer = await call(
      account,
      "getAttachment",
      { id, ...(isPerson(chat) ? { recipient: chat } : { groupId: chat }) },
      signal,
      120_000,
    );
    if (!answer.ok) return { ok: false, fault: answer.fault.fault };
    const { data } = fieldsOf(answer.value);
    return typeof data === "string"
      ? ok(Buffer.from(data, "base64"))
      : fail("file-refused", "signal-cli doesn't have the attachment any more");
  },

  async poll(account, signal) {
    const answer = await call(account, "receive", { timeout: 20, maxMessages: 10 }, signal, 60_000);
    return answer.ok ? ok(Array.isArray(answer.value) ? answer.value : []) : answer;
  },

  events,
};

/** The daemon keeps its last 1,000 events while it runs; it begins again behind the one that the cursor names, or with the first of them. */
async function* events(account: SignalAccount, cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Arrived, Fault> {
  const { url, account: number } = account.settings;
  const headers = { accept: "text/event-stream", "last-event-id": cursor ?? "none" };
  // It says something every 15 seconds.
  const opened = await account.http.stream({
    method: "GET",
    url: `${base(url)}/api/v1/events?account=${encodeURIComponent(number)}`,
    headers,
    stallMs: 60_000,
    maxBytes: Number.MAX_SAFE_INTEGER,
    signal,
  });
  if (!opened.ok) return opened.fault;
  if (opened.value.status !== 200) return fault("account-invalid", `signal-cli has no events for ${number}: ${opened.value.status}`);
  const read = eventReader();
  try {
    for await (const chunk of opened.value.body) {
      const came = read(chunk);
      const last = came.findLast(({ id }) => id)?.id;
      const items = came.flatMap(({ data }) => {
        const json = parseJson(Buffer.from(data));
        return json.ok ? [json.value] : [];
      });
      yield { items, ...(last === undefined ? {} : { cursor: last }) };
    }
  } catch (thrown) {
    return faultOf(thrown, "channel-retry");
  }
  return fault("channel-retry", "signal-cli ended its events");
}

async function call(
  account: SignalAccount,
  method: string,
  params: object | undefined,
  signal: AbortSignal,
  timeoutMs = 30_000,
): Promise<Result<Json, CallFailure>> {
  const body = { jsonrpc: "2.0", id: "1", method, params: params && { account: account.settings.account, ...params } };
  const answer = await callPlatform(account.http, {
    platform: "signal-cli",
    what: method,
    request: {
      method: "POST",
      url: `${base(account.settings.url)}/api/v1/rpc`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      timeoutMs,
      maxBytes: 50_000_000,
      signal,
    },
    secrets: [],
    refusal,
  });
  return answer.ok ? ok(fieldsOf(answer.value.json).result ?? null) : answer;
}

/** https://www.jsonrpc.org/specification#error_object, and signal-cli's own numbers in SignalJsonRpcCommandHandler.java. */
function refusal({ status, json }: PlatformAnswer): Refusal | undefined {
  const { error, result } = fieldsOf(json);
  if (error === undefined)
    return status < 300 && result === undefined
      ? { code: "channel-unreachable", word: "", said: "an answer without a result", sure: false }
      : undefined;
  const { code, message, data } = fieldsOf(error);
  const [word, said] = [String(code), String(message ?? "")];
  if (code === -4) return untrusted(word);
  // An I/O error, or one of its own: nobody can say how far it came.
  if (code === -3 || code === -32603) return { code: "channel-retry", word, said, sure: false };
  return refusalOf(word, said, fieldsOf(fieldsOf(data).response).results);
}

function to(chat: Chat): object {
  return chat.kind === "group" ? { groupId: chat.id } : { recipient: [chat.id] };
}

function base(url: string): string {
  return url.replace(/\/+$/, "");
}

import { type Fault, fail, fault, faultOf, ok, type Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import { parseJson } from "../../core/json.ts";
import { type CallFailure, fieldsOf, type PlatformAnswer, type Refusal } from "../../core/platform-call.ts";
import { eventReader } from "../../core/sse.ts";
import type { Json } from "../../core/terms.ts";
import { type Arrived, addressOf, call, type Daemon, type Task } from "./daemon.ts";
import { refusalOf, untrusted } from "./failure.ts";
import { isPerson, type SignalAccount } from "./settings.ts";

/** signal-cli's daemon by HTTP: https://github.com/AsamK/signal-cli/blob/master/man/signal-cli-jsonrpc.5.adoc */
export const rpc: Daemon = {
  async check(account, signal) {
    const answer = await ask(account, "listAccounts", undefined, signal);
    // A daemon that was started for one account has no list of them.
    if (!answer.ok) return answer.fault.word === "-32601" ? ok(true) : { ok: false, fault: answer.fault.fault };
    const { account: wanted } = account.settings;
    const known = Array.isArray(answer.value) && answer.value.map(fieldsOf).some(({ number, aci }) => number === wanted || aci === wanted);
    return known ? ok(true) : fail("account-invalid", `signal-cli has no account ${wanted}: register or link it first`);
  },

  perform: (account, task, signal) => ask(account, ...inWords(task), signal),

  async attachment(account, chat, id, signal) {
    const answer = await ask(account, "getAttachment", { id, ...(isPerson(chat) ? { recipient: chat } : { groupId: chat }) }, signal);
    if (!answer.ok) return { ok: false, fault: answer.fault.fault };
    const { data } = fieldsOf(answer.value);
    if (typeof data !== "string") return fail("file-refused", "signal-cli doesn't have the attachment any more");
    return ok(Buffer.from(data, "base64"));
  },

  events,
};

/** The method and its parameters, which are those of the command: https://github.com/AsamK/signal-cli/blob/master/man/signal-cli.1.adoc */
function inWords(task: Task): readonly [method: string, params: object] {
  switch (task.do) {
    case "send": {
      const { chat, text, styles, attachments, quote } = task;
      const quoted = quote && { quoteTimestamp: quote.timestamp, quoteAuthor: quote.author };
      const words = { ...(text && { message: text }), ...(styles.length > 0 && { textStyles: styles }) };
      return ["send", { ...to(chat), ...words, ...(attachments.length > 0 && { attachments }), ...quoted }];
    }
    case "react": {
      const { chat, target, emoji, remove } = task;
      const reaction = { emoji, targetAuthor: target.author, targetTimestamp: target.timestamp };
      return ["sendReaction", { ...to(chat), ...reaction, ...(remove && { remove }) }];
    }
    case "remove":
      return ["remoteDelete", { ...to(task.chat), targetTimestamp: task.timestamp }];
    case "type":
      return ["sendTyping", to(task.chat)];
    case "receive":
      return ["receive", { timeout: 20, maxMessages: 10 }];
  }
}

function to({ kind, id }: Chat): object {
  return kind === "group" ? { groupId: id } : { recipient: [id] };
}

/** The daemon keeps its last 1,000 events while it runs; it begins again behind the one that the cursor names, or with the first of them. */
async function* events(account: SignalAccount, cursor: string | undefined, signal: AbortSignal): AsyncGenerator<Arrived, Fault> {
  const number = account.settings.account;
  // It says something every 15 seconds.
  const opened = await account.http.stream({
    method: "GET",
    url: addressOf(account, `/api/v1/events?account=${encodeURIComponent(number)}`),
    headers: { accept: "text/event-stream", "last-event-id": cursor ?? "none" },
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
      const items = came.map(({ data }) => parseJson(Buffer.from(data))).flatMap((json) => (json.ok ? [json.value] : []));
      yield { items, ...(last === undefined ? {} : { cursor: last }) };
    }
  } catch (thrown) {
    return faultOf(thrown, "channel-retry");
  }
  return fault("channel-retry", "signal-cli ended its events");
}

async function ask(
  account: SignalAccount,
  method: string,
  params: object | undefined,
  signal: AbortSignal,
): Promise<Result<Json, CallFailure>> {
  const body = { jsonrpc: "2.0", id: "1", method, params: params && { account: account.settings.account, ...params } };
  const answer = await call(account, { platform: "signal-cli", what: method, method: "POST", path: "/api/v1/rpc", body, refusal }, signal);
  return answer.ok ? ok(fieldsOf(answer.value).result ?? null) : answer;
}

/** https://www.jsonrpc.org/specification#error_object, and signal-cli's own numbers in SignalJsonRpcCommandHandler.java. */
function refusal({ status, json }: PlatformAnswer): Refusal | undefined {
  const { error, result } = fieldsOf(json);
  const { code, message, data } = fieldsOf(error);
  if (code === undefined) {
    if (status >= 300 || result !== undefined) return undefined;
    return { code: "channel-unreachable", word: "", said: "an answer without a result", sure: false };
  }
  const [word, said] = [String(code), String(message ?? "")];
  if (code === -4) return untrusted(word);
  // An I/O error, or one of its own: nobody can say how far it came.
  if (code === -3 || code === -32603) return { code: "channel-retry", word, said, sure: false };
  return refusalOf(word, said, fieldsOf(fieldsOf(data).response).results);
}

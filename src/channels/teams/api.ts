import { type ErrorCode, ok, type Result } from "../../core/errors.ts";
import type { Chat } from "../../core/event.ts";
import type { HttpRequest } from "../../core/http.ts";
import { type CallFailure, callPlatform, failed, fieldsOf, type PlatformAnswer, type Refusal } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";
import { heldOf } from "./held.ts";
import type { TeamsAccount } from "./settings.ts";

/** Calls `path` below a chat: https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference */
export async function call(
  account: TeamsAccount,
  chat: Chat,
  method: HttpRequest["method"],
  path: string,
  signal: AbortSignal,
  json?: object,
): Promise<Result<Json, CallFailure>> {
  const { token, serviceUrls } = heldOf(account);
  const id = conversationOf(chat);
  if (/^\.*$/.test(id) || !id.isWellFormed()) return failed("channel-permanent", "the chat has no id of Teams'");
  const base = serviceUrls.get(chat.id) ?? account.settings.serviceUrl;
  const url = `${base.replace(/\/+$/, "")}/v3/conversations/${encodeURIComponent(id)}${path}`;
  return token.use(async (text) => {
    const answer = await callPlatform(account.http, {
      platform: "Teams",
      what: `${method} ${path.split("/", 2).join("/")}`,
      request: {
        ...{ method, url, signal, trust: trustOf(account, url) },
        headers: { authorization: `Bearer ${text}`, ...(json ? { "content-type": "application/json" } : {}) },
        ...(json ? { body: JSON.stringify(json) } : {}),
      },
      secrets: [text],
      refusal,
    });
    return answer.ok ? ok(answer.value.json) : answer;
  });
}

/** A channel's thread is part of the id: https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations */
export function conversationOf({ id, thread }: Chat): string {
  return thread === undefined ? id : `${id};messageid=${thread}`;
}

/** An address that Teams named may lead to a private network only where the operator named that machine. */
export function trustOf({ settings }: TeamsAccount, url: string): NonNullable<HttpRequest["trust"]> {
  return URL.parse(url)?.origin === new URL(settings.serviceUrl).origin ? "configured" : "public";
}

/**
 * https://learn.microsoft.com/en-us/microsoftteams/platform/bots/how-to/conversations/conversation-messages#status-codes-from-bot-conversational-apis
 * 412, 429 and 503 say that nothing was done. Of 502 and 504 the page says only that they must be tried again: a 502 with Teams' own word is
 * taken as a failure, after a 504 the message may be there.
 */
function refusal({ status, json }: PlatformAnswer): Refusal | undefined {
  if (status < 300) return undefined;
  const { code, message } = fieldsOf(fieldsOf(json).error);
  const word = typeof code === "string" ? code : "";
  if (word === "" && ![401, 403, 412, 429, 503].includes(status)) return undefined;
  const sure = status < 500 || status === 502 || status === 503;
  return { code: codeOf(status, word), word, said: typeof message === "string" ? message : "", sure };
}

function codeOf(status: number, word: string): ErrorCode {
  if (status === 401) return "channel-auth";
  if (status === 412 || status === 429 || status >= 500) return "channel-retry";
  // An address of another cloud; one thing that the app may not do.
  if (status === 403) return word === "InvalidBotApiHost" || word === "NotEnoughPermissions" ? "channel-permanent" : "channel-gone";
  return word === "ConversationNotFound" || word === "BotNotInConversationRoster" ? "channel-gone" : "channel-permanent";
}

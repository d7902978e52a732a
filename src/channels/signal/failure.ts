import type { ErrorCode } from "../../core/errors.ts";
import type { Refusal } from "../../core/platform-call.ts";
import { fieldsOf } from "../../core/platform-call.ts";
import type { Json } from "../../core/terms.ts";

/**
 * What signal-cli says of a send that reached nobody. https://github.com/AsamK/signal-cli, SendMessageResultUtils.java and
 * JsonSendMessageResult.java: a result for each who was to get it; a `token` where Signal wants a captcha.
 */
export function refusalOf(word: string, said: string, results: Json | undefined): Refusal {
  const all = (Array.isArray(results) ? results : []).map(fieldsOf);
  const token = all.map((one) => one.token).find((one) => typeof one === "string");
  if (token !== undefined) return captcha(word, String(token));
  const types = new Set(all.map(({ type }) => String(type)));
  const seconds = Math.max(0, ...all.map((one) => Number(one.retryAfterSeconds) || 0));
  const more = { word: [...types].join(" ") || word, said };
  if (types.has("RATE_LIMIT_FAILURE")) {
    return { ...more, code: "channel-retry", sure: true, scope: "account", ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}) };
  }
  // An I/O error in the middle of it: the message may have left.
  if (types.has("NETWORK_FAILURE")) return { ...more, code: "channel-retry", sure: false };
  if (types.has("UNREGISTERED_FAILURE")) return { ...more, code: "channel-gone", sure: true };
  if (types.has("IDENTITY_FAILURE")) return untrusted(more.word);
  return { ...more, ...byWords(said) };
}

/** Only a person can solve it: the account says so until it works again. */
export function captcha(word: string, token: string): Refusal {
  const said =
    "Signal wants a captcha before it takes more: solve it at https://signalcaptchas.org/challenge/generate.html, then " +
    `signal-cli submitRateLimitChallenge --challenge ${token} --captcha <what the page's link holds>`;
  return { code: "channel-auth", word, said, sure: true };
}

export function untrusted(word: string): Refusal {
  const said = "the person's safety number changed: compare it with them, then signal-cli trust <number> --verified-safety-number <number>";
  return { code: "channel-permanent", word, said, sure: true };
}

const known: readonly (readonly [words: RegExp, code: ErrorCode, sure: boolean])[] = [
  [/account does not exist|valid account parameter|authorization failed/i, "channel-auth", true],
  [/rate.?limit/i, "channel-retry", true],
  [/not registered|unregistered|not a (group )?member|group not found|sending.* not allowed/i, "channel-gone", true],
  [/network|timed? ?out|connection|i\/?o error|ioexception|failed to send message/i, "channel-retry", false],
];

/** Where there are no results there are words. */
export function byWords(said: string): Pick<Refusal, "code" | "sure"> {
  const [, code, sure] = known.find(([words]) => words.test(said)) ?? [/./, "channel-permanent", true];
  return { code, sure };
}

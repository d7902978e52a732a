import { type ErrorCode, errorTable, type Fault } from "../../core/errors.ts";

/** What went wrong, as OpenAI's API says it: https://platform.openai.com/docs/guides/error-codes */
export interface ModelProblem {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly error: { readonly message: string; readonly type: string; readonly param: string | null; readonly code: string };
}

/** With the field that is wrong, where it is one. */
export interface ModelFault extends Fault {
  readonly param?: string;
  readonly afterMs?: number;
}

type Kind = readonly [status: number, type: string, code: string];

/** Where OpenAI has a code of its own, clients act on it. A key of the gateway's that is bad isn't the client's to mend: 502. */
const kinds: { readonly [code in ErrorCode]?: Kind } = {
  "login-required": [401, "invalid_request_error", "invalid_api_key"],
  "role-too-low": [403, "invalid_request_error", "insufficient_permissions"],
  "not-found": [404, "invalid_request_error", "model_not_found"],
  "budget-spent": [429, "insufficient_quota", "insufficient_quota"],
  "provider-quota": [429, "requests", "rate_limit_exceeded"],
  "provider-unavailable": [503, "server_error", "provider_unavailable"],
  "http-timeout": [504, "server_error", "timeout"],
  "context-too-long": [400, "invalid_request_error", "context_length_exceeded"],
  "answer-withheld": [400, "invalid_request_error", "content_filter"],
};

const secondsToWait = 5;
const paid: ReadonlySet<ErrorCode> = new Set(["http-timeout", "answer-broken"]);

export function modelProblem({ code, message, param, afterMs }: ModelFault): ModelProblem {
  const status = kinds[code]?.[0] ?? errorTable[code].status;
  const [, type, word] = kinds[code] ?? [status, status < 500 ? "invalid_request_error" : "server_error", code.replaceAll("-", "_")];
  const waits = status === 503 || code === "provider-quota";
  const headers: Record<string, string> = {
    "cache-control": "no-store",
    // The official clients read it: a budget that is used up isn't mended by asking again, and what took too long or came
    // to nothing was paid for.
    "x-should-retry": String(waits || (status >= 500 && !paid.has(code) && errorTable[code].retryable)),
    ...(status === 401 && { "www-authenticate": "Bearer" }),
    ...(waits && { "retry-after": String(afterMs === undefined ? secondsToWait : Math.max(1, Math.ceil(afterMs / 1000))) }),
  };
  const said = code === "internal" ? "something went wrong inside" : message;
  return { status, headers, error: { message: said, type, param: param ?? null, code: word } };
}

import { Text } from "./say.ts";

/**
 * The error table. Expected failure is a value of type `Fault` with one of these codes; a bug throws.
 * docs/errors.md is generated from this table, and a test holds the two together both ways.
 */
export const errorTable = {
  "setup-required": e(409, false, "Open the #setup= link that the gateway printed at its start, and create the owner."),
  "setup-refused": e(403, false, "Use the newest #setup= link; it is void once there is an owner."),
  "invitation-refused": e(403, false, "Ask whoever sent you the link for a new one; it works once, for a limited time."),
  "name-taken": e(409, false, "Choose another name."),
  "last-owner": e(409, false, "Make somebody else an owner first."),
  "login-required": e(401, false, "Sign in, or send `Authorization: Bearer <token>` with a token made by `POST /api/tokens`."),
  "login-refused": e(401, false, "Check the name and the password."),
  "role-too-low": e(403, false, "Ask an owner for a role that allows this."),
  "origin-refused": e(403, false, "Open the app under the address that the gateway serves, or add the address to `http.origins`."),
  "host-refused": e(421, false, "Use an address listed in `http.hosts`."),
  "too-many-attempts": e(429, true, "Wait for the number of seconds in Retry-After."),
  "request-invalid": e(400, false, "Correct the field named in the message."),
  "body-malformed": e(400, false, "Send valid JSON in UTF-8."),
  "body-too-large": e(413, false, "Send less; the limit is in the message."),
  "body-too-deep": e(400, false, "Nest less deeply; the limit is in the message."),
  "body-slow": e(408, true, "Send the whole request within the time named in the message."),
  "type-unsupported": e(415, false, "Send `Content-Type: application/json`."),
  "method-refused": e(405, false, "Use a method listed in the Allow header."),
  "not-found": e(404, false, "Check the id; it may belong to another tenant."),
  "version-conflict": e(409, false, "Someone changed it meanwhile: load it again and repeat."),
  "conversation-taken": e(409, false, "Leave it to whoever has it, or take it from them."),
  "account-unknown": e(404, false, "Check the address: the last part must be the id of a configured account."),
  "account-invalid": e(422, false, "Correct the account's settings that the message names."),
  "account-paused": e(503, true, "Resume the account in the web app."),
  "signature-missing": e(401, false, "Sign the request as the channel's page in the docs says."),
  "signature-invalid": e(401, false, "Check that both sides hold the same secret and that nothing changed the body on its way."),
  "signature-stale": e(401, false, "Check the clocks of both machines; a signed request is valid for 5 minutes."),
  "payload-unknown": e(422, false, "The platform sent something that the channel can't read; it is kept in the log of refusals."),
  "store-unavailable": e(
    503,
    true,
    "The message was not stored; send it again. Check disk space and permissions of the data folder, or whether the database can be reached.",
  ),
  "store-unfinished": e(503, false, "Call `polylogue migrate-store` again until it says that all is moved."),
  "store-differs": e(
    500,
    false,
    "Somebody wrote to one of the two meanwhile, or a disk is failing: empty what was being filled and begin anew.",
  ),
  "store-locked": e(503, false, "Another gateway runs on this data folder; stop it or set POLYLOGUE_HOME."),
  "store-too-new": e(500, false, "This data folder was written by a newer version: run that version, or restore a backup."),
  fenced: e(409, false, "Another worker took this work over; nothing was lost, nothing needs doing."),
  busy: e(503, true, "The gateway has too much to do at this moment; send it again in a moment."),
  "port-unavailable": e(503, false, "Set POLYLOGUE_PORT, or POLYLOGUE_HOST, to an address of this machine that is free."),
  "tls-unusable": e(503, false, "Correct `http.tls`: the certificate with its chain and the key that belongs to it, both readable."),
  draining: e(503, true, "The gateway is stopping; send it again in a moment."),
  "config-invalid": e(422, false, "Correct the setting that the message names; `polylogue config explain` shows where it comes from."),
  "config-unreadable": e(422, false, "Correct the syntax at the named line; the last good configuration keeps running."),
  "secret-missing": e(422, false, "Set it with `polylogue secrets set <name>`, or set the named environment variable or file."),
  "vault-locked": e(503, false, "Bring back the master key (OS keychain, POLYLOGUE_MASTER_KEY, or the key file) that encrypted the vault."),
  "vault-damaged": e(500, false, "Set the secret again with `polylogue secrets set <name>`, or restore a backup."),
  "channel-auth": e(502, false, "Make a new credential on the platform and set it in the account."),
  "channel-permanent": e(502, false, "Read the platform's message; sending the same again can't succeed."),
  "channel-gone": e(502, false, "The conversation no longer takes messages (blocked, deleted, left)."),
  "window-closed": e(
    422,
    false,
    "Wait until the person writes. In WhatsApp approved templates reach them (`polylogue send --template`, `templates` of the account); in Messenger and Instagram what an operator writes within 7 days (`humanAgent` of the account).",
  ),
  "room-encrypted": e(
    422,
    false,
    "Set the account's `encryption` to true (docs/channels/matrix.md), or talk in a room that isn't encrypted: nothing leaves in clear.",
  ),
  "template-refused": e(
    422,
    false,
    "`polylogue channels templates <account>` shows which templates can be sent, in which language and with which parameters.",
  ),
  "channel-retry": e(502, true, "It is tried again by itself."),
  "channel-unknown": e(502, false, "It may have arrived or not: look at the platform, then resend or drop it in the queue."),
  "channel-unreachable": e(502, true, "Check the address, DNS and the network of this machine; it is tried again by itself."),
  "provider-auth": e(502, false, "Set a valid key for the provider; `polylogue doctor` names the setting."),
  "provider-quota": e(502, true, "Raise the quota at the provider, or add a model to the agent's `models`."),
  "provider-spent": e(
    502,
    false,
    "The account at the provider has no money or reached its limit: pay or raise it, or add a model to the agent's `models`.",
  ),
  "provider-refused": e(502, false, "Read the provider's message; check the model's name and the request's size."),
  "answer-withheld": e(502, false, "The provider's content filter kept the answer back; the next model of the agent is tried."),
  "answer-broken": e(502, true, "The model said nothing, or ended its answer before it was whole; the next model of the agent is tried."),
  "provider-unavailable": e(502, true, "The next model of the agent is tried, then the turn is tried again."),
  "provider-malformed": e(502, true, "The provider broke its own format; the next model of the agent is tried."),
  "package-missing": e(
    422,
    false,
    "Install it with `polylogue models add <kind>` or `polylogue channels install <kind>`; the message names the kind.",
  ),
  "context-too-long": e(502, false, "Shorten the conversation (`/reset`) or choose a model with a larger context."),
  "turn-failed": e(500, true, "Look at the message's trace for the cause."),
  "http-unreachable": e(502, true, "Check the address, DNS and the network of this machine."),
  "http-timeout": e(504, true, "The other side didn't answer in the time named in the message; it may be overloaded."),
  "http-cut": e(502, true, "The other side, or something between, closed the connection in the middle."),
  "http-malformed": e(502, false, "The other side doesn't speak HTTP/1.1: check the address and its port."),
  "http-too-large": e(502, false, "The answer is larger than the limit in the message."),
  "sender-quota": e(429, false, "The sender had as many answers as `limits.sender.perDay` allows in a day; it goes on tomorrow (UTC)."),
  "budget-spent": e(429, false, "Raise it with `polylogue budgets raise`, or wait until its window ends."),
  aborted: e(499, true, "Whoever asked for it went away or took it back; nothing needs doing."),
  "file-refused": e(422, false, "The attachment is too large, of a refused type, or comes from a refused address."),
  "address-refused": e(422, false, "Private and special addresses are not fetched; allow one by name in `http.allowPrivate`."),
  "notices-unset": e(409, false, "Name at least one account and chat in `notices.to`."),
  "gateway-stopped": e(503, true, "Start the gateway with `polylogue start`, then try again."),
  usage: e(400, false, "Run the command with --help."),
  internal: e(500, true, "This is a bug: please report it with the request id."),
} as const satisfies Record<string, ErrorKind>;

export interface ErrorKind {
  /** What the HTTP API answers. */
  readonly status: number;
  /** Whether the same request can succeed later without a change. */
  readonly retryable: boolean;
  /** What to do. */
  readonly hint: string;
}

function e(status: number, retryable: boolean, hint: string): ErrorKind {
  return { status, retryable, hint };
}

export type ErrorCode = keyof typeof errorTable;

/** An expected failure: `message` says what was wrong and where; what to do stands in the table. Never holds a secret. */
export interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  /** The same message, where another language can say it. */
  readonly said?: Text;
  readonly cause?: unknown;
}

export type Result<Value, Failure = Fault> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly fault: Failure };

export function ok<Value>(value: Value): { ok: true; value: Value } {
  return { ok: true, value };
}

export function fail(code: ErrorCode, message: string | Text, cause?: unknown): { ok: false; fault: Fault } {
  return { ok: false, fault: fault(code, message, cause) };
}

export function fault(code: ErrorCode, message: string | Text, cause?: unknown): Fault {
  const said = typeof message === "string" ? { message } : { message: String(message), said: message };
  return cause === undefined ? { code, ...said } : { code, ...said, cause };
}

/** What to do about it, as it is said in any language. */
export function hintOf(code: ErrorCode): Text {
  return new Text(errorTable[code].hint);
}

/** Where a fault must travel by throwing (through a library's callback, out of a stream). */
export class FaultError extends Error {
  readonly fault: Fault;
  constructor(of: Fault) {
    super(of.message, { cause: of.cause });
    this.name = "FaultError";
    this.fault = of;
  }
}

/** Turns whatever was thrown into a fault; what isn't ours is `internal`. */
export function faultOf(thrown: unknown, code: ErrorCode = "internal"): Fault {
  if (thrown instanceof FaultError) return thrown.fault;
  return fault(code, thrown instanceof Error ? thrown.message : String(thrown), thrown);
}

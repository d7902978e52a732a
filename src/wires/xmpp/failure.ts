import type { Element } from "@xmpp/client";
import { type ErrorCode, type Fault, FaultError, fault } from "../../core/errors.ts";
import { withoutSecrets } from "../../core/secret-forms.ts";
import { ns } from "./names.ts";

/** Of stanzas: https://www.rfc-editor.org/rfc/rfc6120#section-8.3.3 */
const stanzas = table({
  "channel-gone":
    "forbidden gone item-not-found not-acceptable not-allowed not-authorized registration-required remote-server-not-found service-unavailable subscription-required",
});
/** Of logins and streams: https://www.rfc-editor.org/rfc/rfc6120#section-6.5 and https://www.rfc-editor.org/rfc/rfc6120#section-4.9.3 */
const streams = table({
  "channel-auth": "not-authorized account-disabled credentials-expired invalid-authzid",
  "channel-retry": "temporary-auth-failure conflict policy-violation resource-constraint internal-server-error undefined-condition",
  "channel-permanent": "host-unknown host-gone encryption-required mechanism-too-weak invalid-mechanism",
});

function table(conditions: Readonly<Partial<Record<ErrorCode, string>>>): ReadonlyMap<string, ErrorCode> {
  return new Map(Object.entries(conditions).flatMap(([code, all]) => all.split(" ").map((one) => [one, code as ErrorCode] as const)));
}

/** What somebody answered instead of doing it: an `<error/>` in a stanza. */
export function faultOfError(stanza: Element): Fault {
  const error = stanza.getChild("error");
  const condition = error?.getChildElements().find((child) => child.is(child.name, ns.stanzas) && child.name !== "text");
  return refusal(condition?.name ?? "undefined-condition", error?.attrs.type, error?.getChildText("text", ns.stanzas) ?? "");
}

function refusal(condition: string, type: string | undefined, text: string): Fault {
  const code: ErrorCode = type === "wait" ? "channel-retry" : (stanzas.get(condition) ?? "channel-permanent");
  return fault(code, `the server refused it: ${worded(condition, text)}`);
}

/** What the library threw: about a request (StanzaError), the login (SASLError), the stream (StreamError), or the socket. Nothing of it shows the password. */
export function faultOfThrown(thrown: unknown, password: string): Fault {
  if (thrown instanceof FaultError) return thrown.fault;
  const { name, condition, type, text, message } = thrown as Partial<Record<"name" | "condition" | "type" | "text" | "message", string>>;
  const safe = (words = "") => withoutSecrets(words, [password], "<password>");
  if (name === "StanzaError") return refusal(String(condition), type, safe(text));
  if (name !== "SASLError" && name !== "StreamError")
    return fault("channel-unreachable", `the connection broke: ${worded(safe(message), "")}`);
  const what = worded(String(condition), safe(text));
  const code = streams.get(String(condition)) ?? "channel-unreachable";
  if (code === "channel-auth") return fault(code, `the server refused the address or its password: ${what}`);
  if (condition === "conflict")
    return fault("channel-retry", "another program logged in as the same device; does a second gateway run with this account?");
  return fault(code, `the server ended it: ${what}`);
}

function worded(condition: string, text: string): string {
  return `${condition}${text === "" ? "" : ` (${text})`}`.replace(/\p{Cc}/gu, " ").slice(0, 200);
}

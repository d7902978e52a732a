import { createHash, createHmac } from "node:crypto";
import type { WebhookRequest, WebhookResult } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { isForm, parseForm } from "../../core/form.ts";
import { parseJson } from "../../core/json.ts";
import { fieldsOf } from "../../core/platform-call.ts";
import { sameText } from "../../core/same-text.ts";
import { decode, type Fields } from "./decode.ts";
import type { TwilioAccount } from "./settings.ts";

/** Nothing is said in the answer: what the agent says is sent by itself. https://www.twilio.com/docs/messaging/twiml */
const nothing = { status: 200, headers: { "content-type": "text/xml" }, body: '<?xml version="1.0" encoding="UTF-8"?><Response/>' };

/** Messages that came in, and what became of ours; both are posted here. */
export function webhook(account: TwilioAccount, request: WebhookRequest): Result<WebhookResult> {
  if (request.method !== "POST") return fail("method-refused", `set the webhook to HTTP POST; this was ${request.method}`);
  const fields = verified(account, request);
  if (!fields.ok) return fields;
  const events = decode(fields.value, account.settings.sender, account.clock.now());
  return events.ok ? ok({ events: events.value, response: nothing }) : events;
}

/**
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security: the signature covers the address as Twilio knows it, which is why it is the
 * public one and not what a proxy made of it, and the fields of a form, or by its hash in the address any other body. It holds no time: what
 * is repeated is known by its SID.
 */
function verified({ settings, webhookUrl }: TwilioAccount, { url, headers, body }: WebhookRequest): Result<Fields> {
  const given = headers["x-twilio-signature"];
  if (!given) return fail("signature-missing", "X-Twilio-Signature must be there");
  if (!webhookUrl) return fail("signature-invalid", "set http.publicUrl: what Twilio signs holds this gateway's public address");
  const query = url.includes("?") ? url.slice(url.indexOf("?")) : "";
  const parameters = new URLSearchParams(query);
  const form = isForm(headers) ? parseForm(body) : ok(new URLSearchParams());
  if (!form.ok) return form;
  if (!addresses(new URL(webhookUrl), query).some((one) => sameText(given, sign(settings.authToken, one, form.value)))) {
    return fail("signature-invalid", "X-Twilio-Signature doesn't fit the authToken, http.publicUrl and the body");
  }
  const delivery = parameters.get("delivery") ?? undefined;
  if (isForm(headers)) return ok({ ...Object.fromEntries([...form.value].reverse()), delivery });
  if (!sameText(parameters.get("bodySHA256") ?? "", createHash("sha256").update(body).digest("hex"))) {
    return fail("signature-invalid", "bodySHA256 isn't the hash of the body");
  }
  const json = parseJson(body);
  if (!json.ok) return json;
  const texts = Object.entries(fieldsOf(json.value)).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return ok({ ...Object.fromEntries(texts), delivery });
}

/**
 * Twilio's own libraries try it with the port and without, because "signature generation on the back end is inconsistent" (twilio-node,
 * src/webhooks/webhooks.ts). The query counts letter by letter as it came: https://github.com/twilio/twilio-node/issues/1183
 */
function addresses({ protocol, hostname, port, pathname }: URL, query: string): readonly string[] {
  const standard = protocol === "https:" ? "443" : "80";
  return ["", `:${port || standard}`].map((part) => `${protocol}//${hostname}${part}${pathname}${query}`);
}

/** Names in order; of several values of one name each once, in order. */
function sign(authToken: string, address: string, form: URLSearchParams): string {
  const names = [...new Set(form.keys())].sort();
  const fields = names.flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value));
  return createHmac("sha1", authToken)
    .update(address + fields.join(""))
    .digest("base64");
}

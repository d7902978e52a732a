import { randomUUID } from "node:crypto";
import { defineChannel, type Identity, type WebhookRequest, type WebhookResult } from "../../core/channel.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import { markdown } from "../../dialects/markdown.ts";
import { decode } from "./decode.ts";
import { german } from "./german.ts";
import { send, signedHeaders } from "./send.ts";
import { keysOf, type Settings, settings, type WebhookAccount } from "./settings.ts";
import { verify } from "./signature.ts";

/** Any program, in and out, by signed HTTP: https://www.standardwebhooks.com. The bodies: docs/channels/webhook.md */
export default defineChannel<Settings>({
  kind: "webhook",
  name: "Webhook",
  summary: "Your own program: it posts messages to the gateway and gets the answers posted back, both signed (Standard Webhooks).",
  settings,
  dialect: markdown,
  limits: {
    text: { max: 100_000, unit: "utf16", counts: "sent" },
    caption: { max: 100_000, unit: "utf16", counts: "sent" },
    // Nobody publishes a figure for one's own program: it says 429 or 503, with Retry-After, when it has had enough.
    rate: { account: Number.POSITIVE_INFINITY, conversation: Number.POSITIVE_INFINITY },
    file: { inbound: 20_000_000, outbound: 5_000_000 },
    buttons: { count: 100, label: 200 },
  },
  // Whoever holds the secret speaks for the senders.
  access: { direct: "open", group: "open" },
  idempotent: true,
  programs: true,
  guide: `
1. Make a secret: \`echo whsec_$(openssl rand -base64 32)\`. Both sides hold it.
2. **deliverTo** is the address in your program to which answers are posted.
3. Save. Your program posts messages to the account's webhook address, signed as
   [Standard Webhooks](https://www.standardwebhooks.com) says; libraries for most languages are listed there.
`.trim(),
  translations: { de: german },
  probe,
  webhook,
  send,

  /** The sender of a message chose the address: it must be a public one. */
  async locateFile(_account, ref) {
    return URL.canParse(ref) ? ok({ method: "GET", url: ref, trust: "public" }) : fail("file-refused", "the file's address is no URL");
  },
});

/**
 * Asks `deliverTo` for its head, signed. Any answer but a refusal of the signature shows that the right machine is there:
 * not every receiver knows the method.
 */
async function probe(account: WebhookAccount, signal: AbortSignal): Promise<Result<Identity>> {
  const headers = signedHeaders(account, `probe_${randomUUID()}`, "");
  if (headers === undefined) {
    return fail(
      "account-invalid",
      "secret must be base64 of at least 16 bytes, with or without whsec_ before it: echo whsec_$(openssl rand -base64 32)",
    );
  }
  const { deliverTo } = account.settings;
  const answer = await account.http.send({ method: "HEAD", url: deliverTo, headers, timeoutMs: 10_000, signal });
  if (!answer.ok) return { ok: false, fault: answer.fault };
  const { status } = answer.value;
  if (status === 401 || status === 403)
    return fail("channel-auth", `the receiver at ${new URL(deliverTo).host} refused the signature: ${status}`);
  if (status === 410) return fail("channel-permanent", `the receiver at ${new URL(deliverTo).host} wants no more messages: 410`);
  if (status >= 500 && status !== 501) return fail("channel-retry", `the receiver at ${new URL(deliverTo).host} answered ${status}`);
  return ok({ id: deliverTo, name: new URL(deliverTo).host });
}

/** Verified over the raw bytes, then parsed, then read. */
function webhook(account: WebhookAccount, request: WebhookRequest): Result<WebhookResult> {
  if (request.method !== "POST") return fail("method-refused", `messages are posted; this was ${request.method}`);
  const signed = verify(keysOf(account.settings).accepted, request, account.clock.now());
  if (!signed.ok) return signed;
  const json = parseJson(request.body, 32);
  if (!json.ok) return json;
  const event = decode(json.value, signed.value);
  if (!event.ok) return event;
  const body = JSON.stringify({ accepted: signed.value.id });
  return ok({ events: [event.value], response: { status: 202, headers: { "content-type": "application/json" }, body } });
}

import type { Account, Channel, WebhookRequest, WebhookResponse } from "../core/channel.ts";
import { fail, faultOf, ok, type Result } from "../core/errors.ts";
import type { PlatformEvent } from "../core/event.ts";

/**
 * A platform's request: verified over its raw bytes, decoded, stored, and only then answered. The platform sends again
 * whatever it gets no 2xx for, so every failure here is safe.
 */
export async function receiveWebhook(
  receive: (events: readonly PlatformEvent[]) => Promise<unknown>,
  channel: Channel,
  account: Account,
  request: WebhookRequest,
): Promise<Result<WebhookResponse>> {
  if (!channel.webhook)
    return fail("method-refused", `the account ${account.id} takes no webhooks: ${channel.name} is asked for its events`);
  try {
    const read = await channel.webhook(account, request);
    if (!read.ok) return read;
    await receive(read.value.events);
    return ok(read.value.response);
  } catch (thrown) {
    return { ok: false, fault: faultOf(thrown) };
  }
}

import type { Inbox } from "../../core/channel.ts";
import { sleep } from "../../core/clock.ts";
import { type Fault, faultOf, ok, type Result } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import { type CallFailure, fieldsOf } from "../../core/platform-call.ts";
import type { Instant, Json } from "../../core/terms.ts";
import { type Answer, address, call, own } from "./api.ts";
import { decode, type Fields } from "./decode.ts";
import type { TwilioAccount } from "./settings.ts";

/** Milliseconds. */
const minute = 60_000;
/** How long a message is left to its webhook, which tells more of it, before it is read from the list. */
const leftToWebhook = 2 * minute;
/** Between two looks at the list: behind webhooks, and in their place where there is no public address for them. */
const every = { behind: 5 * minute, alone: 15_000 };
/** How far back the first look of an account goes, and how far any: within the time for which known messages are known. */
const furthest = { first: 10 * minute, ever: 7 * 24 * 60 * minute };
/** One look; what is missing of days is read in pieces. */
const window = 6 * 60 * minute;
/** A list that is still being written: messages appear in it a little late. */
const overlap = minute;
const pageSize = 200;

/**
 * Twilio posts a message once and, if that fails, never again: https://www.twilio.com/docs/api/errors/11200. So its list of messages is read
 * from time to time for those that came in while nobody answered; what is known already is dropped by its SID. The cursor is the time up to
 * which that was done.
 */
export async function listen(account: TwilioAccount, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  const { clock, webhookUrl } = account;
  const behind = webhookUrl === undefined ? 0 : leftToWebhook;
  const stored = Number(inbox.cursor ?? Number.NaN);
  let done = Math.max(Number.isFinite(stored) ? stored : clock.now() - behind - furthest.first, clock.now() - furthest.ever);
  while (!signal.aborted) {
    const present = clock.now() - behind;
    const until = Math.min(present, done + window);
    if (until > done) {
      const events = await received(account, done - overlap, until, signal);
      if (signal.aborted) return undefined;
      if (!events.ok) return events.fault.fault;
      try {
        await inbox.receive(events.value, String(until));
      } catch (thrown) {
        return faultOf(thrown, "store-unavailable");
      }
      done = until;
    }
    inbox.alive();
    if (until === present) await sleep(clock, webhookUrl === undefined ? every.alone : every.behind, signal);
  }
  return undefined;
}

/** The messages that came in between two times, oldest first. The list begins with the newest: https://www.twilio.com/docs/messaging/api/message-resource */
async function received(
  account: TwilioAccount,
  from: Instant,
  to: Instant,
  signal: AbortSignal,
): Promise<Result<readonly PlatformEvent[], CallFailure>> {
  const { sender } = account.settings;
  const query = new URLSearchParams({ "DateSent>": iso(from), "DateSent<": iso(to), PageSize: String(pageSize) });
  if (!sender.startsWith("MG")) query.set("To", sender);
  let next: string | undefined = own(account, `/Messages.json?${query}`);
  const events: PlatformEvent[] = [];
  while (next !== undefined) {
    const page: Result<Answer, CallFailure> = await call(account, "GET", next, { signal });
    if (!page.ok) return page;
    for (const message of listOf(page.value.messages)) {
      if (message.direction !== "inbound" || (sender.startsWith("MG") && message.messaging_service_sid !== sender)) continue;
      const fields = await fieldsOfMessage(account, message, signal);
      if (!fields.ok) return fields;
      const at = Date.parse(String(message.date_sent ?? message.date_created));
      const decoded = decode(fields.value, sender, Number.isFinite(at) ? at : from);
      if (decoded.ok) events.push(...decoded.value);
      else account.log.warn("twilio-message-unreadable", { why: decoded.fault.message });
    }
    const { next_page_uri: uri } = page.value;
    next = typeof uri === "string" && uri.startsWith(own(account, "/Messages.json?")) ? uri : undefined;
  }
  return ok(events.reverse());
}

/** A message of the list in the words of a webhook; its media have a list of their own: https://www.twilio.com/docs/messaging/api/media-resource */
async function fieldsOfMessage(account: TwilioAccount, message: Answer, signal: AbortSignal): Promise<Result<Fields, CallFailure>> {
  const { sid, from, to, body, num_media: count } = message;
  const fields: Record<string, string> = { MessageSid: String(sid), From: String(from), To: String(to), Body: String(body ?? "") };
  if (!Number(count)) return ok(fields);
  const answer = await call(account, "GET", own(account, `/Messages/${sid}/Media.json`), { signal });
  if (!answer.ok) return answer;
  const media = listOf(answer.value.media_list);
  fields.NumMedia = String(media.length);
  for (const [index, { uri, content_type: type }] of media.entries()) {
    fields[`MediaUrl${index}`] = address(account.settings, String(uri).replace(/\.json$/, ""));
    fields[`MediaContentType${index}`] = String(type);
  }
  return ok(fields);
}

function listOf(value: Json | undefined): readonly Answer[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function iso(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

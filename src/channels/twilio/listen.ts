import type { Inbox } from "../../core/channel.ts";
import { sleep } from "../../core/clock.ts";
import { type Fault, faultOf, ok, type Result } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import type { CallFailure } from "../../core/platform-call.ts";
import type { Instant } from "../../core/terms.ts";
import { type Answer, address, call, listOf, own } from "./api.ts";
import { decode, type Fields } from "./decode.ts";
import type { TwilioAccount } from "./settings.ts";

/** Milliseconds. */
const minute = 60_000;
/** How long a message is left to its webhook, which tells more of it; and between two looks: behind webhooks, and alone without them. */
const pace = { behind: { leave: 2 * minute, every: 5 * minute }, alone: { leave: 0, every: 15_000 } };
/** How far back the first look of an account goes, and how far any: within the time for which messages are known. */
const furthest = { first: 10 * minute, ever: 7 * 24 * 60 * minute };
/** One look; days are read in pieces, which overlap because messages appear in the list a little late. */
const piece = { length: 6 * 60 * minute, overlap: minute, pageSize: 200 };

/**
 * Twilio posts a message once and, if that fails, never again: https://www.twilio.com/docs/api/errors/11200. So its list of messages is read
 * from time to time for those that came in while nobody answered; what is known already is dropped by its SID. The cursor is the time up to
 * which that was done.
 */
export async function listen(account: TwilioAccount, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  const { clock } = account;
  const { leave, every } = account.webhookUrl === undefined ? pace.alone : pace.behind;
  const stored = inbox.cursor === undefined ? clock.now() - leave - furthest.first : Number(inbox.cursor);
  let done = Math.max(stored, clock.now() - furthest.ever);
  while (!signal.aborted) {
    const present = clock.now() - leave;
    const until = Math.min(present, done + piece.length);
    if (until > done) {
      const events = await received(account, done - piece.overlap, until, signal);
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
    if (until === present) await sleep(clock, every, signal);
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
  const service = sender.startsWith("MG");
  const times = { "DateSent>": inSeconds(from), "DateSent<": inSeconds(to), PageSize: String(piece.pageSize) };
  let next: unknown = own(account, `/Messages.json?${new URLSearchParams(service ? times : { To: sender, ...times })}`);
  const events: PlatformEvent[] = [];
  while (typeof next === "string" && next.startsWith(own(account, "/Messages.json?"))) {
    const page: Result<Answer, CallFailure> = await call(account, "GET", next, { signal });
    if (!page.ok) return page;
    for (const message of listOf(page.value.messages)) {
      if (message.direction !== "inbound" || (service && message.messaging_service_sid !== sender)) continue;
      const fields = await fieldsOfMessage(account, message, signal);
      if (!fields.ok) return fields;
      const decoded = decode(fields.value, sender, Date.parse(String(message.date_sent)) || from);
      if (decoded.ok) events.push(...decoded.value);
      else account.log.warn("twilio-message-unreadable", { why: decoded.fault.message });
    }
    next = page.value.next_page_uri;
  }
  return ok(events.reverse());
}

/** As Twilio's own libraries write it. */
function inSeconds(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
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

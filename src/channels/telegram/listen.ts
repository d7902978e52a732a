import type { Inbox } from "../../core/channel.ts";
import { sleep } from "../../core/clock.ts";
import { type Fault, fault, faultOf } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import { fieldsOf } from "../../core/platform-call.ts";
import { type ApiFailure, call } from "./api.ts";
import { decode } from "./decode.ts";
import { ownId, ownName, type TelegramAccount } from "./settings.ts";
import { allowedUpdates, readUpdate } from "./update.ts";

/** Seconds that Telegram holds a poll open; the usual value, below the idle limit of common proxies. */
const pollSeconds = 50;
/** Longer than Telegram ever waits before it tries a refused update again (2 minutes), so that two looks see two failures. */
const webhookCheckMs = 300_000;

/** Receives in the way that the settings say, until the signal aborts or it can't go on. */
export function listen(account: TelegramAccount, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  return account.settings.mode === "webhook" ? watchWebhook(account, inbox, signal) : poll(account, inbox, signal);
}

/**
 * https://core.telegram.org/bots/api#getupdates: asking with an offset confirms, and so deletes, everything below it.
 * The cursor is the last stored `update_id`. After a week without updates Telegram goes on from a random id; an offset
 * beyond its newest one is then ignored by the server, so the batch's own last id counts, not the highest ever seen.
 */
async function poll(account: TelegramAccount, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  let cursor = inbox.cursor;
  let webhookDeleted = false;
  while (!signal.aborted) {
    const offset = cursor !== undefined && /^\d{1,15}$/.test(cursor) ? Number(cursor) + 1 : undefined;
    const parameters = { offset, limit: 100, timeout: pollSeconds, allowed_updates: allowedUpdates };
    const answer = await call(account, "getUpdates", parameters, {
      signal,
      timeoutMs: (pollSeconds + 15) * 1000,
      maxBytes: 64 * 1024 * 1024,
    });
    if (signal.aborted) return undefined;
    if (!answer.ok) {
      const failure = answer.fault;
      if (failure.status === 409 && /webhook/i.test(failure.word ?? "") && !webhookDeleted) {
        webhookDeleted = true;
        const deleted = await deleteWebhook(account, signal);
        if (deleted) return signal.aborted ? undefined : deleted;
        continue;
      }
      if (failure.status === 429) {
        account.log.warn("telegram-poll-limited", { retryAfterMs: failure.retryAfterMs });
        await sleep(account.clock, failure.retryAfterMs ?? 1000, signal);
        continue;
      }
      return pollFault(failure);
    }
    inbox.alive();
    const batch = readBatch(account, answer.value);
    if (!batch) return fault("channel-retry", "Telegram's answer to getUpdates was not a list of updates");
    if (batch.last === undefined) continue;
    try {
      await inbox.receive(batch.events, batch.last);
    } catch (error) {
      return faultOf(error, "store-unavailable");
    }
    cursor = batch.last;
  }
  return undefined;
}

function pollFault(failure: ApiFailure): Fault {
  if (failure.status === 409) {
    const why = /webhook/i.test(failure.word ?? "")
      ? "a webhook was set again for this bot after it had been removed: another program uses the same token"
      : "another program asks Telegram for this bot's updates with the same token";
    return fault("channel-retry", `${why} (409 ${failure.word})`);
  }
  if (failure.fault.code === "channel-auth")
    return fault("channel-auth", `Telegram refused the token: ${failure.status ?? ""} ${failure.word}`);
  return failure.fault;
}

/** Undone updates stay: they come through the next poll. */
async function deleteWebhook(account: TelegramAccount, signal: AbortSignal): Promise<Fault | undefined> {
  account.log.warn("telegram-webhook-deleted", { reason: "mode is poll, and Telegram allows only one of the two" });
  const answer = await call(account, "deleteWebhook", { drop_pending_updates: false }, { signal });
  return answer.ok ? undefined : answer.fault.fault;
}

/** Reads what can be read. What can't is passed over with a line in the log: it would come back for ever. */
function readBatch(account: TelegramAccount, result: unknown): { events: PlatformEvent[]; last: string | undefined } | undefined {
  if (!Array.isArray(result)) return undefined;
  const self = { id: ownId(account), name: ownName(account) };
  const events: PlatformEvent[] = [];
  let last: string | undefined;
  for (const raw of result as unknown[]) {
    const { update, problem } = readUpdate(raw);
    if (problem) account.log.error("telegram-update-unreadable", { update: update?.update_id, problem });
    if (!update) continue;
    last = String(update.update_id);
    const event = decode(update, self, account.clock.now());
    if (event?.kind === "move") account.log.warn("telegram-chat-moved", { from: event.from, to: event.chat.id });
    if (event) events.push(event);
  }
  return result.length > 0 && last === undefined ? undefined : { events, last };
}

/**
 * Tells Telegram where to deliver, then looks from time to time whether that still holds and works. The updates
 * themselves come to `webhook`. https://core.telegram.org/bots/api#setwebhook
 */
async function watchWebhook(account: TelegramAccount, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  const { webhookUrl, settings } = account;
  if (!webhookUrl) return fault("account-invalid", "mode webhook needs a public address: set http.publicUrl, or use mode poll");
  if (!webhookSecretShape.test(settings.webhookSecret ?? "")) {
    return fault("account-invalid", "webhookSecret must be 1 to 256 characters of A-Z, a-z, 0-9, _ and -");
  }
  const parameters = { url: webhookUrl, secret_token: settings.webhookSecret, allowed_updates: allowedUpdates, max_connections: 40 };
  const set = await call(account, "setWebhook", parameters, { signal });
  if (signal.aborted) return undefined;
  if (!set.ok) {
    if (set.fault.status === 400) return fault("account-invalid", `Telegram refused the webhook's address: ${set.fault.word}`);
    return set.fault.fault;
  }
  let before: Backlog | undefined;
  while (!signal.aborted) {
    const info = await call(account, "getWebhookInfo", {}, { signal });
    if (signal.aborted) return undefined;
    if (!info.ok) return info.fault.fault;
    const now = backlogOf(info.value);
    if (now.url !== webhookUrl) {
      return fault("channel-retry", "the webhook of this bot now points elsewhere: another program uses the same token");
    }
    inbox.alive();
    inbox.trouble?.("webhook", before && undelivered(before, now));
    before = now;
    await sleep(account.clock, webhookCheckMs, signal);
  }
  return undefined;
}

/** https://core.telegram.org/bots/api#setwebhook (secret_token) */
export const webhookSecretShape = /^[A-Za-z0-9_-]{1,256}$/;

/** What waits for the webhook, and when a delivery failed last (seconds). https://core.telegram.org/bots/api#webhookinfo */
interface Backlog {
  readonly url: unknown;
  readonly waiting: number;
  readonly failedAt: number;
  readonly why: string;
}

function backlogOf(result: unknown): Backlog {
  const info = fieldsOf(result);
  return {
    url: info.url,
    waiting: typeof info.pending_update_count === "number" ? info.pending_update_count : 0,
    failedAt: typeof info.last_error_date === "number" ? info.last_error_date : 0,
    why: String(info.last_error_message).slice(0, 200),
  };
}

/**
 * A refusal is nothing to report: while we start or the disk is slow there are some, and Telegram tries again. A webhook that
 * doesn't work fails between any two looks, with updates waiting at both. Telegram's times are compared with each other only.
 */
function undelivered(before: Backlog, now: Backlog): Fault | undefined {
  if (before.waiting === 0 || now.waiting === 0 || now.failedAt <= before.failedAt) return undefined;
  return fault("channel-unreachable", `Telegram can't deliver ${now.waiting} updates to the webhook: ${now.why}`);
}

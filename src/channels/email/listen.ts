import type { ImapFlow, MailboxObject } from "imapflow";
import type { Inbox } from "../../core/channel.ts";
import type { Fault } from "../../core/errors.ts";
import type { PlatformEvent } from "../../core/event.ts";
import { handOver } from "../../core/hand-over.ts";
import { imapFault, maxMailBytes, newsOf, withImap } from "../../wires/mail/imap.ts";
import { readMail } from "../../wires/mail/read.ts";
import { bounceOf, decode, failedReceipt, type Place } from "./decode.ts";
import { type EmailAccount, loginOf, ownAddress } from "./settings.ts";

/** Bytes of the head of a mail that can't be read whole. */
const longestHead = 65_536;

/**
 * How far the folder has been read. UIDs only grow (https://www.rfc-editor.org/rfc/rfc9051#section-2.3.1.1) for as long as UIDVALIDITY is the
 * same; when it changes, `at`, the time at which the newest one came, says what is new, and the core's dedupe drops the rest.
 */
interface Cursor {
  readonly uidValidity: string;
  readonly uid: number;
  readonly at: number;
}

/**
 * Reads new mail of the folder, and then waits for more, until the signal aborts or the connection is lost. At first only what comes
 * from now on is new. A mail is stored before it is marked or moved.
 */
export async function listen(account: EmailAccount, inbox: Inbox, signal: AbortSignal): Promise<Fault | undefined> {
  const { settings } = account;
  const login = loginOf(settings, settings.imap);
  try {
    const fault = await withImap(login, signal, async (client) => {
      const news = newsOf(client, account.clock);
      const box = await client.mailboxOpen(settings.mailbox);
      if (box.readOnly) account.log.warn("email-mailbox-read-only", { mailbox: box.path });
      inbox.alive();
      let cursor = await start(client, box, inbox, account);
      while (!("code" in cursor) && !signal.aborted) {
        cursor = await readNew(client, account, inbox, cursor, signal);
        if ("code" in cursor) break;
        inbox.alive();
        await news();
      }
      return "code" in cursor ? cursor : undefined;
    });
    return signal.aborted ? undefined : fault;
  } catch (thrown) {
    return signal.aborted ? undefined : imapFault(thrown, login, "reading mail");
  }
}

/** Where to begin: behind the cursor; at the folder's end the first time; by date where the UIDs are no longer the same. */
async function start(client: ImapFlow, mailbox: MailboxObject, inbox: Inbox, account: EmailAccount): Promise<Cursor | Fault> {
  const uidValidity = String(mailbox.uidValidity);
  const known = readCursor(inbox.cursor);
  if (known?.uidValidity === uidValidity) return known;
  if (known === undefined) {
    const first = { uidValidity, uid: mailbox.uidNext - 1, at: account.clock.now() };
    return (await store(inbox, [], first)) ?? first;
  }
  account.log.warn("email-uids-changed", { mailbox: mailbox.path });
  // SINCE knows days only (https://www.rfc-editor.org/rfc/rfc9051#section-6.4.4): a day more, then by the time.
  const recent = (await client.search({ since: new Date(known.at - 86_400_000) }, { uid: true })) || [];
  for (const uid of recent.toSorted((one, other) => one - other)) {
    const found = await client.fetchOne(String(uid), { uid: true, internalDate: true }, { uid: true });
    if (found && timeOf(found.internalDate, 0) >= known.at) return { uidValidity, uid: uid - 1, at: known.at };
  }
  return { uidValidity, uid: mailbox.uidNext - 1, at: known.at };
}

async function readNew(client: ImapFlow, account: EmailAccount, inbox: Inbox, from: Cursor, signal: AbortSignal): Promise<Cursor | Fault> {
  let cursor = from;
  // `n:*` names the newest mail even when its UID is smaller than n.
  const found = (await client.search({ uid: `${cursor.uid + 1}:*` }, { uid: true })) || [];
  for (const uid of found.filter((one) => one > from.uid).sort((one, other) => one - other)) {
    if (signal.aborted) return cursor;
    const event = await readOne(client, account, cursor.uidValidity, uid);
    cursor = { ...cursor, uid, at: Math.max(cursor.at, event?.at ?? 0) };
    const refused = await store(inbox, event ? [event] : [], cursor);
    if (refused) return refused;
    await settle(client, account, uid);
  }
  return cursor;
}

/** One mail, or nothing where there is nothing to answer in it: then it is passed over with a line in the log. */
async function readOne(client: ImapFlow, account: EmailAccount, uidValidity: string, uid: number): Promise<PlatformEvent | undefined> {
  const facts = await client.fetchOne(String(uid), { uid: true, size: true, internalDate: true }, { uid: true });
  if (!facts) return deleted(client);
  const size = facts.size ?? 0;
  const tooLong = size > maxMailBytes;
  const fetched = await client.fetchOne(
    String(uid),
    { uid: true, source: tooLong ? { start: 0, maxLength: longestHead } : true },
    { uid: true },
  );
  const source = fetched ? fetched.source : undefined;
  if (!source) return deleted(client);
  const place: Place = { uidValidity, uid, at: timeOf(facts.internalDate, account.clock.now()) };
  const whole = tooLong ? undefined : await readMail(source, account.clock);
  if (whole && !whole.ok) account.log.warn("email-unreadable", { uid, why: whole.fault.message });
  const unread = tooLong ? `it has ${size} bytes` : whole?.ok ? undefined : "it is broken";
  const mail = whole?.ok ? whole : await readMail(headOf(source), account.clock);
  if (!mail.ok) return undefined;
  const bounce = bounceOf(mail.value, ownAddress(account.settings.address).address.replace(/^.*@/, ""));
  if (bounce) account.log.warn("email-bounced", { ...bounce });
  if (bounce?.action === "failed") return failedReceipt(bounce, place);
  const event = decode(mail.value, { ...place, ...(unread === undefined ? {} : { unread }) }, account.settings);
  if (!event) account.log.info("email-no-author", { uid });
  return event;
}

/** Nothing: somebody deleted it meanwhile. The library says nothing of any mail, either, once the connection is lost: then it throws. */
function deleted(client: ImapFlow): undefined {
  if (!client.usable || !client.mailbox) throw new Error("the connection was lost");
}

/** Who wrote it and about what, of a mail that can't be read whole. */
function headOf(source: Buffer): Buffer {
  const end = source.indexOf("\r\n\r\n");
  return source.subarray(0, Math.min(end < 0 ? source.length : end + 4, longestHead));
}

function store(inbox: Inbox, events: readonly PlatformEvent[], { uidValidity, uid, at }: Cursor): Promise<Fault | undefined> {
  return handOver(inbox, events, `${uidValidity}:${uid}:${at}`);
}

function readCursor(text: string | undefined): Cursor | undefined {
  const [, uidValidity, uid, at] = /^(\d{1,20}):(\d{1,10}):(\d{1,15})$/.exec(text ?? "") ?? [];
  return uidValidity === undefined ? undefined : { uidValidity, uid: Number(uid), at: Number(at) };
}

/** Marks or moves a mail that is stored. A server that refuses that only leaves it where it is. */
async function settle(client: ImapFlow, account: EmailAccount, uid: number): Promise<void> {
  const { moveTo, imap } = account.settings;
  try {
    await client.messageFlagsAdd(String(uid), ["\\Seen"], { uid: true });
    if (moveTo !== undefined) await client.messageMove(String(uid), moveTo, { uid: true });
  } catch (thrown) {
    if (!client.usable) throw thrown;
    account.log.warn("email-not-moved", { uid, why: imapFault(thrown, loginOf(account.settings, imap), "moving mail").message });
  }
}

function timeOf(date: Date | string | undefined, otherwise: number): number {
  const time = date === undefined ? Number.NaN : new Date(date).getTime();
  return Number.isFinite(time) ? time : otherwise;
}

import type { ImapFlow } from "imapflow";
import { fail, ok, type Result } from "../../core/errors.ts";
import { imapFault, maxMailBytes, withImap } from "../../wires/mail/imap.ts";
import { readMail } from "../../wires/mail/read.ts";
import type { FileRef } from "./decode.ts";
import { type EmailAccount, loginOf } from "./settings.ts";

/** Fetches the mail that `decode` named once more, and takes the attachment out of it. */
export async function fetchFile(account: EmailAccount, ref: string, signal: AbortSignal): Promise<Result<Uint8Array>> {
  const wanted = readRef(ref);
  if (!wanted) return fail("file-refused", "the attachment's place can't be read");
  const login = loginOf(account.settings, account.settings.imap);
  try {
    const raw = await withImap(login, signal, (client) => findMail(client, account, wanted));
    if (!raw) return fail("file-refused", "the mail is no longer in the mailbox");
    const mail = await readMail(raw, account.clock);
    if (!mail.ok) return mail;
    const file = mail.value.attachments[wanted.index];
    return file ? ok(file.bytes) : fail("file-refused", "the mail has no such attachment");
  } catch (thrown) {
    return { ok: false, fault: imapFault(thrown, login, "fetching an attachment") };
  }
}

/** Where it was read; else by its Message-ID there, and in the folder that mail is moved to. */
async function findMail(client: ImapFlow, { settings }: EmailAccount, wanted: FileRef): Promise<Uint8Array | undefined> {
  const box = await client.mailboxOpen(settings.mailbox, { readOnly: true });
  if (String(box.uidValidity) === wanted.uidValidity) {
    const found = await sourceOf(client, wanted.uid);
    if (found) return found;
  }
  if (wanted.messageId === undefined) return undefined;
  for (const folder of [settings.mailbox, ...(settings.moveTo === undefined ? [] : [settings.moveTo])]) {
    await client.mailboxOpen(folder, { readOnly: true });
    const uids = await client.search({ header: { "message-id": wanted.messageId } }, { uid: true });
    const newest = (uids || []).at(-1);
    if (newest !== undefined) return sourceOf(client, newest);
  }
  return undefined;
}

async function sourceOf(client: ImapFlow, uid: number): Promise<Uint8Array | undefined> {
  const fetched = await client.fetchOne(String(uid), { uid: true, source: { start: 0, maxLength: maxMailBytes } }, { uid: true });
  return fetched ? fetched.source : undefined;
}

function readRef(ref: string): FileRef | undefined {
  try {
    const { uidValidity, uid, index, messageId } = JSON.parse(ref) as Partial<FileRef>;
    if (typeof uidValidity !== "string" || !Number.isSafeInteger(uid) || !Number.isSafeInteger(index)) return undefined;
    return { uidValidity, uid: uid as number, index: index as number, ...(typeof messageId === "string" ? { messageId } : {}) };
  } catch {
    return undefined;
  }
}

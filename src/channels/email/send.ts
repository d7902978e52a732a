import MailComposer, { type MailComposerOptions } from "nodemailer/lib/mail-composer";
import type { Outbound } from "../../core/channel.ts";
import { outcomeOfFault, type SendOutcome } from "../../core/delivery.ts";
import { fail, ok, type Result } from "../../core/errors.ts";
import { outgoingFile } from "../../core/outgoing-file.ts";
import { addressShape } from "../../wires/mail/login.ts";
import { type Envelope, sendMail } from "../../wires/mail/smtp.ts";
import { messageIdOf, unproven } from "./decode.ts";
import { type EmailAccount, loginOf, ownAddress } from "./settings.ts";

export const maxUploadBytes = 18_000_000;

/**
 * Sends one mail to the one person who is answered, under a Message-ID that is the delivery's on every try. Whether it was accepted is
 * known but for the moment between the end of the message and the server's answer to it.
 */
export async function send(account: EmailAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const composed = await compose(account, outbound);
  if (!composed.ok) return outcomeOfFault(composed.fault);
  const { receipt, ...mail } = composed.value;
  return (await sendMail(loginOf(account.settings, account.settings.smtp), mail, signal)) ?? { kind: "sent", receipt };
}

interface Composed extends Envelope {
  readonly receipt: string;
}

async function compose(account: EmailAccount, { delivery, chat, content }: Outbound): Promise<Result<Composed>> {
  const own = ownAddress(account.settings.address);
  const to = chat.id.startsWith(unproven) ? chat.id.slice(unproven.length) : chat.id;
  if (!addressShape.test(to)) return fail("channel-permanent", "the conversation's id is no mail address");
  if (to === own.address) return fail("channel-permanent", "the account doesn't write to itself");
  const receipt = messageIdOf(delivery, own.address.slice(own.address.lastIndexOf("@") + 1));
  const attachment = content.file && (await outgoingFile(account, content.file, maxUploadBytes));
  if (attachment && !attachment.ok) return attachment;
  const file = attachment?.value;
  const parent = content.replyTo ?? chat.thread;
  const chain = [...new Set([chat.thread, parent])].filter((id) => id !== undefined && /^<[^\s<>]+>$/.test(id)) as string[];
  const mail: MailComposerOptions = {
    ...{ from: { name: own.name, address: own.address }, to: { name: "", address: to }, messageId: receipt },
    ...{ subject: subjectOf(chat.title, content.visible), date: new Date(account.clock.now()), text: content.visible },
    ...(content.text ? { html: `<!doctype html><html><body>${content.text}</body></html>` } : {}),
    ...(chain.length > 0 ? { inReplyTo: chain.at(-1), references: chain } : {}),
    ...(file ? { attachments: [{ filename: file.name, contentType: file.mediaType, content: Buffer.from(file.bytes) }] } : {}),
    // https://www.rfc-editor.org/rfc/rfc3834#section-5 and https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxcmail: nobody's program is to answer.
    headers: { "Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All" },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  };
  const raw = await new MailComposer(mail).compile().build();
  return ok({ raw, from: own.address, to, receipt });
}

/** A reply keeps the thread's subject; what begins one takes its first words. */
function subjectOf(title: string | undefined, visible: string): string {
  const plain = (text: string) => text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  if (title !== undefined && plain(title) !== "")
    return /^(re|aw|sv|antw|odp|vs|r)\s?(\[\d+\])?:/i.test(plain(title)) ? plain(title) : `Re: ${plain(title)}`;
  const first = plain(visible.split("\n").find((line) => line.trim() !== "") ?? "");
  return first.length > 70 ? `${first.slice(0, 69).toWellFormed()}…` : first || "(no subject)";
}

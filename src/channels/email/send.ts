import { Readable } from "node:stream";
import MailComposer, { type MailComposerOptions } from "nodemailer/lib/mail-composer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { Outbound } from "../../core/channel.ts";
import type { SendOutcome } from "../../core/delivery.ts";
import { type Fault, fail, fault, ok, type Result } from "../../core/errors.ts";
import type { FilePart } from "../../core/message.ts";
import { messageIdOf } from "./automatic.ts";
import { unproven } from "./decode.ts";
import { addressShape, type EmailAccount, loginOf, ownAddress, type Settings, serverOf } from "./settings.ts";

export const maxUploadBytes = 18_000_000;

/**
 * Sends one mail to the one person who is answered, under a Message-ID that is the delivery's on every try. Whether it was accepted is
 * known but for the moment between the end of the message and the server's answer to it.
 */
export async function send(account: EmailAccount, outbound: Outbound, signal: AbortSignal): Promise<SendOutcome> {
  const composed = await compose(account, outbound);
  if (!composed.ok) return { kind: "refused", code: composed.fault.code, message: composed.fault.message };
  const { raw, from, to, receipt } = composed.value;
  const failure = await withSmtp(account.settings, signal, (smtp, progress) => transfer(smtp, { from, to }, raw, progress));
  return failure ? outcomeOf(failure, account.settings) : { kind: "sent", receipt };
}

/** Logs in and out again. */
export async function probeSmtp(settings: Settings, signal: AbortSignal): Promise<Fault | undefined> {
  const failure = await withSmtp(settings, signal, async () => undefined);
  if (!failure) return undefined;
  const outcome = outcomeOf(failure, settings);
  return outcome.kind === "sent" ? undefined : fault(outcome.code, outcome.message);
}

interface Composed {
  readonly raw: Uint8Array;
  readonly from: string;
  readonly to: string;
  readonly receipt: string;
}

async function compose(account: EmailAccount, { delivery, chat, content }: Outbound): Promise<Result<Composed>> {
  const own = ownAddress(account.settings.address);
  const to = chat.id.startsWith(unproven) ? chat.id.slice(unproven.length) : chat.id;
  if (!addressShape.test(to)) return fail("channel-permanent", "the conversation's id is no mail address");
  if (to === own.address) return fail("channel-permanent", "the account doesn't write to itself");
  const receipt = messageIdOf(delivery, own.address.slice(own.address.lastIndexOf("@") + 1));
  const attachment = content.file ? await attachmentOf(account, content.file) : undefined;
  if (attachment && !attachment.ok) return attachment;
  const parent = content.replyTo ?? chat.thread;
  const chain = [...new Set([chat.thread, parent])].filter((id) => id !== undefined && /^<[^\s<>]+>$/.test(id)) as string[];
  const mail: MailComposerOptions = {
    ...{ from: { name: own.name, address: own.address }, to: { name: "", address: to }, messageId: receipt },
    ...{ subject: subjectOf(chat.title, content.visible), date: new Date(account.clock.now()), text: content.visible },
    ...(content.text ? { html: `<!doctype html><html><body>${content.text}</body></html>` } : {}),
    ...(chain.length > 0 ? { inReplyTo: chain.at(-1), references: chain } : {}),
    ...(attachment ? { attachments: [attachment.value] } : {}),
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

async function attachmentOf(
  account: EmailAccount,
  file: FilePart,
): Promise<Result<{ filename: string; contentType: string; content: Buffer }>> {
  const { source } = file;
  if (source.at !== "store") return fail("file-refused", "the attachment is not in the store");
  if (source.size > maxUploadBytes)
    return fail("file-refused", `the attachment has ${source.size} bytes; ${maxUploadBytes} are sent at most`);
  let bytes: Uint8Array;
  try {
    bytes = await account.readFile(source.id);
  } catch (error) {
    return fail("file-refused", `the stored attachment ${source.id} can't be read`, error);
  }
  const name = (file.name ?? "")
    .replace(/^.*[\\/]/, "")
    .replace(/[\p{Cc}"]/gu, "")
    .trim()
    .slice(-120);
  const ending = source.mediaType.split("/")[1]?.replace(/[^a-z0-9]/gi, "") ?? "bin";
  return ok({ filename: name || `${file.type}.${ending}`, contentType: source.mediaType, content: Buffer.from(bytes) });
}

/** What nodemailer says of a failure: https://nodemailer.com/usage/errors */
interface SmtpError extends Error {
  readonly code?: string | undefined;
  readonly command?: string | undefined;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
}

interface Progress {
  /** The whole message went out: without a reply nobody knows what became of it. */
  handedOver: boolean;
}

interface SmtpFailure extends Readonly<Progress> {
  readonly error: SmtpError;
}

/** Connects, logs in, runs, and takes leave. A connection a mail: they are few, and one that stays open would be cut by the server. */
async function withSmtp(
  settings: Settings,
  signal: AbortSignal,
  run: (smtp: SMTPConnection, progress: Progress) => Promise<SmtpError | undefined>,
): Promise<SmtpFailure | undefined> {
  const { host, port, secure, mustEncrypt } = serverOf(settings.smtp);
  const smtp = new SMTPConnection({
    ...{ host, port, secure, requireTLS: !secure && mustEncrypt },
    tls: { minVersion: "TLSv1.2", ...(settings.ca === undefined ? {} : { ca: settings.ca }) },
    // RFC 5321 (4.5.3.2.6) lets a server take ten minutes to answer a message's end; the core's own limit is shorter.
    ...{ connectionTimeout: 20_000, greetingTimeout: 20_000, socketTimeout: 120_000, dnsTimeout: 15_000 },
  });
  const progress: Progress = { handedOver: false };
  const lost = new Promise<SmtpError>((resolve) => smtp.once("error", resolve));
  const aborted = new Promise<SmtpError>((resolve) => {
    const stop = () => resolve(new Error("it took too long, or the gateway is stopping"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  const until = (step: (done: (error?: SmtpError | null) => void) => void) =>
    Promise.race([new Promise<SmtpError | undefined>((resolve) => step((error) => resolve(error ?? undefined))), lost, aborted]);
  try {
    const error =
      (await until((done) => smtp.connect(done))) ??
      (await until((done) => smtp.login({ credentials: loginOf(settings) }, done))) ??
      (await Promise.race([run(smtp, progress), lost, aborted]));
    return error && { error, ...progress };
  } finally {
    smtp.removeAllListeners("error");
    smtp.on("error", () => {});
    if (signal.aborted) smtp.close();
    else smtp.quit();
  }
}

function transfer(
  smtp: SMTPConnection,
  { from, to }: { readonly from: string; readonly to: string },
  raw: Uint8Array,
  progress: Progress,
): Promise<SmtpError | undefined> {
  // The message is read only after the server asked for it, and the dot that ends it is written once all of it was read.
  const message = Readable.from([raw], { objectMode: false });
  message.once("end", () => {
    progress.handedOver = true;
  });
  return new Promise((resolve) => smtp.send({ from, to: [to], size: raw.length }, message, (error) => resolve(error ?? undefined)));
}

/** https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1 (4yz passes, 5yz stays) and https://www.rfc-editor.org/rfc/rfc3463 (what it is about). */
function outcomeOf({ error, handedOver }: SmtpFailure, settings: Settings): SendOutcome {
  const { host } = serverOf(settings.smtp);
  const said = (error.response ?? error.message)
    .replaceAll(settings.password, "<password>")
    .replaceAll(Buffer.from(settings.password).toString("base64"), "<password>")
    .slice(0, 300);
  const { responseCode: reply, command = "" } = error;
  if (reply === undefined) {
    if (error.code === "EMESSAGE") return { kind: "refused", code: "channel-permanent", message: `${host} doesn't take it: ${said}` };
    if (handedOver)
      return { kind: "unknown", code: "channel-unknown", message: `${host} has the mail and didn't say whether it takes it: ${said}` };
    return { kind: "retry", code: "channel-unreachable", message: `no connection to ${host}: ${said}` };
  }
  const message = `${host} refused the mail (${command || "greeting"}): ${said}`;
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(error.response ?? "")?.[1];
  if (reply >= 400 && reply < 500) {
    // 421 closes the connection whatever was asked; at the recipient it is about them (greylisting, a full mailbox).
    const scope = reply === 421 || command !== "RCPT TO" ? "account" : "conversation";
    return { kind: "retry", code: "channel-retry", message, scope };
  }
  if (reply === 530 || reply === 534 || reply === 535 || reply === 538 || (error.code === "EAUTH" && reply >= 500))
    return { kind: "refused", code: "channel-auth", message };
  const nobody = enhanced ? /^5\.(1\.[1-36]|1\.10|2\.1)$/.test(enhanced) : reply === 550 || reply === 551 || reply === 553;
  if (command === "RCPT TO" && nobody) return { kind: "refused", code: "channel-gone", message };
  return reply >= 500
    ? { kind: "refused", code: "channel-permanent", message }
    : { kind: handedOver ? "unknown" : "retry", code: handedOver ? "channel-unknown" : "channel-retry", message };
}

import { Readable } from "node:stream";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { SendOutcome } from "../../core/delivery.ts";
import { type Fault, fault } from "../../core/errors.ts";
import { withoutSecrets } from "../../core/secret-forms.ts";
import { type MailLogin, serverOf, tlsOf } from "./login.ts";

/** A mail, and the one whom it goes to. */
export interface Envelope {
  readonly raw: Uint8Array;
  readonly from: string;
  readonly to: string;
}

type Refused = Exclude<SendOutcome, { kind: "sent" }>;

/** Hands a mail over; nothing when the server took it. */
export async function sendMail(login: MailLogin, mail: Envelope, signal: AbortSignal): Promise<Refused | undefined> {
  const failure = await withSmtp(login, signal, (smtp, progress) => transfer(smtp, mail, progress));
  return failure && outcomeOf(failure, login);
}

/** Logs in and out again. */
export async function probeSmtp(login: MailLogin, signal: AbortSignal): Promise<Fault | undefined> {
  const failure = await withSmtp(login, signal, async () => undefined);
  const refused = failure && outcomeOf(failure, login);
  return refused && fault(refused.code, refused.message);
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
  login: MailLogin,
  signal: AbortSignal,
  run: (smtp: SMTPConnection, progress: Progress) => Promise<SmtpError | undefined>,
): Promise<SmtpFailure | undefined> {
  const { host, port, secure, mustEncrypt } = serverOf(login.server);
  const smtp = new SMTPConnection({
    ...{ host, port, secure, requireTLS: !secure && mustEncrypt },
    tls: tlsOf(login),
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
      (await until((done) => smtp.login({ credentials: { user: login.user, pass: login.password } }, done))) ??
      (await Promise.race([run(smtp, progress), lost, aborted]));
    return error && { error, ...progress };
  } finally {
    smtp.removeAllListeners("error");
    smtp.on("error", () => {});
    if (signal.aborted) smtp.close();
    else smtp.quit();
  }
}

function transfer(smtp: SMTPConnection, { from, to, raw }: Envelope, progress: Progress): Promise<SmtpError | undefined> {
  // The message is read only after the server asked for it, and the dot that ends it is written once all of it was read.
  const message = Readable.from([raw], { objectMode: false });
  message.once("end", () => {
    progress.handedOver = true;
  });
  return new Promise((resolve) => smtp.send({ from, to: [to], size: raw.length }, message, (error) => resolve(error ?? undefined)));
}

/** https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1 (4yz passes, 5yz stays) and https://www.rfc-editor.org/rfc/rfc3463 (what it is about). */
function outcomeOf({ error, handedOver }: SmtpFailure, login: MailLogin): Refused {
  const { host } = serverOf(login.server);
  const said = withoutSecrets(error.response ?? error.message, [login.password], "<password>").slice(0, 300);
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

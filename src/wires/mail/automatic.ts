import type { Mail } from "./parse.ts";

/**
 * Whether a machine wrote it: then nobody is answered, or two programs would write to each other for ever.
 * https://www.rfc-editor.org/rfc/rfc3834#section-2, and what lists and Microsoft's servers mark mail with.
 */
export function isAutomatic(mail: Mail): boolean {
  const value = (name: string) =>
    mail.headers
      .find(({ key }) => key === name)
      ?.value.trim()
      .toLowerCase();
  const submitted = value("auto-submitted")?.split(/[\s;]/)[0];
  return (
    mail.report !== undefined ||
    (submitted !== undefined && submitted !== "no") ||
    /^(bulk|list|junk|auto_reply)\b/.test(value("precedence") ?? "") ||
    /\b(all|autoreply|oof)\b/.test(value("x-auto-response-suppress") ?? "") ||
    /^<\s*>/.test(value("return-path") ?? "") ||
    ["list-id", "list-unsubscribe", "list-post", "x-autoreply", "x-autorespond", "x-autoresponder", "feedback-id"].some(
      (name) => value(name) !== undefined,
    ) ||
    /^multipart\/report\b/.test(value("content-type") ?? "") ||
    /^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|.*-request|owner-.*)(\+.*)?@/.test(mail.from?.address ?? "")
  );
}

/** What a server tells of a mail that somebody sent. */
export interface Bounce {
  /** Of the mail that it is about. */
  readonly messageId: string;
  /** `failed`: it won't arrive. `delayed`: the server still tries. */
  readonly action: "failed" | "delayed";
  /** `5.1.1`. https://www.rfc-editor.org/rfc/rfc3463 */
  readonly status: string;
  readonly recipient: string;
  readonly diagnostic: string;
}

/** Reads a delivery status notification: https://www.rfc-editor.org/rfc/rfc3464 */
export function bounceOf({ report }: Mail): Bounce | undefined {
  if (!report) return undefined;
  const messageId = /^message-id:\s*(<[^\s<>]{1,300}>)/im.exec(report.original)?.[1];
  if (messageId === undefined) return undefined;
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.{1,500}(?:\\r?\\n[ \\t].{1,500}){0,5})`, "im").exec(report.status)?.[1];
  const action = field("action")?.trim().toLowerCase();
  if (action !== "failed" && action !== "delayed") return undefined;
  const plain = (text: string | undefined) =>
    (text ?? "")
      .replace(/\s+/g, " ")
      .replace(/^[\w-]+;\s*/, "")
      .trim();
  const status = /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(field("status") ?? "")?.[0] ?? "";
  return {
    messageId,
    action,
    status,
    recipient: plain(field("final-recipient")),
    diagnostic: plain(field("diagnostic-code")).slice(0, 300),
  };
}

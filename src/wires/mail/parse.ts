import { convert } from "html-to-text";
import PostalMime, { type Attachment, addressParser, decodeWords, type Email, type Header } from "postal-mime";
import { fail, faultOf, ok, type Result } from "../../core/errors.ts";
import { addressShape } from "./login.ts";

/** One mail as it stands, with nothing concluded from it. Everything in it is the sender's word. */
export interface Mail {
  readonly headers: readonly Header[];
  /** With its brackets. */
  readonly messageId: string | undefined;
  /** Oldest first. */
  readonly references: readonly string[];
  readonly from: { readonly address: string; readonly name: string } | undefined;
  readonly subject: string;
  /** What is written in it, HTML as text. */
  readonly text: string;
  readonly attachments: readonly MailFile[];
  /** Parts of a report on our own mail: https://www.rfc-editor.org/rfc/rfc3464 */
  readonly report: { readonly status: string; readonly original: string } | undefined;
}

export interface MailFile {
  readonly name: string | undefined;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Characters of a mail's words; longer ones are cut, as are those of HTML before they are read. */
const maxText = 200_000;
const maxHtml = 1_000_000;
/** Attachments of one mail. */
const maxFiles = 25;
const messageIdShape = /<[^\s<>]{1,900}>/g;

/**
 * Parses a mail's bytes, under limits of depth, headers and length. Hostile bytes become a mail with little in it, or
 * `payload-unknown`; never a throw. They can take long (deep HTML, many parts): `readMail` bounds the time.
 */
export async function parseMail(raw: Uint8Array): Promise<Result<Mail>> {
  try {
    const parser = new PostalMime({ maxNestingDepth: 50, maxHeadersSize: 1_000_000, forceRfc822Attachments: true });
    return ok(mailOf(await parser.parse(raw)));
  } catch (thrown) {
    return fail("payload-unknown", `the mail can't be read: ${faultOf(thrown).message}`);
  }
}

function mailOf(email: Email): Mail {
  const inReplyTo = idsOf(email.inReplyTo);
  const references = idsOf(email.references);
  return {
    headers: email.headers,
    messageId: idsOf(email.messageId)[0],
    references: references.length > 0 ? references : inReplyTo.slice(0, 1),
    from: fromOf(email),
    subject: oneLine(email.subject ?? "").slice(0, 500),
    text: textOf(email).slice(0, maxText).toWellFormed(),
    attachments: email.attachments.filter(isForPeople).slice(0, maxFiles).map(fileOf),
    report: reportOf(email),
  };
}

/** The one author; nothing where there are several, in one header or in more, for then nobody can say whom a server checked. */
function fromOf({ headers }: Email): Mail["from"] {
  const [header, second] = headers.filter(({ key }) => key === "from");
  if (!header || second || header.value.length > 2_000) return undefined;
  const [author, another] = addressParser(header.value);
  if (!author || another || author.address === undefined || !addressShape.test(author.address)) return undefined;
  // A parser that is kind to broken headers takes one of two addresses.
  const bare = header.value.replace(/"(?:[^"\\]|\\.)*"/g, "").replace(/\([^()]*\)/g, "");
  if ((bare.match(/@/g)?.length ?? 0) !== 1) return undefined;
  return { address: author.address.toLowerCase(), name: oneLine(decodeWords(author.name)).slice(0, 200) };
}

function idsOf(header: string | undefined): string[] {
  return (header ?? "").slice(0, 50_000).match(messageIdShape)?.slice(0, 200) ?? [];
}

function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .toWellFormed();
}

function textOf({ text, html }: Email): string {
  if (text?.trim()) return text;
  return html?.trim() ? htmlText(html) : "";
}

function htmlText(html: string): string {
  const text = convert(html.slice(0, maxHtml), {
    wordwrap: false,
    limits: { maxInputLength: maxHtml, maxDepth: 60, maxChildNodes: 20_000, ellipsis: "…" },
    selectors: [
      { selector: "a", options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true, ignoreHref: false } },
      { selector: "blockquote", options: { trimEmptyLines: true } },
      ...["img", "style", "script", "noscript", "svg", "head"].map((selector) => ({ selector, format: "skip" })),
      ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  });
  return text.replace(/[\u00a0\u2007\u202f]/g, " ").replace(/\n{3,}/g, "\n\n");
}

/** Signatures of the mail itself and what a report is made of say nothing to people. */
function isForPeople({ mimeType }: Attachment): boolean {
  return !/^application\/(pgp-signature|(x-)?pkcs7-signature|ms-tnef)$|^message\/(delivery-status|disposition-notification)$|^text\/rfc822-headers$/.test(
    mimeType,
  );
}

function fileOf({ filename, mimeType, content }: Attachment): MailFile {
  const name = oneLine(filename ?? "").slice(0, 200);
  return {
    name: name || undefined,
    mediaType: /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/.test(mimeType) ? mimeType : "application/octet-stream",
    bytes: bytesOf(content),
  };
}

function bytesOf(content: Attachment["content"]): Uint8Array {
  if (typeof content === "string") return new TextEncoder().encode(content);
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}

function reportOf({ attachments }: Email): Mail["report"] {
  const part = (type: RegExp) => attachments.find(({ mimeType }) => type.test(mimeType));
  const status = part(/^message\/delivery-status$/);
  const original = part(/^(message\/rfc822|message\/rfc822-headers|text\/rfc822-headers)$/);
  if (!status) return undefined;
  const words = (of: Attachment | undefined) => (of ? new TextDecoder().decode(bytesOf(of.content).subarray(0, 65_536)) : "");
  return { status: words(status), original: words(original) };
}

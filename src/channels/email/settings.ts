import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";

export interface Settings {
  readonly address: string;
  readonly imap: string;
  readonly smtp: string;
  readonly user?: string | undefined;
  readonly password: string;
  readonly mailbox: string;
  readonly moveTo?: string | undefined;
  readonly authservId?: string | undefined;
  readonly trustFrom: boolean;
  readonly ca?: string | undefined;
}

export type EmailAccount = Account<Settings>;

/**
 * One address as it may stand in an envelope: no blank, control, bracket or comma, so that it can't become a second recipient
 * or a header of its own. https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1 for the lengths.
 */
export const addressShape = /^(?=.{3,254}$)[^\s@<>(),;:\\"[\]\p{Cc}]{1,64}@[^\s@<>(),;:\\"[\]\p{Cc}]{1,252}$/u;

/** `Support <support@example.com>`, or the address alone. */
const ownShape = /^(?:([^<>"\p{Cc}]{0,100}?)\s*<([^<>]+)>|([^<>\s]+))$/u;

export const settings: z.ZodType<Settings> = z.strictObject({
  address: z
    .string()
    .refine((text) => addressShape.test(ownAddress(text).address), { error: "must be an address, or a name and an address in <>" })
    .describe("The mailbox's own address, which answers come from: support@example.com, or Support <support@example.com>."),
  imap: server(["imap", "imaps"]).describe("Where mail is read: imaps://host (TLS, port 993) or imap://host (STARTTLS, port 143)."),
  smtp: server(["smtp", "smtps"]).describe("Where mail is sent: smtps://host (TLS, port 465) or smtp://host (STARTTLS, port 587)."),
  user: z.string().min(1).max(256).optional().describe("The name to log in with at both servers. Left out: the address."),
  password: secret("The mailbox's password; with most providers one made for this program alone (app password)."),
  mailbox: z.string().min(1).max(256).default("INBOX").describe("The folder that is read."),
  moveTo: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe("The folder that mail is moved to once it is stored. Left out: it stays, marked as read."),
  authservId: z
    .string()
    .regex(/^[!-~]{1,255}$/, "must be a name without blanks")
    .optional()
    .describe("The name that your own server writes first in Authentication-Results (mx.google.com). Without it no sender is proven."),
  trustFrom: z
    .boolean()
    .default(false)
    .describe("Whether a From that nothing proves counts as the sender. Off: whoever forges an address isn't taken for its owner."),
  ca: z
    .string()
    .includes("BEGIN CERTIFICATE")
    .optional()
    .describe("Certificate (PEM) to trust, where the servers have one of their own making."),
});

function server(schemes: readonly string[]): z.ZodType<string> {
  return z.string().refine((text) => URL.canParse(text) && isPlainServer(new URL(text), schemes), {
    error: `must be ${schemes.map((scheme) => `${scheme}://host[:port]`).join(" or ")}`,
  });
}

function isPlainServer({ protocol, hostname, username, password, pathname, search, hash }: URL, schemes: readonly string[]): boolean {
  const alone = username === "" && password === "" && (pathname === "" || pathname === "/") && search === "" && hash === "";
  return alone && hostname !== "" && schemes.includes(protocol.slice(0, -1));
}

export interface Server {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else STARTTLS. */
  readonly secure: boolean;
  /** On this very machine a connection may go without TLS when the server offers none. */
  readonly mustEncrypt: boolean;
}

const ports = { "imap:": 143, "imaps:": 993, "smtp:": 587, "smtps:": 465 } as const;

export function serverOf(address: string): Server {
  const { protocol, hostname, port } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, "");
  const secure = protocol.endsWith("s:");
  return {
    host,
    port: port === "" ? ports[protocol as keyof typeof ports] : Number(port),
    secure,
    mustEncrypt: !/^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host),
  };
}

/** The account's own address, in lower case, and the name that people see beside it. */
export function ownAddress(setting: string): { readonly address: string; readonly name: string } {
  const [, name = "", bracketed, bare = ""] = ownShape.exec(setting.trim()) ?? [];
  return { address: (bracketed ?? bare).toLowerCase(), name: name.trim() };
}

export function loginOf({ user, address, password }: Settings): { readonly user: string; readonly pass: string } {
  return { user: user ?? ownAddress(address).address, pass: password };
}

import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";
import { addressShape, isPlainServer, type MailLogin } from "../../wires/mail/login.ts";

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

/** The account's own address, in lower case, and the name that people see beside it. */
export function ownAddress(setting: string): { readonly address: string; readonly name: string } {
  const [, name = "", bracketed, bare = ""] = ownShape.exec(setting.trim()) ?? [];
  return { address: (bracketed ?? bare).toLowerCase(), name: name.trim() };
}

/** At one of its two servers. */
export function loginOf({ user, address, password, ca }: Settings, server: string): MailLogin {
  return { server, user: user ?? ownAddress(address).address, password, ca };
}

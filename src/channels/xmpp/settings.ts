import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";
import { addressOf, serverShape, type XmppLogin } from "../../wires/xmpp/login.ts";

export interface Settings extends XmppLogin {
  readonly nick?: string | undefined;
  readonly rooms: readonly string[];
}

/** Bytes of one file. */
export const maxFile = 50_000_000;

export type XmppAccount = Account<Settings>;

const bareShape = /^[^\s\p{Cc}"&'/:<>@]{1,255}@[^\s\p{Cc}"&'/<>@]{1,255}$/u;

export const settings: z.ZodType<Settings> = z
  .strictObject({
    jid: z.string().regex(bareShape, "must be name@domain").describe("The account's address: polly@example.org."),
    password: secret("Its password."),
    server: z
      .string()
      .regex(serverShape, "must be xmpps://host[:port], xmpp://host[:port] or plain://host[:port]")
      .optional()
      .describe("Where to connect to: xmpps:// (TLS from the start), xmpp:// (STARTTLS, always). Left out: what the domain's DNS says."),
    nick: z
      .string()
      .regex(/^[^\s\p{Cc}/][^\p{Cc}/]{0,62}$/u, "must be a name without a slash")
      .optional()
      .describe("The name in rooms. Left out: the part of the address before the @."),
    rooms: z
      .array(z.string().refine((room) => bareShape.test(roomOf(room).jid), "must be room@service, or room@service and its password"))
      .max(100)
      .default([])
      .describe("Rooms to be in: kitchen@conference.example.org, or that and its password behind a blank."),
    ca: z
      .string()
      .includes("BEGIN CERTIFICATE")
      .optional()
      .describe("Certificate (PEM) to trust, where the server has one of its own making."),
  })
  .superRefine(({ server }, check) => {
    if (server?.startsWith("plain:") && !/^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(addressOf(server).host))
      check.addIssue({ code: "custom", path: ["server"], message: "plain:// is for servers on this very machine" });
  });

/** Who we want to be in rooms. */
export function nickOf({ jid, nick }: Settings): string {
  return nick ?? jid.slice(0, jid.indexOf("@"));
}

export function roomOf(wanted: string): { readonly jid: string; readonly password?: string } {
  const [, jid = wanted, password] = /^(\S+) (.+)$/.exec(wanted) ?? [];
  return { jid: jid.toLowerCase(), ...(password === undefined ? {} : { password }) };
}

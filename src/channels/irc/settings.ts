import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";
import { type IrcLogin, isPlainServer, nickShape, serverOf } from "../../wires/irc/login.ts";

export interface Settings extends IrcLogin {
  readonly channels: readonly string[];
}

export type IrcAccount = Account<Settings>;

export const channelShape = /^[#&+!][^\s,\p{Cc}]{1,63}$/u;

const joinShape = /^[#&+!][^\s,\p{Cc}]{1,63}(?: [^\s,\p{Cc}:][^\s,\p{Cc}]{0,63})?$/u;

export const settings: z.ZodType<Settings> = z
  .strictObject({
    server: z
      .string()
      .refine((text) => URL.canParse(text) && isPlainServer(new URL(text)), { error: "must be ircs://host[:port] or irc://host[:port]" })
      .describe("The server: ircs://irc.libera.chat (TLS, port 6697) or irc://host (no encryption, port 6667)."),
    nick: z.string().regex(nickShape, "must be a nick").describe("The name that people see."),
    channels: z
      .array(z.string().regex(joinShape, "must be #channel, or #channel and its key"))
      .max(100)
      .default([])
      .describe("Channels to be in: #help, or #help and its key behind a blank."),
    user: z
      .string()
      .regex(/^[^\s\p{Cc}]{1,64}$/u, "must be a name without blanks")
      .optional()
      .describe("The account at the network's services to log in with. Left out: the nick."),
    password: secret("The password of that account. Left out, with no certificate: nobody logs in.").optional(),
    certificate: secret("A client certificate and its key (PEM, one behind the other) to log in with instead (SASL EXTERNAL).").optional(),
    login: z
      .enum(["sasl", "nickserv"])
      .default("sasl")
      .describe("How the account logs in: sasl, or nickserv where the network has no SASL."),
    serverPassword: secret("The password of the server itself, or of a bouncer (ZNC, soju).").optional(),
    ca: z
      .string()
      .includes("BEGIN CERTIFICATE")
      .optional()
      .describe("Certificate (PEM) to trust, where the server has one of its own making."),
    lineMs: z
      .number()
      .int()
      .min(0)
      .max(60_000)
      .default(2_000)
      .describe("Milliseconds between two lines, once five went out at once; lower it where the server lets bots write faster."),
  })
  .superRefine(({ server, password, serverPassword, certificate }, check) => {
    if (!URL.canParse(server)) return;
    const { secure, local } = serverOf(server);
    if (!secure && !local && (password ?? serverPassword ?? certificate) !== undefined)
      check.addIssue({ code: "custom", path: ["server"], message: "a password needs ircs:// everywhere but on this very machine" });
  });

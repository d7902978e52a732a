import { z } from "zod";
import type { Account } from "../../core/channel.ts";
import { secret } from "../../core/secret.ts";

export interface Settings {
  readonly server: string;
  readonly nick: string;
  readonly channels: readonly string[];
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly certificate?: string | undefined;
  readonly login: "sasl" | "nickserv";
  readonly serverPassword?: string | undefined;
  readonly ca?: string | undefined;
  readonly lineMs: number;
}

export type IrcAccount = Account<Settings>;

export const nickShape = /^[^\s,*?!@:$#&+~%.\d-][^\s,*?!@:]{0,63}$/;
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

function isPlainServer({ protocol, hostname, username, password, pathname, search, hash }: URL): boolean {
  const alone = username === "" && password === "" && (pathname === "" || pathname === "/") && search === "" && hash === "";
  return alone && hostname !== "" && (protocol === "irc:" || protocol === "ircs:");
}

export interface Server {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** On this very machine. */
  readonly local: boolean;
}

export function serverOf(address: string): Server {
  const { protocol, hostname, port } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, "");
  const secure = protocol === "ircs:";
  return {
    ...{ host, port: port === "" ? (secure ? 6697 : 6667) : Number(port), secure },
    local: /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host),
  };
}

/** Nothing that a server says may show what logs us in. */
export function withoutSecrets(text: string, { password, serverPassword }: Settings): string {
  let safe = text;
  for (const one of [password, serverPassword]) if (one !== undefined) safe = safe.replaceAll(one, "<password>");
  return safe.replace(/\p{Cc}/gu, " ").slice(0, 300);
}

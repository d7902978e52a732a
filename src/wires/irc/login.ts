import { withoutSecrets } from "../../core/secret-forms.ts";

/** How somebody comes onto an IRC network. */
export interface IrcLogin {
  /** `ircs://host[:port]` (TLS) or `irc://host[:port]`. */
  readonly server: string;
  readonly nick: string;
  /** The account at the services; left out: the nick. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** A client certificate and its key (PEM), for SASL EXTERNAL. */
  readonly certificate?: string | undefined;
  readonly login: "sasl" | "nickserv";
  readonly serverPassword?: string | undefined;
  /** Certificate (PEM) to trust. */
  readonly ca?: string | undefined;
  /** Milliseconds between two lines, once some went out at once. */
  readonly lineMs: number;
}

export const nickShape = /^[^\s,*?!@:$#&+~%.\d-][^\s,*?!@:]{0,63}$/;

export function isPlainServer({ protocol, hostname, username, password, pathname, search, hash }: URL): boolean {
  const alone = username === "" && password === "" && (pathname === "" || pathname === "/") && search === "" && hash === "";
  return alone && hostname !== "" && (protocol === "irc:" || protocol === "ircs:");
}

interface Server {
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
export function withoutPasswords(text: string, { password, serverPassword }: IrcLogin): string {
  return withoutSecrets(text, [password, serverPassword], "<password>")
    .replace(/\p{Cc}/gu, " ")
    .slice(0, 300);
}

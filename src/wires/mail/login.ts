/** Who logs in at a mail server. */
export interface MailLogin {
  /** `imaps://`, `imap://`, `smtps://` or `smtp://`, a host, and a port where it isn't the usual one. */
  readonly server: string;
  readonly user: string;
  readonly password: string;
  /** Certificate (PEM) to trust. */
  readonly ca?: string | undefined;
}

/**
 * One address as it may stand in an envelope: no blank, control, bracket or comma, so that it can't become a second recipient
 * or a header of its own. https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1 for the lengths.
 */
export const addressShape = /^(?=.{3,254}$)[^\s@<>(),;:\\"[\]\p{Cc}]{1,64}@[^\s@<>(),;:\\"[\]\p{Cc}]{1,252}$/u;

export function isPlainServer(
  { protocol, hostname, username, password, pathname, search, hash }: URL,
  schemes: readonly string[],
): boolean {
  const alone = username === "" && password === "" && (pathname === "" || pathname === "/") && search === "" && hash === "";
  return alone && hostname !== "" && schemes.includes(protocol.slice(0, -1));
}

interface Server {
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

/** What both libraries take, of a server. */
export function tlsOf({ ca }: MailLogin): { readonly minVersion: "TLSv1.2"; readonly ca?: string } {
  return { minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) };
}

/** Who logs in at an XMPP server. */
export interface XmppLogin {
  /** `name@domain`. */
  readonly jid: string;
  readonly password: string;
  /** Where to connect to, of `serverShape`. Left out: what the domain's DNS says. */
  readonly server?: string | undefined;
  /** Certificate (PEM) to trust. */
  readonly ca?: string | undefined;
}

export const serverShape = /^(xmpps?|plain):\/\/(\[[\da-f:.]+\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?\/?$/i;

/** Where a socket goes; `direct`: TLS from the start. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly kind: "direct" | "starttls" | "plain";
}

export function addressOf(server: string): Address {
  const [, scheme = "", host = "", port] = serverShape.exec(server) ?? [];
  const kind = ({ xmpps: "direct", plain: "plain" } as const)[scheme.toLowerCase()] ?? "starttls";
  return { host: host.replace(/^\[|\]$/g, ""), port: Number(port ?? (kind === "direct" ? 5223 : 5222)), kind };
}

export function domainOf(jid: string): string {
  return jid.slice(jid.indexOf("@") + 1).toLowerCase();
}

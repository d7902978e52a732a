import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Who is really asking, and how, after proxies that are trusted. */
export interface Peer {
  /** For throttling and the audit log: an IPv4 address, or the /64 of an IPv6 one, which one subscriber holds whole. */
  readonly peer: string;
  readonly https: boolean;
  /** What the browser has in its address bar: host name and port. */
  readonly host: string;
  /** The address at which the connection arrived, for the check of Host. */
  readonly local: string;
}

/** X-Forwarded-* count only when the connection comes from a trusted proxy, read from the right: the left is hearsay. */
export function peerOf(incoming: IncomingMessage, trustedProxies: readonly string[]): Peer {
  const { socket, headers } = incoming;
  const remote = parse(socket.remoteAddress);
  const trusted = ranges(trustedProxies);
  const behindProxy = remote !== undefined && isTrusted(remote, trusted);
  const encrypted = "encrypted" in socket && socket.encrypted === true;
  return {
    peer: remote ? shown(behindProxy ? forwardedFor(headers["x-forwarded-for"], remote, trusted) : remote) : "unknown",
    https: behindProxy ? lastOf(headers["x-forwarded-proto"]) === "https" : encrypted,
    host: (behindProxy && lastOf(headers["x-forwarded-host"])) || headers.host || "",
    local: parse(socket.localAddress)?.toString() ?? "",
  };
}

function forwardedFor(header: string | string[] | undefined, remote: Address, trusted: readonly Range[]): Address {
  let seen = remote;
  for (const text of String(header ?? "")
    .split(",")
    .toReversed()) {
    const hop = parse(text.trim());
    if (!hop) return seen;
    seen = hop;
    if (!isTrusted(hop, trusted)) return hop;
  }
  return seen;
}

function lastOf(header: string | string[] | undefined): string {
  return (
    String(header ?? "")
      .split(",")
      .at(-1)
      ?.trim()
      .toLowerCase() ?? ""
  );
}

function parse(text: string | undefined): Address | undefined {
  return text && ipaddr.isValid(text) ? ipaddr.process(text) : undefined;
}

function shown(address: Address): string {
  if (address.kind() === "ipv4") return address.toString();
  const bytes = address.toByteArray();
  return `${ipaddr.fromByteArray([...bytes.slice(0, 8), 0, 0, 0, 0, 0, 0, 0, 0]).toString()}/64`;
}

type Range = readonly [Address, number];
let known: { readonly list: readonly string[]; readonly ranges: readonly Range[] } = { list: [], ranges: [] };

/** Parsed once for each version of the configuration. */
function ranges(list: readonly string[]): readonly Range[] {
  if (known.list === list) return known.ranges;
  const parsed = list.flatMap((text): Range[] => {
    const [address = "", bits] = text.split("/");
    const base = ipaddr.isValid(address) ? ipaddr.parse(address) : undefined;
    if (!base) return [];
    return [[base, bits === undefined ? (base.kind() === "ipv4" ? 32 : 128) : Number(bits)]];
  });
  known = { list, ranges: parsed };
  return parsed;
}

function isTrusted(address: Address, trusted: readonly Range[]): boolean {
  return trusted.some(([base, bits]) => address.kind() === base.kind() && address.match(base, bits));
}

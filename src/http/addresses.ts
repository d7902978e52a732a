import { promises as dns } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/** Every address of a host name, as the operating system resolves it. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Travels through the socket's error path to whoever made the request. */
export class AddressRefused extends Error {
  constructor(host: string, reason: string) {
    super(`${host} is ${reason}`);
    this.name = "AddressRefused";
  }
}

/** Azure's metadata and wire server: public by its range, yet answered by the host under the virtual machine. */
const azureWireServer = "168.63.129.16";

/** What the operator may open by naming the host in `http.allowPrivate`; link-local, where metadata live, is not in it. */
const openable = new Set(["private", "loopback", "uniqueLocal", "carrierGradeNat"]);

/**
 * Why an address isn't fetched from; nothing for a public one. IPv6 addresses that carry an IPv4 address (mapped,
 * NAT64) are judged by the one they carry. Everything that isn't global unicast is refused, known range or not.
 * https://www.iana.org/assignments/iana-ipv6-special-registry https://www.rfc-editor.org/rfc/rfc6890
 */
export function refusal(text: string, privateAllowed = false): string | undefined {
  if (isIP(text) === 0) return "no address"; // ipaddr.js alone would take 1.2.3 too
  const address = carried(ipaddr.parse(text.replace(/%.*$/, "")));
  const range = address.range();
  if (privateAllowed && openable.has(range)) return undefined;
  if (range !== "unicast" || address.toString() === azureWireServer) return `a ${range === "unicast" ? "metadata" : range} address`;
  // ipaddr.js calls whatever it has no name for unicast; IANA has given out 2000::/3 only (so ::7f00:1 is not public).
  if (address instanceof ipaddr.IPv6 && ((address.parts[0] as number) & 0xe000) !== 0x2000) return "an unassigned address";
  return undefined;
}

function carried(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address instanceof ipaddr.IPv4) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  if (address.match(ipaddr.IPv6.parse("64:ff9b::"), 96)) return new ipaddr.IPv4(address.toByteArray().slice(12));
  return address;
}

/** The host of a URL is an address itself: then nothing is resolved, and it must be checked before. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? undefined : bare;
}

export async function resolveWithSystem(host: string): Promise<readonly ResolvedAddress[]> {
  return dns.lookup(host, { all: true });
}

/**
 * A lookup for `net.connect`. What it answers is what is connected to, so that nothing can change between the check and
 * the connect; one refused address among several refuses the name.
 */
export function guardedLookup(resolve: Resolve, privateAllowed: (host: string) => boolean): LookupFunction {
  return (host, options, callback) => {
    resolve(host).then(
      (addresses) => {
        const first = addresses[0];
        if (!first) return callback(Object.assign(new Error(`no address for ${host}`), { code: "ENOTFOUND" }), "");
        const allowed = privateAllowed(host);
        for (const { address } of addresses) {
          const reason = refusal(address, allowed);
          if (reason) return callback(new AddressRefused(host, reason), "");
        }
        if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, ""),
    );
  };
}

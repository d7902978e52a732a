import type { IncomingHttpHeaders } from "node:http";
import type { HttpSettings } from "../core/configuration.ts";
import type { Result } from "../core/errors.ts";
import { fail, ok } from "../core/errors.ts";
import { say } from "../core/say.ts";
import type { Peer } from "./peer.ts";

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Against DNS rebinding: a page of an attacker whose name now leads here still sends that name as Host. Addresses can't
 * be rebound, so the one at which the connection arrived is fine.
 */
export function checkHost(peer: Peer, settings: HttpSettings): Result<undefined> {
  const host = peer.host.toLowerCase();
  const name = nameOf(host);
  if (name === undefined) return fail("host-refused", "the Host header is malformed");
  if (loopback.has(name) || name === peer.local || name === `[${peer.local}]`) return ok(undefined);
  const listed = [...settings.hosts.map((each) => each.toLowerCase()), ...publicHost(settings)];
  if (listed.some((each) => matches(host, name, each))) return ok(undefined);
  return fail("host-refused", say`this gateway doesn't answer to the host ${JSON.stringify(name.slice(0, 100))}`);
}

/** Against requests that another site makes with the visitor's cookie. Programs send neither header. */
export function checkOrigin(headers: IncomingHttpHeaders, peer: Peer, settings: HttpSettings): Result<undefined> {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return fail("origin-refused", "the request comes from another site");
  const origin = headers.origin;
  if (origin === undefined) return ok(undefined);
  const from = URL.canParse(origin) ? new URL(origin).host : "";
  const own = [peer.host.toLowerCase(), ...publicHost(settings)];
  return from !== "" && own.includes(from)
    ? ok(undefined)
    : fail("origin-refused", say`the request comes from ${JSON.stringify(origin.slice(0, 100))}`);
}

function publicHost(settings: HttpSettings): readonly string[] {
  return settings.publicUrl && URL.canParse(settings.publicUrl) ? [new URL(settings.publicUrl).host] : [];
}

/** `*.example.com` stands for any name below; an entry without a port for any port. */
function matches(host: string, name: string, listed: string): boolean {
  if (listed.startsWith("*.")) return name.endsWith(listed.slice(1)) && name.length > listed.length - 1;
  return listed === host || listed === name;
}

function nameOf(host: string): string | undefined {
  return /^([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/.exec(host)?.[1];
}

import { loginAbsoluteMs } from "../access/access.ts";

/** `__Host-` binds the cookie to this host and to https (RFC 6265bis, section 4.1.3.2); it can't be set without https. */
export function cookieName(https: boolean): string {
  return https ? "__Host-polylogue" : "polylogue";
}

export function loginCookie(secret: string, https: boolean): string {
  return `${cookieName(https)}=${secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${loginAbsoluteMs / 1000}${https ? "; Secure" : ""}`;
}

export function voidCookie(https: boolean): string {
  return `${cookieName(https)}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0${https ? "; Secure" : ""}`;
}

/** The login's secret in a Cookie header. Two of the name mean that somebody planted one: neither counts. */
export function readLoginCookie(header: string | undefined, https: boolean): string | undefined {
  const name = `${cookieName(https)}=`;
  const found = (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(name));
  return found.length === 1 ? (found[0] as string).slice(name.length) || undefined : undefined;
}

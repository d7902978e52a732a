import type { HttpSettings } from "../../core/configuration.ts";
import type { Visit } from "../visit.ts";

/** `own`: the gateway's pages, or no browser at all. `allowed`: a site of `http.origins`. Nothing: any other site. */
export function originKind(
  origin: string | undefined,
  visit: Pick<Visit, "host" | "https">,
  settings: HttpSettings,
): "own" | "allowed" | undefined {
  if (origin === undefined) return "own";
  const asked = normal(origin);
  if (asked === undefined) return undefined;
  const own = [`${visit.https ? "https" : "http"}://${visit.host}`, settings.publicUrl].map((url) => normal(url));
  if (own.includes(asked)) return "own";
  return settings.origins.some((listed) => listed === "*" || normal(listed) === asked) ? "allowed" : undefined;
}

/** What a page of an allowed site may do and read: https://fetch.spec.whatwg.org/#http-cors-protocol */
export function corsHeaders(origin: string): Readonly<Record<string, string>> {
  return { "access-control-allow-origin": origin, "access-control-expose-headers": "retry-after, x-request-id" };
}

export const preflightHeaders: Readonly<Record<string, string>> = {
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": "authorization, content-type",
  "access-control-max-age": "600",
};

function normal(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { origin, protocol } = new URL(url);
  return protocol === "http:" || protocol === "https:" ? origin : undefined;
}

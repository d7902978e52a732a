import type { IncomingHttpHeaders } from "node:http";
import type { Access } from "../access/access.ts";
import type { Actor } from "../access/actor.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import { readLoginCookie } from "./cookie.ts";

/** Who asks: by `Authorization: Bearer` (tokens only) or else by the login's cookie (logins only). */
export async function authenticate(
  access: Access,
  headers: IncomingHttpHeaders,
  visit: { readonly https: boolean },
): Promise<Result<Actor>> {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const secret = /^Bearer +([\w-]+)$/i.exec(authorization)?.[1];
    const actor = secret && (await access.authenticate({ kind: "token", secret }));
    return actor ? ok(actor) : fail("login-required", "the token isn't valid");
  }
  const secret = readLoginCookie(headers.cookie, visit.https);
  const actor = secret && (await access.authenticate({ kind: "login", secret }));
  return actor ? ok(actor) : fail("login-required", "this needs a login or a token");
}

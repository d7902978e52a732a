import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { fail, ok, type Result } from "../../core/errors.ts";
import type { Instant } from "../../core/terms.ts";

/** Somebody who chats: a random id, no name, no address; it stays the same as long as the browser keeps the token. */
export interface Visitor {
  /** `vs_` and 128 random bits; also the chat's and the sender's id on the channel. */
  readonly id: string;
  readonly account: string;
}

const lifetimeMs = 180 * 86_400_000;
/** One that was issued so much later than now was issued under a wrong clock. */
const aheadMs = 86_400_000;

/** A bearer token that names the visitor and is signed with `key`; it opens one conversation of one account. */
export class VisitorTokens {
  readonly #key: Uint8Array;

  /** `key`: at least 32 secret bytes that outlive restarts. */
  constructor(key: Uint8Array) {
    if (key.length < 32) throw new Error("the key of the visitors' tokens is shorter than 32 bytes");
    this.#key = key;
  }

  newVisitor(account: string): Visitor {
    return { account, id: `vs_${randomBytes(16).toString("hex")}` };
  }

  issue(visitor: Visitor, now: Instant): string {
    const claims = `${visitor.account}.${visitor.id}.${now}`;
    return `${claims}.${this.#mac(claims)}`;
  }

  read(token: string, account: string, now: Instant): Result<Visitor> {
    const match = /^([\w-]{1,63})\.(vs_[0-9a-f]{32})\.(\d{1,15})\.([\w-]{43})$/.exec(token);
    if (match === null) return fail("login-required", "send the visitor's token as `Authorization: Bearer`");
    const [, of = "", id = "", issued = "", mac = ""] = match;
    const fits = timingSafeEqual(Buffer.from(mac), Buffer.from(this.#mac(`${of}.${id}.${issued}`)));
    if (!fits || of !== account) return fail("login-required", "the visitor's token isn't valid here");
    if (now - Number(issued) > lifetimeMs || Number(issued) - now > aheadMs)
      return fail("login-required", "the visitor's token is too old");
    return ok({ id, account });
  }

  #mac(claims: string): string {
    return createHmac("sha256", this.#key).update(`polylogue webchat visitor 1\n${claims}`).digest("base64url");
  }
}

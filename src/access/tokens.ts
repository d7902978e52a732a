import type { Clock } from "../core/clock.ts";
import type { Result } from "../core/errors.ts";
import { fail, ok } from "../core/errors.ts";
import type { Credential, Records, Role } from "../core/records.ts";
import { say } from "../core/say.ts";
import type { Actor } from "./actor.ts";
import { actorName } from "./actor.ts";
import { roleAllows, roleText } from "./roles.ts";
import { hashSecret, mintSecret, tokenPrefix } from "./secrets.ts";

export interface NewToken {
  readonly label: string;
  /** The actor's own if absent. */
  readonly role?: Role | undefined;
  readonly days?: number | undefined;
}

/** A token as it may be shown: without its secret or its whole hash. */
export interface TokenView {
  readonly id: string;
  readonly label: string;
  readonly role: Role;
  readonly operator: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly seenAt?: number;
}

/** The tokens of machines: made once, shown once, stored as a hash. */
export class Tokens {
  readonly #records: Records;
  readonly #clock: Clock;

  constructor(records: Records, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
  }

  /** Own ones; all of the tenant for admins. */
  async list(actor: Actor): Promise<readonly TokenView[]> {
    return (await this.#valid(actor)).map(view);
  }

  async make(actor: Actor, asked: NewToken): Promise<Result<TokenView & { readonly token: string }>> {
    const role = asked.role ?? actor.role;
    if (!roleAllows(actor.role, role)) return fail("role-too-low", say`a token with the role ${roleText(role)} takes somebody who has it`);
    const token = mintSecret(tokenPrefix);
    const at = this.#clock.now();
    const credential: Credential = {
      tenant: actor.tenant,
      hash: hashSecret(token),
      kind: "token",
      operator: actor.operator.id,
      role,
      label: asked.label,
      createdAt: at,
      ...(asked.days === undefined ? {} : { expiresAt: at + asked.days * 86_400_000 }),
    };
    await this.#records.addCredential(credential);
    const shown = view(credential);
    await this.#audit(actor, "token-make", shown, at);
    return ok({ ...shown, token });
  }

  async revoke(actor: Actor, id: string): Promise<Result<undefined>> {
    const found = (await this.#valid(actor)).find((credential) => view(credential).id === id);
    if (found && !roleAllows(actor.role, found.role)) return fail("role-too-low", "this token's role is higher than yours");
    const at = this.#clock.now();
    if (!found || !(await this.#records.revokeCredential(actor.tenant, found.hash, at))) return fail("not-found", "there is no such token");
    await this.#audit(actor, "token-revoke", view(found), at);
    return ok(undefined);
  }

  async #valid(actor: Actor): Promise<readonly Credential[]> {
    const now = this.#clock.now();
    const all = roleAllows(actor.role, "admin");
    const tokens = await this.#records.credentials(actor.tenant, "token");
    return tokens.filter((token) => isValid(token, now) && (all || token.operator === actor.operator.id));
  }

  #audit(actor: Actor, action: string, token: TokenView, at: number): Promise<void> {
    const detail = { label: token.label, role: token.role };
    return this.#records.audit({ tenant: actor.tenant, at, actor: actorName(actor), action, subject: token.id, detail });
  }
}

export function isValid(credential: Credential, now: number): boolean {
  return credential.revokedAt === undefined && (credential.expiresAt === undefined || credential.expiresAt > now);
}

function view(credential: Credential): TokenView {
  const { label, role, createdAt, expiresAt, seenAt } = credential;
  const operator = credential.operator ?? "";
  return {
    ...{ id: credential.hash.slice(0, 16), label, role, operator, createdAt },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(seenAt !== undefined && { seenAt }),
  };
}

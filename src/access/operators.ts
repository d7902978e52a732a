import type { Clock } from "../core/clock.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import type { OperatorId } from "../core/ids.ts";
import type { Credential, Operator, OperatorChange, Records, Role } from "../core/records.ts";
import { say } from "../core/say.ts";
import type { Instant, Json } from "../core/terms.ts";
import { type Actor, actorName } from "./actor.ts";
import { roleAllows, roleText } from "./roles.ts";
import { hashSecret, mintSecret } from "./secrets.ts";
import { isValid } from "./tokens.ts";

/** An operator, and how many ways in are open to them. */
export interface OperatorView extends Operator {
  readonly logins: number;
  readonly tokens: number;
  /** When one of them was last used, to the hour. */
  readonly seenAt?: Instant;
}

/** A link for one use as it may be shown: without its secret or its whole hash. */
export interface LinkView {
  readonly id: string;
  readonly label: string;
  readonly role: Role;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

/** A login as it may be shown. */
export interface LoginView {
  readonly id: string;
  readonly operator: OperatorId;
  /** What the browser calls itself. */
  readonly label: string;
  readonly createdAt: Instant;
  readonly expiresAt?: Instant;
  readonly seenAt?: Instant;
  /** The one that asks. */
  readonly current: boolean;
}

const day = 86_400_000;
const resetMs = day;

/** Who else may in: operators, their roles and logins, links that invite or let choose a new password. Nobody acts above their own role. */
export class Operators {
  readonly #records: Records;
  readonly #clock: Clock;

  constructor(records: Records, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
  }

  async list(actor: Actor): Promise<readonly OperatorView[]> {
    const [operators, logins, tokens] = await Promise.all([
      this.#records.operators(actor.tenant),
      this.#valid(actor, "login"),
      this.#valid(actor, "token"),
    ]);
    return operators.map((operator) => {
      const own = ({ operator: id }: Credential) => id === operator.id;
      const seen = [...logins, ...tokens].filter(own).map(({ seenAt = 0 }) => seenAt);
      const seenAt = Math.max(0, ...seen);
      return { ...operator, logins: logins.filter(own).length, tokens: tokens.filter(own).length, ...(seenAt > 0 && { seenAt }) };
    });
  }

  async setRole(actor: Actor, id: string, role: Role): Promise<Result<Operator>> {
    const found = await this.#reached(actor, id);
    if (!found.ok) return found;
    if (!roleAllows(actor.role, role)) return fail("role-too-low", say`only who has the role ${roleText(role)} can give it`);
    const changed = told(await this.#records.setRole(actor.tenant, found.value.id, role));
    if (!changed.ok) return changed;
    await this.#audit(actor, "role-set", found.value.id, { name: found.value.name, role, was: found.value.role });
    return ok({ ...found.value, role });
  }

  async remove(actor: Actor, id: string): Promise<Result<undefined>> {
    const found = await this.#reached(actor, id);
    if (!found.ok) return found;
    const removed = told(await this.#records.removeOperator(actor.tenant, found.value.id, this.#clock.now()));
    if (removed.ok) await this.#audit(actor, "operator-remove", found.value.id, { name: found.value.name, role: found.value.role });
    return removed;
  }

  /** The secret of the link is in the answer and nowhere else. */
  async invite(
    actor: Actor,
    asked: { readonly role: Role; readonly label: string; readonly days: number },
  ): Promise<Result<LinkView & { readonly secret: string }>> {
    if (!roleAllows(actor.role, asked.role))
      return fail("role-too-low", say`only who has the role ${roleText(asked.role)} can invite for it`);
    return ok(await this.#link(actor, "invitation", { ...asked, operator: actor.operator.id, ms: asked.days * day }));
  }

  async invitations(actor: Actor): Promise<readonly LinkView[]> {
    return (await this.#valid(actor, "invitation")).map(linkOf);
  }

  async takeBackInvitation(actor: Actor, id: string): Promise<Result<undefined>> {
    const found = (await this.#valid(actor, "invitation")).find(({ hash }) => idOf(hash) === id);
    if (!found) return fail("not-found", "there is no such invitation, or it was used");
    if (!roleAllows(actor.role, found.role)) return fail("role-too-low", "this invitation's role is higher than yours");
    return this.#revoke(actor, found, "invitation-revoke");
  }

  /** A link under which the operator chooses a new password, for a day; earlier ones are void. */
  async resetLink(actor: Actor, id: string): Promise<Result<LinkView & { readonly secret: string }>> {
    const found = await this.#reached(actor, id);
    if (!found.ok) return found;
    const at = this.#clock.now();
    const { id: operator, role, name: label } = found.value;
    for (const earlier of await this.#valid(actor, "reset")) {
      if (earlier.operator === operator) await this.#records.revokeCredential(actor.tenant, earlier.hash, at);
    }
    return ok(await this.#link(actor, "reset", { operator, role, label, ms: resetMs }));
  }

  /** Own ones; all of the tenant for admins. */
  async logins(actor: Actor): Promise<readonly LoginView[]> {
    return (await this.#visibleLogins(actor)).map(({ hash, operator, label, createdAt, expiresAt, seenAt }) => ({
      ...{ id: idOf(hash), operator: operator as OperatorId, label, createdAt, current: hash === actor.credential },
      ...(expiresAt !== undefined && { expiresAt }),
      ...(seenAt !== undefined && { seenAt }),
    }));
  }

  async endLogin(actor: Actor, id: string): Promise<Result<undefined>> {
    const found = (await this.#visibleLogins(actor)).find(({ hash }) => idOf(hash) === id);
    if (!found) return fail("not-found", "there is no such login");
    if (found.operator !== actor.operator.id) {
      const reached = await this.#reached(actor, found.operator as OperatorId);
      if (!reached.ok) return reached;
    }
    return this.#revoke(actor, found, "login-revoke");
  }

  /** The operator, unless it stands above the actor. */
  async #reached(actor: Actor, id: string): Promise<Result<Operator>> {
    const found = (await this.#records.operators(actor.tenant)).find((operator) => operator.id === id);
    if (!found) return fail("not-found", "there is no such operator");
    return roleAllows(actor.role, found.role) ? ok(found) : fail("role-too-low", "this operator's role is higher than yours");
  }

  async #visibleLogins(actor: Actor): Promise<readonly Credential[]> {
    const all = roleAllows(actor.role, "admin");
    return (await this.#valid(actor, "login")).filter(({ operator }) => operator && (all || operator === actor.operator.id));
  }

  async #valid(actor: Actor, kind: Credential["kind"]): Promise<readonly Credential[]> {
    const now = this.#clock.now();
    return (await this.#records.credentials(actor.tenant, kind)).filter((credential) => isValid(credential, now));
  }

  async #link(
    actor: Actor,
    kind: "invitation" | "reset",
    { operator, role, label, ms }: { readonly operator: OperatorId; readonly role: Role; readonly label: string; readonly ms: number },
  ): Promise<LinkView & { readonly secret: string }> {
    const secret = mintSecret();
    const createdAt = this.#clock.now();
    const credential = {
      tenant: actor.tenant,
      hash: hashSecret(secret),
      kind,
      operator,
      role,
      label,
      createdAt,
      expiresAt: createdAt + ms,
    } as const;
    await this.#records.addCredential(credential);
    const shown = linkOf(credential);
    const subject = kind === "reset" ? operator : shown.id;
    await this.#audit(actor, kind === "reset" ? "password-reset-link" : "invitation-make", subject, { label, role });
    return { ...shown, secret };
  }

  async #revoke(actor: Actor, { hash, operator, label }: Credential, action: string): Promise<Result<undefined>> {
    if (!(await this.#records.revokeCredential(actor.tenant, hash, this.#clock.now()))) return fail("not-found", "it is gone already");
    await this.#audit(actor, action, action === "login-revoke" ? (operator ?? "") : idOf(hash), { label });
    return ok(undefined);
  }

  #audit(actor: Actor, action: string, subject: string, detail: { readonly [key: string]: Json }): Promise<void> {
    return this.#records.audit({ tenant: actor.tenant, at: this.#clock.now(), actor: actorName(actor), action, subject, detail });
  }
}

function told(change: OperatorChange): Result<undefined> {
  if (change === "gone") return fail("not-found", "there is no such operator");
  return change === "last-owner" ? fail("last-owner", "this is the last owner") : ok(undefined);
}

function idOf(hash: string): string {
  return hash.slice(0, 16);
}

function linkOf({ hash, label, role, createdAt, expiresAt }: Credential): LinkView {
  return { id: idOf(hash), label, role, createdAt, expiresAt: expiresAt ?? createdAt };
}

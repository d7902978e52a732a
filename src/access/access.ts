import type { Hearsay } from "../core/bus.ts";
import type { Clock } from "../core/clock.ts";
import type { Result } from "../core/errors.ts";
import { fail, fault, ok } from "../core/errors.ts";
import type { TenantId } from "../core/ids.ts";
import { newId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Credential, Operator, Records, Role } from "../core/records.ts";
import { say } from "../core/say.ts";
import type { Json } from "../core/terms.ts";
import type { AccessFault, Actor, Origin } from "./actor.ts";
import { actorName } from "./actor.ts";
import { Operators } from "./operators.ts";
import type { PasswordCost } from "./password.ts";
import { Passwords } from "./password.ts";
import { lowerRole } from "./roles.ts";
import { hashSecret, mintSecret, tokenPrefix } from "./secrets.ts";
import { Seldom } from "./seldom.ts";
import type { AttemptNews, ThrottleRule } from "./throttle.ts";
import { Throttle } from "./throttle.ts";
import { isValid, Tokens } from "./tokens.ts";

export interface AccessParts {
  readonly records: Records;
  readonly clock: Clock;
  readonly log: Log;
  /** Whose operators sign in here. */
  readonly tenant: TenantId;
  /** Other gateways at which the same people sign in. */
  readonly others?: Hearsay<AttemptNews> | undefined;
  /** Only tests want cheaper hashes. */
  readonly passwordCost?: PasswordCost;
}

/** The secret for the cookie is in here and nowhere else. */
export interface SignedIn {
  readonly actor: Actor;
  readonly secret: string;
}

const day = 86_400_000;
/** A login ends after so long without use, and in any case after so long. */
export const loginIdleMs = 7 * day;
export const loginAbsoluteMs = 30 * day;
/** A login that begins so much later than now was made under a wrong clock: it would outlive its time. Small corrections pass. */
const ahead = day;
/** That a credential is in use is noted at most so often: a write a request would be too many. */
const seeEveryMs = 3_600_000;

const minutes15 = 900_000;
const rules = {
  nameAndPeer: { limit: 5, windowMs: minutes15 },
  peer: { limit: 30, windowMs: minutes15 },
  name: { limit: 50, windowMs: minutes15 },
} satisfies Record<string, ThrottleRule>;

type Answer<Value> = Result<Value, AccessFault>;

/** Who may in: the first owner, passwords, logins and tokens. Everything is checked against the store on each request. */
export class Access {
  readonly tokens: Tokens;
  readonly operators: Operators;
  readonly #records: Records;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #tenant: TenantId;
  readonly #passwords: Passwords;
  readonly #throttle: Throttle;
  readonly #seldom: Seldom;

  constructor(parts: AccessParts) {
    this.#records = parts.records;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#tenant = parts.tenant;
    this.#passwords = new Passwords(parts.passwordCost);
    this.#throttle = new Throttle(parts.clock, parts.others);
    this.#seldom = new Seldom(parts.clock);
    this.tokens = new Tokens(parts.records, parts.clock);
    this.operators = new Operators(parts.records, parts.clock);
  }

  /** True until there is an operator. */
  async needsSetup(): Promise<boolean> {
    return (await this.#records.operators(this.#tenant)).length === 0;
  }

  /**
   * Called once at each start. While there is no operator it makes a new one-time setup token (or takes `given`), voids
   * the earlier ones and answers it; afterwards it answers nothing.
   */
  async prepareSetup(given?: string): Promise<string | undefined> {
    const needed = await this.needsSetup();
    const token = given || mintSecret();
    if (needed && token.length < 16)
      this.#log.warn("setup-token-weak", { hint: "POLYLOGUE_SETUP_TOKEN should have 16 characters or more" });
    const hash = hashSecret(token);
    const at = this.#clock.now();
    const earlier = await this.#records.credentials(this.#tenant, "setup");
    for (const credential of earlier) {
      if (isValid(credential, at) && !(needed && credential.hash === hash))
        await this.#records.revokeCredential(this.#tenant, credential.hash, at);
    }
    if (!needed) return undefined;
    if (!earlier.some((credential) => credential.hash === hash)) {
      const setup = { tenant: this.#tenant, hash, kind: "setup", role: "owner", label: "setup", createdAt: at } as const;
      await this.#records.addCredential(setup).catch(async (thrown: unknown) => {
        // Another gateway on the same store, that starts at this moment with the same token, may have made it.
        const now = await this.#records.credentials(this.#tenant, "setup");
        if (!now.some((credential) => credential.hash === hash)) throw thrown;
      });
    }
    return token;
  }

  /** Makes the owner and signs in. Of two visitors with the same token exactly one succeeds. */
  async setup(asked: { token: string; name: string; password: string }, from: Origin): Promise<Answer<SignedIn>> {
    const buckets = new Map([[`setup|${from.peer}`, rules.nameAndPeer]]);
    const wait = this.#throttle.take(buckets);
    if (wait > 0) return tooMany(wait);
    const credential = await this.#records.credential(hashSecret(asked.token));
    if (credential?.kind !== "setup" || credential.tenant !== this.#tenant || !isValid(credential, this.#clock.now())) {
      await this.#audit("gateway", "setup-refuse", "setup", { peer: from.peer });
      return fail("setup-refused", "this setup link isn't valid");
    }
    this.#throttle.giveBack(buckets);
    const hashed = await this.#passwords.hash(asked.password);
    if (!hashed.ok) return hashed;
    const at = this.#clock.now();
    const operator: Operator = { id: newId("operator", at), name: plainName(asked.name), role: "owner", createdAt: at };
    const added = await this.#records.addOperator({ ...operator, tenant: this.#tenant, passwordHash: hashed.value }, { onlyFirst: true });
    if (!added) return fail("setup-refused", "there is an owner already");
    await this.#records.revokeCredential(this.#tenant, credential.hash, at);
    await this.#audit(operator.id, "owner-add", operator.id, { name: operator.name, peer: from.peer });
    return ok(await this.#signIn(operator, from));
  }

  /** Makes the operator whom an invitation is for, and signs in. Of two visitors with the same link exactly one succeeds. */
  async join(asked: { token: string; name: string; password: string }, from: Origin): Promise<Answer<SignedIn>> {
    const hashed = await this.#linkPassword("invitation", asked, from);
    if (!hashed.ok) return hashed;
    const createdAt = this.#clock.now();
    const { hash, passwordHash, role } = hashed.value;
    const operator: Operator = { id: newId("operator", createdAt), name: plainName(asked.name), role, createdAt };
    const joined = await this.#records.addInvited(hash, { ...operator, passwordHash });
    if (joined === "void") return fail("invitation-refused", "this invitation isn't valid");
    if (joined === "name-taken") return fail("name-taken", "somebody here has this name already");
    await this.#audit(operator.id, "operator-add", operator.id, { name: operator.name, role, peer: from.peer });
    return ok(await this.#signIn(operator, from));
  }

  /** Under a link for a new password: ends every login of the operator, then signs in anew. */
  async resetPassword(asked: { token: string; password: string }, from: Origin): Promise<Answer<SignedIn>> {
    const hashed = await this.#linkPassword("reset", asked, from);
    if (!hashed.ok) return hashed;
    const id = await this.#records.resetPassword(hashed.value.hash, hashed.value.passwordHash, this.#clock.now());
    const operator = id && (await this.#records.operators(this.#tenant)).find((each) => each.id === id);
    if (!operator) return fail("invitation-refused", "this link isn't valid");
    await this.#audit(operator.id, "password-reset", operator.id, { peer: from.peer });
    return ok(await this.#signIn(operator, from));
  }

  /** The hash of the password that somebody with a valid link chose. */
  async #linkPassword(
    kind: "invitation" | "reset",
    { token, password }: { token: string; password: string },
    from: Origin,
  ): Promise<Answer<{ hash: string; passwordHash: string; role: Role }>> {
    const buckets = new Map([[`${kind}|${from.peer}`, rules.nameAndPeer]]);
    const wait = this.#throttle.take(buckets);
    if (wait > 0) return tooMany(wait);
    const hash = hashSecret(token);
    const credential = await this.#records.credential(hash);
    if (credential?.kind !== kind || credential.tenant !== this.#tenant || !isValid(credential, this.#clock.now())) {
      await this.#audit("gateway", `${kind}-refuse`, kind, { peer: from.peer });
      return fail("invitation-refused", kind === "reset" ? "this link isn't valid" : "this invitation isn't valid");
    }
    this.#throttle.giveBack(buckets);
    const hashed = await this.#passwords.hash(password);
    return hashed.ok ? ok({ hash, passwordHash: hashed.value, role: credential.role }) : hashed;
  }

  async login(asked: { name: string; password: string }, from: Origin): Promise<Answer<SignedIn>> {
    const name = plainName(asked.name);
    const known = await this.#checkPassword(name, asked.password, from);
    if (!known.ok) return known;
    const { passwordHash: _, ...operator } = known.value;
    await this.#audit(operator.id, "login-add", operator.id, { peer: from.peer });
    return ok(await this.#signIn(operator, from));
  }

  /** Who presents a login's cookie or a token; nothing when it isn't valid (any more) or is of the other type. */
  async authenticate(presented: { readonly kind: "login" | "token"; readonly secret: string }): Promise<Actor | undefined> {
    const { kind, secret } = presented;
    if (secret.length > 100 || (kind === "token") !== secret.startsWith(tokenPrefix)) return undefined;
    const credential = await this.#records.credential(hashSecret(secret));
    if (credential?.kind !== kind) return undefined;
    return this.#actorOf(credential);
  }

  /** The actor as he is now, for what lasts longer than a request; nothing once his credential is void. */
  async recheck(actor: Actor): Promise<Actor | undefined> {
    const credential = await this.#records.credential(actor.credential);
    return credential && this.#actorOf(credential);
  }

  async logout(actor: Actor): Promise<void> {
    const at = this.#clock.now();
    await this.#records.revokeCredential(actor.tenant, actor.credential, at);
    await this.#audit(actorName(actor), actor.via === "token" ? "token-revoke" : "login-remove", actor.operator.id);
  }

  /** Ends every login of the operator, then signs in anew. */
  async changePassword(actor: Actor, asked: { current: string; next: string }, from: Origin): Promise<Answer<SignedIn>> {
    const known = await this.#checkPassword(actor.operator.name, asked.current, from);
    if (!known.ok) return known;
    const hashed = await this.#passwords.hash(asked.next);
    if (!hashed.ok) return hashed;
    if (!(await this.#records.setPassword(actor.tenant, actor.operator.id, hashed.value, this.#clock.now()))) {
      return fail("not-found", "the operator is gone");
    }
    await this.#audit(actor.operator.id, "password-change", actor.operator.id, { peer: from.peer });
    return ok(await this.#signIn(actor.operator, from));
  }

  async #checkPassword(name: string, password: string, from: Origin): Promise<Answer<Operator & { readonly passwordHash: string }>> {
    // What was typed as a name may be a password: others are told its hash.
    const key = hashSecret(name.toLowerCase());
    const buckets = new Map<string, ThrottleRule>([
      [`name|${key}`, rules.name],
      [`peer|${from.peer}`, rules.peer],
      [`both|${from.peer}|${key}`, rules.nameAndPeer],
    ]);
    const wait = this.#throttle.take(buckets);
    if (wait > 0) {
      const more = this.#seldom.tell(from.peer);
      if (more !== undefined) this.#log.warn("login-throttle", { peer: from.peer, more });
      return tooMany(wait);
    }
    const known = await this.#records.operatorByName(this.#tenant, name);
    const verified = await this.#passwords.verify(password, known?.passwordHash);
    if (!verified.ok) return verified;
    if (!known || !verified.value) {
      // What was typed as a name may be a password: an unknown one isn't written down.
      await this.#audit("gateway", "login-refuse", known?.id ?? "unknown name", { peer: from.peer });
      return fail("login-refused", "the name or the password is wrong");
    }
    this.#throttle.giveBack(buckets);
    return ok(known);
  }

  async #signIn(operator: Operator, from: Origin): Promise<SignedIn> {
    const secret = mintSecret();
    const at = this.#clock.now();
    const credential: Credential = {
      tenant: this.#tenant,
      hash: hashSecret(secret),
      kind: "login",
      operator: operator.id,
      role: operator.role,
      label: from.agent || "browser",
      createdAt: at,
      expiresAt: at + loginIdleMs,
      seenAt: at,
    };
    await this.#records.addCredential(credential);
    return { actor: actorFrom(credential, operator), secret };
  }

  async #actorOf(credential: Credential): Promise<Actor | undefined> {
    const now = this.#clock.now();
    if ((credential.kind !== "login" && credential.kind !== "token") || !isValid(credential, now)) return undefined;
    if (credential.kind === "login" && credential.createdAt > now + ahead) return undefined;
    const operator = (await this.#records.operators(credential.tenant)).find((each) => each.id === credential.operator);
    if (!operator) return undefined;
    if (now - (credential.seenAt ?? 0) >= seeEveryMs) {
      const end = credential.kind === "login" ? Math.min(credential.createdAt + loginAbsoluteMs, now + loginIdleMs) : undefined;
      await this.#records.seeCredential(credential.tenant, credential.hash, now, end);
    }
    return actorFrom(credential, operator);
  }

  #audit(actor: string, action: string, subject: string, detail: { readonly [key: string]: Json } = {}): Promise<void> {
    return this.#records.audit({ tenant: this.#tenant, at: this.#clock.now(), actor, action, subject, detail });
  }
}

function actorFrom(credential: Credential, operator: Operator): Actor {
  return {
    tenant: credential.tenant,
    operator: { id: operator.id, name: operator.name, role: operator.role, createdAt: operator.createdAt },
    role: credential.kind === "token" ? lowerRole(credential.role, operator.role) : operator.role,
    via: credential.kind === "token" ? "token" : "login",
    label: credential.label,
    credential: credential.hash,
    ...(credential.expiresAt === undefined ? {} : { expiresAt: credential.expiresAt }),
  };
}

/** The same name whichever way it was typed. */
function plainName(name: string): string {
  return name.normalize("NFKC").trim();
}

function tooMany(waitMs: number): { ok: false; fault: AccessFault } {
  return {
    ok: false,
    fault: { ...fault("too-many-attempts", say`too many attempts; wait ${Math.ceil(waitMs / 1000)} s`), afterMs: waitMs },
  };
}

import type { OperatorId, TenantId } from "../core/ids.ts";
import type { Credential, Operator, OperatorChange, Role } from "../core/records.ts";
import type { Instant } from "../core/terms.ts";
import type { Prepare, Work } from "./work.ts";

type NewOperator = Operator & { readonly passwordHash: string; readonly tenant: TenantId };

/** Operators, their logins and tokens. */
export interface People {
  operators(tenant: TenantId): Work<readonly Operator[]>;
  byName(tenant: TenantId, name: string): Work<(Operator & { readonly passwordHash: string }) | undefined>;
  add(operator: NewOperator, onlyFirst: boolean): Work<boolean>;
  setPassword(tenant: TenantId, operator: OperatorId, passwordHash: string, at: Instant): Work<boolean>;
  names(tenant: TenantId): Work<ReadonlyMap<OperatorId, string>>;
  setRole(tenant: TenantId, operator: OperatorId, role: Role): Work<OperatorChange>;
  remove(tenant: TenantId, operator: OperatorId, at: Instant): Work<OperatorChange>;
  join(hash: string, operator: Omit<Operator, "role"> & { readonly passwordHash: string }): Work<"done" | "void" | "name-taken">;
  reset(hash: string, passwordHash: string, at: Instant): Work<OperatorId | undefined>;
  addCredential(credential: Credential): Work<void>;
  credential(hash: string): Work<Credential | undefined>;
  credentials(tenant: TenantId, kind: Credential["kind"]): Work<readonly Credential[]>;
  see(tenant: TenantId, hash: string, at: Instant, expiresAt?: Instant): Work<boolean>;
  revoke(tenant: TenantId, hash: string, at: Instant): Work<boolean>;
}

interface OperatorRow {
  readonly id: OperatorId;
  readonly name: string;
  readonly role: Role;
  readonly password_hash: string;
  readonly created_at: Instant;
}

interface CredentialRow {
  readonly tenant: TenantId;
  readonly hash: string;
  readonly kind: Credential["kind"];
  readonly operator: OperatorId | null;
  readonly role: Role;
  readonly label: string;
  readonly created_at: Instant;
  readonly expires_at: Instant | null;
  readonly revoked_at: Instant | null;
  readonly seen_at: Instant | null;
}

export function peopleTables(prepare: Prepare): People {
  const list = prepare<OperatorRow>(
    "SELECT id, name, role, password_hash, created_at FROM operators WHERE tenant = ? AND removed_at IS NULL ORDER BY created_at, id",
  );
  const byName = prepare<OperatorRow>(
    "SELECT id, name, role, password_hash, created_at FROM operators WHERE tenant = ? AND name = ? AND removed_at IS NULL",
  );
  const names = prepare<{ id: OperatorId; name: string }>("SELECT id, name FROM operators WHERE tenant = ?");
  const roleOf = prepare<{ role: Role }>("SELECT role FROM operators WHERE tenant = ? AND id = ? AND removed_at IS NULL");
  const otherOwner = prepare("SELECT 1 FROM operators WHERE tenant = ? AND role = 'owner' AND id <> ? AND removed_at IS NULL LIMIT 1");
  const setRole = prepare("UPDATE operators SET role = ? WHERE tenant = ? AND id = ?");
  const remove = prepare("UPDATE operators SET removed_at = ? WHERE tenant = ? AND id = ?");
  const revokeAll = prepare("UPDATE credentials SET revoked_at = ? WHERE tenant = ? AND operator = ? AND revoked_at IS NULL");
  const any = prepare("SELECT 1 FROM operators WHERE tenant = ? LIMIT 1");
  const add = prepare(`
    INSERT INTO operators (id, tenant, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, name) WHERE removed_at IS NULL DO NOTHING`);
  const setPassword = prepare("UPDATE operators SET password_hash = ? WHERE tenant = ? AND id = ? AND removed_at IS NULL");
  const revokeLogins = prepare(`
    UPDATE credentials SET revoked_at = ? WHERE tenant = ? AND kind = 'login' AND operator = ? AND revoked_at IS NULL`);
  const addCredential = prepare(`
    INSERT INTO credentials (hash, tenant, kind, operator, role, label, created_at, expires_at, revoked_at, seen_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const select = "SELECT tenant, hash, kind, operator, role, label, created_at, expires_at, revoked_at, seen_at FROM credentials";
  const credential = prepare<CredentialRow>(`${select} WHERE hash = ?`);
  const credentials = prepare<CredentialRow>(`${select} WHERE tenant = ? AND kind = ? ORDER BY created_at, hash`);
  const see = prepare(`
    UPDATE credentials SET seen_at = ?, expires_at = coalesce(?, expires_at) WHERE tenant = ? AND hash = ? AND revoked_at IS NULL`);
  // A second revocation keeps the first one's time.
  const revoke = prepare("UPDATE credentials SET revoked_at = coalesce(revoked_at, ?) WHERE tenant = ? AND hash = ?");

  /** A link for one use, if it still is. */
  function* link(hash: string, kind: Credential["kind"], at: Instant) {
    const row = yield* credential.get(hash);
    return row?.kind === kind && row.revoked_at === null && (row.expires_at === null || row.expires_at > at) ? row : undefined;
  }
  /** Whether the operator may become `next` (nobody, if absent). */
  function* may(tenant: TenantId, operator: OperatorId, next?: Role): Work<OperatorChange> {
    const was = (yield* roleOf.get(tenant, operator))?.role;
    if (was === undefined) return "gone";
    return was === "owner" && next !== "owner" && !(yield* otherOwner.get(tenant, operator)) ? "last-owner" : "done";
  }

  return {
    *operators(tenant) {
      return (yield* list.all(tenant)).map(operatorOf);
    },
    *byName(tenant, name) {
      const row = yield* byName.get(tenant, name);
      return row && { ...operatorOf(row), passwordHash: row.password_hash };
    },
    *add({ id, tenant, name, role, passwordHash, createdAt }, onlyFirst) {
      if (onlyFirst && (yield* any.get(tenant))) return false;
      return (yield* add.run(id, tenant, name, role, passwordHash, createdAt)).changes !== 0;
    },
    *setPassword(tenant, operator, passwordHash, at) {
      if ((yield* setPassword.run(passwordHash, tenant, operator)).changes === 0) return false;
      yield* revokeLogins.do(at, tenant, operator);
      return true;
    },
    *names(tenant) {
      return new Map((yield* names.all(tenant)).map(({ id, name }) => [id, name]));
    },
    *setRole(tenant, operator, role) {
      const change = yield* may(tenant, operator, role);
      if (change === "done") yield* setRole.do(role, tenant, operator);
      return change;
    },
    *remove(tenant, operator, at) {
      const change = yield* may(tenant, operator);
      if (change !== "done") return change;
      yield* remove.do(at, tenant, operator);
      yield* revokeAll.do(at, tenant, operator);
      return change;
    },
    *join(hash, { id, name, passwordHash, createdAt }) {
      const invitation = yield* link(hash, "invitation", createdAt);
      if (!invitation) return "void";
      const { tenant, role } = invitation;
      if ((yield* add.run(id, tenant, name, role, passwordHash, createdAt)).changes === 0) return "name-taken";
      yield* revoke.do(createdAt, tenant, hash);
      return "done";
    },
    *reset(hash, passwordHash, at) {
      const row = yield* link(hash, "reset", at);
      if (!row?.operator || (yield* setPassword.run(passwordHash, row.tenant, row.operator)).changes === 0) return undefined;
      yield* revokeLogins.do(at, row.tenant, row.operator);
      yield* revoke.do(at, row.tenant, hash);
      return row.operator;
    },
    *addCredential({ hash, tenant, kind, operator = null, role, label, createdAt, expiresAt = null, revokedAt = null, seenAt = null }) {
      yield* addCredential.do(hash, tenant, kind, operator, role, label, createdAt, expiresAt, revokedAt, seenAt);
    },
    *credential(hash) {
      const row = yield* credential.get(hash);
      return row && credentialOf(row);
    },
    *credentials(tenant, kind) {
      return (yield* credentials.all(tenant, kind)).map(credentialOf);
    },
    *see(tenant, hash, at, expiresAt) {
      return (yield* see.run(at, expiresAt ?? null, tenant, hash)).changes !== 0;
    },
    *revoke(tenant, hash, at) {
      return (yield* revoke.run(at, tenant, hash)).changes !== 0;
    },
  };
}

function operatorOf({ id, name, role, created_at: createdAt }: OperatorRow): Operator {
  return { id, name, role, createdAt };
}

function credentialOf(row: CredentialRow): Credential {
  return {
    tenant: row.tenant,
    hash: row.hash,
    kind: row.kind,
    ...(row.operator !== null && { operator: row.operator }),
    role: row.role,
    label: row.label,
    createdAt: row.created_at,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
    ...(row.seen_at !== null && { seenAt: row.seen_at }),
  };
}

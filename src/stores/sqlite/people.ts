import type { OperatorId, TenantId } from "../../core/ids.ts";
import type { Credential, Operator, Role } from "../../core/records.ts";
import type { Instant } from "../../core/terms.ts";
import type { Prepare } from "./database.ts";

type NewOperator = Operator & { readonly passwordHash: string; readonly tenant: TenantId };

/** Operators, their logins and tokens. */
export interface People {
  operators(tenant: TenantId): readonly Operator[];
  byName(tenant: TenantId, name: string): (Operator & { readonly passwordHash: string }) | undefined;
  add(operator: NewOperator, onlyFirst: boolean): boolean;
  setPassword(tenant: TenantId, operator: OperatorId, passwordHash: string, at: Instant): boolean;
  addCredential(credential: Credential): void;
  credential(hash: string): Credential | undefined;
  credentials(tenant: TenantId, kind: Credential["kind"]): readonly Credential[];
  extend(tenant: TenantId, hash: string, expiresAt: Instant): boolean;
  revoke(tenant: TenantId, hash: string, at: Instant): boolean;
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
}

export function peopleTables(prepare: Prepare): People {
  const list = prepare<OperatorRow>(
    "SELECT id, name, role, password_hash, created_at FROM operators WHERE tenant = ? ORDER BY created_at, id",
  );
  const byName = prepare<OperatorRow>("SELECT id, name, role, password_hash, created_at FROM operators WHERE tenant = ? AND name = ?");
  const any = prepare("SELECT 1 FROM operators WHERE tenant = ? LIMIT 1");
  const add = prepare(`
    INSERT INTO operators (id, tenant, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, name) DO NOTHING`);
  const setPassword = prepare("UPDATE operators SET password_hash = ? WHERE tenant = ? AND id = ?");
  const revokeLogins = prepare(`
    UPDATE credentials SET revoked_at = ? WHERE tenant = ? AND kind = 'login' AND operator = ? AND revoked_at IS NULL`);
  const addCredential = prepare(`
    INSERT INTO credentials (hash, tenant, kind, operator, role, label, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const select = "SELECT tenant, hash, kind, operator, role, label, created_at, expires_at, revoked_at FROM credentials";
  const credential = prepare<CredentialRow>(`${select} WHERE hash = ?`);
  const credentials = prepare<CredentialRow>(`${select} WHERE tenant = ? AND kind = ? ORDER BY created_at, hash`);
  const extend = prepare("UPDATE credentials SET expires_at = ? WHERE tenant = ? AND hash = ? AND revoked_at IS NULL");
  // A second revocation keeps the first one's time.
  const revoke = prepare("UPDATE credentials SET revoked_at = coalesce(revoked_at, ?) WHERE tenant = ? AND hash = ?");

  return {
    operators: (tenant) => list.all(tenant).map(operatorOf),
    byName(tenant, name) {
      const row = byName.get(tenant, name);
      return row && { ...operatorOf(row), passwordHash: row.password_hash };
    },
    add({ id, tenant, name, role, passwordHash, createdAt }, onlyFirst) {
      if (onlyFirst && any.get(tenant)) return false;
      return add.run(id, tenant, name, role, passwordHash, createdAt).changes !== 0;
    },
    setPassword(tenant, operator, passwordHash, at) {
      if (setPassword.run(passwordHash, tenant, operator).changes === 0) return false;
      revokeLogins.run(at, tenant, operator);
      return true;
    },
    addCredential({ hash, tenant, kind, operator = null, role, label, createdAt, expiresAt = null, revokedAt = null }) {
      addCredential.run(hash, tenant, kind, operator, role, label, createdAt, expiresAt, revokedAt);
    },
    credential(hash) {
      const row = credential.get(hash);
      return row && credentialOf(row);
    },
    credentials: (tenant, kind) => credentials.all(tenant, kind).map(credentialOf),
    extend: (tenant, hash, expiresAt) => extend.run(expiresAt, tenant, hash).changes !== 0,
    revoke: (tenant, hash, at) => revoke.run(at, tenant, hash).changes !== 0,
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
  };
}

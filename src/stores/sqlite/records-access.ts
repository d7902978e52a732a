import type { TenantId } from "../../core/ids.ts";
import type { Credential, Operator, Records } from "../../core/records.ts";
import type { Prepare } from "./database.ts";
import type { RecordsDoor } from "./records-door.ts";

type AccessRecords = Pick<
  Records,
  | "operators"
  | "operatorByName"
  | "addOperator"
  | "setPassword"
  | "addCredential"
  | "credential"
  | "credentials"
  | "extendCredential"
  | "revokeCredential"
>;

interface OperatorRow extends Omit<Operator, "createdAt"> {
  readonly created_at: number;
  readonly password_hash: string;
}

interface CredentialRow {
  readonly tenant: TenantId;
  readonly hash: string;
  readonly kind: Credential["kind"];
  readonly operator: Credential["operator"] | null;
  readonly role: Credential["role"];
  readonly label: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

/** Operators, and what they sign in with. */
export function accessRecords(prepare: Prepare, { read, write }: RecordsDoor): AccessRecords {
  const operators = prepare<OperatorRow>("SELECT * FROM operators WHERE tenant = ? ORDER BY created_at, id");
  const byName = prepare<OperatorRow>("SELECT * FROM operators WHERE tenant = ? AND name = ?");
  const add = prepare(`
    INSERT INTO operators (id, tenant, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const any = prepare("SELECT 1 FROM operators WHERE tenant = ? LIMIT 1");
  const setHash = prepare("UPDATE operators SET password_hash = ? WHERE tenant = ? AND id = ?");
  const endLogins = prepare(`
    UPDATE credentials SET revoked_at = ? WHERE tenant = ? AND kind = 'login' AND operator = ? AND revoked_at IS NULL`);
  const addCredential = prepare(`
    INSERT INTO credentials (hash, tenant, kind, operator, role, label, created_at, expires_at, revoked_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const credential = prepare<CredentialRow>("SELECT * FROM credentials WHERE hash = ?");
  const credentials = prepare<CredentialRow>("SELECT * FROM credentials WHERE tenant = ? AND kind = ? ORDER BY created_at");
  const extend = prepare("UPDATE credentials SET expires_at = ? WHERE tenant = ? AND hash = ? AND revoked_at IS NULL");
  // The first revocation counts: a later one must not move it.
  const revoke = prepare("UPDATE credentials SET revoked_at = coalesce(revoked_at, ?) WHERE tenant = ? AND hash = ?");

  return {
    operators: (tenant) => read(() => operators.all(tenant).map(operatorOf)),
    operatorByName: (tenant, name) =>
      read(() => {
        const row = byName.get(tenant, name);
        return row && { ...operatorOf(row), passwordHash: row.password_hash };
      }),
    addOperator: ({ id, tenant, name, role, passwordHash, createdAt }, { onlyFirst }) =>
      write(() => {
        if (onlyFirst && any.get(tenant)) return false;
        return add.run(id, tenant, name, role, passwordHash, createdAt).changes === 1;
      }),
    setPassword: (tenant, operator, passwordHash, at) =>
      write(() => {
        if (setHash.run(passwordHash, tenant, operator).changes === 0) return false;
        endLogins.run(at, tenant, operator);
        return true;
      }),
    addCredential: ({ hash, tenant, kind, operator, role, label, createdAt, expiresAt, revokedAt }) =>
      write(() => {
        addCredential.run(hash, tenant, kind, operator ?? null, role, label, createdAt, expiresAt ?? null, revokedAt ?? null);
      }),
    credential: (hash) =>
      read(() => {
        const row = credential.get(hash);
        return row && credentialOf(row);
      }),
    credentials: (tenant, kind) => read(() => credentials.all(tenant, kind).map(credentialOf)),
    extendCredential: (tenant, hash, expiresAt) => write(() => extend.run(expiresAt, tenant, hash).changes === 1),
    revokeCredential: (tenant, hash, at) => write(() => revoke.run(at, tenant, hash).changes === 1),
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
    ...(row.operator && { operator: row.operator }),
    role: row.role,
    label: row.label,
    createdAt: row.created_at,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
  };
}

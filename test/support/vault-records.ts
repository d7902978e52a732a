import type { AuditEntry, Records } from "../../src/core/records.ts";

type VaultRecords = Pick<Records, "putSecret" | "addSecret" | "secret" | "secrets" | "removeSecret" | "replaceSecrets" | "audit">;

/** Sealed secrets in memory, with what a test may do to them between two calls. */
export function vaultRecords() {
  const sealed = new Map<string, Uint8Array>();
  const audit: AuditEntry[] = [];
  const records: VaultRecords = {
    async putSecret(_tenant, name, bytes) {
      sealed.set(name, bytes);
    },
    async addSecret(_tenant, name, bytes) {
      if (sealed.has(name)) return false;
      sealed.set(name, bytes);
      return true;
    },
    secret: async (_tenant, name) => sealed.get(name),
    secrets: async () => [...sealed.keys()].map((name) => ({ name, updatedAt: 0 })),
    removeSecret: async (_tenant, name) => sealed.delete(name),
    async replaceSecrets(_tenant, next) {
      sealed.clear();
      for (const [name, bytes] of next) sealed.set(name, bytes);
    },
    async audit(entry) {
      audit.push(entry);
    },
  };
  return { records, sealed, audit };
}

import type { DatabaseSync } from "node:sqlite";
import type { TenantId } from "../../core/ids.ts";
import type { Records } from "../../core/records.ts";
import { conversationTable } from "./conversations.ts";
import type { Prepare } from "./database.ts";
import { accessRecords } from "./records-access.ts";
import { auditRecords } from "./records-audit.ts";
import { backupRecords } from "./records-backup.ts";
import { conversationRecords } from "./records-conversations.ts";
import type { RecordsDoor } from "./records-door.ts";
import { flowRecords } from "./records-flow.ts";
import { settingsRecords } from "./records-settings.ts";
import { traceRecords } from "./records-traces.ts";

/** What is around the path: one file a subject. */
export function sqliteRecords(database: DatabaseSync, prepare: Prepare, door: RecordsDoor): Records {
  const grow = prepare(`
    INSERT INTO tenants (tenant, version) VALUES (?, 1) ON CONFLICT (tenant) DO UPDATE SET version = version + 1`);
  const touch = (tenant: TenantId) => void grow.run(tenant);
  return {
    ...traceRecords(prepare, door),
    ...flowRecords(prepare, door),
    ...conversationRecords(prepare, { ...door, touch, conversations: conversationTable(prepare) }),
    ...settingsRecords(prepare, { ...door, touch }),
    ...accessRecords(prepare, door),
    ...auditRecords(prepare, door),
    ...backupRecords(database),
  };
}

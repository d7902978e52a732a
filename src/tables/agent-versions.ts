import type { AgentId, TenantId } from "../core/ids.ts";
import type { AgentVersion } from "../core/instructions.ts";
import type { Instant } from "../core/terms.ts";
import type { Prepare, Work } from "./work.ts";

export interface AgentVersions {
  /** Those that are known already stay as they are. */
  note(tenant: TenantId, versions: readonly Omit<AgentVersion, "at">[], at: Instant): Work<void>;
  /** Newest first. */
  list(tenant: TenantId, agent: AgentId): Work<readonly AgentVersion[]>;
}

export function agentVersions(prepare: Prepare): AgentVersions {
  const note = prepare("INSERT INTO agent_versions (tenant, agent, version, told, first_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const list = prepare<{ version: string; told: string; first_at: Instant }>(
    "SELECT version, told, first_at FROM agent_versions WHERE tenant = ? AND agent = ? ORDER BY first_at DESC, version LIMIT 1000",
  );
  return {
    *note(tenant, versions, at) {
      for (const { agent, version, told } of versions) yield* note.do(tenant, agent, version, JSON.stringify(told), at);
    },
    *list(tenant, agent) {
      return (yield* list.all(tenant, agent)).map(({ version, told, first_at }) => ({
        agent,
        version,
        told: JSON.parse(told),
        at: first_at,
      }));
    },
  };
}

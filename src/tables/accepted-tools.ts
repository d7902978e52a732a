import type { TenantId } from "../core/ids.ts";
import type { Instant } from "../core/terms.ts";
import type { ToolDigests } from "../core/tool.ts";
import type { Audit } from "./audit.ts";
import type { Prepare, Work } from "./work.ts";

/** What tools of MCP servers may say of themselves, each known by its digest. */
export interface AcceptedTools {
  of(tenant: TenantId, server: string): Work<ToolDigests>;
  /** Takes these where nothing is known of the server yet; what is accepted then. */
  meet(tenant: TenantId, server: string, digests: ToolDigests, at: Instant): Work<ToolDigests>;
  accept(tenant: TenantId, server: string, digests: ToolDigests, by: string, at: Instant): Work<void>;
}

export function acceptedTools(prepare: Prepare, audit: Audit, bump: (tenant: TenantId) => Work<void>): AcceptedTools {
  const of = prepare<{ tool: string; digest: string }>("SELECT tool, digest FROM accepted_tools WHERE tenant = ? AND server = ?");
  const put = prepare(`
    INSERT INTO accepted_tools (tenant, server, tool, digest, by, at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, server, tool) DO UPDATE SET digest = excluded.digest, by = excluded.by, at = excluded.at`);

  function* known(tenant: TenantId, server: string) {
    return new Map((yield* of.all(tenant, server)).map(({ tool, digest }) => [tool, digest]));
  }
  function* take(tenant: TenantId, server: string, digests: ToolDigests, by: string, at: Instant): Work<void> {
    for (const [tool, digest] of digests) yield* put.do(tenant, server, tool, digest, by, at);
    yield* audit.add({
      tenant,
      at,
      actor: by,
      action: "tool-accept",
      subject: `mcp.${server}`,
      detail: { tools: Object.fromEntries(digests) },
    });
  }
  return {
    of: known,
    *meet(tenant, server, digests, at) {
      const before = yield* known(tenant, server);
      if (before.size > 0 || digests.size === 0) return before;
      yield* take(tenant, server, digests, "gateway", at);
      return digests;
    },
    *accept(tenant, server, digests, by, at) {
      yield* take(tenant, server, digests, by, at);
      yield* bump(tenant);
    },
  };
}

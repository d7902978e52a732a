import { type CannedReply, replyLimits } from "../core/canned-reply.ts";
import { fail, ok, type Result } from "../core/errors.ts";
import type { TenantId } from "../core/ids.ts";
import type { Instant } from "../core/terms.ts";
import type { Audit } from "./audit.ts";
import type { Prepare, Work } from "./work.ts";

/** See `Records.cannedReplies`. */
export interface CannedReplies {
  list(tenant: TenantId): Work<readonly CannedReply[]>;
  put(tenant: TenantId, reply: Pick<CannedReply, "name" | "text">, by: string, at: Instant): Work<Result<CannedReply>>;
  remove(tenant: TenantId, name: string, by: string, at: Instant): Work<boolean>;
}

export function cannedReplies(prepare: Prepare, audit: Audit): CannedReplies {
  const list = prepare<CannedReply>(`SELECT name, text, by, updated_at AS "updatedAt" FROM canned_replies WHERE tenant = ? ORDER BY name`);
  const get = prepare<{ text: string }>("SELECT text FROM canned_replies WHERE tenant = ? AND name = ?");
  const count = prepare<{ n: number }>("SELECT count(*) AS n FROM canned_replies WHERE tenant = ?");
  const put = prepare(`
    INSERT INTO canned_replies (tenant, name, text, by, updated_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (tenant, name) DO UPDATE SET text = excluded.text, by = excluded.by, updated_at = excluded.updated_at`);
  const remove = prepare("DELETE FROM canned_replies WHERE tenant = ? AND name = ?");
  return {
    list: (tenant) => list.all(tenant),
    *put(tenant, { name, text }, by, at) {
      const before = yield* get.get(tenant, name);
      if (!before && ((yield* count.get(tenant))?.n ?? 0) >= replyLimits.most)
        return fail("request-invalid", `There are ${replyLimits.most} canned replies already.`);
      yield* put.do(tenant, name, text, by, at);
      if (before?.text !== text) yield* audit.add({ tenant, at, actor: by, action: before ? "reply-change" : "reply-add", subject: name });
      return ok({ name, text, by, updatedAt: at });
    },
    *remove(tenant, name, by, at) {
      if (Number((yield* remove.run(tenant, name)).changes) === 0) return false;
      yield* audit.add({ tenant, at, actor: by, action: "reply-remove", subject: name });
      return true;
    },
  };
}

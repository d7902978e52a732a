import type { Approval, Verdict } from "../core/approval.ts";
import type { AgentId, ConversationId, EventId, MessageId, TenantId } from "../core/ids.ts";
import type { Instant } from "../core/terms.ts";
import type { Prepare, Work } from "./work.ts";

export interface Approvals {
  ask(approval: Approval): Work<void>;
  get(tenant: TenantId, message: MessageId): Work<Approval | undefined>;
  /** Whether it is still to be said, or was said so by that event before: a turn that is begun again. */
  may(tenant: TenantId, message: MessageId, verdict: Verdict, by: EventId): Work<boolean>;
  say(tenant: TenantId, message: MessageId, verdict: Verdict, by: EventId): Work<void>;
  /** What the tool answered: told once. */
  end(tenant: TenantId, message: MessageId, outcome: NonNullable<Approval["outcome"]>): Work<void>;
  /** Those that nobody can answer any more. */
  drop(before: Instant): Work<void>;
}

interface Row {
  readonly tenant: TenantId;
  readonly message: MessageId;
  readonly conversation: ConversationId;
  readonly sender: string;
  readonly agent: AgentId;
  readonly tool: string;
  readonly input: string;
  readonly control_version: number;
  readonly expires_at: Instant;
  readonly state: Approval["state"];
  readonly event: EventId | null;
  readonly outcome: string | null;
}

export function approvalTable(prepare: Prepare): Approvals {
  const ask = prepare(`
    INSERT INTO approvals (tenant, message, conversation, sender, agent, tool, input, control_version, expires_at, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'asked')`);
  const get = prepare<Row>("SELECT * FROM approvals WHERE tenant = ? AND message = ?");
  const say = prepare("UPDATE approvals SET state = ?, event = ? WHERE tenant = ? AND message = ?");
  const end = prepare("UPDATE approvals SET outcome = ? WHERE tenant = ? AND message = ? AND outcome IS NULL");
  const drop = prepare("DELETE FROM approvals WHERE expires_at < ?");
  return {
    *ask({ tenant, message, conversation, sender, agent, tool, input, controlVersion, expiresAt }) {
      yield* ask.do(tenant, message, conversation, sender, agent, tool, input, controlVersion, expiresAt);
    },
    *get(tenant, message) {
      const row = yield* get.get(tenant, message);
      if (!row) return undefined;
      const { control_version: controlVersion, expires_at: expiresAt, event, outcome, ...approval } = row;
      return {
        ...{ ...approval, controlVersion, expiresAt },
        ...(event !== null && { by: event }),
        ...(outcome !== null && { outcome: JSON.parse(outcome) as NonNullable<Approval["outcome"]> }),
      };
    },
    *may(tenant, message, verdict, by) {
      const now = yield* get.get(tenant, message);
      return now?.state === "asked" || (now?.state === verdict && now.event === by);
    },
    *say(tenant, message, verdict, by) {
      yield* say.do(verdict, by, tenant, message);
    },
    *end(tenant, message, outcome) {
      yield* end.do(JSON.stringify(outcome), tenant, message);
    },
    *drop(before) {
      yield* drop.do(before);
    },
  };
}

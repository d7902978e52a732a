import type { ControlChange, HandedBack, Handover, HandoverFilter, HandoverRecord } from "../core/handover.ts";
import { type AgentId, type ConversationId, type HandoverId, type MessageId, newId, type OperatorId, type TenantId } from "../core/ids.ts";
import type { Instant } from "../core/terms.ts";
import type { Prepare, Work } from "./work.ts";

/** Times in which people speak. What each message wants to know of them is written into the conversation's row, too. */
export interface Handovers {
  open(of: Place, by: string, at: Instant, change: ControlChange): Work<void>;
  /** False when there is none. */
  close(of: Place, by: string, at: Instant, change: Pick<ControlChange, "note" | "question">): Work<boolean>;
  isDue(of: Place, now: Instant): Work<boolean>;
  /** The handover that a message asks about, if it does. */
  askedBy(tenant: TenantId, message: MessageId): Work<{ readonly conversation: ConversationId; readonly until: Instant } | undefined>;
  /** What whoever was asked says to it. */
  score(tenant: TenantId, message: MessageId, score: number, at: Instant): Work<void>;
  /** False when there is none. */
  assign(of: Place, to: OperatorId | undefined, at: Instant): Work<boolean>;
  /** An operator wrote: the time until it goes back by itself begins anew. */
  spoke(tenant: TenantId, conversation: ConversationId, at: Instant): Work<void>;
  /** Who answered there last. */
  lastAgent(tenant: TenantId, conversation: ConversationId): Work<AgentId | undefined>;
  list(tenant: TenantId, filter: HandoverFilter): Work<readonly (HandoverRecord & { readonly seq: number })[]>;
  waiting(tenant: TenantId, limit: number): Work<readonly HandoverRecord[]>;
  /** Those that go back by themselves now. */
  due(now: Instant, limit: number): Work<readonly HandoverRecord[]>;
  /** The clock was set by so much. */
  move(ms: number): Work<void>;
}

export type Place = { readonly tenant: TenantId; readonly id: ConversationId };

interface Row {
  readonly seq: number;
  readonly tenant: TenantId;
  readonly id: HandoverId;
  readonly conversation: ConversationId;
  readonly agent: AgentId | null;
  readonly since: Instant;
  readonly by: string;
  readonly reason: string | null;
  readonly summary: string | null;
  readonly assignee: OperatorId | null;
  readonly assigned_at: Instant;
  readonly taken_at: Instant | null;
  readonly return_ms: number | null;
  readonly return_at: Instant | null;
  readonly ended_at: Instant | null;
  readonly ended_by: string | null;
  readonly note: string | null;
  readonly score: number | null;
  readonly scored_at: Instant | null;
}

export function handoverTable(prepare: Prepare): Handovers {
  const select = `
    SELECT seq, tenant, id, conversation, agent, since, by, reason, summary, assignee, assigned_at, taken_at, return_ms, return_at,
      ended_at, ended_by, note, score, scored_at FROM handovers`;
  const current = prepare<Row>(`${select} WHERE tenant = ? AND conversation = ? AND ended_at IS NULL ORDER BY seq DESC LIMIT 1`);
  const add = prepare(`
    INSERT INTO handovers (tenant, id, conversation, agent, since, by, reason, summary, assignee, assigned_at, taken_at, return_ms, return_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const end = prepare(`
    UPDATE handovers SET ended_at = ?, ended_by = ?, note = ?, question = ?, question_until = ?, return_at = NULL,
      story = (SELECT coalesce(max(e.seq), 0) FROM events e) WHERE seq = ?`);
  const assign = prepare(
    "UPDATE handovers SET assignee = ?, assigned_at = ?, taken_at = coalesce(taken_at, ?), return_at = ? WHERE seq = ?",
  );
  const extend = prepare("UPDATE handovers SET return_at = ? WHERE seq = ?");
  const show = prepare("UPDATE conversations SET handover = ? WHERE tenant = ? AND id = ?");
  const showEnd = prepare("UPDATE conversations SET handover = NULL, handed_back = ? WHERE tenant = ? AND id = ?");
  const asked = prepare<{ conversation: ConversationId; until: Instant }>(
    "SELECT conversation, question_until AS until FROM handovers WHERE tenant = ? AND question = ?",
  );
  const scoreOne = prepare<{ conversation: ConversationId }>(
    "UPDATE handovers SET score = ?, scored_at = ? WHERE tenant = ? AND question = ? RETURNING conversation",
  );
  const back = prepare<{ handed_back: string | null }>("SELECT handed_back FROM conversations WHERE tenant = ? AND id = ?");
  const showBack = prepare("UPDATE conversations SET handed_back = ? WHERE tenant = ? AND id = ?");
  const newest = prepare<{ id: MessageId }>(`
    SELECT m.id FROM conversations c JOIN events e ON e.seq = c.last_event JOIN messages m ON m.seq IN (e.message, e.answer)
    WHERE c.id = ? ORDER BY m.seq DESC LIMIT 1`);
  // Along the list of stories: whoever began the last turn there. Stories without one are what people said meanwhile.
  const lastAgent = prepare<{ agent: AgentId }>(`
    WITH RECURSIVE story (depth, seq, before, agent) AS (
      SELECT 1, e.seq, e.before, e.agent FROM conversations c JOIN events e ON e.seq = c.last_event WHERE c.id = ? AND c.tenant = ?
      UNION ALL
      SELECT s.depth + 1, e.seq, e.before, e.agent FROM story s JOIN events e ON e.seq = s.before WHERE s.depth < 50 AND s.agent IS NULL)
    SELECT agent FROM story WHERE agent IS NOT NULL LIMIT 1`);
  const ofConversation = prepare<Row>(`${select} WHERE tenant = ? AND conversation = ? AND seq < ? ORDER BY seq DESC LIMIT ?`);
  const all = prepare<Row>(`${select} WHERE tenant = ? AND since >= ? AND since < ? AND seq < ? ORDER BY seq DESC LIMIT ?`);
  const scored = prepare<Row>(`
    ${select} WHERE tenant = ? AND score IS NOT NULL AND since >= ? AND since < ? AND seq < ? ORDER BY seq DESC LIMIT ?`);
  const waiting = prepare<Row>(`
    ${select} WHERE tenant = ? AND ended_at IS NULL AND assignee IS NULL ORDER BY assigned_at LIMIT ?`);
  const due = prepare<Row>(`${select} WHERE ended_at IS NULL AND return_at IS NOT NULL AND return_at <= ? ORDER BY return_at LIMIT ?`);
  const move = prepare("UPDATE handovers SET return_at = return_at + ? WHERE ended_at IS NULL AND return_at IS NOT NULL");
  const moved = prepare<Row>(`${select} WHERE ended_at IS NULL AND return_at IS NOT NULL`);
  const moveQuestions = prepare("UPDATE handovers SET question_until = question_until + ? WHERE question IS NOT NULL");

  function* refresh({ tenant, id }: Place): Work<void> {
    const row = yield* current.get(tenant, id);
    yield* show.do(row ? JSON.stringify(handoverOf(row)) : null, tenant, id);
  }

  const returnAt = (ms: number | null | undefined, at: Instant) => (ms ? at + ms : null);

  return {
    *open(of, by, at, { reason, summary, assignee, returnAfterMs }) {
      const agent = (yield* lastAgent.get(of.id, of.tenant))?.agent ?? null;
      const taken = assignee === undefined ? null : at;
      const after = returnAfterMs || null;
      yield* add.do(
        ...[of.tenant, newId("handover", at), of.id, agent, at, by, reason || null, summary || null, assignee ?? null],
        ...[at, taken, after, returnAt(after, at)],
      );
      yield* refresh(of);
    },
    *close(of, by, at, { note, question }) {
      const row = yield* current.get(of.tenant, of.id);
      if (!row) return false;
      yield* end.do(at, by, note || null, question?.message.message ?? null, question?.until ?? null, row.seq);
      const last = (yield* newest.get(of.id))?.id;
      const back: HandedBack = { since: row.since, until: at, ...(note && { note }), ...(last && { last }) };
      const asked = question && { question: { message: question.message.message, until: question.until } };
      yield* showEnd.do(JSON.stringify({ ...back, ...asked }), of.tenant, of.id);
      return true;
    },
    *isDue(of, now) {
      const at = (yield* current.get(of.tenant, of.id))?.return_at;
      return at !== null && at !== undefined && at <= now;
    },
    askedBy: (tenant, message) => asked.get(tenant, message),
    *score(tenant, message, score, at) {
      const row = yield* scoreOne.get(score, at, tenant, message);
      const before = row && (yield* back.get(tenant, row.conversation))?.handed_back;
      if (!row || !before) return;
      const { question, ...rest } = JSON.parse(before) as HandedBack;
      // A number that is written later means something else; the buttons go on to count.
      if (question?.message === message) yield* showBack.do(JSON.stringify(rest), tenant, row.conversation);
    },
    *assign(of, to, at) {
      const row = yield* current.get(of.tenant, of.id);
      if (!row) return false;
      yield* assign.do(to ?? null, at, to === undefined ? null : at, returnAt(row.return_ms, at), row.seq);
      yield* refresh(of);
      return true;
    },
    *spoke(tenant, conversation, at) {
      const row = yield* current.get(tenant, conversation);
      if (!row?.return_ms) return;
      yield* extend.do(at + row.return_ms, row.seq);
      yield* refresh({ tenant, id: conversation });
    },
    *lastAgent(tenant, conversation) {
      return (yield* lastAgent.get(conversation, tenant))?.agent;
    },
    *list(tenant, { conversation, scored: only, from = 0, to = Number.MAX_SAFE_INTEGER, before = Number.MAX_SAFE_INTEGER, limit }) {
      const rows = conversation
        ? yield* ofConversation.all(tenant, conversation, before, limit)
        : yield* (only ? scored : all).all(tenant, from, to, before, limit);
      return rows.map((row) => ({ ...recordOf(row), seq: row.seq }));
    },
    *waiting(tenant, limit) {
      return (yield* waiting.all(tenant, limit)).map(recordOf);
    },
    *due(now, limit) {
      return (yield* due.all(now, limit)).map(recordOf);
    },
    *move(ms) {
      yield* move.do(ms);
      yield* moveQuestions.do(ms);
      for (const { tenant, conversation } of yield* moved.all()) yield* refresh({ tenant, id: conversation });
    },
  };
}

function handoverOf(row: Row): Handover {
  return {
    id: row.id,
    since: row.since,
    by: row.by,
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.summary !== null && { summary: row.summary }),
    ...(row.assignee !== null && { assignee: row.assignee }),
    assignedAt: row.assigned_at,
    ...(row.return_at !== null && { returnAt: row.return_at }),
  };
}

function recordOf(row: Row): HandoverRecord {
  return {
    ...handoverOf(row),
    tenant: row.tenant,
    conversation: row.conversation,
    ...(row.agent !== null && { agent: row.agent }),
    ...(row.taken_at !== null && { takenAt: row.taken_at }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(row.ended_by !== null && { endedBy: row.ended_by }),
    ...(row.note !== null && { note: row.note }),
    ...(row.score !== null && { score: row.score }),
    ...(row.scored_at !== null && { scoredAt: row.scored_at }),
  };
}

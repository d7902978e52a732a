import type { DeliveryState } from "../core/delivery.ts";
import type { PlatformEvent, Sender } from "../core/event.ts";
import type { AccountId, ConversationId, TenantId, TraceId } from "../core/ids.ts";
import type { Part } from "../core/message.ts";
import { previewOf } from "../core/preview.ts";
import type { EventState, Story, StoryFilter } from "../core/records.ts";
import type { Instant } from "../core/terms.ts";
import { worstState } from "./deliveries.ts";
import { each, type Prepare, type Statement, unserved, type Value, type Work } from "./work.ts";

/** See `Records.stories`. */
export type ListStories = (tenant: TenantId, filter: StoryFilter) => Work<readonly Story[]>;

interface Row {
  readonly trace: TraceId;
  readonly seq: number;
  readonly conversation: ConversationId;
  readonly account: AccountId;
  readonly channel: string;
  readonly what: PlatformEvent["kind"] | "send" | "notice";
  readonly state: EventState;
  readonly reason: string | null;
  readonly payload: string;
  readonly sender: string | null;
  readonly parts: string | null;
  readonly received_at: Instant;
  readonly ended_at: Instant | null;
  /** The one whose turn answered it, if that isn't its own. */
  readonly lead: TraceId | null;
}

/** The condition that lets an index serve the state: open ones, and those that ended with a reason, are few. */
const served: { readonly [state in EventState]: string } = {
  queued: "e.state = 'queued' AND e.ended_at IS NULL",
  running: "e.state = 'running' AND e.ended_at IS NULL",
  done: "e.state = 'done'",
  ignored: "e.state = 'ignored' AND e.reason IS NOT NULL",
  failed: "e.state = 'failed' AND e.reason IS NOT NULL",
  cancelled: "e.state = 'cancelled' AND e.reason IS NOT NULL",
};

const selectFrom = (events: string) => `
  SELECT e.id AS trace, e.seq, e.conversation, e.account, c.channel, e.kind AS what, e.state, e.reason, e.payload, m.sender, m.parts,
    e.received_at, e.ended_at, l.id AS lead
  FROM ${events} e
    JOIN conversations c ON c.id = e.conversation AND c.tenant = e.tenant
    LEFT JOIN messages m ON m.seq = e.message
    LEFT JOIN events l ON l.seq = e.turn_of`;

/** See `Records.story`. */
export type FindStory = (tenant: TenantId, trace: string) => Work<Story | undefined>;

export function storyList(prepare: Prepare): { readonly stories: ListStories; readonly story: FindStory } {
  const statements = new Map<string, Statement<Row>>();
  const sent = prepare<{ state: DeliveryState }>("SELECT DISTINCT state FROM deliveries WHERE trace = ? AND tenant = ?");
  const one = prepare<Row>(`${selectFrom("events")} WHERE e.tenant = ? AND e.id = ?`);

  function* storyWith(row: Row, tenant: TenantId): Work<Story> {
    // What isn't ended has at most a draft; what is ignored has nothing.
    const states = row.ended_at === null || row.state === "ignored" ? [] : yield* sent.all(row.lead ?? row.trace, tenant);
    return storyOf(row, worstState(states.map(({ state }) => state)));
  }

  function statementOf({ account, state }: StoryFilter): Statement<Row> {
    const where = [
      account ? "e.tenant = ?" : `${unserved("e.tenant")} = ?`,
      "e.seq < ?",
      ...(account ? ["e.account = ?"] : []),
      ...(state ? [served[state]] : []),
    ].join(" AND ");
    const known = statements.get(where);
    if (known) return known;
    // First the newest, then what belongs to them: PostgreSQL would join all that there is and sort it, where it doesn't know yet how much that is.
    const newest = `(SELECT * FROM events e WHERE ${where} ORDER BY e.seq DESC LIMIT ?)`;
    const made = prepare<Row>(`${selectFrom(newest)} ORDER BY e.seq DESC`);
    statements.set(where, made);
    return made;
  }

  return {
    *stories(tenant, filter) {
      const { before = Number.MAX_SAFE_INTEGER, account, limit } = filter;
      const values: Value[] = [tenant, before, ...(account ? [account] : []), limit];
      return yield* each(yield* statementOf(filter).all(...values), (row) => storyWith(row, tenant));
    },
    *story(tenant, trace) {
      const row = yield* one.get(tenant, trace);
      return row && (yield* storyWith(row, tenant));
    },
  };
}

function storyOf(row: Row, delivery: DeliveryState | undefined): Story {
  const event = JSON.parse(row.payload) as Partial<PlatformEvent>;
  const sender = row.sender === null ? event.sender : (JSON.parse(row.sender) as Sender);
  const senderName = sender && (sender.name ?? sender.handle ?? sender.id);
  return {
    trace: row.trace,
    cursor: row.seq,
    conversation: row.conversation,
    account: row.account,
    channel: row.channel,
    ...(senderName !== undefined && { senderName }),
    preview: row.parts === null ? whatHappened(event, row.what) : previewOf(JSON.parse(row.parts) as readonly Part[]),
    state: row.state,
    ...(row.reason !== null && { reason: row.reason }),
    ...(delivery && { delivery }),
    receivedAt: row.received_at,
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
  };
}

/** Events without a message of their own. */
function whatHappened(event: Partial<PlatformEvent>, what: Row["what"]): string {
  if ("reactions" in event) return `[reaction ${event.reactions?.join(" ") ?? ""}]`;
  if ("change" in event) return `[${event.change}]`;
  if ("parts" in event && event.parts) return `[edit] ${previewOf(event.parts)}`;
  return `[${what}]`;
}

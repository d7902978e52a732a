import type { DeliveryState } from "../../core/delivery.ts";
import type { Sender } from "../../core/event.ts";
import type { AccountId, ConversationId, TenantId, TraceId } from "../../core/ids.ts";
import type { Counts, EventState, Records, Story } from "../../core/records.ts";
import type { Prepare, Statement } from "./database.ts";
import { type DeliveryRow, deliveryOf, selectDelivery } from "./deliveries.ts";
import { previewOf } from "./records-conversations.ts";
import type { RecordsDoor } from "./records-door.ts";

interface FlowRow {
  readonly trace: TraceId;
  readonly cursor: number;
  readonly conversation: ConversationId;
  readonly account: AccountId;
  readonly channel: string;
  readonly kind: string;
  readonly sender: string | null;
  readonly parts: string | null;
  readonly state: EventState;
  readonly reason: string | null;
  readonly received_at: number;
  readonly ended_at: number | null;
}

const eventStates: readonly EventState[] = ["queued", "running", "done", "ignored", "failed", "cancelled"];
const openEvents: readonly EventState[] = ["queued", "running"];
const rareEvents: readonly EventState[] = ["ignored", "failed", "cancelled"];
const openDeliveries: readonly DeliveryState[] = ["streaming", "queued", "sending"];
const rareDeliveries: readonly DeliveryState[] = ["unknown", "failed", "dead", "dropped"];

/** What goes on: the message flow, the queue, and how much there is of everything. */
export function flowRecords(prepare: Prepare, { read }: RecordsDoor): Pick<Records, "stories" | "deliveries" | "delivery" | "counts"> {
  const prepared = new Map<string, Statement<FlowRow>>();
  const queues = new Map<string, Statement<DeliveryRow>>();
  const one = prepare<DeliveryRow>(`${selectDelivery} WHERE d.tenant = ? AND d.id = ?`);
  const totals = prepare<{ conversations: number; messages: number }>("SELECT conversations, messages FROM tenants WHERE tenant = ?");
  const events = prepare<{ state: string; n: number }>(
    "SELECT state, count(*) AS n FROM events WHERE tenant = ? AND ended_at IS NULL GROUP BY state",
  );
  const deliveries = prepare<{ state: string; n: number }>(`
    SELECT state, count(*) AS n FROM deliveries WHERE tenant = ? AND ended_at IS NULL GROUP BY state
    UNION ALL
    SELECT state, count(*) AS n FROM deliveries WHERE tenant = ? AND ${within(rareDeliveries)} GROUP BY state`);

  /** One statement for each way to filter: the state stands in it, so that the index of that state serves it. */
  function flow(account: boolean, state: EventState | undefined): Statement<FlowRow> {
    const key = `${account} ${state}`;
    let statement = prepared.get(key);
    if (!statement) {
      const known = eventStates.find((one) => one === state);
      const ended =
        known &&
        (openEvents.includes(known)
          ? " AND e.ended_at IS NULL"
          : ` AND ${within(rareEvents.includes(known) ? rareEvents : [known], "e.")}`);
      statement = prepare<FlowRow>(`
        SELECT e.id AS trace, e.seq AS cursor, e.conversation, e.account, c.channel, e.kind, m.sender, m.parts, e.state, e.reason,
          e.received_at, e.ended_at
        FROM events e JOIN conversations c ON c.id = e.conversation LEFT JOIN messages m ON m.seq = e.message
        WHERE e.tenant = ? AND e.seq < ?${account ? " AND e.account = ?" : ""}${known ? `${ended} AND e.state = '${known}'` : ""}
        ORDER BY e.seq DESC LIMIT ?`);
      prepared.set(key, statement);
    }
    return statement;
  }

  function queue(states: readonly DeliveryState[] | undefined, account: boolean, conversation: boolean): Statement<DeliveryRow> {
    const known = states && [...openDeliveries, ...rareDeliveries, "sent" as const].filter((state) => states.includes(state));
    const key = `${known?.join()} ${account} ${conversation}`;
    let statement = queues.get(key);
    if (!statement) {
      const open = known?.every((state) => openDeliveries.includes(state)) ? " AND d.ended_at IS NULL" : "";
      statement = prepare<DeliveryRow>(`${selectDelivery}
        WHERE d.tenant = ?${known ? ` AND ${within(known, "d.")}${open}` : ""}${account ? " AND d.account = ?" : ""}
          ${conversation ? " AND d.conversation = ?" : ""}
        ORDER BY d.seq DESC LIMIT ?`);
      queues.set(key, statement);
    }
    return statement;
  }

  return {
    stories: (tenant, { before = Number.MAX_SAFE_INTEGER, limit, account, state }) =>
      read(() => {
        const statement = flow(account !== undefined, state);
        const rows = account === undefined ? statement.all(tenant, before, limit) : statement.all(tenant, before, account, limit);
        return rows.map(storyOf);
      }),
    deliveries: (tenant, { states, account, conversation, limit }) =>
      read(() => {
        if (states?.length === 0) return [];
        const given = [account, conversation].filter((one) => one !== undefined);
        return queue(states, account !== undefined, conversation !== undefined)
          .all(tenant, ...given, limit)
          .map((row) => deliveryOf(row));
      }),
    delivery: (tenant, id) =>
      read(() => {
        const row = one.get(tenant, id);
        return row && deliveryOf(row);
      }),
    counts: (tenant: TenantId) =>
      read((): Counts => {
        const { conversations = 0, messages = 0 } = totals.get(tenant) ?? {};
        const open = new Map(events.all(tenant).map(({ state, n }) => [state, n]));
        const sends = new Map(deliveries.all(tenant, tenant).map(({ state, n }) => [state, n]));
        const send = (state: DeliveryState) => sends.get(state) ?? 0;
        return {
          ...{ conversations, messages, events: { queued: open.get("queued") ?? 0, running: open.get("running") ?? 0 } },
          deliveries: {
            queued: send("queued"),
            sending: send("sending"),
            unknown: send("unknown"),
            failed: send("failed"),
            dead: send("dead"),
          },
        };
      }),
  };
}

function within(states: readonly string[], table = ""): string {
  return `${table}state IN (${states.map((state) => `'${state}'`).join(", ")})`;
}

function storyOf(row: FlowRow): Story {
  const sender = row.sender === null ? undefined : (JSON.parse(row.sender) as Sender);
  const name = sender?.name ?? sender?.handle ?? sender?.id;
  return {
    ...{
      trace: row.trace,
      cursor: row.cursor,
      conversation: row.conversation,
      account: row.account,
      channel: row.channel,
      state: row.state,
    },
    preview: row.parts === null ? `[${row.kind}]` : previewOf(row.parts),
    receivedAt: row.received_at,
    ...(name !== undefined && { senderName: name }),
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
  };
}

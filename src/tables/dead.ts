import type { DeadChoice, DeadFilter, DeadLetter, DeadPlace, DeadState, DeadVerdict } from "../core/dead.ts";
import type { Chat } from "../core/event.ts";
import type { AccountId, ConversationId, DeliveryId, EventId, TenantId, TraceId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { Part } from "../core/message.ts";
import { previewOf } from "../core/preview.ts";
import type { Instant } from "../core/terms.ts";
import type { Audit } from "./audit.ts";
import { type ConversationRow, chatOf } from "./conversations.ts";
import { type DeliveryRow, deliveryOf, selectDelivery } from "./deliveries.ts";
import { entryOf } from "./entries.ts";
import type { Ledger } from "./ledger.ts";
import type { SettleOne } from "./settle.ts";
import { each, type Prepare, type Statement, type Value, type Work } from "./work.ts";

/** What both edges gave up: deliveries, and events that were set aside. See `DeadStore` and `Records.deadLetters`. */
export interface DeadLetters {
  list(
    tenant: TenantId,
    filter: DeadFilter & { readonly after?: DeadPlace; readonly limit: number },
  ): Work<readonly (DeadLetter & { readonly place: DeadPlace })[]>;
  get(tenant: TenantId, id: string): Work<DeadLetter | undefined>;
  /** Events that are set aside. */
  poison(tenant: TenantId): Work<number>;
  settle(tenant: TenantId, choice: DeadChoice, verdict: DeadVerdict, by: string, at: Instant): Work<readonly (DeliveryId | EventId)[]>;
}

interface OutRow extends DeliveryRow {
  readonly ended_at: Instant;
}

interface InRow extends Pick<ConversationRow, "chat" | "thread" | "kind" | "title"> {
  readonly seq: number;
  readonly tenant: TenantId;
  readonly id: EventId;
  readonly account: AccountId;
  readonly conversation: ConversationId;
  readonly tries: number;
  readonly received_at: Instant;
  readonly ended_at: Instant;
  readonly ledger: string;
  readonly parts: string | null;
}

interface Parts {
  readonly ledger: Ledger;
  readonly audit: Audit;
  readonly settleOne: SettleOne;
}

interface Page extends DeadFilter {
  readonly before?: Instant;
  readonly after?: DeadPlace | undefined;
  readonly limit: number;
  readonly order: "ASC" | "DESC";
}

const outbound: readonly DeadState[] = ["unknown", "failed", "dead"];
const selectOut = selectDelivery.replace("SELECT d.seq,", "SELECT d.ended_at, d.seq,");
const selectIn = `
  SELECT e.seq, e.tenant, e.id, e.account, e.conversation, e.tries, e.received_at, e.ended_at, e.ledger, m.parts,
    c.chat, c.thread, c.kind, c.title
  FROM events e JOIN conversations c ON c.id = e.conversation AND c.tenant = e.tenant LEFT JOIN messages m ON m.seq = e.message`;

export function deadLetters(prepare: Prepare, { ledger, audit, settleOne }: Parts): DeadLetters {
  const statements = new Map<string, Statement>();
  const getOut = prepare<OutRow>(`${selectOut} WHERE d.tenant = ? AND d.id = ? AND d.state IN ('unknown', 'failed', 'dead')`);
  const getIn = prepare<InRow>(`${selectIn} WHERE e.tenant = ? AND e.id = ? AND e.state = 'ignored' AND e.reason = 'poison'`);
  const count = prepare<{ n: number }>("SELECT count(*) AS n FROM events WHERE tenant = ? AND reason = 'poison'");
  // Whatever it showed before, it shows a draft of its own next time; its tries begin anew.
  const queueAgain = prepare(`
    UPDATE events SET state = 'queued', reason = NULL, ended_at = NULL, due_at = ?1, put_off_at = ?1, tries = 0, crashes = 0, draft = NULL,
      ledger = ledger || ?2
    WHERE seq = ?3`);
  const discard = prepare("UPDATE events SET reason = 'discarded', ledger = ledger || ? WHERE seq = ?");

  function* select<Row>(from: string, where: readonly string[], order: string, values: readonly Value[]): Work<readonly Row[]> {
    const sql = `${from} WHERE ${where.join(" AND ")} ORDER BY ${order} LIMIT ?`;
    const known = statements.get(sql) ?? prepare(sql);
    statements.set(sql, known);
    return (yield* known.all(...values)) as readonly Row[];
  }

  function* deliveries(tenant: TenantId, { states = outbound, account, code, before, after, limit, order }: Page): Work<readonly OutRow[]> {
    const wanted = outbound.filter((state) => states.includes(state));
    if (wanted.length === 0) return [];
    const where = ["d.tenant = ?", `d.state IN (${wanted.map(() => "?").join(", ")})`, "d.error_code IS NOT NULL"];
    const values: Value[] = [tenant, ...wanted];
    const add = (condition: string, value: Value | undefined) => {
      if (value === undefined) return;
      where.push(condition);
      values.push(value);
    };
    add("d.account = ?", account);
    add("d.error_code = ?", code);
    add("d.ended_at < ?", before);
    add("d.seq < ?", after?.delivery);
    return yield* select<OutRow>(selectOut, where, `d.seq ${order}`, [...values, limit]);
  }

  function* events(tenant: TenantId, { states, account, code, before, after, limit, order }: Page): Work<readonly InRow[]> {
    if ((states && !states.includes("poison")) || (code !== undefined && code !== "poison")) return [];
    const where = ["e.tenant = ?", "e.reason = 'poison'"];
    const values: Value[] = [tenant];
    if (account !== undefined) {
      where.push("e.account = ?");
      values.push(account);
    }
    if (before !== undefined) {
      where.push("e.ended_at < ?");
      values.push(before);
    }
    if (after !== undefined) {
      where.push("e.seq < ?");
      values.push(after.event);
    }
    return yield* select<InRow>(selectIn, where, `e.seq ${order}`, [...values, limit]);
  }

  function outLetter(row: OutRow): DeadLetter {
    const { id, state, trace, account, conversation, chat, attempts, createdAt, content, error } = deliveryOf(row);
    const preview = content.visible || (content.file && `[${content.file.name ?? content.file.type}]`) || "";
    return {
      ...{ id, state: state as DeadState, trace, account, conversation, chat, attempts, createdAt, at: row.ended_at, preview },
      error: error ?? { code: "channel-unknown", message: "" },
    };
  }

  /** The last failure of its tries says more than that it was set aside. */
  function* inLetter(row: InRow): Work<DeadLetter> {
    const { id, account, conversation, tries: attempts, received_at: createdAt, ended_at: at } = row;
    const cause = (yield* ledger.read(row.tenant, [{ trace: id, marks: [row.ledger] }])).findLast(
      ({ stage }) => stage === "turn-retry" || stage === "model-fail",
    );
    const why = cause ? [cause.reason, cause.detail?.message].filter((part) => typeof part === "string").join(": ") : "no reason was noted";
    return {
      ...{ id, state: "poison", trace: id as TraceId, account, conversation, chat: chatOf(row) as Chat, attempts, createdAt, at },
      preview: row.parts === null ? "" : previewOf(JSON.parse(row.parts) as readonly Part[]),
      error: { code: "poison", message: `Set aside after ${attempts} tries; the last ended with ${why}` },
    };
  }

  function* settleEvent(row: InRow, verdict: DeadVerdict, by: string, at: Instant): Work<void> {
    const of = { tenant: row.tenant, trace: row.id as TraceId };
    const entry = (stage: LedgerEntry["stage"], reason: string) => ledger.append([entryOf(of, stage, at, { by }, reason)]);
    if (verdict === "retry") yield* queueAgain.do(at, entry("turn-retry", "operator-retry"), row.seq);
    else yield* discard.do(entry("ignored", "discarded"), row.seq);
  }

  function* settleDelivery(row: OutRow, verdict: DeadVerdict, by: string, at: Instant): Work<void> {
    yield* settleOne(row, verdict === "retry" ? "retry" : "drop", by, at);
  }

  /** Each kind by its rows, the later one first: the same order on every page. */
  function* together(out: readonly OutRow[], inbound: readonly InRow[], { after, limit }: { after?: DeadPlace; limit: number }) {
    const letters: (DeadLetter & { readonly place: DeadPlace })[] = [];
    let place = after ?? { delivery: Number.MAX_SAFE_INTEGER, event: Number.MAX_SAFE_INTEGER };
    for (let o = 0, i = 0; letters.length < limit; ) {
      const [delivery, event] = [out[o], inbound[i]];
      if (delivery && (!event || delivery.ended_at >= event.ended_at)) {
        place = { ...place, delivery: delivery.seq };
        letters.push({ ...outLetter(delivery), place });
        o += 1;
      } else if (event) {
        place = { ...place, event: event.seq };
        letters.push({ ...(yield* inLetter(event)), place });
        i += 1;
      } else break;
    }
    return letters;
  }

  return {
    *list(tenant, filter) {
      const page = { ...filter, order: "DESC" } as const;
      return yield* together(yield* deliveries(tenant, page), yield* events(tenant, page), filter);
    },
    *get(tenant, id) {
      const out = yield* getOut.get(tenant, id);
      if (out) return outLetter(out);
      const event = yield* getIn.get(tenant, id);
      return event && (yield* inLetter(event));
    },
    *poison(tenant) {
      return (yield* count.get(tenant))?.n ?? 0;
    },
    *settle(tenant, choice, verdict, by, at) {
      if ("ids" in choice) {
        return (yield* each(choice.ids, function* (id) {
          const out = yield* getOut.get(tenant, id);
          const event = out ? undefined : yield* getIn.get(tenant, id);
          if (out) yield* settleDelivery(out, verdict, by, at);
          else if (event) yield* settleEvent(event, verdict, by, at);
          else return [];
          yield* audit.add({ tenant, at, actor: by, action: `dead-${verdict}`, subject: id });
          return [(out ?? event)?.id as DeliveryId | EventId];
        })).flat();
      }
      const page = { ...choice.all, before: choice.before, limit: choice.limit, order: "ASC" } as const;
      const out = yield* deliveries(tenant, page);
      const inbound = yield* events(tenant, { ...page, limit: choice.limit - out.length });
      for (const row of out) yield* settleDelivery(row, verdict, by, at);
      for (const row of inbound) yield* settleEvent(row, verdict, by, at);
      const ids = [...out, ...inbound].map(({ id }) => id);
      const { states, account, code } = choice.all;
      const detail = { count: ids.length, ...(states && { states: [...states] }), ...(account && { account }), ...(code && { code }) };
      if (ids.length > 0) yield* audit.add({ tenant, at, actor: by, action: `dead-${verdict}`, subject: "all", detail });
      return ids;
    },
  };
}

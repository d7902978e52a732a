import type { TenantId } from "../core/ids.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Instant } from "../core/terms.ts";
import type { LoggedCall, UsageFilter, UsageKey, UsageRow } from "../core/usage.ts";
import type { Prepare, Statement, Value, Work } from "./work.ts";

/** Calls that are added up in one step: it shares its transaction with the path. */
const step = 200;
const dayMs = 86_400_000;
/** A call takes this long at most: by so much rows may be out of the order in which calls began. */
const longestMs = 3_600_000;

type Logged = LoggedCall & { readonly seq: number };

export interface UsageTable {
  /** Adds up calls that ended since the last time; whether there are more. */
  fold(): Work<boolean>;
  /** Rows of older days lose their sender: what it used stays in the sums of all. Whether there may be more. */
  forgetSenders(before: string): Work<boolean>;
  list(tenant: TenantId, filter: UsageFilter): Work<readonly UsageRow[]>;
  /** See `Records.callLog`. */
  log(
    tenant: TenantId,
    page: { readonly from: string; readonly to: string; readonly after?: number; readonly limit: number },
  ): Work<readonly Logged[]>;
}

interface CallRow {
  readonly seq: number;
  readonly tenant: TenantId;
  readonly account: string | null;
  readonly channel: string | null;
  readonly agent: string | null;
  readonly sender: string | null;
  readonly provider: string;
  readonly model: string;
  readonly purpose: string;
  readonly started_at: Instant;
  readonly failed: number;
  readonly input: number | null;
  readonly cached_input: number | null;
  readonly output: number | null;
  readonly amount: NanoUsd | null;
}

const sums = ["calls", "failed", "unpriced", "input", "cached_input", "output", "amount"] as const;
type Sums = { readonly [sum in (typeof sums)[number]]: number };

const columns: { readonly [key in UsageKey]: string } = {
  ...{ day: "day", month: "substr(day, 1, 7)", account: "account", channel: "channel", agent: "agent", sender: "sender" },
  ...{ provider: "provider", model: "model", purpose: "purpose" },
};

export function usageTable(prepare: Prepare): UsageTable {
  const calls = prepare<CallRow>(`
    SELECT c.seq, c.tenant, coalesce(e.account, c.account) AS account, coalesce(v.channel, c.channel) AS channel,
      coalesce(c.agent, e.agent) AS agent, coalesce(m.sender ->> 'id', c.sender) AS sender, c.provider, c.model, c.purpose, c.started_at,
      c.fault IS NOT NULL OR c.ended_at IS NULL AS failed, c.input, c.cached_input, c.output, c.amount
    FROM model_calls c
      LEFT JOIN events e ON e.id = c.event
      LEFT JOIN conversations v ON v.id = e.conversation
      LEFT JOIN messages m ON m.seq = e.message
    WHERE c.seq > (SELECT usage_seen FROM owner WHERE one = 1) ORDER BY c.seq LIMIT ?`);
  const seen = prepare("UPDATE owner SET usage_seen = ? WHERE one = 1");
  const into = `
    INSERT INTO usage_days (tenant, day, account, channel, agent, sender, provider, model, purpose, ${sums.join(", ")})`;
  const onto = `
    ON CONFLICT (tenant, day, account, channel, agent, sender, provider, model, purpose)
      DO UPDATE SET ${sums.map((sum) => `${sum} = usage_days.${sum} + excluded.${sum}`).join(", ")}`;
  const add = prepare(`${into} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?) ${onto}`);
  const oldest = prepare<{ tenant: TenantId; day: string }>(
    "SELECT tenant, day FROM usage_days WHERE day < ? AND sender <> '' ORDER BY tenant, day LIMIT 1",
  );
  const merge = prepare(`${into}
    SELECT tenant, day, account, channel, agent, '', provider, model, purpose, ${sums.map((sum) => `sum(${sum})`).join(", ")}
    FROM usage_days WHERE tenant = ? AND day = ? AND sender <> ''
    GROUP BY tenant, day, account, channel, agent, provider, model, purpose ${onto}`);
  const drop = prepare("DELETE FROM usage_days WHERE tenant = ? AND day = ? AND sender <> ''");
  const log = prepare<{ readonly [column: string]: unknown }>(`
    SELECT c.seq, nullif(c.event, '') AS turn, coalesce(e.received_at, c.started_at) AS at, CASE WHEN c.ended_at < c.started_at THEN 0 ELSE c.ended_at - c.started_at END AS ms, c.purpose,
      c.provider, c.model, coalesce(c.agent, e.agent) AS agent, coalesce(v.channel, c.channel) AS channel, coalesce(e.account, c.account) AS account,
      e.conversation, coalesce(m.sender ->> 'id', c.sender) AS sender, c.input, c.cached_input AS "cachedInput", c.output
    FROM model_calls c
      LEFT JOIN events e ON e.id = c.event
      LEFT JOIN conversations v ON v.id = e.conversation
      LEFT JOIN messages m ON m.seq = e.message
    WHERE c.tenant = ? AND c.seq > ? AND c.seq < ? AND c.started_at >= ? AND c.started_at < ? AND c.ended_at IS NOT NULL AND c.input IS NOT NULL
    ORDER BY c.seq LIMIT ?`);
  const ends = prepare<{ first: number; last: number }>(
    "SELECT (SELECT coalesce(min(seq), 0) FROM model_calls) AS first, (SELECT coalesce(max(seq), 0) FROM model_calls) AS last",
  );
  const startOf = prepare<{ started_at: Instant }>("SELECT started_at FROM model_calls WHERE seq >= ? ORDER BY seq LIMIT 1");

  /** About the first row of a call that began then: rows come as calls end, which is nearly the order in which they began. */
  function* rowAt(at: Instant): Work<number> {
    let { first, last } = (yield* ends.get()) ?? { first: 0, last: 0 };
    while (first < last) {
      const middle = Math.floor((first + last) / 2);
      if (((yield* startOf.get(middle))?.started_at ?? at) < at) first = middle + 1;
      else last = middle;
    }
    return first;
  }

  const lists = new Map<string, Statement<Sums & { readonly [key: string]: string }>>();

  return {
    *log(tenant, { from, to, after = 0, limit }) {
      const [begin, end] = [Date.parse(from), Date.parse(to) + dayMs];
      const [low, high] = [Math.max(after, (yield* rowAt(begin - longestMs)) - 1), (yield* rowAt(end + longestMs)) + 1];
      const rows = yield* log.all(tenant, low, high, begin, end, limit);
      return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as Logged);
    },
    *fold() {
      const rows = yield* calls.all(step);
      for (const { tenant, account, channel, agent, sender, provider, model, purpose, started_at, failed, ...row } of rows) {
        const day = new Date(started_at).toISOString().slice(0, 10);
        const tokens = [row.input ?? 0, row.cached_input ?? 0, row.output ?? 0];
        // What nothing is known of wasn't priced either, unless it failed before anything was used.
        const unpriced = row.amount === null && (row.input !== null || !failed) ? 1 : 0;
        const of = [tenant, day, account ?? "", channel ?? "", agent ?? "", sender ?? "", provider, model, purpose];
        yield* add.do(...of, failed, unpriced, ...tokens, row.amount ?? 0);
      }
      const last = rows.at(-1);
      if (last) yield* seen.do(last.seq);
      return rows.length === step;
    },

    *forgetSenders(before) {
      const row = yield* oldest.get(before);
      if (!row) return false;
      yield* merge.do(row.tenant, row.day);
      yield* drop.do(row.tenant, row.day);
      return true;
    },

    *list(tenant, { from, to, by, only = {}, limit }) {
      const wanted = (Object.entries(only) as [UsageKey, string | undefined][]).filter(([, value]) => value !== undefined);
      const keys = by.map((key) => `${columns[key]} AS "${key}"`);
      const sql = `
        SELECT ${[...keys, ...sums.map((sum) => `coalesce(sum(${sum}), 0) AS ${sum}`)].join(", ")} FROM usage_days
        WHERE tenant = ? AND day BETWEEN ? AND ? ${wanted.map(([key]) => `AND ${columns[key]} = ?`).join(" ")}
        ${by.length > 0 ? `GROUP BY ${by.map((key) => columns[key]).join(", ")}` : ""}
        ORDER BY amount DESC, coalesce(sum(input + output), 0) DESC, calls DESC LIMIT ?`;
      const statement = lists.get(sql) ?? prepare<Sums & { readonly [key: string]: string }>(sql);
      lists.set(sql, statement);
      const values: Value[] = [tenant, from, to, ...wanted.map(([, value]) => value as string), limit];
      return (yield* statement.all(...values)).map(({ calls, failed, unpriced, input, cached_input, output, amount, ...of }) => {
        return { of: { ...of }, calls, failed, unpriced, input, cachedInput: cached_input, output, amount } as UsageRow;
      });
    },
  };
}

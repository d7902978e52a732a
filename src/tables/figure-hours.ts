import { type FigureFilter, type FigureKey, type FigureName, type FigureRow, type FigureUnit, figureNames } from "../core/figures.ts";
import type { TenantId } from "../core/ids.ts";
import type { Instant } from "../core/terms.ts";
import type { Prepare, Statement, Value, Work } from "./work.ts";

export interface FigurePlace {
  readonly tenant: TenantId;
  readonly account: string;
  readonly channel: string;
  readonly agent: string;
}

/** What is added is gathered, and written at the end of a step: hour by hour, and what is young minute by minute too. */
export interface FigureHours {
  /** One more, at that moment. */
  add(of: FigurePlace, figure: FigureName, at: Instant): void;
  /** An answer that took a step's time. */
  addWait(of: FigurePlace, step: number, at: Instant): void;
  /** Forgets what was gathered: a step that failed has written nothing. */
  start(now: Instant): void;
  write(): Work<void>;
  list(tenant: TenantId, filter: FigureFilter): Work<readonly FigureRow[]>;
  /** Forgets some from that hour on. Whether there are more. */
  forget(from: number): Work<boolean>;
}

interface Gathered {
  readonly key: readonly [string, number, string, string, string];
  readonly counts: Map<FigureName, number>;
  readonly waits: Map<number, number>;
}

type CountsRow = { readonly [name in FigureName]: number } & { readonly of: string; readonly waits: string };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** A day that an alert is tried on, the longest window before it, both from a whole hour on, and an hour that counting may be behind. */
const keptMs = 27 * hourMs;
const forgotten = 200;

export function figureHours(prepare: Prepare): FigureHours {
  const hours = sumsBy(prepare, "hour", hourMs);
  const minutes = sumsBy(prepare, "minute", minuteMs);
  let keptFrom = 0;
  /** In minutes since 1970: what is older is gone. */
  let dropped = 0;

  function* dropOld(): Work<void> {
    const before = Math.floor(keptFrom / minuteMs);
    if (before > dropped && !(yield* minutes.forget("<", before))) dropped = before;
  }

  const both = (at: Instant) => (at < keptFrom ? [hours] : [hours, minutes]);
  return {
    add(of, figure, at) {
      for (const sums of both(at)) raise(sums.gather(of, at).counts, figure, 1);
    },
    addWait(of, step, at) {
      for (const sums of both(at)) raise(sums.gather(of, at).waits, step, 1);
    },
    start(now) {
      keptFrom = now - keptMs;
      hours.clear();
      minutes.clear();
    },
    *write() {
      yield* hours.write();
      yield* minutes.write();
      yield* dropOld();
    },
    list: (tenant, filter) => (filter.unit === "minute" ? minutes : hours).list(tenant, filter),
    *forget(from) {
      return (yield* hours.forget(">=", from)) || (yield* minutes.forget(">=", (from * hourMs) / minuteMs));
    },
  };
}

function sumsBy(prepare: Prepare, unit: FigureUnit, unitMs: number) {
  const table = `figure_${unit}s`;
  const key = `tenant, ${unit}, account, channel, agent`;
  const waitsOf = prepare<{ waits: string }>(
    `SELECT waits FROM ${table} WHERE tenant = ? AND ${unit} = ? AND account = ? AND channel = ? AND agent = ?`,
  );
  const put = prepare(`
    INSERT INTO ${table} (${key}, ${figureNames.join(", ")}, waits) VALUES (${Array(5 + figureNames.length + 1)
      .fill("?")
      .join(", ")})
    ON CONFLICT (${key}) DO UPDATE SET ${figureNames.map((name) => `${name} = ${table}.${name} + excluded.${name}`).join(", ")}, waits = excluded.waits`);
  const forget = (compare: "<" | ">=") =>
    prepare(`
    DELETE FROM ${table} WHERE (${key}) IN (
      SELECT f.tenant, ${unit}, account, channel, agent
      FROM tenants t CROSS JOIN ${table} f WHERE f.tenant = t.tenant AND f.${unit} ${compare} ? LIMIT ?)`);
  const forgets = { "<": forget("<"), ">=": forget(">=") };
  const lists = new Map<string, Statement<CountsRow>>();
  const gathered = new Map<string, Gathered>();

  return {
    gather({ tenant, account, channel, agent }: FigurePlace, at: Instant): Gathered {
      const key = [tenant, Math.floor(at / unitMs), account, channel, agent] as const;
      const name = JSON.stringify(key);
      const known = gathered.get(name) ?? { key, counts: new Map(), waits: new Map() };
      gathered.set(name, known);
      return known;
    },
    clear: () => gathered.clear(),
    *write(): Work<void> {
      for (const { key, counts, waits } of gathered.values()) {
        for (const [step, n] of readWaits((yield* waitsOf.get(...key))?.waits ?? "")) raise(waits, step, n);
        yield* put.do(...key, ...figureNames.map((name) => counts.get(name) ?? 0), [...waits].map(([step, n]) => `${step}:${n}`).join(","));
      }
      gathered.clear();
    },
    *list(tenant: TenantId, { from, to, by, only = {} }: FigureFilter): Work<readonly FigureRow[]> {
      const wanted = (Object.entries(only) as [FigureKey, string | undefined][]).filter(([, value]) => value !== undefined);
      const of = by ?? "''";
      const sql = `
        SELECT CAST(${of} AS TEXT) AS "of", ${figureNames.map((name) => `sum(${name}) AS ${name}`).join(", ")},
          coalesce(string_agg(nullif(waits, ''), ','), '') AS waits
        FROM ${table} WHERE tenant = ? AND ${unit} BETWEEN ? AND ? ${wanted.map(([key]) => `AND ${key} = ?`).join(" ")}
        ${by ? `GROUP BY ${by}` : ""} HAVING count(*) > 0`;
      const statement = lists.get(sql) ?? prepare<CountsRow>(sql);
      lists.set(sql, statement);
      const values: Value[] = [tenant, from, to, ...wanted.map(([, value]) => value as string)];
      return (yield* statement.all(...values)).map(({ of, waits, ...counts }) => ({ of, counts, waits: readWaits(waits) }));
    },
    /** Forgets some before or from there on. Whether there may be more. */
    *forget(compare: "<" | ">=", at: number): Work<boolean> {
      return Number((yield* forgets[compare].run(at, forgotten)).changes) > 0;
    },
  };
}

/** `43:2,50:1,43:1` is three of 43 and one of 50. */
function readWaits(text: string): Map<number, number> {
  const waits = new Map<number, number>();
  for (const pair of text === "" ? [] : text.split(",")) {
    const colon = pair.indexOf(":");
    raise(waits, Number(pair.slice(0, colon)), Number(pair.slice(colon + 1)));
  }
  return waits;
}

function raise<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

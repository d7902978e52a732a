import { type FigureFilter, type FigureKey, type FigureName, type FigureRow, figureNames } from "../core/figures.ts";
import type { TenantId } from "../core/ids.ts";
import type { Instant } from "../core/terms.ts";
import type { Prepare, Statement, Value, Work } from "./work.ts";

export interface FigurePlace {
  readonly tenant: TenantId;
  readonly account: string;
  readonly channel: string;
  readonly agent: string;
}

/** What is added is gathered, and written hour by hour at the end of a step. */
export interface FigureHours {
  /** One more, in the hour of that moment. */
  add(of: FigurePlace, figure: FigureName, at: Instant): void;
  /** An answer that took a step's time. */
  addWait(of: FigurePlace, step: number, at: Instant): void;
  /** Forgets what was gathered: a step that failed has written nothing. */
  start(): void;
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

const hourMs = 3_600_000;
const forgotten = 200;

export function figureHours(prepare: Prepare): FigureHours {
  const key = "tenant, hour, account, channel, agent";
  const waitsOf = prepare<{ waits: string }>(
    "SELECT waits FROM figure_hours WHERE tenant = ? AND hour = ? AND account = ? AND channel = ? AND agent = ?",
  );
  const put = prepare(`
    INSERT INTO figure_hours (${key}, ${figureNames.join(", ")}, waits) VALUES (${Array(5 + figureNames.length + 1)
      .fill("?")
      .join(", ")})
    ON CONFLICT (${key}) DO UPDATE SET ${figureNames.map((name) => `${name} = figure_hours.${name} + excluded.${name}`).join(", ")}, waits = excluded.waits`);
  const forget = prepare(`
    DELETE FROM figure_hours WHERE (${key}) IN (
      SELECT f.tenant, hour, account, channel, agent
      FROM tenants t CROSS JOIN figure_hours f WHERE f.tenant = t.tenant AND f.hour >= ? LIMIT ?)`);
  const lists = new Map<string, Statement<CountsRow>>();
  const gathered = new Map<string, Gathered>();

  function gather({ tenant, account, channel, agent }: FigurePlace, at: Instant): Gathered {
    const key = [tenant, Math.floor(at / hourMs), account, channel, agent] as const;
    const name = JSON.stringify(key);
    const known = gathered.get(name) ?? { key, counts: new Map(), waits: new Map() };
    gathered.set(name, known);
    return known;
  }

  return {
    add(of, figure, at) {
      raise(gather(of, at).counts, figure, 1);
    },
    addWait(of, step, at) {
      raise(gather(of, at).waits, step, 1);
    },
    start: () => gathered.clear(),
    *write() {
      for (const { key, counts, waits } of gathered.values()) {
        for (const [step, n] of readWaits((yield* waitsOf.get(...key))?.waits ?? "")) raise(waits, step, n);
        yield* put.do(...key, ...figureNames.map((name) => counts.get(name) ?? 0), [...waits].map(([step, n]) => `${step}:${n}`).join(","));
      }
      gathered.clear();
    },
    *list(tenant, { from, to, by, only = {} }) {
      const wanted = (Object.entries(only) as [FigureKey, string | undefined][]).filter(([, value]) => value !== undefined);
      const of = by ?? "''";
      const sql = `
        SELECT CAST(${of} AS TEXT) AS "of", ${figureNames.map((name) => `sum(${name}) AS ${name}`).join(", ")},
          coalesce(string_agg(nullif(waits, ''), ','), '') AS waits
        FROM figure_hours WHERE tenant = ? AND hour BETWEEN ? AND ? ${wanted.map(([key]) => `AND ${key} = ?`).join(" ")}
        ${by ? `GROUP BY ${by}` : ""} HAVING count(*) > 0`;
      const statement = lists.get(sql) ?? prepare<CountsRow>(sql);
      lists.set(sql, statement);
      const values: Value[] = [tenant, from, to, ...wanted.map(([, value]) => value as string)];
      return (yield* statement.all(...values)).map(({ of, waits, ...counts }) => ({ of, counts, waits: readWaits(waits) }));
    },
    *forget(from) {
      return Number((yield* forget.run(from, forgotten)).changes) > 0;
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

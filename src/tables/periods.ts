import { quietMs, reopenMs } from "../core/figures.ts";
import type { ConversationId, TenantId } from "../core/ids.ts";
import type { Instant } from "../core/terms.ts";
import type { FigureHours } from "./figure-hours.ts";
import { type Prepare, unserved, type Work } from "./work.ts";

export interface Place {
  readonly tenant: TenantId;
  readonly account: string;
  readonly channel: string;
  readonly conversation: ConversationId;
}

/** `asked`: somebody wrote to an agent or to people; `answered`: an agent's answer arrived; `failed`: there was none, or it didn't arrive. */
export type Happening = "asked" | "answered" | "failed" | "people";

export interface Periods {
  note(place: Place, happening: Happening, agent: string, at: Instant): Work<void>;
  /** Closes some that are over at that moment. Whether there may be more. */
  close(now: Instant): Work<boolean>;
  /** Forgets some. Whether there are more. */
  forget(): Work<boolean>;
  /** Whether one is over. */
  over(now: Instant): Work<boolean>;
}

interface Row extends Place {
  readonly agent: string;
  readonly began_at: Instant;
  readonly last_at: Instant;
  readonly answered: number;
  readonly well: number;
  readonly closed: number;
}

const rows = 100;

/** When conversations began and ended: docs/analytics.md. */
export function periodTable(prepare: Prepare, hours: FigureHours): Periods {
  const columns = "conversation, tenant, account, channel, agent, began_at, last_at, answered, well, closed";
  const get = prepare<Row>(`SELECT ${columns} FROM periods WHERE conversation = ?`);
  const put = prepare(`
    INSERT INTO periods (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (conversation) DO UPDATE SET tenant = excluded.tenant, account = excluded.account, channel = excluded.channel,
      agent = excluded.agent, began_at = excluded.began_at, last_at = excluded.last_at, answered = excluded.answered,
      well = excluded.well, closed = excluded.closed`);
  const open = prepare<Row>(`SELECT ${columns} FROM periods WHERE closed = 0 AND last_at < ? ORDER BY last_at LIMIT ?`);
  const closed = prepare("UPDATE periods SET closed = 1 WHERE conversation = ?");
  const forget = prepare("DELETE FROM periods WHERE conversation IN (SELECT conversation FROM periods LIMIT ?)");
  const spoken = prepare(
    `SELECT 1 FROM handovers WHERE conversation = ? AND ${unserved("tenant")} = ? AND since < ? AND (ended_at IS NULL OR ended_at > ?) LIMIT 1`,
  );

  function* end(row: Row): Work<void> {
    const { tenant, conversation, began_at, last_at, answered, well } = row;
    const handed = (yield* spoken.get(conversation, tenant, last_at + quietMs, began_at)) !== undefined;
    hours.add(row, "periods", last_at);
    if (handed) hours.add(row, "handed", last_at);
    else if (answered && well) hours.add(row, "resolved", last_at);
  }

  function* write(row: Row): Work<void> {
    const { conversation, tenant, account, channel, agent, began_at, last_at, answered, well } = row;
    yield* put.do(conversation, tenant, account, channel, agent, began_at, last_at, answered, well, row.closed);
  }

  return {
    *note(place, happening, agent, at) {
      const before = yield* get.get(place.conversation);
      const over = !before || before.closed === 1 || at - before.last_at > quietMs;
      // Nothing but a question begins one.
      if (over && happening !== "asked") return;
      if (over && before) {
        if (before.closed === 0) yield* end(before);
        if (at - before.last_at <= reopenMs) hours.add(before, "reopened", before.last_at);
      }
      const now = over ? { ...place, agent: "", began_at: at, last_at: at, answered: 0, well: 0, closed: 0 } : before;
      yield* write({
        ...now,
        agent: agent || now.agent,
        last_at: Math.max(now.last_at, at),
        answered: happening === "answered" ? 1 : now.answered,
        well: happening === "answered" ? 1 : happening === "people" ? now.well : 0,
      });
    },
    *close(now) {
      const found = yield* open.all(now - quietMs, rows);
      for (const row of found) {
        yield* end(row);
        yield* closed.do(row.conversation);
      }
      return found.length === rows;
    },
    *forget() {
      return Number((yield* forget.run(rows)).changes) > 0;
    },
    *over(now) {
      return (yield* open.get(now - quietMs, 1)) !== undefined;
    },
  };
}

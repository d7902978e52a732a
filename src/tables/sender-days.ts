import type { AccountId, TenantId } from "../core/ids.ts";
import type { Prepare, Work } from "./work.ts";

export interface OfSender {
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly sender: string;
}

/** What senders with a quota have had. Days are those of `Quota`. */
export interface SenderDays {
  turns(of: OfSender, day: number): Work<number>;
  count(of: OfSender, day: number): Work<void>;
  /** Whether the sender is yet to be told; from now on it is told. */
  tell(of: OfSender, day: number): Work<boolean>;
  /** Drops what was last counted with that story or before it; at most `limit`. */
  sweep(story: number, limit: number): Work<number>;
}

export function senderDays(prepare: Prepare): SenderDays {
  const get = prepare<{ turns: number }>("SELECT turns FROM sender_days WHERE tenant = ? AND account = ? AND sender = ? AND day = ?");
  const count = prepare(`
    INSERT INTO sender_days (tenant, account, sender, day, turns, story)
      VALUES (?, ?, ?, ?, 1, (SELECT coalesce(max(seq), 0) FROM events))
    ON CONFLICT (tenant, account, sender) DO UPDATE SET
      turns = CASE WHEN sender_days.day = excluded.day THEN sender_days.turns + 1 ELSE 1 END, day = excluded.day, story = excluded.story`);
  const tell = prepare(`
    INSERT INTO sender_days (tenant, account, sender, day, turns, told, story)
      VALUES (?, ?, ?, ?, 0, ?, (SELECT coalesce(max(seq), 0) FROM events))
    ON CONFLICT (tenant, account, sender) DO UPDATE SET told = excluded.told WHERE sender_days.told IS DISTINCT FROM excluded.told`);
  const sweep = prepare(`
    DELETE FROM sender_days WHERE (tenant, account, sender) IN
      (SELECT tenant, account, sender FROM sender_days WHERE story <= ? ORDER BY story LIMIT ?)`);
  return {
    *turns({ tenant, account, sender }, day) {
      return (yield* get.get(tenant, account, sender, day))?.turns ?? 0;
    },
    *count({ tenant, account, sender }, day) {
      yield* count.do(tenant, account, sender, day);
    },
    *tell({ tenant, account, sender }, day) {
      return Number((yield* tell.run(tenant, account, sender, day, day)).changes) > 0;
    },
    *sweep(story, limit) {
      return Number((yield* sweep.run(story, limit)).changes);
    },
  };
}

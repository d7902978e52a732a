import { createHash } from "node:crypto";
import type { Chat } from "../core/event.ts";
import type { AccountId, ConversationId, TenantId } from "../core/ids.ts";
import type { NewReminder, Reminder } from "../core/reminder.ts";
import type { Instant } from "../core/terms.ts";
import type { Prepare, Work } from "./work.ts";

/** See `ReminderStore`. */
export interface Reminders {
  add(reminder: NewReminder, most: number): Work<string | undefined>;
  of(tenant: TenantId, conversation: ConversationId, sender: string): Work<readonly Reminder[]>;
  cancel(of: Pick<Reminder, "tenant" | "conversation" | "sender">, id: string): Work<boolean>;
  due(now: Instant, limit: number): Work<readonly Reminder[]>;
  /** Whether it was there. */
  end(id: string): Work<boolean>;
}

interface Row {
  readonly id: string;
  readonly tenant: TenantId;
  readonly account: AccountId;
  readonly channel: string;
  readonly conversation: ConversationId;
  readonly chat: string;
  readonly sender: string;
  readonly text: string;
  readonly due_at: Instant;
}

export function reminderTable(prepare: Prepare): Reminders {
  const columns = "SELECT id, tenant, account, channel, conversation, chat, sender, text, due_at FROM reminders";
  const count = prepare<{ count: number }>(
    "SELECT count(*) AS count FROM reminders WHERE tenant = ? AND account = ? AND sender = ? AND key <> ?",
  );
  const add = prepare<{ id: string }>(`
    INSERT INTO reminders (id, tenant, key, account, channel, conversation, chat, sender, text, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET due_at = excluded.due_at RETURNING id`);
  const of = prepare<Row>(`${columns} WHERE tenant = ? AND conversation = ? AND sender = ? ORDER BY due_at LIMIT 100`);
  const cancel = prepare("DELETE FROM reminders WHERE tenant = ? AND conversation = ? AND sender = ? AND id = ?");
  const due = prepare<Row>(`${columns} WHERE due_at <= ? ORDER BY due_at LIMIT ?`);
  const end = prepare("DELETE FROM reminders WHERE id = ?");
  return {
    *add({ tenant, event, account, channel, conversation, chat, sender, text, dueAt }, most) {
      const hash = createHash("sha256").update(`${event}\0${text}`).digest("hex");
      if (((yield* count.get(tenant, account, sender, hash))?.count ?? 0) >= most) return undefined;
      // Short, as people read it and type it again.
      const id = hash.slice(0, 10);
      return (yield* add.get(id, tenant, hash, account, channel, conversation, JSON.stringify(chat), sender, text, dueAt))?.id;
    },
    *of(tenant, conversation, sender) {
      return (yield* of.all(tenant, conversation, sender)).map(reminderOf);
    },
    *cancel({ tenant, conversation, sender }, id) {
      return (yield* cancel.run(tenant, conversation, sender, id)).changes > 0;
    },
    *due(now, limit) {
      return (yield* due.all(now, limit)).map(reminderOf);
    },
    *end(id) {
      return (yield* end.run(id)).changes > 0;
    },
  };
}

function reminderOf({ chat, due_at: dueAt, ...row }: Row): Reminder {
  return { ...row, chat: JSON.parse(chat) as Chat, dueAt };
}

import type { Clock } from "../core/clock.ts";
import type { Result } from "../core/errors.ts";
import type { OperatorMessage } from "../core/gateway.ts";
import type { AccountId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import { textPart } from "../core/message.ts";
import type { ReminderStore } from "../core/reminder.ts";
import type { EnqueuedMessage, NewOutbound } from "../core/store.ts";

export interface RemindersDoor {
  readonly store: ReminderStore;
  readonly clock: Clock;
  readonly log: Log;
  /** The message, rendered for its place and ready to be stored. */
  readonly render: (message: OperatorMessage) => Promise<Result<NewOutbound>>;
  /** It is stored: its lane is to run. */
  readonly queued: (message: EnqueuedMessage, account: AccountId) => void;
}

const atATime = 100;

/** Says what is due. A crash in between leaves a reminder where it was, or its message in the outbox: never both, never none. */
export async function sayDueReminders({ store, clock, log, render, queued }: RemindersDoor): Promise<void> {
  const due = await store.dueReminders(clock.now(), atATime);
  for (const { id, tenant, account, conversation, text } of due) {
    const rendered = await render({ tenant, to: { conversation }, parts: [textPart(`⏰ ${text}`)], by: "reminder", purpose: "reminder" });
    if (!rendered.ok) log.warn("reminder-drop", { account, conversation, code: rendered.fault.code, why: rendered.fault.message });
    const said = await store.endReminder(id, rendered.ok ? { ...rendered.value, author: "system" } : undefined);
    if (said) queued(said, account);
  }
}

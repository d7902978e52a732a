import type { Prepare, Work } from "./work.ts";

/**
 * The next numbers of stories and messages, known before their rows are written so that rows can name each other. They
 * hold within one transaction: another process may write in between, so each transaction asks anew.
 */
export interface Sequences {
  /**
   * Reads them; gives the owner's epoch and the ledger's next number, which the same statement tells, and whether another
   * process has written since the last time.
   */
  start(): Work<{ readonly epoch: number; readonly ledger: number; readonly others: boolean }>;
  event(): number;
  message(): number;
}

export function sequences(prepare: Prepare, othersWrote: () => Work<boolean>): Sequences {
  const last = prepare<{ epoch: number; ledger: number; event: number; message: number }>(`
    SELECT epoch, (SELECT coalesce(max(seq), 0) FROM ledger) AS ledger, (SELECT coalesce(max(seq), 0) FROM events) AS event,
      (SELECT coalesce(max(seq), 0) FROM messages) AS message FROM owner WHERE one = 1`);
  let event = 0;
  let message = 0;
  return {
    *start() {
      const row = yield* last.get();
      if (!row) throw new Error("The owner's row is missing");
      event = row.event;
      message = row.message;
      const others = yield* othersWrote();
      return { epoch: row.epoch, ledger: row.ledger + 1, others };
    },
    event: () => ++event,
    message: () => ++message,
  };
}

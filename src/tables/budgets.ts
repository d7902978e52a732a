import type { BudgetState, Hold } from "../core/budget.ts";
import type { ModelCallId, TenantId } from "../core/ids.ts";
import type { NanoUsd } from "../core/money.ts";
import type { ModelCall } from "../core/turn.ts";
import type { Prepare, Work } from "./work.ts";

/** What calls may spend. Without a budget nothing here is written or asked. */
export interface BudgetTable {
  /** Reserves for a call that is about to be made; whether it may be was asked before, in the same job. */
  reserve(tenant: TenantId, call: ModelCall): Work<void>;
  /** The call is over: what it held is given back, and what it came to counts. */
  settle(tenant: TenantId, call: ModelCall): Work<void>;
  /** Nobody knows what became of it: it may have been billed, so that all it held counts. */
  lose(tenant: TenantId, call: ModelCallId): Work<void>;
  /** The first that is used up. `ending`: a call that ends in the same moment, so that what it held is free. */
  over(tenant: TenantId, holds: readonly Hold[], ending?: ModelCall): Work<Hold | undefined>;
  /** Rows of the budgets in their windows, most spent first. */
  states(tenant: TenantId, budget: string, window: string, limit: number): Work<readonly BudgetState[]>;
  allow(tenant: TenantId, at: Pick<Hold, "budget" | "key" | "window">, tokens: number, amount: NanoUsd): Work<void>;
}

type Row = Omit<BudgetState, "reservedTokens" | "reservedAmount" | "extraTokens" | "extraAmount"> & {
  readonly reserved_tokens: number;
  readonly reserved_amount: number;
  readonly extra_tokens: number;
  readonly extra_amount: number;
};

interface Spent {
  readonly tokens: number;
  readonly amount: NanoUsd;
}

interface HeldRow extends Spent {
  readonly budget: string;
  readonly key: string;
  readonly win: string;
}

export function budgetTable(prepare: Prepare): BudgetTable {
  const columns = 'budget, key, win AS "window", tokens, amount, reserved_tokens, reserved_amount, extra_tokens, extra_amount';
  const get = prepare<Row>(`SELECT ${columns} FROM budget_windows WHERE tenant = ? AND budget = ? AND key = ? AND win = ?`);
  const most = prepare<Row>(`
    SELECT ${columns} FROM budget_windows WHERE tenant = ? AND budget = ? AND win = ?
    ORDER BY amount + reserved_amount DESC, tokens + reserved_tokens DESC, key LIMIT ?`);
  const take = prepare(`
    INSERT INTO budget_windows (tenant, budget, key, win, reserved_tokens, reserved_amount) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, budget, key, win) DO UPDATE SET
      reserved_tokens = budget_windows.reserved_tokens + excluded.reserved_tokens,
      reserved_amount = budget_windows.reserved_amount + excluded.reserved_amount`);
  const hold = prepare("INSERT INTO holds (call, tenant, budget, key, win, tokens, amount) VALUES (?, ?, ?, ?, ?, ?, ?)");
  const give = prepare<HeldRow>("DELETE FROM holds WHERE call = ? AND tenant = ? RETURNING budget, key, win, tokens, amount");
  const spend = prepare(`
    UPDATE budget_windows SET tokens = tokens + ?, amount = amount + ?,
      reserved_tokens = reserved_tokens - ?, reserved_amount = reserved_amount - ?
    WHERE tenant = ? AND budget = ? AND key = ? AND win = ?`);
  const allow = prepare(`
    INSERT INTO budget_windows (tenant, budget, key, win, extra_tokens, extra_amount) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant, budget, key, win) DO UPDATE SET
      extra_tokens = budget_windows.extra_tokens + excluded.extra_tokens,
      extra_amount = budget_windows.extra_amount + excluded.extra_amount`);

  function* over(tenant: TenantId, holds: readonly Hold[], ending?: ModelCall): Work<Hold | undefined> {
    for (const hold of holds) {
      const { budget, key, window, tokenLimit, amountLimit } = hold;
      const row = yield* get.get(tenant, budget, key, window);
      const { tokens = 0, amount = 0, reserved_tokens = 0, reserved_amount = 0, extra_tokens = 0, extra_amount = 0 } = row ?? {};
      const held = ending?.holds?.find((one) => one.budget === budget && one.key === key && one.window === window);
      const change = ending && held ? changeBy(ending, held) : { tokens: 0, amount: 0 };
      const tokensGone = tokenLimit !== undefined && tokens + reserved_tokens + change.tokens >= tokenLimit + extra_tokens;
      const amountGone = amountLimit !== undefined && amount + reserved_amount + change.amount >= amountLimit + extra_amount;
      if (tokensGone || amountGone) return hold;
    }
    return undefined;
  }

  function* end(tenant: TenantId, call: ModelCallId, spent: (held: HeldRow) => Spent): Work<void> {
    for (const held of yield* give.all(call, tenant)) {
      const { tokens, amount } = spent(held);
      yield* spend.do(tokens, amount, held.tokens, held.amount, tenant, held.budget, held.key, held.win);
    }
  }

  return {
    over,
    *reserve(tenant, { id, holds = [] }) {
      for (const { budget, key, window, tokens, amount } of holds) {
        yield* take.do(tenant, budget, key, window, tokens, amount);
        yield* hold.do(id, tenant, budget, key, window, tokens, amount);
      }
    },
    *settle(tenant, call) {
      if (call.holds?.length) yield* end(tenant, call.id, (held) => spentBy(call, held));
    },
    lose: (tenant, call) => end(tenant, call, (held) => held),
    *states(tenant, budget, window, limit) {
      return (yield* most.all(tenant, budget, window, limit)).map(stateOf);
    },
    *allow(tenant, { budget, key, window }, tokens, amount) {
      yield* allow.do(tenant, budget, key, window, tokens, amount);
    },
  };
}

/** What the provider reported. Where it reported nothing, what it had begun to answer, or was cut off, counts in full. */
function spentBy({ usage, cost, fault, began }: ModelCall, held: Spent): Spent {
  if (usage?.reported) return { tokens: usage.input + usage.output, amount: cost?.amount ?? 0 };
  const billed = began || fault === undefined || fault.code === "aborted" || fault.code === "turn-failed";
  return billed ? held : { tokens: 0, amount: 0 };
}

/** What its end makes of spent and reserved together. */
function changeBy(call: ModelCall, held: Spent): Spent {
  const { tokens, amount } = spentBy(call, held);
  return { tokens: tokens - held.tokens, amount: amount - held.amount };
}

function stateOf({ reserved_tokens, reserved_amount, extra_tokens, extra_amount, ...row }: Row): BudgetState {
  return {
    ...row,
    reservedTokens: reserved_tokens,
    reservedAmount: reserved_amount,
    extraTokens: extra_tokens,
    extraAmount: extra_amount,
  };
}

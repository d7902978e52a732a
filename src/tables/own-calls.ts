import type { CallOwner } from "../core/calls.ts";
import { ok, type Result } from "../core/errors.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { ReplicaId } from "../core/replica.ts";
import type { Instant } from "../core/terms.ts";
import type { ModelCall } from "../core/turn.ts";
import type { BudgetTable } from "./budgets.ts";
import { callEnded, callStarted, type ModelCalls } from "./model-calls.ts";
import { budgetSpent, type TurnTable } from "./turns.ts";
import type { Prepare, Work } from "./work.ts";

/** Billed requests that are no step of a turn. */
export interface OwnCalls {
  begin(of: CallOwner, call: ModelCall): Work<Result<readonly LedgerEntry[]>>;
  end(of: CallOwner, call: ModelCall): Work<readonly LedgerEntry[]>;
  /** Whether there are any whose end a dead owner didn't tell: reads only. */
  abandoned(): Work<boolean>;
  /** They may have been billed. */
  lose(): Work<void>;
}

type Row = { readonly [key in "id" | "tenant" | "event" | "provider" | "model" | "purpose"]: string } & {
  readonly [key in "account" | "channel" | "sender" | "agent"]: string | null;
} & { readonly started_at: Instant };

interface Parts {
  readonly budgets: BudgetTable;
  readonly calls: ModelCalls;
  readonly turns: Pick<TurnTable, "tell">;
}

/** `replica`: of a gateway among others, whose calls are others' once it is dead. */
export function ownCalls(prepare: Prepare, { budgets, calls, turns }: Parts, replica?: ReplicaId): OwnCalls {
  const epoch = replica === undefined ? "(SELECT epoch FROM owner WHERE one = 1)" : String(replica);
  const open = prepare(`
    INSERT INTO open_calls (id, epoch, tenant, event, account, channel, sender, provider, model, purpose, agent, started_at)
    VALUES (?, ${epoch}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const close = prepare("DELETE FROM open_calls WHERE id = ? AND tenant = ?");
  const abandoned = prepare<Row>(
    `SELECT * FROM open_calls WHERE ${replica === undefined ? `epoch <> ${epoch}` : "epoch NOT IN (SELECT id FROM replicas)"}`,
  );

  function* tell({ trace }: CallOwner, entry: (trace: NonNullable<CallOwner["trace"]>) => LedgerEntry): Work<readonly LedgerEntry[]> {
    if (trace === undefined) return [];
    const { detail, ...told } = entry(trace);
    return yield* turns.tell(trace, [{ ...told, detail: { ...detail, own: true } }]);
  }

  return {
    *begin(of, call) {
      const spent = call.holds && (yield* budgets.over(of.tenant, call.holds));
      if (spent) return budgetSpent(spent);
      const { id, provider, model, purpose, agent = null, startedAt } = call;
      const { tenant, trace = "", account = null, channel = null, sender = null } = of;
      yield* open.do(id, tenant, trace, account, channel, sender, provider, model, purpose, agent, startedAt);
      yield* budgets.reserve(tenant, call);
      return ok(yield* tell(of, (event) => callStarted(tenant, event, call, startedAt)));
    },

    *end(of, call) {
      // Its end is told once: who tells it again after a doubtful commit changes nothing.
      if ((yield* close.run(call.id, of.tenant)).changes === 0) return [];
      const at = call.endedAt ?? call.startedAt;
      yield* calls.addOwn(of, call, at);
      return yield* tell(of, (event) => callEnded(of.tenant, event, call, at));
    },

    *abandoned() {
      return (yield* abandoned.get()) !== undefined;
    },

    *lose() {
      for (const { id, tenant, event, account, channel, sender, started_at: startedAt, agent, ...call } of yield* abandoned.all()) {
        const of = { tenant, account, channel, sender, ...(event !== "" && { trace: event }) } as CallOwner;
        yield* close.do(id, tenant);
        yield* calls.addOwn(of, { ...call, id, startedAt, ...(agent !== null && { agent }) } as ModelCall);
      }
    },
  };
}

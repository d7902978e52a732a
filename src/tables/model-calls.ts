import type { CallOwner } from "../core/calls.ts";
import type { EventId, TenantId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import { dollars } from "../core/money.ts";
import type { EndedCall } from "../core/outage.ts";
import type { Instant, Json } from "../core/terms.ts";
import type { ModelCall } from "../core/turn.ts";
import type { BudgetTable } from "./budgets.ts";
import type { Prepare, Work } from "./work.ts";

/** Billed requests of turns. Their start stands in the ledger before they go out; their row is written when they end. */
export interface ModelCalls {
  add(tenant: TenantId, event: EventId, calls: readonly ModelCall[], at: Instant): Work<void>;
  /** A call whose end nobody told: it may have been billed. */
  lose(tenant: TenantId, event: EventId, call: ModelCall): Work<void>;
  /** One that belongs to no event, or isn't a step of that event's turn. Without `at` nobody knows whether it was billed. */
  addOwn(of: CallOwner, call: ModelCall, at?: Instant): Work<void>;
  /** Newest first. */
  ended(tenant: TenantId, limit: number): Work<readonly EndedCall[]>;
}

export function modelCallTable(prepare: Prepare, budgets: BudgetTable): ModelCalls {
  const add = prepare(`
    INSERT INTO model_calls (tenant, event, id, provider, model, purpose, agent, started_at, ended_at, input, cached_input, output, reported,
      amount, price, fault, account, channel, sender)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const ended = prepare<{ provider: string; model: string; endedAt: Instant; fault: string | null }>(`
    SELECT provider, model, ended_at AS "endedAt", fault FROM model_calls WHERE tenant = ? AND ended_at IS NOT NULL ORDER BY seq DESC LIMIT ?`);

  function* write({ tenant, trace: event = "" as EventId, ...whose }: CallOwner, call: ModelCall, endedAt: Instant | null): Work<void> {
    const { account = null, channel = null, sender = null } = whose;
    const { id, provider, model, purpose, agent = null, startedAt, usage, cost, fault } = call;
    const why = fault ? JSON.stringify({ code: fault.code, message: fault.message }) : null;
    const tokens = usage ? [usage.input, usage.cachedInput, usage.output, Number(usage.reported)] : [null, null, null, null];
    const price = cost ? [cost.amount, JSON.stringify(cost.price)] : [null, null];
    yield* add.do(
      tenant,
      event,
      id,
      provider,
      model,
      purpose,
      agent,
      startedAt,
      endedAt,
      ...tokens,
      ...price,
      why,
      account,
      channel,
      sender,
    );
  }

  return {
    *ended(tenant, limit) {
      return (yield* ended.all(tenant, limit)).map(({ fault, ...call }) => ({
        ...call,
        ...(fault !== null && { fault: JSON.parse(fault) }),
      }));
    },
    *add(tenant, event, calls, at) {
      for (const call of calls) {
        yield* write({ tenant, trace: event }, call, call.endedAt ?? at);
        yield* budgets.settle(tenant, call);
      }
    },
    *lose(tenant, event, call) {
      yield* write({ tenant, trace: event }, call, null);
      yield* budgets.lose(tenant, call.id);
    },
    *addOwn(of, call, at) {
      yield* write(of, call, at ?? null);
      if (at === undefined) yield* budgets.lose(of.tenant, call.id);
      else yield* budgets.settle(of.tenant, call);
    },
  };
}

export function callStarted(tenant: TenantId, trace: EventId, call: ModelCall, at: Instant): LedgerEntry {
  return {
    tenant,
    trace,
    stage: "model-start",
    at,
    detail: { ...namesOf(call), ...(call.context && { context: call.context as unknown as Json }) },
  };
}

function namesOf({ id, provider, model, key, purpose }: ModelCall): { [key: string]: Json } {
  return { call: id, provider, model, ...(key !== undefined && { key: key + 1 }), ...(purpose !== "answer" && { purpose }) };
}

export function callEnded(tenant: TenantId, trace: EventId, call: ModelCall, at: Instant): LedgerEntry {
  const { usage, cost, fault, startedAt } = call;
  const detail = {
    ...namesOf(call),
    ms: Math.max(0, (call.endedAt ?? at) - startedAt),
    ...(usage && { input: usage.input, cachedInput: usage.cachedInput, output: usage.output, reported: usage.reported }),
    ...(cost && { usd: dollars(cost.amount) }),
  };
  if (!fault) return { tenant, trace, stage: "model-end", at, detail };
  return { tenant, trace, stage: "model-fail", at, reason: fault.code, detail: { ...detail, message: fault.message } };
}

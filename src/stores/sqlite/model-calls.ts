import type { EventId, TenantId } from "../../core/ids.ts";
import type { LedgerEntry } from "../../core/ledger.ts";
import type { Instant } from "../../core/terms.ts";
import type { ModelCall } from "../../core/turn.ts";
import type { Prepare } from "./database.ts";

/** Billed requests. Their start stands in the ledger before they go out; their row is written when they end. */
export interface ModelCalls {
  add(tenant: TenantId, event: EventId, calls: readonly ModelCall[], at: Instant): void;
  /** A call whose end nobody told: it may have been billed. */
  lose(tenant: TenantId, event: EventId, call: ModelCall): void;
}

export function modelCallTable(prepare: Prepare): ModelCalls {
  const add = prepare(`
    INSERT INTO model_calls (tenant, event, id, provider, model, started_at, ended_at, input, cached_input, output, reported, fault)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);

  function write(tenant: TenantId, event: EventId, call: ModelCall, endedAt: Instant | null): void {
    const { id, provider, model, startedAt, usage, fault } = call;
    const why = fault ? JSON.stringify({ code: fault.code, message: fault.message }) : null;
    const tokens = usage ? [usage.input, usage.cachedInput, usage.output, Number(usage.reported)] : [null, null, null, null];
    add.run(tenant, event, id, provider, model, startedAt, endedAt, ...tokens, why);
  }

  return {
    add(tenant, event, calls, at) {
      for (const call of calls) write(tenant, event, call, call.endedAt ?? at);
    },
    lose(tenant, event, call) {
      write(tenant, event, call, null);
    },
  };
}

export function callStarted(tenant: TenantId, trace: EventId, { id, provider, model }: ModelCall, at: Instant): LedgerEntry {
  return { tenant, trace, stage: "model-start", at, detail: { call: id, provider, model } };
}

export function callEnded(tenant: TenantId, trace: EventId, call: ModelCall, at: Instant): LedgerEntry {
  const { id, provider, model, usage, fault, startedAt } = call;
  const detail = {
    call: id,
    provider,
    model,
    ms: Math.max(0, (call.endedAt ?? at) - startedAt),
    ...(usage && { input: usage.input, cachedInput: usage.cachedInput, output: usage.output, reported: usage.reported }),
  };
  if (!fault) return { tenant, trace, stage: "model-end", at, detail };
  return { tenant, trace, stage: "model-fail", at, reason: fault.code, detail: { ...detail, message: fault.message } };
}

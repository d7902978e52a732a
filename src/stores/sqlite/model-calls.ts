import type { EventId, TenantId } from "../../core/ids.ts";
import type { LedgerEntry } from "../../core/ledger.ts";
import type { Instant } from "../../core/terms.ts";
import type { ModelCall } from "../../core/turn.ts";
import type { Prepare } from "./database.ts";

/** Billed requests: stored before they start, and once more when they end. */
export interface ModelCalls {
  start(tenant: TenantId, event: EventId, call: ModelCall, at: Instant): LedgerEntry;
  /** What the ledger hears of calls that ended; those whose end is stored already are passed over. */
  end(tenant: TenantId, event: EventId, calls: readonly ModelCall[], at: Instant): LedgerEntry[];
}

export function modelCallTable(prepare: Prepare): ModelCalls {
  const start = prepare(
    "INSERT INTO model_calls (tenant, event, id, provider, model, started_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const end = prepare(`
    UPDATE model_calls SET ended_at = ?, input = ?, cached_input = ?, output = ?, reported = ?, fault = ?
    WHERE tenant = ? AND event = ? AND id = ? AND ended_at IS NULL`);

  function write(tenant: TenantId, event: EventId, call: ModelCall, at: Instant): boolean {
    const { usage, fault } = call;
    const why = fault ? JSON.stringify({ code: fault.code, message: fault.message }) : null;
    const reported = usage ? Number(usage.reported) : null;
    const endedAt = call.endedAt ?? at;
    const { changes } = end.run(
      endedAt,
      usage?.input ?? null,
      usage?.cachedInput ?? null,
      usage?.output ?? null,
      reported,
      why,
      tenant,
      event,
      call.id,
    );
    return changes !== 0;
  }

  function startOne(tenant: TenantId, event: EventId, call: ModelCall): boolean {
    return start.run(tenant, event, call.id, call.provider, call.model, call.startedAt).changes !== 0;
  }

  return {
    start(tenant, event, call, at) {
      startOne(tenant, event, call);
      return started(tenant, event, call, at);
    },
    end(tenant, event, calls, at) {
      const entries: LedgerEntry[] = [];
      for (const call of calls) {
        if (!write(tenant, event, call, at)) {
          // Either its end is stored, or the turn never told of its start.
          if (!startOne(tenant, event, call)) continue;
          entries.push(started(tenant, event, call, call.startedAt));
          write(tenant, event, call, at);
        }
        entries.push(ended(tenant, event, call, at));
      }
      return entries;
    },
  };
}

function started(tenant: TenantId, trace: EventId, { id, provider, model }: ModelCall, at: Instant): LedgerEntry {
  return { tenant, trace, stage: "model-start", at, detail: { call: id, provider, model } };
}

function ended(tenant: TenantId, trace: EventId, call: ModelCall, at: Instant): LedgerEntry {
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

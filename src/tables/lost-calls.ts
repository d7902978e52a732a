import { callPurposes } from "../core/cost.ts";
import type { EventId, ModelCallId, TenantId } from "../core/ids.ts";
import type { Instant, Json } from "../core/terms.ts";
import type { ModelCall } from "../core/turn.ts";
import type { Ledger } from "./ledger.ts";
import type { ModelCalls } from "./model-calls.ts";
import type { Work } from "./work.ts";

/** A story whose turn was begun and whose end nobody stored; `ledger` is the mark of its own entries. */
export interface LostTurn {
  readonly tenant: TenantId;
  readonly id: EventId;
  readonly ledger: string;
}

/** Its last try's calls that started and never ended: they may have been billed. */
export function lostCalls(calls: ModelCalls, ledger: Ledger): (turn: LostTurn) => Work<void> {
  return function* ({ tenant, id, ledger: marks }) {
    const unended = new Map<string, ModelCall>();
    for (const { stage, detail, at } of yield* ledger.read(tenant, [{ trace: id, marks: [marks] }])) {
      // Those of an earlier try have been seen to.
      if (stage === "turn-start") unended.clear();
      // What was asked besides, has an intent of its own.
      if (detail === undefined || !stage.startsWith("model-") || detail.own) continue;
      const call = String(detail.call);
      if (stage !== "model-start") unended.delete(call);
      else unended.set(call, callOf(call, detail, at));
    }
    for (const call of unended.values()) yield* calls.lose(tenant, id, call);
  };
}

function callOf(id: string, { provider, model, purpose = "answer" }: { readonly [key: string]: Json }, startedAt: Instant): ModelCall {
  return {
    ...{ id: id as ModelCallId, provider: String(provider), model: String(model), startedAt },
    purpose: callPurposes.find((known) => known === purpose) ?? "answer",
  };
}

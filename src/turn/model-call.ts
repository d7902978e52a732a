import type { Hold } from "../core/budget.ts";
import type { Clock } from "../core/clock.ts";
import type { CallPurpose } from "../core/cost.ts";
import { type Fault, fault } from "../core/errors.ts";
import { type AgentId, newId } from "../core/ids.ts";
import {
  type EndReason,
  type ModelEvent,
  type ModelKey,
  type ModelRequest,
  type Provider,
  type ProviderAccount,
  providerOf,
  type ToolCall,
  type Usage,
} from "../core/provider.ts";
import type { ContextPlan, ModelCall } from "../core/turn.ts";
import type { Meter } from "./meter.ts";
import { watchSilence } from "./silence.ts";

export interface CallDoor {
  readonly clock: Clock;
  /** The provider of that name with its n-th key (the first where none is named), or nothing when it isn't configured. */
  readonly provider: (id: string, key?: number) => ReadyProvider | undefined;
  readonly meter: Pick<Meter, "cost">;
}

export interface ReadyProvider {
  readonly provider: Provider;
  readonly account: ProviderAccount;
}

/** What one model call came to. */
export interface Answer {
  readonly call: ModelCall;
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly reason?: EndReason;
  readonly fault?: Fault;
  readonly afterMs?: number;
}

interface CallBy {
  readonly clock: Clock;
  readonly agent?: AgentId | undefined;
  readonly holds?: readonly Hold[] | undefined;
  readonly context?: ContextPlan | undefined;
  readonly purpose?: CallPurpose;
}

/** The call that is about to be made. */
export function newCall({ model, key }: ModelKey, { clock, agent, holds, context, purpose = "answer" }: CallBy): ModelCall {
  const provider = providerOf(model);
  const startedAt = clock.now();
  const id = newId("model-call", startedAt);
  return {
    id,
    provider,
    model: model.slice(provider.length + 1),
    ...(key > 0 && { key }),
    purpose,
    startedAt,
    ...(agent && { agent }),
    ...(context && { context }),
    ...(holds && { holds }),
  };
}

/** One request to its end, with all that comes meanwhile. The call was stored before. Never throws for what a provider does. */
export async function callModel(
  door: CallDoor,
  call: ModelCall,
  request: Omit<ModelRequest, "model">,
  signal: AbortSignal,
  hear: (event: ModelEvent) => void,
): Promise<Answer> {
  const { provider: id, model, key } = call;
  const found = door.provider(id, key);
  if (!found) {
    const unknown = fault("provider-refused", `no provider named ${JSON.stringify(id)} is configured`);
    return failed({ ...call, endedAt: door.clock.now(), fault: unknown });
  }
  /** In pieces until it ends: a text that grows by them keeps a node for each. */
  const words: string[] = [];
  const toolCalls: ToolCall[] = [];
  let last: ModelEvent | undefined;
  let began = false;
  const endOf = (usage: Usage | undefined, fault?: Fault): ModelCall => {
    const cost = usage && door.meter.cost(call, usage);
    return {
      ...call,
      endedAt: door.clock.now(),
      ...((began || signal.aborted) && { began: true as const }),
      ...(usage && { usage }),
      ...(cost && { cost }),
      ...(fault && { fault }),
    };
  };
  const silence = watchSilence(signal, door.clock, found.account.stallMs);
  try {
    for await (const event of found.provider.stream(found.account, { ...request, model }, silence.signal)) {
      if (silence.signal.aborted) break;
      silence.broken();
      last = event;
      if (event.type === "end" || event.type === "fail") continue;
      began = true;
      if (event.type === "text") words.push(event.delta);
      else if (event.type === "tool-call") toolCalls.push(event.call);
      hear(event);
    }
  } catch (thrown) {
    return failed(endOf(undefined, fault("provider-malformed", `the provider ${found.provider.kind} threw`, thrown)), words.join(""));
  } finally {
    silence.end();
  }
  const text = words.join("");
  if (silence.tooLong) {
    const why = `${id}/${model} said nothing for ${Math.round(found.account.stallMs / 1_000)} s`;
    return failed(endOf(undefined, fault("provider-unavailable", why)), text);
  }
  if (last?.type === "end") {
    const ended = endOf(last.usage);
    const { reason } = last;
    if (text !== "" || toolCalls.length > 0) return { call: ended, text, toolCalls, reason };
    const why = reason === "filter" ? "its content filter withheld the answer" : "it answered nothing";
    const empty = fault(reason === "filter" ? "answer-withheld" : "answer-broken", `${id}/${model}: ${why}`);
    return { call: { ...ended, fault: empty }, text, toolCalls, fault: empty };
  }
  if (last?.type === "fail") {
    const ended = endOf(last.usage, last.fault);
    return { call: ended, text, toolCalls, fault: last.fault, ...(last.afterMs === undefined ? {} : { afterMs: last.afterMs }) };
  }
  return failed(endOf(undefined, fault("provider-malformed", `${id}/${model} stopped without an end`)), text);
}

function failed(call: ModelCall, text = ""): Answer {
  return { call, text, toolCalls: [], ...(call.fault && { fault: call.fault }) };
}

import type { Spender } from "../core/budget.ts";
import type { Ask, CallEvent, Called, CallFor, CallOwner, CallStore, Calls, Chained, Completion } from "../core/calls.ts";
import { cutOff } from "../core/cut-off.ts";
import { type Fault, fail, fault, faultOf, ok, type Result } from "../core/errors.ts";
import type { ConversationId } from "../core/ids.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import { type ModelEvent, type ModelRequest, providerOf, type Usage } from "../core/provider.ts";
import type { ModelCall } from "../core/turn.ts";
import type { Breakers } from "./breakers.ts";
import { chainOf, type Link } from "./chain.ts";
import { createMeter, type Meter, type MeterDoor } from "./meter.ts";
import { type Answer, type CallDoor, callModel, newCall, type ReadyProvider } from "./model-call.ts";
import type { Prompt } from "./prompt.ts";
import type { Seats } from "./seats.ts";

export interface CallsDoor extends MeterDoor, Omit<CallDoor, "meter"> {
  readonly store: CallStore;
  readonly breakers: Breakers;
  readonly seats: Pick<Seats, "next">;
  /** Live windows see the call in its story. */
  readonly tell: (entries: readonly LedgerEntry[], conversation: ConversationId) => void;
  /** What a budget counts was spent. */
  readonly spent?: () => void;
}

/** What one model said to one request: its end is to be stored, whatever it is. */
interface Outcome<Value> {
  readonly call: ModelCall;
  readonly value?: Value;
  readonly fault?: Fault;
  readonly afterMs?: number;
  /** Something was said already: another model can't take over. */
  readonly spoken?: boolean;
}

interface Asked {
  readonly models: readonly string[];
  /** What they read, or how many tokens at most. */
  readonly reads: Prompt | number;
  readonly maxOutputTokens: number;
}

type Attempt<Value> = (link: Link, call: ModelCall, meter: Meter) => Promise<Outcome<Value>>;

interface Got<Value> {
  readonly value: Value;
  readonly model: string;
}

type Failure = { readonly fault: Fault; readonly afterMs?: number };

/** Bytes of a recording that a token stands for at least: speech in its tightest usual coding, by the second. */
const audioBytesPerToken = 100;

export function createCalls(door: CallsDoor): Calls {
  const { store, clock, breakers, seats } = door;

  function told({ spender: { conversation } }: CallFor, entries: readonly LedgerEntry[]): void {
    if (conversation !== undefined) door.tell(entries, conversation);
  }

  /** Each model of the chain in turn, until one says something. Never throws: neither the store nor a provider ends a stream so. */
  async function ask<Value>(of: CallFor, asked: Asked, signal: AbortSignal, one: Attempt<Value>): Promise<Got<Value> | Failure> {
    try {
      return await walk(of, asked, signal, one);
    } catch (thrown) {
      return { fault: faultOf(thrown) };
    }
  }

  async function walk<Value>(of: CallFor, asked: Asked, signal: AbortSignal, one: Attempt<Value>): Promise<Got<Value> | Failure> {
    const { models, reads, maxOutputTokens } = asked;
    const meter = createMeter(door, of.spender);
    const chain = chainOf({ models }, breakers);
    if (chain.waitMs > 0) return { fault: fault("provider-unavailable", "every model of the chain fails"), afterMs: chain.waitMs };
    const owner = ownerOf(of);
    for (let link: Link | undefined = chain.first; ; ) {
      const seat = await seats.next(providerOf(link.model), signal);
      if (!seat) return { fault: fault("aborted", "the call was taken away") };
      let outcome: Outcome<Value>;
      try {
        const call = newCall(link, {
          clock,
          agent: of.spender.agent,
          purpose: of.purpose,
          holds: meter.holds(link, reads, maxOutputTokens),
        });
        const begun = await store.beginCall(owner, call);
        if (!begun.ok) return { fault: begun.fault };
        told(of, begun.value);
        breakers.begun(link);
        outcome = await one(link, call, meter).catch((thrown) => ({
          call,
          fault: fault("provider-malformed", "the provider threw", thrown),
        }));
      } finally {
        seat.release();
      }
      const failed = signal.aborted ? fault("aborted", "the call was taken away") : outcome.fault;
      breakers.heard(link, failed, outcome.afterMs);
      const ended: ModelCall = { ...outcome.call, endedAt: clock.now(), ...(failed && { fault: failed }) };
      told(of, await store.endCall(owner, signal.aborted ? { ...ended, began: true } : ended));
      if (ended.holds?.length) door.spent?.();
      if (!failed && outcome.value !== undefined) return { value: outcome.value, model: link.model };
      const why: Fault = failed ?? fault("provider-malformed", `${link.model} answered nothing`);
      const next: Link | undefined = signal.aborted || outcome.spoken ? undefined : chain.after(link, why);
      if (!next) return { fault: why, ...(outcome.afterMs !== undefined && { afterMs: outcome.afterMs }) };
      link = next;
    }
  }

  function answer(of: CallFor, asked: Ask, signal: AbortSignal, hear: (event: CallEvent) => void) {
    const { models, instructions, messages, tools = [], maxOutputTokens, temperature } = asked;
    const request: Omit<ModelRequest, "model"> = {
      ...{ instructions, messages, tools, maxOutputTokens },
      ...(temperature !== undefined && { temperature }),
    };
    return ask<Answer>(of, { models, reads: { instructions, messages }, maxOutputTokens }, signal, async (link, call, meter) => {
      hear({ type: "model", model: link.model });
      let spoken = false;
      const answer = await callModel({ ...door, meter }, call, request, signal, (event) => {
        spoken = true;
        hear(event);
      });
      const { fault, afterMs } = answer;
      return { call: answer.call, value: answer, spoken, ...(fault && { fault }), ...(afterMs !== undefined && { afterMs }) };
    });
  }

  /** What a provider answers at once, with its usage. */
  async function whole<Value extends { readonly usage: Usage }>(
    of: CallFor,
    asked: { readonly models: readonly string[]; readonly reads: number; readonly what: string },
    signal: AbortSignal,
    run: (ready: ReadyProvider, model: string, signal: AbortSignal) => Promise<Result<Value>> | undefined,
  ): Promise<Called<Value & { readonly model: string }>> {
    const answered = await ask<Value>(of, { ...asked, maxOutputTokens: 0 }, signal, async (link, call, meter) => {
      const ready = door.provider(call.provider, call.key);
      const cut = ready && cutOff(signal, { clock, ms: ready.account.stallMs });
      const running = cut && run(ready, call.model, cut.signal);
      if (!running) return { call, fault: fault("provider-refused", `${link.model} can't ${asked.what}`) };
      const result = await running.finally(() => cut.end());
      if (!result.ok) return { call, fault: result.fault };
      const { usage } = result.value;
      const cost = meter.cost(call, usage);
      return { call: { ...call, usage, ...(cost && { cost }) }, value: result.value };
    });
    return "fault" in answered ? failureOf(answered) : ok({ ...answered.value, model: answered.model });
  }

  return {
    stream: (of, asked, signal) => streamOf((hear, signal) => answer(of, asked, signal, hear), signal),

    async complete(of, asked, signal): Promise<Called<Completion>> {
      const answered = await answer(of, asked, signal, () => {});
      if ("fault" in answered) return failureOf(answered);
      const { text, toolCalls, reason = "stop", call } = answered.value;
      return ok({ text, toolCalls, reason, model: answered.model, usage: call.usage ?? noUsage });
    },

    embed(of, { models, texts }, signal) {
      if (texts.length === 0) return Promise.resolve(fail("provider-refused", "there is no text to embed"));
      const reads = texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
      return whole(of, { models, reads, what: "embed" }, signal, ({ provider, account }, model, cut) =>
        provider.embed?.(account, { model, texts }, cut),
      );
    },

    transcribe(of, { models, ...recording }: Chained<Parameters<Calls["transcribe"]>[1] & { readonly model: string }>, signal) {
      const reads = Math.ceil(recording.audio.data.byteLength / audioBytesPerToken);
      return whole(of, { models, reads, what: "transcribe" }, signal, ({ provider, account }, model, cut) =>
        provider.transcribe?.(account, { model, ...recording }, cut),
      );
    },
  };
}

function failureOf({ fault, afterMs }: Failure): Called<never> {
  return { ok: false, fault: { ...fault, ...(afterMs !== undefined && { afterMs }) } };
}

const noUsage: Usage = { input: 0, cachedInput: 0, output: 0, reported: false };

function ownerOf({ spender, trace }: CallFor): CallOwner {
  const { tenant, account, channel, sender }: Spender = spender;
  return { tenant, trace, account, channel, sender };
}

/** What is heard, as a stream that ends with `end` or `fail`. Who stops reading ends the call. */
async function* streamOf(
  run: (hear: (event: CallEvent) => void, signal: AbortSignal) => Promise<Got<Answer> | Failure>,
  signal: AbortSignal,
): AsyncGenerator<CallEvent> {
  const cut = cutOff(signal);
  const heard: CallEvent[] = [];
  let wake = () => {};
  let last: ModelEvent | undefined;
  const running = run((event) => {
    heard.push(event);
    wake();
  }, cut.signal)
    .then((answered) => {
      if ("fault" in answered) last = { type: "fail", ...answered };
      else {
        const { reason = "stop", call } = answered.value;
        last = { type: "end", reason, usage: call.usage ?? noUsage };
      }
    })
    .finally(() => wake());
  try {
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      while (heard.length > 0) yield heard.shift() as CallEvent;
      if (last) break;
      await Promise.race([promise, running]);
    }
    yield last;
  } finally {
    cut.abort();
    await running.catch(() => {});
    cut.end();
  }
}

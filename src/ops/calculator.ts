import { windowOf } from "../core/budget.ts";
import type { PriceList, Tokens } from "../core/cost.ts";
import type { TenantId } from "../core/ids.ts";
import type { NanoUsd } from "../core/money.ts";
import type { Records } from "../core/records.ts";
import type { Instant } from "../core/terms.ts";
import type { LoggedCall } from "../core/usage.ts";

/** What a number of messages would cost, and by what it was reckoned. */
export interface Calculation {
  /** Answered messages of the last days that it rests on; 0: none is known, and `assumed` was taken. */
  readonly sample: number;
  /** Of one message, its mean. */
  readonly calls: number;
  readonly tokens: Tokens;
  /** Of one message, and of all. Absent: nobody knows the model's price. */
  readonly each?: NanoUsd;
  readonly all?: NanoUsd;
}

export interface Question {
  /** Messages a month. */
  readonly messages: number;
  /** `provider/model`; absent: the models that answered. */
  readonly model?: string | undefined;
  readonly channel?: string | undefined;
  readonly agent?: string | undefined;
}

const dayMs = 86_400_000;
const lookBackDays = 30;
const pageSize = 1000;
/** Calls that are looked at: enough for a mean, and quick. */
const mostCalls = 10_000;

/** A short question with instructions and some past, and an answer of two paragraphs: what is taken where nothing is known. */
export const assumed: Tokens = { input: 1_500, cachedInput: 0, output: 250 };

/**
 * What so many messages would cost, from what those of the last 30 days took: each of their calls is priced by itself, on the
 * model that it was made on or on another one at its prices of today. Other models count tokens somewhat differently and
 * answer at other lengths, and a platform's own fees aren't in it: an estimate.
 */
export async function calculate(
  records: Pick<Records, "callLog">,
  tenant: TenantId,
  { prices, now, ...question }: Question & { readonly prices: PriceList; readonly now: Instant },
): Promise<Calculation> {
  const calls = await sampleOf(records, tenant, now, question);
  const { messages, model } = question;
  const priceOf = (call: { readonly provider: string; readonly model: string }, tokens: Tokens) => {
    const slash = model?.indexOf("/") ?? -1;
    const asked = model === undefined ? call : { provider: model.slice(0, slash), model: model.slice(slash + 1) };
    return prices.cost({ ...asked, at: now }, tokens)?.amount;
  };
  const sample = new Set(calls.map(({ turn }) => turn)).size;
  if (sample === 0) {
    const each = model === undefined ? undefined : priceOf({ provider: "", model: "" }, assumed);
    return { sample, calls: 1, tokens: assumed, ...(each !== undefined && { each, all: each * messages }) };
  }
  const amounts = calls.map((call) => priceOf(call, call));
  const known = amounts.filter((amount) => amount !== undefined);
  const sum = (of: (call: LoggedCall) => number) => calls.reduce((total, call) => total + of(call), 0) / sample;
  const each = known.length === amounts.length ? known.reduce((total, amount) => total + amount, 0) / sample : undefined;
  return {
    sample,
    calls: calls.length / sample,
    tokens: { input: sum(({ input }) => input), cachedInput: sum(({ cachedInput }) => cachedInput), output: sum(({ output }) => output) },
    ...(each !== undefined && { each: Math.round(each), all: Math.round(each * messages) }),
  };
}

/** Calls of turns, the first of those days; what no turn made isn't a message's. */
async function sampleOf(
  records: Pick<Records, "callLog">,
  tenant: TenantId,
  now: Instant,
  { channel, agent }: Question,
): Promise<readonly LoggedCall[]> {
  const days = { from: windowOf("day", now - lookBackDays * dayMs), to: windowOf("day", now) };
  const found: LoggedCall[] = [];
  let after: number | undefined;
  for (let read = 0; read < mostCalls; read += pageSize) {
    const page = await records.callLog(tenant, { ...days, limit: pageSize, ...(after !== undefined && { after }) });
    for (const call of page) {
      if (call.turn === undefined) continue;
      if ((channel ?? call.channel) === call.channel && (agent ?? call.agent) === call.agent) found.push(call);
    }
    if (page.length < pageSize) break;
    after = page.at(-1)?.seq;
  }
  return found;
}

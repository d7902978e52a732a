import { type Budget, type Hold, holdsOf, type Spender } from "../core/budget.ts";
import type { Configuration } from "../core/configuration.ts";
import type { PriceList } from "../core/cost.ts";
import type { AgentId, TenantId } from "../core/ids.ts";
import type { NanoUsd } from "../core/money.ts";
import { providerOf } from "../core/provider.ts";
import type { Records } from "../core/records.ts";
import type { Agent } from "../core/route.ts";
import { scaleOf } from "../core/scale.ts";
import type { Instant } from "../core/terms.ts";
import type { LoggedCall } from "../core/usage.ts";

/** What a log of calls would have come to under a configuration. */
export interface Replayed {
  readonly turns: number;
  /** Turns that a budget left without an answer, or kept waiting; nothing is spent on them. */
  readonly refused: number;
  readonly kept: number;
  /** When the first of these came. */
  readonly firstHeld?: Instant;
  /** Turns that a used-up budget had answered by its own models. */
  readonly downgraded: number;
  readonly amount: NanoUsd;
  /** Turns with calls of which nobody knows what they cost; `amount` is without those. */
  readonly unpriced: number;
  /** Answered turns by the model that answers, the most first. */
  readonly models: readonly { readonly model: string; readonly turns: number; readonly amount: NanoUsd }[];
  /** Turns that each rule of an agent's `scale` decided. */
  readonly rules: readonly { readonly agent: AgentId; readonly rule: number; readonly turns: number }[];
}

/** The calls that were made for one message, in its name. */
interface LoggedTurn {
  readonly at: Instant;
  readonly ms: number;
  readonly calls: readonly LoggedCall[];
}

type Policy = Pick<Configuration, "agents" | "budgets" | "limits">;

/** The same without any agent's `scale`: what it is compared with. */
export function withoutScale(policy: Policy): Policy {
  return { ...policy, agents: new Map([...policy.agents].map(([id, agent]) => [id, { ...agent, scale: [] }])) };
}

/** Calls that are read in one go. */
const page = 5_000;
/** Calls of a replay at most. */
export const mostCalls = 500_000;

/** All calls of those days; those after the most that a replay takes are left out. */
export async function readLog(
  records: Pick<Records, "callLog">,
  tenant: TenantId,
  days: { readonly from: string; readonly to: string },
): Promise<readonly LoggedCall[]> {
  const calls: LoggedCall[] = [];
  for (let after = 0; calls.length < mostCalls; ) {
    const rows = await records.callLog(tenant, { ...days, after, limit: Math.min(page, mostCalls - calls.length) });
    if (rows.length === 0) break;
    calls.push(...rows);
    after = rows.at(-1)?.seq ?? after;
  }
  return calls;
}

/**
 * The same messages once more, with the same tokens, under another policy: who answers is decided as the gateway decides it, by
 * `scale` and by budgets that are used up, and each call is priced by that model's price. Calls beside the answer (summaries and the
 * like) stay what they were. Turns take as long as they took, at most `limits.concurrentTurns` at a time: from that comes how many wait.
 * What is kept for later isn't answered later; the first model of a chain never fails; and another model counts tokens somewhat differently and
 * answers at another length: it is an estimate.
 */
export async function replay(
  log: readonly LoggedCall[],
  policy: Policy,
  { prices, tenant }: { readonly prices: PriceList; readonly tenant: TenantId },
): Promise<Replayed> {
  const spent = createLedger();
  const line = createLine(policy.limits.concurrentTurns);
  const models = new Map<string, { turns: number; amount: NanoUsd }>();
  const rules = new Map<string, { agent: AgentId; rule: number; turns: number }>();
  const sums = { turns: 0, refused: 0, kept: 0, downgraded: 0, amount: 0, unpriced: 0 };
  let firstHeld: Instant | undefined;
  for (const turn of turnsOf(log)) {
    const spender = spenderOf(turn, tenant);
    const agent = policy.agents.get(spender.agent as AgentId);
    const answers = agent !== undefined && turn.calls.some(({ purpose }) => purpose === "answer");
    const choice = answers ? await choose(agent, spender, turn.at) : undefined;
    if (answers) {
      sums.turns += 1;
      if (choice === "stop" || choice === "wait" || choice === "ask") {
        sums[choice === "stop" ? "refused" : "kept"] += 1;
        firstHeld ??= turn.at;
        continue;
      }
    }
    line.enter(turn.at, turn.ms);
    let amount = 0;
    let unpriced = false;
    for (const call of turn.calls) {
      const model = call.purpose === "answer" && typeof choice === "string" ? choice : `${call.provider}/${call.model}`;
      const cost = prices.cost(
        { provider: providerOf(model), model: model.slice(providerOf(model).length + 1), at: turn.at },
        call,
      )?.amount;
      if (cost === undefined) unpriced = true;
      amount += cost ?? 0;
      spent.add(policy.budgets, spender, turn.at, call.input + call.output, cost ?? 0);
    }
    sums.amount += amount;
    if (unpriced) sums.unpriced += 1;
    if (typeof choice !== "string") continue;
    const known = models.get(choice) ?? { turns: 0, amount: 0 };
    models.set(choice, { turns: known.turns + 1, amount: known.amount + amount });
  }
  return {
    ...sums,
    ...(firstHeld !== undefined && { firstHeld }),
    models: [...models].map(([model, of]) => ({ model, ...of })).sort((a, b) => b.turns - a.turns),
    rules: [...rules.values()],
  };

  /** The model that answers, or what its budget says instead. */
  async function choose(agent: Agent, spender: Spender, at: Instant): Promise<string> {
    const door = { store: { overBudget: (_: TenantId, holds: readonly Hold[]) => spent.over(holds) }, budgets: () => policy.budgets };
    const scaled = await scaleOf({ ...door, waiting: () => line.waiting(at) }, agent, spender, at);
    if (scaled) {
      const name = `${agent.id} ${scaled.rule}`;
      rules.set(name, { agent: agent.id, rule: scaled.rule, turns: (rules.get(name)?.turns ?? 0) + 1 });
    }
    const wanted = (scaled?.models ?? agent.models)[0] ?? "none/none";
    const over = spent.over(holdsOf(policy.budgets, spender, { tokens: 0, amount: 0 }, at));
    const budget = over && policy.budgets.find(({ id }) => id === over.budget);
    if (!budget) return wanted;
    if (budget.atLimit !== "downgrade") return budget.atLimit;
    sums.downgraded += 1;
    return budget.models[0] ?? wanted;
  }
}

function spenderOf({ calls: [call] }: LoggedTurn, tenant: TenantId): Spender {
  const { agent, channel = "", account, conversation, sender } = call ?? {};
  return { tenant, channel, agent, account, conversation, sender };
}

/** Oldest first; a call without a turn is one by itself. */
function turnsOf(log: readonly LoggedCall[]): readonly LoggedTurn[] {
  const turns = new Map<string, LoggedCall[]>();
  for (const [index, call] of log.entries()) {
    const name = call.turn ?? `#${index}`;
    const known = turns.get(name);
    if (known) known.push(call);
    else turns.set(name, [call]);
  }
  return [...turns.values()]
    .map((calls) => ({ at: Math.min(...calls.map(({ at }) => at)), ms: calls.reduce((sum, { ms }) => sum + ms, 0), calls }))
    .sort((a, b) => a.at - b.at);
}

/** What is spent in each window of each budget. */
function createLedger() {
  const windows = new Map<string, { tokens: number; amount: NanoUsd }>();
  const nameOf = ({ budget, key, window }: Hold) => `${budget}\0${key}\0${window}`;
  return {
    over: (holds: readonly Hold[]): Hold | undefined =>
      holds.find((hold) => {
        const { tokens = 0, amount = 0 } = windows.get(nameOf(hold)) ?? {};
        return tokens >= (hold.tokenLimit ?? Number.POSITIVE_INFINITY) || amount >= (hold.amountLimit ?? Number.POSITIVE_INFINITY);
      }),
    add(budgets: readonly Budget[], spender: Spender, at: Instant, tokens: number, amount: NanoUsd): void {
      for (const hold of holdsOf(budgets, spender, { tokens: 0, amount: 0 }, at)) {
        const before = windows.get(nameOf(hold));
        windows.set(nameOf(hold), { tokens: (before?.tokens ?? 0) + tokens, amount: (before?.amount ?? 0) + amount });
      }
    },
  };
}

/** Turns in the order in which they come, so many at a time. */
function createLine(places: number) {
  /** When each place is free again, soonest first. */
  let free: Instant[] = [];
  /** Of those that came and haven't begun, as far as was looked: when they begin. */
  let begins: Instant[] = [];
  return {
    waiting(at: Instant): number {
      begins = begins.filter((begin) => begin > at);
      return begins.length;
    },
    enter(at: Instant, ms: number): void {
      free = free.filter((end) => end > at);
      const begin = free.length < places ? at : (free.shift() ?? at);
      if (begin > at) begins.push(begin);
      const end = begin + ms;
      const index = free.findIndex((other) => other > end);
      free.splice(index < 0 ? free.length : index, 0, end);
    },
  };
}

import { actorName } from "../../access/actor.ts";
import { type BudgetState, windowOf } from "../../core/budget.ts";
import { fail, ok } from "../../core/errors.ts";
import { dollars, nanoUsd } from "../../core/money.ts";
import { say } from "../../core/say.ts";
import { type UsageKey, usageKeys } from "../../core/usage.ts";
import { calculate } from "../../ops/calculator.ts";
import { type BudgetReport, budgetReports, forecast, thisMonth, usedOf, whatIf } from "../../ops/costs.ts";
import { type Replayed, readLog, replay, withoutScale } from "../../ops/replay.ts";
import type { Operations } from "../call.ts";
import type { HttpDoor } from "../door.ts";
import { present } from "../views.ts";

type Names = "cost" | "costForecast" | "costWhatIf" | "costCalculation" | "costReplay" | "budgets" | "raiseBudget";

const mostWindows = 100;

export function costOperations({ store, config, prices, notices, clock }: HttpDoor): Operations<Names> {
  const { records } = store;
  const daysOf = ({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }) => {
    const month = thisMonth(clock.now());
    return { from: from ?? month.from, to: to ?? month.to };
  };
  return {
    cost: async ({ actor, query }) => {
      const { from, to, by, limit, ...only } = query;
      const keys = by.split(",").filter(Boolean);
      const wrong = keys.find((key) => !(usageKeys as readonly string[]).includes(key));
      if (wrong !== undefined)
        return fail("request-invalid", say`query.by: there is no ${JSON.stringify(wrong)}; known: ${usageKeys.join(", ")}`);
      const rows = await records.usage(actor.tenant, { ...daysOf({ from, to }), by: keys as UsageKey[], only, limit });
      return ok(rows.map(({ amount, ...row }) => ({ ...row, of: { ...row.of } as Record<string, string>, usd: dollars(amount) })));
    },
    costForecast: async ({ actor, query }) => {
      const found = await forecast(records, actor.tenant, clock.now(), query);
      if (!found) return ok({});
      const { spent, expected, low, high, days } = found;
      return ok({ forecast: { spent: dollars(spent), expected: dollars(expected), low: dollars(low), high: dollars(high), days } });
    },
    costWhatIf: async ({ actor, query }) => {
      const { model, ...days } = query;
      const found = await whatIf(records, actor.tenant, { prices, model, now: clock.now(), ...daysOf(days) });
      const { calls, amount, instead } = found;
      return ok({ calls, usd: dollars(amount), ...(instead !== undefined && { instead: dollars(instead) }) });
    },
    costCalculation: async ({ actor, query }) => {
      const { each, all, ...found } = await calculate(records, actor.tenant, { prices, now: clock.now(), ...query });
      return ok({ ...found, ...(each !== undefined && { each: dollars(each) }), ...(all !== undefined && { all: dollars(all) }) });
    },
    costReplay: async ({ actor: { tenant }, query }) => {
      const log = await readLog(records, tenant, daysOf(query));
      const policy = config.current();
      const plain = await replay(log, withoutScale(policy), { prices, tenant });
      return ok({ calls: log.length, without: showReplayed(plain), with: showReplayed(await replay(log, policy, { prices, tenant })) });
    },
    budgets: async ({ actor }) => {
      const reports = await budgetReports(records, actor.tenant, config.current().budgets, clock.now(), mostWindows);
      return ok(reports.map(showBudget));
    },
    raiseBudget: async ({ actor, params, body }) => {
      const budget = config.current().budgets.find(({ id }) => id === params.id);
      if (!budget) return fail("not-found", "there is no budget with this name");
      if (body.usd === 0 && body.tokens === 0) return fail("request-invalid", "body: say by how much, in usd or tokens");
      const raise = {
        budget: budget.id,
        key: body.key,
        window: windowOf(budget.every, clock.now()),
        tokens: body.tokens,
        amount: nanoUsd(body.usd),
      };
      await records.raiseBudget(actor.tenant, raise, actorName(actor), clock.now());
      notices.soon();
      return ok({ ok: true });
    },
  };
}

function showReplayed({ amount, models, rules, firstHeld, ...rest }: Replayed) {
  return {
    ...rest,
    ...(firstHeld !== undefined && { firstHeld }),
    usd: dollars(amount),
    models: models.map(({ model, turns, amount }) => ({ model, turns, usd: dollars(amount) })),
    rules: rules.map(({ agent, ...rule }) => ({ agent: agent as string, ...rule })),
  };
}

function showBudget({ budget, states }: BudgetReport) {
  const { amount, agent, account, channel, tokens, say: _, ...rest } = budget;
  const shown = present({ agent: agent as string | undefined, account: account as string | undefined, channel, tokens });
  return {
    ...rest,
    ...shown,
    models: [...budget.models],
    ...(amount !== undefined && { usd: dollars(amount) }),
    windows: states.map((state) => showWindow(state, usedOf(budget, state))),
  };
}

function showWindow({ key, window, tokens, amount, ...state }: BudgetState, used: number) {
  return {
    ...{ key, window, used, tokens, usd: dollars(amount) },
    ...{ reservedTokens: state.reservedTokens, reservedUsd: dollars(state.reservedAmount) },
    ...{ extraTokens: state.extraTokens, extraUsd: dollars(state.extraAmount) },
  };
}

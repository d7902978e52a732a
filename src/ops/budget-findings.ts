import { type Budget, type BudgetState, windowOf } from "../core/budget.ts";
import type { Configuration } from "../core/configuration.ts";
import type { PriceList } from "../core/cost.ts";
import { finding, type SaidFinding } from "../core/finding.ts";
import type { TenantId } from "../core/ids.ts";
import { showUsd } from "../core/money.ts";
import type { Records } from "../core/records.ts";
import { say } from "../core/say.ts";
import type { Instant } from "../core/terms.ts";
import { usedOf } from "./costs.ts";

/** Shares of a budget, in percent, at which operators are told. */
const levels = [100, 90, 80, 50] as const;
/** Those of one budget that are told of by name. */
const most = 20;

/**
 * Budgets that are being used up, and those that can't count all that they should. One finding for each, at the highest level
 * that it has reached: that a lower one was passed is no news any more (see `endsQuietly`).
 */
export async function budgetFindings(
  records: Pick<Records, "budgetStates">,
  tenant: TenantId,
  configuration: Pick<Configuration, "budgets" | "agents">,
  prices: PriceList,
  now: Instant,
): Promise<SaidFinding[]> {
  const findings: SaidFinding[] = [];
  for (const budget of configuration.budgets) {
    for (const state of await records.budgetStates(tenant, budget.id, windowOf(budget.every, now), most)) {
      const percent = usedOf(budget, state) * 100;
      const level = levels.find((least) => percent >= least);
      // That one of many senders used half of its share concerns nobody.
      if (level === undefined || (level < 100 && (budget.per === "conversation" || budget.per === "sender"))) continue;
      findings.push(levelFinding(budget, state, level));
    }
  }
  return [...findings, ...unpriced(configuration, prices, now)];
}

function levelFinding(budget: Budget, state: BudgetState, level: (typeof levels)[number]): SaidFinding {
  const whose = state.key === "" ? "" : say` of ${state.key}`;
  const spent = [
    ...(budget.amount === undefined ? [] : [say`${showUsd(state.amount)} of ${showUsd(budget.amount + state.extraAmount)}`]),
    ...(budget.tokens === undefined ? [] : [say`${state.tokens} of ${budget.tokens + state.extraTokens} tokens`]),
  ].reduce((money, tokens) => say`${money}, ${tokens}`);
  const key = state.key === "" ? "" : ` --key ${state.key}`;
  const asks = budget.atLimit === "ask" && level === 100 ? say`Messages wait for your word. ` : "";
  return finding(
    {
      code: "budget-used",
      severity: level === 100 ? "error" : "warning",
      subject: `budgets.${budget.id}${state.key && `.${state.key}`}.${level}`,
    },
    say`The budget ${budget.id}${whose} is used up to ${level} % in ${state.window}: ${spent}.`,
    say`${asks}\`polylogue cost --by model\` says for what; \`polylogue budgets raise ${budget.id}${key} --usd <amount>\` allows more until it begins anew.`,
  );
}

/** What a budget in money can't count. */
function unpriced({ budgets, agents }: Pick<Configuration, "budgets" | "agents">, prices: PriceList, now: Instant): SaidFinding[] {
  const inMoney = budgets.filter(({ amount }) => amount !== undefined);
  if (inMoney.length === 0) return [];
  const models = new Set([
    ...[...agents.values()]
      .filter(({ id }) => inMoney.some(({ agent }) => agent === undefined || agent === id))
      .flatMap((agent) => agent.models),
    ...inMoney.flatMap((budget) => budget.models),
  ]);
  return [...models].flatMap((id) => {
    const slash = id.indexOf("/");
    const [provider, model] = [id.slice(0, slash), id.slice(slash + 1)];
    if (prices.cost({ provider, model, at: now }, { input: 1, cachedInput: 0, output: 1 })) return [];
    return [
      finding(
        { code: "budget-unpriced", severity: "warning", subject: `models.${id}` },
        say`Nobody knows what ${id} costs: budgets in US dollars don't count it.`,
        say`Write its prices under \`providers.${provider}.prices\` (0 where it costs nothing), or limit \`tokens\`.`,
      ),
    ];
  });
}

import type { Budget } from "../core/budget.ts";
import type { ProviderConfiguration } from "../core/configuration.ts";
import type { AccountId, AgentId } from "../core/ids.ts";
import { nanoUsd } from "../core/money.ts";
import { say } from "../core/say.ts";
import type { Json } from "../core/terms.ts";
import { entriesOf } from "./accounts.ts";
import { type Check, expandEntry } from "./entries.ts";
import { didYouMean } from "./nearest.ts";
import { budgetSchema } from "./schema.ts";
import { settle } from "./settle.ts";

interface Known {
  readonly accounts: ReadonlyMap<AccountId, unknown>;
  readonly agents: ReadonlyMap<AgentId, unknown>;
  readonly providers: ReadonlyMap<string, ProviderConfiguration>;
}

/**
 * A budget of which a part can't be read isn't taken at half its word: where what it counts is unclear it counts all, where
 * its limit is unclear it is left out with an error, as nobody can say what was meant.
 */
export async function checkBudgets(section: Json | undefined, { accounts, agents, providers }: Known, check: Check): Promise<Budget[]> {
  const budgets: Budget[] = [];
  for (const [name, entry] of entriesOf(section, "budgets", check)) {
    const at = ["budgets", name];
    const expanded = await expandEntry(entry, at, undefined, check);
    const settled = expanded && settle(budgetSchema, expanded, at, check.notes);
    if (!settled) continue;
    const { usd, atLimit, models, ...budget } = settled.value;
    const unclear = settled.removed.some(([key]) => key === "usd" || key === "tokens" || key === "per" || key === "every");
    if (unclear || (usd === undefined && budget.tokens === undefined)) {
      const why = unclear ? say`what the other finding names can't be read` : say`it has neither \`usd\` nor \`tokens\``;
      check.notes.add("budget-invalid", "error", at, say`The budget ${name} limits nothing: ${why}.`, say`Say how much may be spent.`);
      continue;
    }
    for (const [key, names, kind] of [
      ["account", accounts, say`account`],
      ["agent", agents, say`agent`],
    ] as const) {
      const named = budget[key];
      if (named === undefined || (names as ReadonlyMap<string, unknown>).has(named)) continue;
      const message = say`The budget ${name} is for the ${kind} \`${named}\`, which isn't there.${didYouMean(named, names.keys())}`;
      check.notes.add("budget-invalid", "warning", [...at, key], message, say`Correct the name, or take the budget out.`);
    }
    for (const model of models) {
      const provider = model.slice(0, model.indexOf("/"));
      if (providers.has(provider)) continue;
      const message = say`The budget ${name} can't fall back to ${model}: there is no provider \`${provider}\`.`;
      check.notes.add("model-unknown", "error", [...at, "models", model], message, say`Add it under \`providers\`, or name another model.`);
    }
    const lost = atLimit === "downgrade" && models.length === 0;
    if (lost) {
      const message = say`The budget ${name} has no \`models\` to fall back to: it stops.`;
      check.notes.add("budget-invalid", "error", [...at, "models"], message, say`Name the models that answer when it is used up.`);
    }
    budgets.push({
      ...budget,
      id: name,
      agent: budget.agent as AgentId | undefined,
      account: budget.account as AccountId | undefined,
      amount: usd === undefined ? undefined : nanoUsd(usd),
      atLimit: lost ? "stop" : atLimit,
      models,
    });
  }
  return budgets;
}

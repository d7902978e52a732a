import { type Command, InvalidArgumentError } from "commander";
import { windowOf } from "../../core/budget.ts";
import { dollars, nanoUsd, showUsd } from "../../core/money.ts";
import { type BudgetReport, budgetReports, usedOf } from "../../ops/costs.ts";
import type { CommandDoor } from "../door.ts";
import { actor, looking, tenant, working } from "../open.ts";
import { done, type Outcome, refuse, table } from "../outcome.ts";
import type { Run } from "../run.ts";

const mostWindows = 100;

export function budgetsCommand(program: Command, run: Run): void {
  const budgets = program.command("budgets").description("what may be spent on models, and what is left");
  budgets
    .command("list")
    .description("the budgets, with those who spent most in each")
    .action(() => run(list));
  budgets
    .command("raise")
    .description("allows more until the budget begins anew")
    .argument("<budget>", "its name")
    .option("--key <key>", "of whom, where it counts them apart: as `budgets list` shows them", "")
    .option("--usd <amount>", "by so many US dollars", amount, 0)
    .option("--tokens <number>", "by so many tokens", tokens, 0)
    .action((name: string, options: { key: string; usd: number; tokens: number }) => run((door) => raise(door, name, options)));
}

function list(door: CommandDoor): Promise<Outcome> {
  return looking(door, async ({ store, loaded, fault }) => {
    if (fault) return refuse(fault.code, fault.message);
    const { budgets } = loaded.configuration;
    if (budgets.length === 0) return done([], "There is no budget. docs/costs.md says how to write one.");
    const none = async () => [];
    const reports = await budgetReports(store?.records ?? { budgetStates: none }, tenant, budgets, door.clock.now(), mostWindows);
    return done(reports.map(reportJson), table([["budget", "whose", "window", "used", "spent", "limit"], ...reports.flatMap(rowsOf)]));
  });
}

function rowsOf({ budget, states }: BudgetReport): readonly (readonly string[])[] {
  const limit = [
    ...(budget.amount === undefined ? [] : [showUsd(budget.amount)]),
    ...(budget.tokens === undefined ? [] : [`${budget.tokens} tokens`]),
  ].join(", ");
  if (states.length === 0) return [[budget.id, budget.per, budget.every, "0 %", "nothing", limit]];
  return states.map((state) => [
    budget.id,
    state.key || budget.per,
    state.window,
    `${Math.floor(usedOf(budget, state) * 100)} %`,
    `${showUsd(state.amount)}, ${state.tokens} tokens`,
    [
      limit,
      ...(state.extraAmount > 0 ? [`+ ${showUsd(state.extraAmount)}`] : []),
      ...(state.extraTokens > 0 ? [`+ ${state.extraTokens} tokens`] : []),
    ].join(" "),
  ]);
}

function reportJson({ budget, states }: BudgetReport) {
  return {
    id: budget.id,
    windows: states.map((state) => ({
      ...{ key: state.key, window: state.window, used: usedOf(budget, state), tokens: state.tokens, usd: dollars(state.amount) },
      ...{ reservedTokens: state.reservedTokens, reservedUsd: dollars(state.reservedAmount) },
      ...{ extraTokens: state.extraTokens, extraUsd: dollars(state.extraAmount) },
    })),
  };
}

function raise(door: CommandDoor, name: string, { key, usd, tokens }: { key: string; usd: number; tokens: number }): Promise<Outcome> {
  return working(door, async ({ store, loaded }) => {
    const budget = loaded.configuration.budgets.find(({ id }) => id === name);
    if (!budget) return refuse("not-found", `there is no budget ${JSON.stringify(name)}`, "`polylogue budgets list` shows them.");
    if (usd === 0 && tokens === 0) return refuse("usage", "by how much? Say --usd or --tokens.");
    const window = windowOf(budget.every, door.clock.now());
    await store.records.raiseBudget(tenant, { budget: name, key, window, tokens, amount: nanoUsd(usd) }, actor, door.clock.now());
    return done(
      { budget: name, key, window, usd, tokens },
      `${name}${key && ` of ${key}`}: more may be spent in ${window}. What waits for it is answered within a minute.`,
    );
  });
}

function amount(text: string): number {
  if (!/^\d{1,6}(\.\d{1,9})?$/.test(text)) throw new InvalidArgumentError("It must be an amount such as 5 or 0.50.");
  return Number(text);
}

function tokens(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

import { type Command, InvalidArgumentError } from "commander";
import { dollars, showUsd } from "../../core/money.ts";
import { type UsageKey, type UsageRow, usageKeys } from "../../core/usage.ts";
import { calculate, type Question } from "../../ops/calculator.ts";
import { forecast, thisMonth, whatIf } from "../../ops/costs.ts";
import type { CommandDoor } from "../door.ts";
import { tenant, working } from "../open.ts";
import { done, type Outcome, table } from "../outcome.ts";
import type { Run } from "../run.ts";
import { type ReplayOptions, replayCosts } from "./cost-replay.ts";

interface Days {
  readonly from?: string;
  readonly to?: string;
}

interface CostOptions extends Days {
  readonly by: UsageKey[];
  readonly limit: number;
}

export function costCommand(program: Command, run: Run): void {
  const cost = program.command("cost").description("what models were used, and what they cost");
  cost
    .command("list", { isDefault: true })
    .description("this month's tokens and money, the most first")
    .option("--by <keys>", `counted by these, with commas: ${usageKeys.join(", ")}`, keys, ["provider", "model"])
    .option("--from <day>", "from this day of UTC on, e.g. 2026-11-01", day)
    .option("--to <day>", "up to this day", day)
    .option("--limit <number>", "at most so many rows", limit, 100)
    .action((options: CostOptions) => run((door) => list(door, options)));
  cost
    .command("forecast")
    .description("what this month comes to in the end")
    .action(() => run(foresee));
  cost
    .command("what-if")
    .description("what the same traffic would cost on another model")
    .argument("<model>", "provider/model", model)
    .option("--from <day>", "from this day of UTC on", day)
    .option("--to <day>", "up to this day", day)
    .action((name: string, options: Days) => run((door) => compare(door, name, options)));
  cost
    .command("calculate")
    .description("what so many messages a month would cost, from what messages took lately")
    .argument("<messages>", "how many a month", messages)
    .option("--model <model>", "on this model instead of those that answered", model)
    .option("--channel <kind>", "only what messages of this kind of platform took")
    .option("--agent <name>", "only what this agent's answers took")
    .action((count: number, options: Omit<Question, "messages">) => run((door) => reckon(door, { ...options, messages: count })));
  cost
    .command("replay")
    .description("what the calls on record would have come to with and without the agents' `scale`; asks no model")
    .option("--from <day>", "from this day of UTC on", day)
    .option("--to <day>", "up to this day", day)
    .option("--log <file>", "calls of this file instead, one a line as JSON")
    .option("--policy <file>", "under this configuration file instead of the one that runs")
    .action((options: Days & ReplayOptions) =>
      run((door) => working(door, (opened) => replayCosts(door, opened, daysOf(door, options), options))),
    );
}

function reckon(door: CommandDoor, question: Question): Promise<Outcome> {
  return working(door, async ({ store, loaded }) => {
    const prices = await door.prices(loaded.configuration);
    const { sample, calls, tokens, each, all } = await calculate(store.records, tenant, { ...question, prices, now: door.clock.now() });
    const from =
      sample === 0
        ? "No such message is on record: this is a guess, for one call"
        : `As ${sample} answered messages of the last 30 days, with ${calls.toFixed(2)} calls each`;
    const took = `${Math.round(tokens.input)} tokens in (${Math.round(tokens.cachedInput)} of them cached), ${Math.round(tokens.output)} out.`;
    const price =
      each === undefined || all === undefined
        ? "Nobody knows the price: set it at the provider, or name a model with --model."
        : `${question.messages} messages: ${showUsd(all)}, ${showUsd(each)} each. A platform's own fees aren't in it.`;
    const json = {
      sample,
      calls,
      tokens: { ...tokens },
      ...(each !== undefined && { each: dollars(each) }),
      ...(all !== undefined && { all: dollars(all) }),
    };
    return done(json, `${from}: ${took}\n${price}`);
  });
}

function messages(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError("It must be a number of messages.");
  return Number(text);
}

function daysOf(door: CommandDoor, { from, to }: Days) {
  const month = thisMonth(door.clock.now());
  return { from: from ?? month.from, to: to ?? month.to };
}

function list(door: CommandDoor, options: CostOptions): Promise<Outcome> {
  return working(door, async ({ store }) => {
    const days = daysOf(door, options);
    const rows = await store.records.usage(tenant, { ...days, by: options.by, limit: options.limit });
    const json = rows.map(({ amount, of, ...row }) => ({ of: { ...of } as Record<string, string>, ...row, usd: dollars(amount) }));
    if (rows.length === 0) return done(json, `No model was asked from ${days.from} to ${days.to}.`);
    const cells = rows.map((row) => [...options.by.map((key) => row.of[key] || "–"), ...numbers(row)]);
    return done(json, table([[...options.by, "calls", "in", "out", "cost"], ...cells]));
  });
}

function numbers({ calls, input, output, amount, unpriced }: UsageRow): readonly string[] {
  const priced = unpriced < calls || amount > 0 ? showUsd(amount) : "";
  const rest = unpriced > 0 ? `${unpriced === calls ? "" : `${unpriced} `}unpriced` : "";
  return [String(calls), String(input), String(output), [priced, rest].filter(Boolean).join(" + ")];
}

function foresee(door: CommandDoor): Promise<Outcome> {
  return working(door, async ({ store }) => {
    const found = await forecast(store.records, tenant, door.clock.now());
    if (!found) return done({}, "There is no whole day yet to go by.");
    const { spent, expected, low, high, days } = found;
    const json = { forecast: { spent: dollars(spent), expected: dollars(expected), low: dollars(low), high: dollars(high), days } };
    const text = `${showUsd(expected)} by the end of the month (four times of five ${showUsd(low)} to ${showUsd(high)}); ${showUsd(spent)} so far. Rests on ${days} ${days === 1 ? "day" : "days"}.`;
    return done(json, text);
  });
}

function compare(door: CommandDoor, model: string, options: Days): Promise<Outcome> {
  return working(door, async ({ store, loaded }) => {
    const days = daysOf(door, options);
    const prices = await door.prices(loaded.configuration);
    const { calls, amount, instead } = await whatIf(store.records, tenant, { prices, model, now: door.clock.now(), ...days });
    const json = { calls, usd: dollars(amount), ...(instead !== undefined && { instead: dollars(instead) }) };
    const was = `${calls} ${calls === 1 ? "call" : "calls"} from ${days.from} to ${days.to} cost ${showUsd(amount)}`;
    if (instead === undefined)
      return { exit: 1, json, text: `${was}. Nobody knows what ${model} costs: write its price under \`providers\`.` };
    return done(json, `${was}; on ${model} about ${showUsd(instead)}.`);
  });
}

function keys(text: string): UsageKey[] {
  const given = text.split(",").filter(Boolean);
  const wrong = given.find((key) => !(usageKeys as readonly string[]).includes(key));
  if (wrong !== undefined || given.length === 0) throw new InvalidArgumentError(`It must be some of ${usageKeys.join(", ")}, with commas.`);
  return given as UsageKey[];
}

function day(text: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError("It must be a day such as 2026-11-26.");
  return text;
}

function model(text: string): string {
  if (!/^[^/\s]+\/\S+$/.test(text)) throw new InvalidArgumentError("It must be provider/model.");
  return text;
}

function limit(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It must be a number from 1 to 9999.");
  return Number(text);
}

import { z } from "zod";
import { budgetPolicies, budgetScopes, budgetWindows } from "../../core/budget.ts";
import { usageKeys } from "../../core/usage.ts";
import { named } from "./common.ts";

/** Money is in US dollars here. */
const usd = z.number().meta({ description: "US dollars." });
const tokens = z.number().int();
const day = z.iso.date().meta({ description: "A day of UTC, e.g. 2026-11-26." });

const days = {
  from: day.optional().meta({ description: "The first day; missing: the first of this month." }),
  to: day.optional().meta({ description: "The last day; missing: today." }),
};

const only = {
  account: z.string().max(63).optional(),
  channel: z.string().max(63).optional(),
  agent: z.string().max(63).optional(),
  sender: z.string().max(512).optional(),
  provider: z.string().max(63).optional(),
  model: z.string().max(256).optional(),
};

export const CostQuery = z.strictObject({
  ...days,
  ...only,
  by: z
    .string()
    .max(100)
    .default("model")
    .meta({ description: `What it is counted by, with commas: ${usageKeys.join(", ")}.` }),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

export const CostRow = named(
  "CostRow",
  z.object({
    of: z.record(z.string(), z.string()),
    calls: tokens,
    failed: tokens,
    unpriced: tokens.meta({ description: "Calls whose price nobody knows; `usd` is without them." }),
    input: tokens,
    cachedInput: tokens,
    output: tokens,
    usd,
  }),
);

export const ForecastQuery = z.strictObject(only);
export const Forecast = named(
  "Forecast",
  z.object({
    spent: usd,
    expected: usd,
    low: usd,
    high: usd,
    days: tokens.meta({ description: "Whole days that it rests on." }),
  }),
);
export const ForecastAnswer = named("ForecastAnswer", z.object({ forecast: Forecast.optional() }));

export const ReplayQuery = z.strictObject(days);
const Replayed = named(
  "Replayed",
  z.object({
    turns: tokens,
    refused: tokens.meta({ description: "Turns that a used-up budget left without an answer." }),
    kept: tokens.meta({ description: "Turns that it kept waiting." }),
    firstHeld: z.number().optional().meta({ description: "When the first of these came, in milliseconds since 1970." }),
    downgraded: tokens,
    unpriced: tokens,
    usd,
    models: z.array(z.object({ model: z.string(), turns: tokens, usd })),
    rules: z.array(
      z.object({ agent: z.string(), rule: tokens.meta({ description: "Which of the agent's rules, from 0." }), turns: tokens }),
    ),
  }),
);
export const Replay = named("Replay", z.object({ calls: tokens, without: Replayed, with: Replayed }));

export const WhatIfQuery = z.strictObject({ ...days, model: z.string().regex(/^[^/\s]+\/\S+$/, "must be provider/model") });
export const WhatIf = named(
  "WhatIf",
  z.object({
    calls: tokens,
    usd,
    instead: usd.optional().meta({ description: "US dollars on the other model; absent when nobody knows its price." }),
  }),
);

export const CalculationQuery = z.strictObject({
  messages: z.coerce.number().int().min(0).max(1e12).meta({ description: "Messages a month." }),
  model: z
    .string()
    .regex(/^[^/\s]+\/\S+$/, "must be provider/model")
    .optional()
    .meta({ description: "Missing: the models that answered." }),
  channel: z.string().max(63).optional(),
  agent: z.string().max(63).optional(),
});
export const Calculation = named(
  "Calculation",
  z.object({
    sample: tokens.meta({ description: "Answered messages of the last 30 days that it rests on; 0: none, and a guess was taken." }),
    calls: z.number().meta({ description: "Calls of one message." }),
    tokens: z.object({ input: z.number(), cachedInput: z.number(), output: z.number() }).meta({ description: "Of one message." }),
    each: usd.optional().meta({ description: "Of one message; absent when nobody knows the price." }),
    all: usd.optional(),
  }),
);

export const BudgetWindow = named(
  "BudgetWindow",
  z.object({
    key: z.string().meta({ description: "Who of those that the budget counts apart; empty where it counts all together." }),
    window: z.string(),
    used: z.number().meta({ description: "The share that is spent; 1 is all." }),
    tokens,
    usd,
    reservedTokens: tokens,
    reservedUsd: usd,
    extraTokens: tokens,
    extraUsd: usd,
  }),
);

export const Budget = named(
  "Budget",
  z.object({
    id: z.string(),
    per: z.enum(budgetScopes),
    every: z.enum(budgetWindows),
    agent: z.string().optional(),
    account: z.string().optional(),
    channel: z.string().optional(),
    tokens: tokens.optional(),
    usd: usd.optional(),
    atLimit: z.enum(budgetPolicies),
    models: z.array(z.string()),
    windows: z.array(BudgetWindow).meta({ description: "Of now, most spent first; at most 100." }),
  }),
);

export const RaiseBudget = named(
  "RaiseBudget",
  z.strictObject({
    key: z.string().max(600).default(""),
    usd: z.number().min(0).max(1_000_000).default(0),
    tokens: z.number().int().min(0).max(1e15).default(0),
  }),
);

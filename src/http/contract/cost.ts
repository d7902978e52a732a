import { z } from "zod";
import { get, post } from "../endpoint.ts";
import { Done } from "../schema/common.ts";
import * as cost from "../schema/cost.ts";

/** What models cost, and what may be spent. */
export const costGroup = {
  cost: get("/api/cost", "viewer", "What models were used and what they cost, the most first.", {
    query: cost.CostQuery,
    answer: z.array(cost.CostRow),
  }),
  costForecast: get("/api/cost/forecast", "viewer", "What this month comes to in the end, as far as days before tell.", {
    query: cost.ForecastQuery,
    answer: cost.ForecastAnswer,
  }),
  costWhatIf: get("/api/cost/what-if", "viewer", "What the same traffic would cost on another model.", {
    query: cost.WhatIfQuery,
    answer: cost.WhatIf,
  }),
  costCalculation: get("/api/cost/calculator", "viewer", "What so many messages a month would cost, from what messages took lately.", {
    query: cost.CalculationQuery,
    answer: cost.Calculation,
  }),
  costReplay: get("/api/cost/replay", "viewer", "What the calls of those days would have come to with and without the agents' `scale`.", {
    query: cost.ReplayQuery,
    answer: cost.Replay,
  }),
  budgets: get("/api/budgets", "viewer", "What may be spent, and what is.", { answer: z.array(cost.Budget) }),
  raiseBudget: post("/api/budgets/{id}/raise", "admin", "Allows more until the budget begins anew.", {
    body: cost.RaiseBudget,
    answer: Done,
  }),
};

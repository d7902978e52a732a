import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, take } from "../../api/client.ts";

export const periods = ["month", "last", "days30", "days90"] as const;
export type Period = (typeof periods)[number];

export const costKeys = ["model", "channel", "account", "agent", "month", "purpose"] as const;
export type CostKey = (typeof costKeys)[number];

const dayMs = 86_400_000;
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** The days of UTC that a period has, both included. */
export function daysOf(period: Period, now: number): { readonly from: string; readonly to: string } {
  const today = dayOf(now);
  const first = `${today.slice(0, 7)}-01`;
  switch (period) {
    case "month":
      return { from: first, to: today };
    case "last": {
      const end = dayOf(Date.parse(first) - dayMs);
      return { from: `${end.slice(0, 7)}-01`, to: end };
    }
    case "days30":
      return { from: dayOf(now - 29 * dayMs), to: today };
    case "days90":
      return { from: dayOf(now - 89 * dayMs), to: today };
  }
}

/** Every day from the first to the last. */
export function eachDay({ from, to }: { readonly from: string; readonly to: string }): readonly string[] {
  const days = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += dayMs) days.push(dayOf(at));
  return days;
}

export const costQuery = (by: string, days: { readonly from: string; readonly to: string }) =>
  queryOptions({
    queryKey: ["cost", by, days],
    queryFn: () => take(api.GET("/api/cost", { params: { query: { ...days, by, limit: 1000 } } })),
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  });

export const forecastQuery = queryOptions({
  queryKey: ["cost-forecast"],
  queryFn: () => take(api.GET("/api/cost/forecast")),
  refetchInterval: 60_000,
});

export const budgetsQuery = queryOptions({
  queryKey: ["budgets"],
  queryFn: () => take(api.GET("/api/budgets")),
  refetchInterval: 15_000,
});

export interface Reckoning {
  readonly messages: number;
  readonly model?: string;
  readonly channel?: string;
}

export const calculationQuery = (question: Reckoning) =>
  queryOptions({
    queryKey: ["cost-calculation", question],
    queryFn: () => take(api.GET("/api/cost/calculator", { params: { query: question } })),
    placeholderData: keepPreviousData,
    retry: false,
  });

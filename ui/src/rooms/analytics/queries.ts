import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, type Schemas, take } from "../../api/client.ts";
import type { AnalyticsChoice, AnalyticsPeriod } from "./choice.ts";

const lengths: { readonly [period in AnalyticsPeriod]: number } = { days7: 7, days30: 30, days90: 90, days365: 365 };

/** The viewer's, by its IANA name. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
// Sweden writes dates as ISO 8601 does.
const dayOf = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short" });

/** The days of the viewer's zone that a period has, both included; the last is today. */
export function daysOf(period: AnalyticsPeriod, now: number): { readonly from: string; readonly to: string } {
  const to = dayOf.format(now);
  return { from: new Date(Date.parse(to) - (lengths[period] - 1) * 86_400_000).toISOString().slice(0, 10), to };
}

export const analyticsQuery = ({ period = "days30", by = "account", only, name }: AnalyticsChoice, now: number) => {
  const query = { ...daysOf(period, now), zone, by, ...(only && { [only]: name }) };
  return queryOptions({
    queryKey: ["analytics", query],
    queryFn: () => take(api.GET("/api/analytics", { params: { query } })),
    // What is being counted is told of when all is: where that takes long, some of it is shown before.
    refetchInterval: ({ state }) => (state.data?.behind ? 5_000 : false),
    placeholderData: keepPreviousData,
  });
};

export const alertsQuery = queryOptions({
  queryKey: ["alerts"],
  queryFn: () => take(api.GET("/api/alerts")),
  refetchInterval: 10_000,
});

export const firingsQuery = queryOptions({
  queryKey: ["alerts", "firings"],
  queryFn: () => take(api.GET("/api/alerts/firings", { params: { query: { limit: 50 } } })),
  refetchInterval: 10_000,
});

/** What a rule would have said in the last week. */
export const previewQuery = (rule: Schemas["AlertRule"]) =>
  queryOptions({
    queryKey: ["alert-preview", rule],
    queryFn: () => take(api.POST("/api/alerts/preview", { body: rule })),
    placeholderData: keepPreviousData,
    retry: false,
  });

export const analyticsPeriods = ["days7", "days30", "days90", "days365"] as const;
export type AnalyticsPeriod = (typeof analyticsPeriods)[number];

export const analyticsKeys = ["account", "channel", "agent"] as const;
export type AnalyticsKey = (typeof analyticsKeys)[number];

/** What the address says. `only` and `name` come together. */
export interface AnalyticsChoice {
  readonly period?: AnalyticsPeriod;
  readonly by?: AnalyticsKey;
  readonly only?: AnalyticsKey;
  readonly name?: string;
}

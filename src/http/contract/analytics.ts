import { get, post } from "../endpoint.ts";
import * as analytics from "../schema/analytics.ts";
import { Done } from "../schema/common.ts";

/** How conversations went. */
export const analyticsGroup = {
  analytics: get("/api/analytics", "viewer", "How conversations went: by day, by hour of the week, and by account, channel or agent.", {
    query: analytics.AnalyticsQuery,
    answer: analytics.Analytics,
  }),
  recountAnalytics: post("/api/analytics/recount", "admin", "Counts everything that the ledger still has again.", {
    answer: Done,
    status: 202,
  }),
};

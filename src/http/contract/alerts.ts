import { z } from "zod";
import { get, post } from "../endpoint.ts";
import * as alerts from "../schema/alerts.ts";
import { NoticeTest } from "../schema/operation.ts";

/** What operators want to be told of. Rules are settings: `PUT /api/settings/alerts.<name>`. */
export const alertsGroup = {
  alerts: get("/api/alerts", "viewer", "Alerts: the rule, where it stands, and what is measured now.", { answer: z.array(alerts.Alert) }),
  alertFirings: get("/api/alerts/firings", "viewer", "When alerts fired, the newest first.", {
    query: alerts.FiringsQuery,
    answer: z.array(alerts.AlertFiring),
  }),
  previewAlert: post(
    "/api/alerts/preview",
    "viewer",
    "What a rule says now, and would have said in the last seven days; over minutes, in the last 24 hours.",
    {
      body: alerts.AlertRule,
      answer: alerts.AlertPreview,
    },
  ),
  testAlert: post("/api/alerts/{id}/test", "operator", "Sends what the alert would say now, as a test, to each place that is told of it.", {
    answer: z.array(NoticeTest),
    status: 202,
  }),
};

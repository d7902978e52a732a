import { accessGroup } from "./contract/access.ts";
import { accountsGroup } from "./contract/accounts.ts";
import { alertsGroup } from "./contract/alerts.ts";
import { analyticsGroup } from "./contract/analytics.ts";
import { backupsGroup } from "./contract/backups.ts";
import { costGroup } from "./contract/cost.ts";
import { exportGroup } from "./contract/export.ts";
import { handoverGroup } from "./contract/handover.ts";
import { homeGroup } from "./contract/home.ts";
import { inboxGroup } from "./contract/inbox.ts";
import { messagesGroup } from "./contract/messages.ts";
import { operationGroup } from "./contract/operation.ts";
import { playgroundGroup } from "./contract/playground.ts";
import { routesGroup } from "./contract/routes.ts";

/**
 * The whole API: every operation, who may call it, what it takes and answers. The router, the OpenAPI description, the
 * web app's types, the check of roles and the sweep test all come from this table.
 */
export const groups = {
  access: accessGroup,
  accounts: accountsGroup,
  inbox: inboxGroup,
  messages: messagesGroup,
  handover: handoverGroup,
  cost: costGroup,
  alerts: alertsGroup,
  analytics: analyticsGroup,
  home: homeGroup,
  operation: operationGroup,
  routes: routesGroup,
  playground: playgroundGroup,
  export: exportGroup,
  backups: backupsGroup,
};

export const contract = {
  ...groups.access,
  ...groups.accounts,
  // Before what stands under /api/conversations/{id}.
  ...groups.inbox,
  ...groups.messages,
  ...groups.handover,
  ...groups.cost,
  ...groups.alerts,
  ...groups.analytics,
  ...groups.home,
  ...groups.operation,
  ...groups.routes,
  ...groups.playground,
  ...groups.export,
  ...groups.backups,
};

export type Contract = typeof contract;
export type OperationName = keyof Contract;

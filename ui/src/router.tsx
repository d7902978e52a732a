import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { cache, whenSignedOut } from "./api/cache.ts";
import type { Schemas } from "./api/client.ts";
import { faultOf } from "./api/fault.ts";
import { endLogin } from "./api/login-end.ts";
import { meQuery, statusQuery } from "./api/queries.ts";
import { type AnalyticsChoice, analyticsKeys, analyticsPeriods } from "./rooms/analytics/choice.ts";
import type { AuditChoice } from "./rooms/audit/queries.ts";
import { readChoice, readSought } from "./rooms/conversations/choice.ts";
import { type CostKey, costKeys, type Period, periods } from "./rooms/cost/queries.ts";
import { readQueueChoice } from "./rooms/queue/choice.ts";
import { readTraceChoice } from "./rooms/trace/choice.ts";
import { drafts } from "./shell/drafts.ts";
import { Away, Broken, Lost, Pending } from "./shell/fallbacks.tsx";
import { Layout } from "./shell/layout.tsx";

const eventStates: readonly Schemas["EventState"][] = ["queued", "running", "done", "ignored", "failed", "cancelled"];

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

const root = createRootRoute({ component: Outlet, notFoundComponent: Lost });

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("./rooms/door/setup.tsx"), "Setup"),
});

const join = createRoute({
  getParentRoute: () => root,
  path: "/join",
  component: lazyRouteComponent(() => import("./rooms/door/link.tsx"), "Join"),
});

const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset",
  component: lazyRouteComponent(() => import("./rooms/door/link.tsx"), "Reset"),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search): { next?: string } => {
    const next = text(search.next);
    // Only a way inside this app: `//host` and `/\host` lead elsewhere.
    return next && /^\/(?![/\\])/.test(next) ? { next } : {};
  },
  component: lazyRouteComponent(() => import("./rooms/door/login.tsx"), "Login"),
});

/** Everything that needs a login. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Layout,
  errorComponent: Away,
  beforeLoad: async ({ location }) => {
    try {
      const { operator } = await cache.ensureQueryData(meQuery);
      drafts().claim(operator.id);
    } catch (error) {
      if (faultOf(error).code !== "login-required") throw error;
      const status = await cache.fetchQuery(statusQuery);
      if (status.needsSetup) throw redirect({ to: "/setup" });
      throw redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href } });
    }
  },
});

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  validateSearch: (search): { account?: string; state?: Schemas["EventState"] } => {
    const account = text(search.account);
    const state = eventStates.find((known) => known === search.state);
    return { ...(account && { account }), ...(state && { state }) };
  },
  component: lazyRouteComponent(() => import("./rooms/home/home.tsx"), "Home"),
});

const trace = createRoute({
  getParentRoute: () => inside,
  path: "/trace/$id",
  component: lazyRouteComponent(() => import("./rooms/trace/trace.tsx"), "TraceRoom"),
});

const findTrace = createRoute({
  getParentRoute: () => inside,
  path: "/trace",
  validateSearch: readTraceChoice,
  component: lazyRouteComponent(() => import("./rooms/trace/find.tsx"), "FindTrace"),
});

// `/chat` belongs to the web chat's own door.
const talk = createRoute({
  getParentRoute: () => inside,
  path: "/talk",
  component: lazyRouteComponent(() => import("./rooms/talk/talk.tsx"), "Talk"),
});

const conversations = createRoute({
  getParentRoute: () => inside,
  path: "/conversations",
  validateSearch: readChoice,
  component: lazyRouteComponent(() => import("./rooms/conversations/conversations.tsx"), "Conversations"),
});

const noConversation = createRoute({
  getParentRoute: () => conversations,
  path: "/",
  component: lazyRouteComponent(() => import("./rooms/conversations/conversations.tsx"), "NoConversation"),
});

const conversation = createRoute({
  getParentRoute: () => conversations,
  path: "$id",
  validateSearch: readSought,
  component: lazyRouteComponent(() => import("./rooms/conversations/conversation.tsx"), "ConversationRoom"),
});

const replies = createRoute({
  getParentRoute: () => inside,
  path: "/conversations/replies",
  component: lazyRouteComponent(() => import("./rooms/conversations/replies.tsx"), "Replies"),
});

const channels = createRoute({
  getParentRoute: () => inside,
  path: "/channels",
  component: lazyRouteComponent(() => import("./rooms/channels/channels.tsx"), "Channels"),
});

const gallery = createRoute({
  getParentRoute: () => inside,
  path: "/channels/add",
  component: lazyRouteComponent(() => import("./rooms/channels/gallery.tsx"), "Gallery"),
});

const addAccount = createRoute({
  getParentRoute: () => inside,
  path: "/channels/add/$kind",
  component: lazyRouteComponent(() => import("./rooms/channels/add-account.tsx"), "AddAccount"),
});

const account = createRoute({
  getParentRoute: () => inside,
  path: "/channels/$id",
  component: lazyRouteComponent(() => import("./rooms/channels/account.tsx"), "AccountRoom"),
});

const queue = createRoute({
  getParentRoute: () => inside,
  path: "/queue",
  validateSearch: readQueueChoice,
  component: lazyRouteComponent(() => import("./rooms/queue/queue.tsx"), "Queue"),
});

const findings = createRoute({
  getParentRoute: () => inside,
  path: "/findings",
  component: lazyRouteComponent(() => import("./rooms/findings/findings.tsx"), "Findings"),
});

const users = createRoute({
  getParentRoute: () => inside,
  path: "/users",
  component: lazyRouteComponent(() => import("./rooms/users/users.tsx"), "Users"),
});

const audit = createRoute({
  getParentRoute: () => inside,
  path: "/audit",
  validateSearch: ({ actor, action, subject }): AuditChoice => ({
    ...(text(actor) && { actor: text(actor) as string }),
    ...(text(action) && { action: text(action) as string }),
    ...(text(subject) && { subject: text(subject) as string }),
  }),
  component: lazyRouteComponent(() => import("./rooms/audit/audit.tsx"), "Audit"),
});

const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  validateSearch: ({ q }): { q?: string } => ({ ...(text(q) && { q: text(q) as string }) }),
  component: lazyRouteComponent(() => import("./rooms/settings/settings.tsx"), "Settings"),
});

const backup = createRoute({
  getParentRoute: () => inside,
  path: "/backup",
  component: lazyRouteComponent(() => import("./rooms/backup/backup.tsx"), "Backup"),
});

const cost = createRoute({
  getParentRoute: () => inside,
  path: "/cost",
  validateSearch: (search): { period?: Period; by?: CostKey } => {
    const period = periods.find((known) => known === search.period);
    const by = costKeys.find((known) => known === search.by);
    return { ...(period && { period }), ...(by && { by }) };
  },
  component: lazyRouteComponent(() => import("./rooms/cost/cost.tsx"), "Cost"),
});

const analytics = createRoute({
  getParentRoute: () => inside,
  path: "/analytics",
  validateSearch: (search): AnalyticsChoice => {
    const period = analyticsPeriods.find((known) => known === search.period);
    const by = analyticsKeys.find((known) => known === search.by);
    const only = analyticsKeys.find((known) => known === search.only);
    const name = text(search.name);
    return { ...(period && { period }), ...(by && { by }), ...(only && name !== undefined && { only, name }) };
  },
  component: lazyRouteComponent(() => import("./rooms/analytics/analytics.tsx"), "Analytics"),
});

const agents = createRoute({
  getParentRoute: () => inside,
  path: "/agents",
  component: lazyRouteComponent(() => import("./rooms/agents/agents.tsx"), "Agents"),
});

const routes = createRoute({
  getParentRoute: () => inside,
  path: "/routes",
  component: lazyRouteComponent(() => import("./rooms/agents/routes.tsx"), "Routes"),
});

const agent = createRoute({
  getParentRoute: () => inside,
  path: "/agents/$id",
  component: lazyRouteComponent(() => import("./rooms/agents/agent.tsx"), "AgentRoom"),
});

const models = createRoute({
  getParentRoute: () => inside,
  path: "/models",
  component: lazyRouteComponent(() => import("./rooms/models/models.tsx"), "Models"),
});

const inbox = conversations.addChildren([noConversation, conversation]);
const rooms = [
  home,
  trace,
  findTrace,
  talk,
  inbox,
  replies,
  channels,
  gallery,
  addAccount,
  account,
  queue,
  findings,
  users,
  audit,
  settings,
  backup,
  cost,
  analytics,
  agents,
  routes,
  agent,
  models,
];

export const router = createRouter({
  routeTree: root.addChildren([setup, join, reset, login, inside.addChildren(rooms)]),
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
  defaultPendingComponent: Pending,
  defaultPendingMs: 250,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** The login ended elsewhere or ran out: the door comes in front of the room. */
whenSignedOut(() => {
  const { pathname } = router.state.location;
  if (!["/login", "/setup", "/join", "/reset"].includes(pathname)) endLogin();
});

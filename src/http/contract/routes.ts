import { post } from "../endpoint.ts";
import { RouteTrial, TryRoutes } from "../schema/routes.ts";

/** Which agent answers what. */
export const routesGroup = {
  tryRoutes: post(
    "/api/routes/evaluate",
    "viewer",
    "Which route would take a text that somebody writes there now; nothing is stored or asked.",
    {
      body: TryRoutes,
      answer: RouteTrial,
    },
  ),
};

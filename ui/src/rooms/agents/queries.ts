import { queryOptions } from "@tanstack/react-query";
import { api, type Schemas, take } from "../../api/client.ts";
import { ApiFault } from "../../api/fault.ts";

/** As it is written in the configuration. */
export interface WrittenRoute {
  readonly agent: string;
  readonly when?: { readonly [condition: string]: unknown };
}

/** What a model would read of an agent; `draft`: with settings that aren't saved. */
export const previewQuery = (id: string, draft?: Schemas["AgentDraft"]) =>
  queryOptions({
    queryKey: ["agents", "preview", id, draft],
    queryFn: () => {
      const params = { path: { id } };
      if (!draft) return take(api.GET("/api/agents/{id}/preview", { params: { ...params, query: {} } }));
      return take(api.POST("/api/agents/{id}/preview", { params, body: { ...nowhere, draft } }));
    },
    retry: false,
  });

const nowhere = { channel: "webchat", account: "web", chatKind: "direct" } as const;

export type TrialOf = Omit<Schemas["TryRoutes"], "routes">;

export const somewhere: TrialOf = { text: "", account: "web", chat: "1", sender: "1", chatKind: "direct" };

/** Which route takes a text; `routes`: those that aren't saved, in place of those that run. */
export const trialQuery = (of: TrialOf, routes?: readonly WrittenRoute[]) =>
  queryOptions({
    queryKey: ["routes", "trial", of, routes],
    queryFn: () =>
      take(api.POST("/api/routes/evaluate", { body: { ...of, ...(routes && { routes: routes.map((route) => ({ ...route })) }) } })),
    retry: false,
    staleTime: 0,
  });

/** What saving these routes would be refused for; nothing when it wouldn't be. */
export const routesFaultQuery = (routes: readonly WrittenRoute[]) =>
  queryOptions({
    queryKey: ["routes", "fault", routes],
    queryFn: async () => {
      try {
        await take(api.POST("/api/routes/evaluate", { body: { ...somewhere, routes: routes.map((route) => ({ ...route })) } }));
      } catch (thrown) {
        // The routes are looked at first: then there is nothing wrong with them.
        if (!(thrown instanceof ApiFault && thrown.code === "account-unknown")) return thrown;
      }
      return null;
    },
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ["agents", "versions", id],
    queryFn: () => take(api.GET("/api/agents/{id}/versions", { params: { path: { id } } })),
  });

export const modelsQuery = queryOptions({ queryKey: ["models"], queryFn: () => take(api.GET("/api/models")), refetchInterval: 15_000 });

export const putSetting = (path: string, value: unknown) =>
  take(api.PUT("/api/settings/{path}", { params: { path: { path } }, body: { value } }));

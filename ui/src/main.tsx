import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { cache } from "./api/cache.ts";
import "./app.css";
import { Toasts } from "./parts/toasts.tsx";
import { router } from "./router.tsx";
import { takeLink } from "./shell/link.ts";
import { keepOffline } from "./shell/worker.ts";
import { words } from "./words/words.ts";

const follow = () => {
  const to = takeLink();
  if (to) void router.navigate({ to, replace: true });
};
follow();
addEventListener("hashchange", follow);

document.documentElement.lang = words.locale;

// The room comes while the gateway is asked who is there.
for (const { routeId } of router.matchRoutes(router.latestLocation)) {
  const route = router.routesById[routeId as keyof typeof router.routesById];
  // The router asks again, and says so if it fails.
  router.loadRouteChunk(route)?.catch(() => undefined);
}

const app = document.getElementById("app");
if (!app) throw new Error("index.html has lost its #app");

// The sources of a development server change under it.
if (import.meta.env.PROD) void keepOffline().catch((error: unknown) => console.warn(error));

createRoot(app).render(
  <StrictMode>
    <QueryClientProvider client={cache}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
);

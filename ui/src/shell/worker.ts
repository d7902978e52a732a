import { useSyncExternalStore } from "react";
import { onLive } from "../api/live.ts";

/** Milliseconds between two looks whether there is another version. */
const lookMs = 3_600_000;

let waiting: ServiceWorker | undefined;
let asked = false;
const watchers = new Set<() => void>();

/** The worker that keeps the app for when the gateway is out of reach. Browsers have it on https and localhost only. */
export async function keepOffline(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const { serviceWorker } = navigator;
  // Another window may have asked for it: what is being typed in this one stays.
  serviceWorker.addEventListener("controllerchange", () => asked && location.reload());
  const registration = await serviceWorker.register("/worker.js");
  const look = () => void registration.update().catch(() => undefined);
  const see = () => {
    // The first worker takes over a page that needs nothing new of it.
    if (registration.waiting && serviceWorker.controller) waiting = registration.waiting;
    for (const watch of watchers) watch();
  };
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", see));
  see();
  setInterval(look, lookMs);
  // A gateway that was away may have come back as another version.
  onLive((events) => events.some(({ type }) => type === "reset") && look());
}

/** Whether another version is there and waits for this page to be loaded anew. */
export function useNewVersion(): boolean {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => waiting !== undefined,
  );
}

/** Loads the page anew, in the new version. */
export function takeNewVersion(): void {
  asked = true;
  if (waiting?.state === "installed") waiting.postMessage("take-over");
  else location.reload();
}

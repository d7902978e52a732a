import { useSyncExternalStore } from "react";
import { cache } from "../api/cache.ts";
import { api } from "../api/client.ts";
import { faultFrom } from "../api/fault.ts";

/** Whether the login still holds. A gateway that can't be reached is no answer: it is taken for a yes. */
export async function stillSignedIn(): Promise<boolean> {
  try {
    const { response } = await api.GET("/api/me");
    return response.status !== 401;
  } catch {
    return true;
  }
}

/** Forgets all that was loaded in the name of the one who leaves. */
export async function signOut(): Promise<void> {
  const { response, error } = await api.POST("/api/logout");
  if (!response.ok && response.status !== 401) throw faultFrom(error, response.status);
  cache.clear();
}

let ended = false;
const watchers = new Set<() => void>();

/** The login is over: the frame puts the door in front of the room, which keeps what was typed. */
export function endLogin(): void {
  setEnded(true);
}

/** There is a login again. */
export function beginLogin(): void {
  setEnded(false);
}

export function useLoginEnded(): boolean {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => ended,
  );
}

function setEnded(next: boolean): void {
  ended = next;
  for (const watch of watchers) watch();
}

import { cache } from "../api/cache.ts";
import { api } from "../api/client.ts";
import { faultFrom } from "../api/fault.ts";
import { drafts } from "./drafts.ts";

/** Whether the login still holds. A gateway that can't be reached is no answer: it is taken for a yes. */
export async function stillSignedIn(): Promise<boolean> {
  try {
    const { response } = await api.GET("/api/me");
    return response.status !== 401;
  } catch {
    return true;
  }
}

/** Forgets all that was loaded in the name of the one who leaves, and what he typed. */
export async function signOut(): Promise<void> {
  const { response, error } = await api.POST("/api/logout");
  if (!response.ok && response.status !== 401) throw faultFrom(error, response.status);
  drafts().signOut();
  cache.clear();
}

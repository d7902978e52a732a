import { useSyncExternalStore } from "react";
import { faultOf } from "../api/fault.ts";

export interface Said {
  readonly title: string;
  readonly description?: string;
  readonly type: "good" | "bad";
}

let waiting: readonly Said[] = [];
let begun = false;
const watchers = new Set<() => void>();

/** A word on what has just been done; it goes away by itself. */
export function say(title: string): void {
  put({ title, type: "good" });
}

/** Why something that the viewer asked for didn't happen; it stays until it is closed. */
export function sayFault(error: unknown): void {
  const { message, hint } = faultOf(error);
  put({ title: message, description: hint, type: "bad" });
}

function put(said: Said): void {
  waiting = [...waiting, said];
  begun = true;
  for (const watch of watchers) watch();
}

/** What was said and isn't shown yet. */
export function takeSaid(): readonly Said[] {
  const taken = waiting;
  waiting = [];
  return taken;
}

function watchSaid(watch: () => void): () => void {
  watchers.add(watch);
  return () => watchers.delete(watch);
}

export function useSaid(): readonly Said[] {
  return useSyncExternalStore(watchSaid, () => waiting);
}

/** Whether anything was ever said. */
export function useBegun(): boolean {
  return useSyncExternalStore(watchSaid, () => begun);
}

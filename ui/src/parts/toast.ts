import { useSyncExternalStore } from "react";
import { faultOf } from "../api/fault.ts";

export interface Toast {
  readonly id: number;
  readonly title: string;
  readonly description?: string;
  readonly tone: "good" | "bad";
}

/** How many are shown at once: the oldest make room. */
const most = 4;

let last = 0;
let shown: readonly Toast[] = [];
const watchers = new Set<() => void>();

/** A word on what has just been done; it goes away by itself. Said again, it stands there once. */
export function say(title: string): void {
  set([...shown.filter((toast) => toast.title !== title), { id: ++last, title, tone: "good" }]);
}

/** Why something that the viewer asked for didn't happen; it stays until it is closed. */
export function sayFault(error: unknown): void {
  const { message, hint } = faultOf(error);
  set([...shown, { id: ++last, title: message, description: hint, tone: "bad" }]);
}

export function dropToast(id: number): void {
  set(shown.filter((toast) => toast.id !== id));
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(
    (watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
    () => shown,
  );
}

function set(next: readonly Toast[]): void {
  shown = next.slice(-most);
  for (const watch of watchers) watch();
}

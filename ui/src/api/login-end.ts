import { useSyncExternalStore } from "react";

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

export function hasLoginEnded(): boolean {
  return ended;
}

export function useLoginEnded(): boolean {
  return useSyncExternalStore(watch, hasLoginEnded);
}

/** Resolves once there is a login again. */
export function loginAgain(): Promise<void> {
  return new Promise((resolve) => {
    const stop = watch(() => {
      if (ended) return;
      stop();
      resolve();
    });
  });
}

function watch(see: () => void): () => void {
  watchers.add(see);
  return () => watchers.delete(see);
}

function setEnded(next: boolean): void {
  ended = next;
  for (const see of [...watchers]) see();
}

/** What is done after turns, beside the lanes. Nothing is lost with it that the next turn wouldn't do again. */
export interface Afterwards {
  add(work: (signal: AbortSignal) => Promise<void>): void;
  /** Ends all that is under way, and waits for it. */
  stop(): Promise<void>;
}

export function createAfterwards(): Afterwards {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    add(work) {
      if (stopping.signal.aborted) return;
      const done = work(stopping.signal)
        .catch(() => {}) // a store that is gone: whoever owns it says so
        .finally(() => running.delete(done));
      running.add(done);
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

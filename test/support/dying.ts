import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Store } from "../../src/core/store.ts";

/** A moment of the path at which the gateway dies. */
export interface Boundary<Method extends keyof Store = keyof Store> {
  readonly method: Method;
  readonly when: "before" | "after";
  /** At which call; the first if absent. */
  readonly nth?: number;
}

/** Before and after a call. */
export const both = <Method extends keyof Store>(method: Method, nth = 1): readonly Boundary<Method>[] => [
  { method, when: "before", nth },
  { method, when: "after", nth },
];

/** From the boundary on nothing of the store answers any more: whoever waits for it waits for ever. */
export function dyingAt(store: Store, { method, when, nth = 1 }: Boundary, died: () => void): Store {
  let calls = 0;
  let dead = false;
  const never = () => {
    if (!dead) died();
    dead = true;
    return new Promise<never>(() => {});
  };
  const wrapped = { ...store };
  for (const name of Object.keys(store) as (keyof Store)[]) {
    const call = store[name] as unknown;
    if (typeof call !== "function") continue;
    Object.assign(wrapped, {
      async [name](...given: unknown[]) {
        if (dead) return never();
        const here = name === method && ++calls === nth;
        if (here && when === "before") return never();
        const result: unknown = await call.apply(store, given);
        return dead || here ? never() : result;
      },
    });
  }
  return wrapped;
}

/** What a killed process leaves. Another process copies it: closing the files in this one would drop the locks that it holds on them. */
export function copyStore(home: string, copy: string): void {
  for (const end of ["", "-wal"]) execFileSync("cp", [join(home, `polylogue.db${end}`), join(copy, `polylogue.db${end}`)]);
}

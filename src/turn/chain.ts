import type { Fault } from "../core/errors.ts";
import type { Agent } from "../core/route.ts";
import type { Breakers } from "./breakers.ts";

/** Which model a call goes to. */
export interface Link {
  /** `provider/model`. */
  readonly model: string;
  /** How often a model has said in this turn that what it was given is too long: the prompt is as many steps shorter. */
  readonly squeeze: number;
}

/** The models that a turn may ask, one after the other. */
export interface Chain {
  readonly first: Link;
  /** Milliseconds until any of them may be asked; 0: `first` may now. */
  readonly waitMs: number;
  /** Who is asked when that call failed; nothing when nobody is left. */
  after(failed: Link, fault: Fault): Link | undefined;
}

/** Steps by which a prompt is made shorter for one model before the next is asked. */
export const mostSqueezes = 2;

/**
 * Each model once, in its order, those whose breaker is open left out. Where what it is given is too long for a model, it is
 * given less first.
 */
export function chainOf({ models }: Pick<Agent, "models">, breakers: Pick<Breakers, "wait">): Chain {
  let at = models.findIndex((model) => breakers.wait(model) === 0);
  const waits = models.map((model) => breakers.wait(model));
  const waitMs = at < 0 && models.length > 0 ? Math.min(...waits) : 0;
  if (at < 0) at = Math.max(0, waits.indexOf(waitMs));
  return {
    first: { model: models[at] ?? "none/none", squeeze: 0 },
    waitMs,
    after({ model, squeeze }, { code }) {
      if (code === "context-too-long" && squeeze < mostSqueezes) return { model, squeeze: squeeze + 1 };
      for (at++; at < models.length; at++) {
        const next = models[at] as string;
        if (breakers.wait(next) === 0) return { model: next, squeeze: code === "context-too-long" ? 0 : squeeze };
      }
      return undefined;
    },
  };
}

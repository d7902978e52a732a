import { type ErrorCode, errorTable, type Fault } from "../core/errors.ts";
import type { ModelKey } from "../core/provider.ts";
import type { Agent } from "../core/route.ts";
import type { Breakers } from "./breakers.ts";

/** Whom a call goes to. */
export interface Link extends ModelKey {
  /** How often a model has said in this turn that what it was given is too long: the prompt is as many steps shorter. */
  readonly squeeze: number;
}

/** The models that may be asked, one after the other. */
export interface Chain {
  readonly first: Link;
  /** Milliseconds until any of them may be asked; 0: `first` may now. */
  readonly waitMs: number;
  /** Who is asked when that call failed; nothing when nobody is left. */
  after(failed: Link, fault: Fault): Link | undefined;
  /** One that isn't asked now but may answer another try, with what keeps it away and for how many milliseconds at least. */
  later(): { readonly fault: Fault; readonly afterMs: number } | undefined;
}

/** Steps by which a prompt is made shorter for one model before the next is asked. */
export const mostSqueezes = 2;

/** Those that can't hold so many tokens at all go last; of whom nobody knows it, they may. */
export function fitting(
  models: readonly string[],
  tokens: () => number,
  context: (model: string) => number | undefined,
): readonly string[] {
  if (models.length < 2) return models;
  let needed: number | undefined;
  const holds = (model: string) => {
    const room = context(model);
    if (room === undefined) return true;
    needed ??= tokens();
    return room > needed;
  };
  return models.every(holds) ? models : [...models.filter(holds), ...models.filter((model) => !holds(model))];
}

/** What another key of the same provider may do better. */
const keyFaults: ReadonlySet<ErrorCode> = new Set(["provider-quota", "provider-auth", "provider-spent"]);

/**
 * Each model once with each of its provider's keys, in their order, those whose breaker is open left out. Another key is
 * tried where the failure was the key's, and else the next model. Where what it is given is too long for a model, it is given
 * less first.
 */
export function chainOf({ models }: Pick<Agent, "models">, breakers: Pick<Breakers, "wait" | "why" | "keys">): Chain {
  const links = models.flatMap((model) => breakers.keys(model).map((key) => ({ model, key })));
  let at = links.findIndex((link) => breakers.wait(link) === 0);
  const waits = links.map((link) => breakers.wait(link));
  const waitMs = at < 0 && links.length > 0 ? Math.min(...waits) : 0;
  if (at < 0) at = Math.max(0, waits.indexOf(waitMs));
  return {
    first: { ...(links[at] ?? { model: "none/none", key: 0 }), squeeze: 0 },
    waitMs,
    after({ model, key, squeeze }, { code }) {
      const tooLong = code === "context-too-long";
      // The last of them gets what is left when the input itself is cut: no model is there that takes more.
      const isLast = links.every((link, index) => index <= at || link.model === model);
      if (tooLong && squeeze < mostSqueezes + Number(isLast)) return { model, key, squeeze: squeeze + 1 };
      for (at++; at < links.length; at++) {
        const next = links[at] as (typeof links)[number];
        if (next.model === model && !keyFaults.has(code)) continue;
        if (breakers.wait(next) === 0) return { ...next, squeeze: tooLong ? 0 : squeeze };
      }
      return undefined;
    },
    later() {
      let soonest: { fault: Fault; afterMs: number } | undefined;
      for (const link of links) {
        const fault = breakers.why(link);
        const afterMs = breakers.wait(link);
        if (fault && errorTable[fault.code].retryable && afterMs < (soonest?.afterMs ?? Number.POSITIVE_INFINITY))
          soonest = { fault, afterMs };
      }
      return soonest;
    },
  };
}

/** A step's: it can't read less than there is, so that what is too long for a model goes to the next. */
export function stepChainOf(models: readonly string[], breakers: Parameters<typeof chainOf>[1]): Chain {
  const chain = chainOf({ models }, breakers);
  return { ...chain, after: (failed, fault) => chain.after({ ...failed, squeeze: mostSqueezes + 1 }, fault) };
}

import type { Fault } from "../core/errors.ts";
import type { Agent } from "../core/route.ts";

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
  /** Who is asked when that call failed; nothing when nobody is left. */
  after(failed: Link, fault: Fault): Link | undefined;
}

/** Each model of the agent once, in its order. */
export function chainOf({ models }: Pick<Agent, "models">): Chain {
  let next = 0;
  const link = (squeeze: number): Link | undefined => {
    const model = models[next++];
    return model === undefined ? undefined : { model, squeeze };
  };
  return { first: link(0) ?? { model: "none/none", squeeze: 0 }, after: ({ squeeze }) => link(squeeze) };
}

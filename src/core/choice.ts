import type { AgentId } from "./ids.ts";

/** What a message may be about, as a router by content tells it apart. */
export interface Choice {
  readonly name: string;
  /** For the model that chooses. */
  readonly description: string;
  /** As people write: what a message is compared with. */
  readonly examples: readonly string[];
  /** Who answers. Absent: the route's agent. */
  readonly agent?: AgentId | undefined;
  /** With these models in place of the agent's. Empty: with its own. */
  readonly models: readonly string[];
}

/** Picks agent and models by what is asked. It can pick what is listed, and nothing else, whatever a message says. */
export interface Classifier {
  /** A small model that is told the choices, or vectors of the examples. */
  readonly by: "model" | "embedding";
  readonly models: readonly string[];
  readonly choices: readonly Choice[];
  /** Confidence from 0 to 1 below which the route's own agent answers. */
  readonly floor: number;
}

/** What came of it: kept with the event, so that a turn that is begun again asks nobody again. */
export interface Chosen {
  /** Absent: nothing fitted well enough, or it couldn't be told. */
  readonly choice?: string;
  readonly confidence: number;
  readonly by: "model" | "embedding";
  readonly reason: string;
}

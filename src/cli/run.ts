import type { CliDoor } from "./door.ts";
import type { Outcome } from "./outcome.ts";

/** How a command runs: with what it is given, to an outcome. */
export type Run = (work: (door: CliDoor) => Promise<Outcome>) => Promise<void>;

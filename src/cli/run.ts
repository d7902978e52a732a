import type { CommandDoor } from "./door.ts";
import type { Outcome } from "./outcome.ts";

/** How a command runs: with what it is given, to an outcome. */
export type Run = (work: (door: CommandDoor) => Promise<Outcome>) => Promise<void>;

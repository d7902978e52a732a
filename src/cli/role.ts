import { InvalidArgumentError } from "commander";
import type { Role } from "../core/records.ts";

const roles = ["owner", "admin", "operator", "viewer"] as const satisfies readonly Role[];

/** A role as an argument of a command. */
export function role(text: string): Role {
  const known = roles.find((one) => one === text);
  if (!known) throw new InvalidArgumentError(`It must be one of ${roles.join(", ")}.`);
  return known;
}

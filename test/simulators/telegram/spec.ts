import { existsSync, readFileSync } from "node:fs";
import type { Description } from "./description.ts";

const path = new URL("../../../../shared/specs/telegram.json", import.meta.url);

/** Why `readSpec` gives nothing, for `skip`. */
export const specMissing = existsSync(path) ? undefined : `the published description of the Bot API is not at ${path.pathname}`;

/** The published description of the Bot API, where it lies beside this repository. */
export function readSpec(): Description | undefined {
  return specMissing ? undefined : (JSON.parse(readFileSync(path, "utf8")) as Description);
}

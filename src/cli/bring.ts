import type { OptionalPackage } from "../core/packages.ts";
import type { CommandDoor } from "./door.ts";
import { type Outcome, refuse, refused } from "./outcome.ts";

export function named({ name, version }: OptionalPackage): string {
  return `${name}@${version}`;
}

/** Installs those that aren't there at their tested versions, after asking; nothing when all are there then. `who` needs them. */
export async function bringPackages(
  { packages, terminal }: CommandDoor,
  who: string,
  wanted: readonly OptionalPackage[],
  yes: boolean,
): Promise<Outcome | undefined> {
  const missing: OptionalPackage[] = [];
  for (const one of wanted) if ((await packages.installed(one.name)) !== one.version) missing.push(one);
  if (missing.length === 0) return undefined;
  const list = missing.map(named).join(" and ");
  if (!yes) {
    if (!terminal.interactive) return refuse("usage", `${who} needs ${list}, from the npm registry.`, "Say --yes to install it.");
    const said = await terminal.ask(`Install ${list} from the npm registry into ${packages.folder}? [y/N] `);
    if (!/^y(?:es)?$/i.test(said?.trim() ?? "")) return refuse("aborted", `${list} was not installed.`);
  }
  for (const one of missing) {
    const installed = await packages.install(one);
    if (!installed.ok) return refused(installed.fault, "Check the network and that npm is on the path, then run it again.");
  }
  return undefined;
}

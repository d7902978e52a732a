import type { Finding } from "../../core/finding.ts";
import type { CliDoor } from "../door.ts";
import { asFinding, type Check } from "./check.ts";

/** What joins this gateway to others, where one is set. */
export async function checkEngine({ engine, environment }: CliDoor): Promise<Check[]> {
  if (!engine.ok) return [{ name: "engine", detail: "not usable", findings: [asFinding(engine.fault, "POLYLOGUE_ENGINE")] }];
  if (!engine.value) return [];
  const { shown, ping } = engine.value;
  const why = await ping();
  const findings: Finding[] = why
    ? [
        {
          ...({ code: "engine-unreachable", severity: "warning", subject: "POLYLOGUE_ENGINE" } as const),
          message: `Redis doesn't answer: ${why}.`,
          hint: "Look at the address, the password and the network; gateways go on without it, a second slower.",
        },
      ]
    : [];
  if (!environment.POLYLOGUE_MASTER_KEY && !environment.POLYLOGUE_MASTER_KEY_FILE) {
    findings.push({
      ...({ code: "master-key-local", severity: "error", subject: "POLYLOGUE_MASTER_KEY" } as const),
      message: "The vault's master key is this machine's own: other gateways on the same store can't read its secrets.",
      hint: "Set POLYLOGUE_MASTER_KEY to the same key on all of them (`openssl rand -base64 32` makes one).",
    });
  }
  return [{ name: "engine", detail: why ? `${shown} doesn't answer` : shown, findings }];
}

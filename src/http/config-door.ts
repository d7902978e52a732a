import { readConfigurationFile } from "../config/disk.ts";
import { loadConfiguration } from "../config/load.ts";
import type { Sources } from "../config/sources.ts";
import { parsePath } from "../config/tree.ts";
import type { ConfigurationWatch } from "../config/watch.ts";
import type { Clock } from "../core/clock.ts";
import type { Configuration } from "../core/configuration.ts";
import { type ErrorCode, fail, ok, type Result } from "../core/errors.ts";
import type { Finding, SaidFinding } from "../core/finding.ts";
import type { TenantId } from "../core/ids.ts";
import type { Records } from "../core/records.ts";
import { say, Text } from "../core/say.ts";
import type { Json } from "../core/terms.ts";
import type { ConfigDoor } from "./door.ts";

export interface ConfigDoorParts {
  readonly tenant: TenantId;
  readonly watch: ConfigurationWatch;
  readonly records: Pick<Records, "settings" | "putSetting">;
  readonly clock: Clock;
  /** What the watch itself was given. */
  readonly sources: Omit<Sources, "file" | "problem" | "settings">;
}

/** The configuration for the API: a change is tried out on the whole of it before it is stored. */
export function createConfigDoor(parts: ConfigDoorParts): ConfigDoor {
  const { tenant, watch, records, clock, sources } = parts;

  /** The whole configuration as it would be, or the first thing in it that these changes would make wrong. */
  async function draft(
    changes: ReadonlyMap<string, Json>,
    pending: ReadonlyMap<string, string> = new Map(),
  ): Promise<Result<Configuration>> {
    const settings = new Map(await records.settings(tenant));
    for (const [path, value] of changes) {
      if (!parsePath(path)) return noPath(path);
      settings.set(path, value);
    }
    const { file, problem } = await readConfigurationFile(sources.home);
    const vault = async (name: string) => {
      const fresh = pending.get(name);
      return fresh === undefined ? ((await sources.vault?.(name)) ?? fail("vault-locked", "no vault is open")) : ok(fresh);
    };
    const tried = await loadConfiguration({ ...sources, ...(file && { file }), ...(problem && { problem }), vault, settings });
    const known = new Set(watch.current.findings.map(nameOf));
    for (const path of changes.keys()) {
      const wrong = tried.findings.find(
        (finding) => isWrong(finding) && (isInside(finding, path) || (isAround(finding, path) && !known.has(nameOf(finding)))),
      );
      if (wrong) return refuse(path.startsWith("accounts.") ? "account-invalid" : "config-invalid", wrong);
    }
    return ok(tried.configuration);
  }

  async function check(path: string, value: Json | undefined, pending?: ReadonlyMap<string, string>): Promise<Result<undefined>> {
    // What takes a setting away leaves nothing that could be wrong by itself.
    if (value === undefined) return parsePath(path) ? ok(undefined) : noPath(path);
    const tried = await draft(new Map([[path, value]]), pending);
    return tried.ok ? ok(undefined) : tried;
  }

  return {
    current: () => watch.current.configuration,
    explain: (path) => watch.current.explained.explain(path),
    get: (path) => watch.current.explained.get(path),
    check,
    draft: (changes) => draft(changes),
    async set(path, value, by) {
      const checked = await check(path, value);
      if (!checked.ok) return checked;
      await records.putSetting(tenant, path, value, by, clock.now());
      await watch.look();
      return ok(undefined);
    },
  };
}

/** What the finding says, as a refusal. */
function refuse(code: ErrorCode, { message, said }: SaidFinding): Result<never> {
  return said.message instanceof Text ? fail(code, said.message) : fail(code, message);
}

function noPath(path: string): Result<never> {
  return fail("request-invalid", say`${JSON.stringify(path.slice(0, 200))} is no path of a setting`);
}

function nameOf(finding: Finding): string {
  return `${finding.code} ${finding.subject}`;
}

function isInside(finding: Finding, path: string): boolean {
  return finding.subject === path || finding.subject.startsWith(`${path}.`);
}

/** About what the setting is a part of; that may have been wrong before, and this be a step to mend it. */
function isAround(finding: Finding, path: string): boolean {
  return path.startsWith(`${finding.subject}.`);
}

function isWrong(finding: Finding): boolean {
  return finding.severity === "error" || finding.code === "config-unknown-key";
}

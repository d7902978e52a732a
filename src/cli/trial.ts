import { type Loaded, loadConfiguration } from "../config/load.ts";
import { ok } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import type { Json } from "../core/terms.ts";
import type { Opened } from "./open.ts";

export interface Trial {
  readonly loaded: Loaded;
  /** Findings that aren't there without the change. */
  readonly worse: readonly Finding[];
}

/** The configuration as it would be with settings that aren't saved yet; `undefined` takes one away. */
export async function tryOut(
  opened: Opened,
  changes: ReadonlyMap<string, Json | undefined>,
  secrets: ReadonlyMap<string, string> = new Map(),
): Promise<Trial> {
  const settings = new Map(opened.sources.settings);
  for (const [path, value] of changes) {
    if (value === undefined) settings.delete(path);
    else settings.set(path, value);
  }
  const { vault } = opened.sources;
  const loaded = await loadConfiguration({
    ...opened.sources,
    settings,
    ...(vault && { vault: async (name: string) => (secrets.has(name) ? ok(secrets.get(name) as string) : vault(name)) }),
  });
  const name = ({ code, subject }: Finding) => `${code} ${subject}`;
  const before = new Set(opened.loaded.findings.map(name));
  return { loaded, worse: loaded.findings.filter((finding) => !before.has(name(finding))) };
}

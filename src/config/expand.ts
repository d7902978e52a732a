import { say, type Text } from "../core/say.ts";
import type { Json } from "../core/terms.ts";
import { readSecretFile } from "./read.ts";
import type { Environment } from "./sources.ts";
import { isTree, type Path } from "./tree.ts";

/** These open everything: no setting may quote them, whoever wrote it. */
const neverQuoted = new Set(["POLYLOGUE_MASTER_KEY", "POLYLOGUE_MASTER_KEY_FILE", "POLYLOGUE_SETUP_TOKEN"]);

const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

export interface Variables {
  /** The variable, or the content of the file that `<name>_FILE` names; nothing, with why, when neither is there. */
  get(name: string): Promise<{ readonly text: string } | { readonly why: Text }>;
  /** Files that were read. */
  readonly files: ReadonlySet<string>;
}

export function createVariables(environment: Environment, home: string): Variables {
  const files = new Set<string>();
  return {
    files,
    async get(name) {
      if (neverQuoted.has(name)) return { why: say`\${${name}} may not be used in settings` };
      const text = environment[name];
      if (text !== undefined && text !== "") return { text };
      const file = environment[`${name}_FILE`];
      if (!file) return { why: say`the environment has no ${name} and no ${name}_FILE` };
      const read = await readSecretFile(home, file);
      files.add(read.path);
      return read.ok ? { text: read.text } : { why: say`${name}_FILE: ${read.path} ${read.why}` };
    },
  };
}

export interface Missing {
  readonly path: Path;
  readonly why: Text;
}

/**
 * Puts the environment into every `${NAME}` of every string; `$${` stands for `${`. Anything else with a dollar is left
 * as it is. The result is expanded once: what a variable holds is never expanded again.
 */
export async function expand(
  value: Json,
  variables: Variables,
  learn: (text: string, path: Path) => void,
  path: Path = [],
): Promise<{ value: Json; missing: Missing[] }> {
  if (typeof value === "string") {
    const missing: Missing[] = [];
    let text = "";
    let end = 0;
    for (const match of value.matchAll(reference)) {
      text += value.slice(end, match.index);
      end = match.index + match[0].length;
      const name = match[1];
      if (name === undefined) text += "${";
      else {
        const found = await variables.get(name);
        if ("text" in found) {
          learn(found.text, path);
          text += found.text;
        } else missing.push({ path, why: found.why });
      }
    }
    return { value: text + value.slice(end), missing };
  }
  if (Array.isArray(value)) {
    const items = await Promise.all(value.map((item, index) => expand(item, variables, learn, [...path, String(index)])));
    return { value: items.map((item) => item.value), missing: items.flatMap((item) => item.missing) };
  }
  if (!isTree(value)) return { value, missing: [] };
  const copy: { [key: string]: Json } = {};
  const missing: Missing[] = [];
  for (const [key, item] of Object.entries(value)) {
    const expanded = await expand(item, variables, learn, [...path, key]);
    copy[key] = expanded.value;
    missing.push(...expanded.missing);
  }
  return { value: copy, missing };
}

import json5 from "json5";
import type { z } from "zod";
import { say } from "../core/say.ts";
import type { Json } from "../core/terms.ts";
import type { Notes } from "./notes.ts";
import { keysOf } from "./shape.ts";
import type { Environment, Write } from "./sources.ts";
import { cleaned, getAt, isTree, maxDepth, type Path, type Tree } from "./tree.ts";

const prefix = "POLYLOGUE_CONFIG__";

/** What the schemas say about a path of the tree as it stands. */
export type SchemasOf = (path: Path) => readonly z.ZodType[];

/**
 * `POLYLOGUE_CONFIG__accounts__support_bot__token=…`: after the prefix the path, its keys apart by `__`. A key means the
 * one that is there already or that the schema knows, whatever the case and with `_` for `-`; otherwise it is taken as it
 * is written. The value is JSON5 where that fits the setting, and else text. An empty variable sets nothing.
 */
export function environmentWrites(environment: Environment, tree: Tree, schemasOf: SchemasOf, notes: Notes): Write[] {
  return variablesOf(environment).flatMap(({ name, keys, text }) => {
    if (keys.length > maxDepth || keys.some((key) => key === "" || key === "__proto__")) {
      notes.add("config-invalid", "warning", name, say`The variable ${name} names no setting; it is left out.`);
      return [];
    }
    const path = known(keys, tree, schemasOf);
    return [{ source: "environment" as const, origin: name, path, value: fitting(text, schemasOf(path)) }];
  });
}

/** Those that say of which kind an entry is: they decide what the others mean. */
export function kindVariables(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => /^POLYLOGUE_CONFIG__(ACCOUNTS|PROVIDERS)__.+__(CHANNEL|KIND)$/i.test(name)),
  );
}

/** Paths with fewer keys first, so that one setting inside an entry comes over the entry as a whole. */
function variablesOf(environment: Environment): { name: string; keys: Path; text: string }[] {
  return Object.entries(environment)
    .filter(([name, text]) => name.startsWith(prefix) && text !== undefined && text !== "")
    .map(([name, text]) => ({ name, keys: name.slice(prefix.length).split("__"), text: text as string }))
    .sort((a, b) => a.keys.length - b.keys.length || (a.name < b.name ? -1 : 1));
}

function known(keys: Path, tree: Tree, schemasOf: SchemasOf): Path {
  const path: string[] = [];
  for (const key of keys) {
    const here = getAt(tree, path);
    const names = [...(isTree(here) ? Object.keys(here) : []), ...schemasOf(path).flatMap(keysOf)];
    path.push(names.includes(key) ? key : (names.find((name) => folded(name) === folded(key)) ?? key));
  }
  return path;
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll("-", "_");
}

/** JSON5 where that fits one of the schemas or nothing is known, and else the text itself. */
export function fitting(text: string, schemas: readonly z.ZodType[]): Json {
  let parsed: Json | undefined;
  try {
    parsed = cleaned(json5.parse(text), () => {});
  } catch {
    return text;
  }
  if (parsed === undefined) return text;
  const fits = (value: Json) => schemas.some((schema) => schema.safeParse(value).success);
  return !fits(parsed) && fits(text) ? text : parsed;
}

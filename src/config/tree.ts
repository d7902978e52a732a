import { say, type Text } from "../core/say.ts";
import type { Json } from "../core/terms.ts";

/** Untrusted trees of JSON: only own keys are ever looked at, and `__proto__` never becomes one. */
export type Tree = { [key: string]: Json };
export type Path = readonly string[];

export const maxDepth = 32;

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function getAt(value: Json | undefined, path: Path): Json | undefined {
  let here = value;
  for (const key of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Tree)[key];
  }
  return here;
}

/** Writes at the path, making objects on the way over whatever isn't one. False when a list has no such place. */
export function setAt(tree: Tree, path: Path, value: Json): boolean {
  let here: Tree | Json[] = tree;
  for (const [index, key] of path.entries()) {
    if (key === "__proto__" || (Array.isArray(here) && !isPlace(here, key))) return false;
    const slots = here as Tree;
    if (index === path.length - 1) {
      slots[key] = structuredClone(value);
      return true;
    }
    const next: Json | undefined = Object.hasOwn(slots, key) ? slots[key] : undefined;
    if (typeof next === "object" && next !== null) here = next as Tree | Json[];
    else here = slots[key] = {};
  }
  return false;
}

/** Takes a key or a list's element out. False when there is none. */
export function removeAt(tree: Json, path: Path): boolean {
  const parent = getAt(tree, path.slice(0, -1));
  const key = path.at(-1);
  if (key === undefined || typeof parent !== "object" || parent === null || !Object.hasOwn(parent, key)) return false;
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
  return true;
}

/** All leaves: scalars, lists, and objects without keys. */
export function* leaves(value: Json, path: Path = []): Generator<{ path: Path; value: Json }> {
  if (!isTree(value) || Object.keys(value).length === 0) yield { path, value };
  else for (const key of Object.keys(value)) yield* leaves(value[key] as Json, [...path, key]);
}

export type Dropped = (path: Path, why: Text) => void;

/** A copy with nothing in it that JSON doesn't know; what is left out is told. */
export function cleaned(value: unknown, dropped: Dropped, path: Path = []): Json | undefined {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value !== "object") return drop(say`isn't a value of JSON`);
  if (path.length >= maxDepth) return drop(say`is nested more than ${maxDepth} levels deep`);
  if (Array.isArray(value)) {
    return value.map((item, index) => cleaned(item, dropped, [...path, String(index)])).filter((item) => item !== undefined);
  }
  const copy: Tree = {};
  for (const key of Object.keys(value)) {
    if (key === "__proto__") dropped([...path, key], say`is no name for a setting`);
    else {
      const item = cleaned((value as Record<string, unknown>)[key], dropped, [...path, key]);
      if (item !== undefined) copy[key] = item;
    }
  }
  return copy;

  function drop(why: Text): undefined {
    dropped(path, why);
    return undefined;
  }
}

/** `accounts.support-bot.token` as its keys; nothing where it isn't a path. */
export function parsePath(text: string): Path | undefined {
  const path = text.split(".");
  return path.every((key) => key !== "" && key !== "__proto__") && path.length <= maxDepth ? path : undefined;
}

/** What the app's settings hold at a path and beneath it. */
export function settingsUnder(settings: ReadonlyMap<string, Json>, path: string): string[] {
  return [...settings.keys()].filter((key) => key === path || key.startsWith(`${path}.`));
}

export function showPath(path: Path): string {
  return path.join(".");
}

export function startsWith(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((key, index) => path[index] === key);
}

function isPlace(list: readonly Json[], key: string): boolean {
  return /^(0|[1-9]\d{0,5})$/.test(key) && Number(key) <= list.length;
}

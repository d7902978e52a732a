import type { Json } from "../core/terms.ts";
import { isReference } from "./shape.ts";
import type { Source, Write } from "./sources.ts";
import { getAt, isTree, leaves, type Path, parsePath, showPath, startsWith, type Tree } from "./tree.ts";

/** One setting: what it is, where that comes from, and what it stands over. Secrets are masked. */
export interface Explanation {
  readonly path: string;
  /** As it was written: `${ENV}` and references stand as they are. */
  readonly value: Json;
  readonly source: Source;
  /** The file, the variable, or who set it. */
  readonly origin: string;
  readonly overrides: readonly { readonly source: Source; readonly origin: string; readonly value: Json }[];
  readonly secret: boolean;
}

export interface Explained {
  /** All settings, or those under the dotted path; empty when there are none. */
  explain(path?: string): readonly Explanation[];
  /** The setting as it was written, secrets masked; nothing when there is none. */
  get(path: string): Json | undefined;
  /** The same with secrets in clear: for moving one into the vault, and nothing else. */
  written(path: string): Json | undefined;
}

export const masked = "•••";

/** `hides` says whether the text at a path is a secret, or may be one because nothing is known of it. */
export function createExplained(tree: Tree, writes: readonly Write[], hides: (path: Path) => boolean): Explained {
  return {
    explain(text) {
      const path = text === undefined || text === "" ? [] : parsePath(text);
      const start = path && getAt(tree, path);
      if (!path || start === undefined) return [];
      return [...leaves(start, path)].flatMap(({ path: leaf, value }) => {
        const history = writesOf(leaf);
        const last = history.at(-1);
        if (!last) return [];
        const secret = hides(leaf);
        const overrides = history.slice(0, -1).map((write) => ({ ...write, value: show(write.value, leaf) }));
        return [
          {
            path: showPath(leaf),
            value: show(value, leaf),
            source: last.source,
            origin: last.origin,
            overrides: overrides.toReversed(),
            secret,
          },
        ];
      });
    },
    get(text) {
      const path = parsePath(text);
      const value = path && getAt(tree, path);
      return value === undefined || !path ? undefined : show(value, path);
    },
    written(text) {
      const path = parsePath(text);
      return path && getAt(tree, path);
    },
  };

  function writesOf(leaf: Path): { source: Source; origin: string; value: Json }[] {
    return writes.flatMap(({ source, origin, path, value }) => {
      if (!startsWith(leaf, path)) return startsWith(path, leaf) ? [{ source, origin, value: getAt(tree, leaf) as Json }] : [];
      const here = getAt(value, leaf.slice(path.length));
      return here === undefined ? [] : [{ source, origin, value: here }];
    });
  }

  function show(value: Json, path: Path): Json {
    if (hides(path)) return isReference(value) && !(typeof value === "string" && !/^\$\{\w+\}$/.test(value)) ? value : masked;
    if (typeof value === "string") return value.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#\s]*@/i, `$1${masked}@`);
    if (Array.isArray(value)) return value.map((item, index) => show(item, [...path, String(index)]));
    if (!isTree(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, show(item, [...path, key])]));
  }
}

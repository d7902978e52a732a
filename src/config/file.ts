import json5 from "json5";
import { finding, type SaidFinding } from "../core/finding.ts";
import { say, type Text } from "../core/say.ts";
import type { Json } from "../core/terms.ts";
import type { Notes } from "./notes.ts";
import { namedSections } from "./schema.ts";
import type { FileSource, Write } from "./sources.ts";
import { cleaned, isTree, leaves, type Path, showPath, type Tree } from "./tree.ts";

export type Parsed =
  | { readonly ok: true; readonly tree: Tree }
  | { readonly ok: false; readonly why: Text | string; readonly line?: number; readonly column?: number };

type Unparsed = Exclude<Parsed, { ok: true }>;

export function unreadable(name: string, { why, line, column }: Omit<Unparsed, "ok">, instead: Text): SaidFinding {
  const where = line === undefined ? name : `${name}:${line}:${column}`;
  return finding(
    { code: "config-unreadable", severity: "error", subject: name },
    say`${where}: ${why}; ${instead}.`,
    say`Correct the file there; it is read again at once.`,
  );
}

/** The file's text as a tree. What is wrong is said with line and column, never with the text around. */
export function parseFile(source: FileSource, notes: Notes): Parsed {
  let raw: unknown;
  try {
    raw = json5.parse(source.text);
  } catch (thrown) {
    const { lineNumber: line, columnNumber: column, message } = thrown as { lineNumber?: number; columnNumber?: number; message: string };
    const why = message.replace(/^JSON5: /, "").replace(/ at \d+:\d+$/, "");
    return line === undefined || column === undefined ? { ok: false, why: say`it is nested too deeply` } : { ok: false, why, line, column };
  }
  if (!isTree(raw)) return { ok: false, why: say`it must be one object: { … }`, line: 1, column: 1 };
  const tree = cleaned(raw, (path, why) =>
    notes.add("config-invalid", "warning", path, say`${source.name}: ${showPath(path)} ${why}; it is left out.`),
  ) as Tree;
  return { ok: true, tree };
}

/**
 * The file over the defaults: objects join key by key, lists and scalars replace. An entry that names its channel or
 * kind stands for itself: nothing of a default entry of the same name shows through.
 */
export function fileWrites(tree: Tree, origin: string, notes: Notes): Write[] {
  const writes: Write[] = [];
  const write = (path: Path, value: Json) => writes.push({ source: "file", origin, path, value });
  for (const [key, section] of Object.entries(tree)) {
    if (key === "$schema") continue;
    const named = (namedSections as readonly string[]).includes(key);
    if (!isTree(section)) {
      if (named)
        notes.add("config-invalid", "error", key, say`${origin}: \`${key}\` must be an object of entries by name; it is left out.`);
      else write([key], section);
    } else if (key === "routes") {
      write([key], section);
    } else if (!named) {
      for (const leaf of leaves(section, [key])) write(leaf.path, leaf.value);
    } else {
      for (const [name, entry] of Object.entries(section)) {
        const whole = !isTree(entry) || Object.hasOwn(entry, "channel") || Object.hasOwn(entry, "kind");
        if (whole) write([key, name], entry);
        else for (const leaf of leaves(entry, [key, name])) write(leaf.path, leaf.value);
      }
    }
  }
  return writes;
}

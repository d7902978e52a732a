import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/** One file of ours: its path from the root of the repository, with slashes, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The files below `folder` that `pick` takes, in a fixed order. Nothing when there is no such folder. */
export function sourcesIn(folder: string, pick: (path: string) => boolean): readonly Source[] {
  return namesIn(folder)
    .filter(pick)
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

/** Paths of all files below `folder`; for the root itself only those that stand directly in it. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(join(root, folder), { recursive: folder !== ".", withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll("\\", "/"))
      .filter((path) => !path.includes("node_modules/"))
      .sort();
  } catch {
    return [];
  }
}

export function isCode(path: string): boolean {
  return /\.(ts|tsx|mjs)$/.test(path);
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || path.startsWith("test/");
}

export function isGenerated(path: string): boolean {
  return /\.generated\./.test(path);
}

/** The text without comments; strings stay. */
export function withoutComments(text: string): string {
  return text.replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (piece) =>
    piece.startsWith("/") ? "" : piece,
  );
}

/** The text with neither comments nor what stands in quotes. */
export function onlyCode(text: string): string {
  return withoutComments(text).replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g, '""');
}

const importPattern = /^\s*(?:import|export)\b[^;"']*?\bfrom\s*"([^"]+)"|^\s*import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

/** Paths of the files of ours that a file imports, by type, value or at run time. */
export function importsOf(source: Source): readonly string[] {
  const targets = [...withoutComments(source.text).matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
  const own = targets.filter((target) => target.startsWith("."));
  return [...new Set(own.map((target) => posix.normalize(posix.join(dirname(source.path), target))))];
}

import { dirname, posix } from "node:path";
import type { Violations } from "./rules.ts";
import type { Source } from "./tree.ts";

/** The first cell of every row of the tables on a page, without the backquotes. */
export function rowNames(page: string): readonly string[] {
  return [...page.matchAll(/^\|\s*(?:\[)?`([^`]+)`/gm)].map((match) => match[1] as string);
}

/** A table and what it lists must name the same things. */
export function listViolations(page: string, written: readonly string[], real: readonly string[]): Violations {
  return [
    ...real.filter((name) => !written.includes(name)).map((name) => `${page} doesn't list ${name}`),
    ...written.filter((name) => !real.includes(name)).map((name) => `${page} lists ${name}, which doesn't exist`),
    ...written.filter((name, index) => written.indexOf(name) !== index).map((name) => `${page} lists ${name} twice`),
  ];
}

/** Links from one page of ours to another lead somewhere. */
export function linkViolations(pages: readonly Source[], exists: (path: string) => boolean): Violations {
  return pages.flatMap(({ path, text }) =>
    [...text.replace(/```[\s\S]*?```|`[^`\n]*`/g, "").matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => posix.normalize(posix.join(dirname(path), match[1] as string)))
      .filter((target) => !exists(target))
      .map((target) => `${path} links to ${target}, which doesn't exist`),
  );
}

/** A channel's page has a row for each of its settings. */
export function settingPageViolations(page: string, text: string, keys: readonly string[]): Violations {
  const rows = rowNames(text);
  return keys.filter((key) => !rows.includes(key)).map((key) => `${page} doesn't explain the setting ${key}`);
}

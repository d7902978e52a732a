import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Results } from "../figures.ts";
import { root } from "../machine.ts";
import { report } from "./markdown.ts";
import { plot } from "./plot.ts";

/** What was measured here last, part by part; and what the pages show, which is the only one that is kept in the repository. */
export type Kept = "latest" | "published";

const folder = join(root, "bench", "results");
/** Beside the page that shows it. */
const publishedPlot = join(root, "docs", "images", "benchmarks.svg");

export function readResults(kept: Kept): Results {
  try {
    return JSON.parse(readFileSync(join(folder, `${kept}.json`), "utf8")) as Results;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw thrown;
  }
}

/** As a table, as JSON and as a plot. */
export function writeResults(name: string, results: Results): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, `${name}.md`), report(results));
  writeFileSync(join(folder, `${name}.svg`), plot(results));
}

/** `npm run docs` writes the page from what is kept here. */
export function publish(results: Results): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "published.json"), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(publishedPlot, plot(results));
}

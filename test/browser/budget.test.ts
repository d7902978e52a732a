import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { browserMissing } from "./support/browser.ts";

const built = fileURLToPath(new URL("../../dist/ui/", import.meta.url));
const packed = (file: string) => gzipSync(readFileSync(built + file), { level: 9 }).length;
const kilobytes = (files: readonly string[]) => files.reduce((sum, file) => sum + packed(file), 0) / 1000;

test("the first shell and the whole app keep to their budgets", { skip: browserMissing }, () => {
  const shell = [...readFileSync(`${built}index.html`, "utf8").matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map(
    ([, file]) => file as string,
  );
  assert.ok(shell.length >= 3, "the page names its parts");
  assert.ok(kilobytes(shell) <= 170, `the shell is ${kilobytes(shell)} kB gzip`);
  const all = globSync("**/*.{js,css}", { cwd: built });
  assert.ok(kilobytes(all) <= 320, `everything is ${kilobytes(all)} kB gzip`);
});

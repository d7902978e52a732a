import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parseJson } from "./json.ts";

const folder = new URL("../../../shared/corpora/json-test-suite/test_parsing/", import.meta.url);
const skip = existsSync(folder) ? false : "the corpora beside the repository are absent";

/** File names say what RFC 8259 demands: y_ must be read, n_ must be refused, i_ is left to the parser. */
test("JSONTestSuite: what must be read is, what must be refused is, and nothing throws", { skip }, () => {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  assert.ok(names.length > 300, `${names.length} files`);
  for (const name of names) {
    const result = parseJson(readFileSync(new URL(encodeURIComponent(name), folder)));
    if (name.startsWith("y_")) assert.ok(result.ok, name);
    if (name.startsWith("n_")) assert.equal(result.ok, false, name);
  }
});

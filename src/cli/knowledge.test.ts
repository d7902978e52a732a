import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { testCli } from "../../test/support/cli.ts";

test("documents are listed and searched as an agent would find them; what is wrong with them is said", async () => {
  const cli = await testCli({});
  const files = join(cli.home, "docs");
  await mkdir(files);
  await writeFile(join(files, "travel.md"), "# Travel\n\nWe travel second class.\n");
  await writeFile(join(files, "photo.jpg"), "x");
  const knowledge = { handbook: { files }, gone: { files: join(cli.home, "gone") }, loose: { files: "docs" } };
  const agents = { main: { knowledge: ["handbook", "handbok"] } };
  await writeFile(join(cli.home, "polylogue.json5"), JSON.stringify({ knowledge, agents }));

  const listed = await cli.run(["knowledge", "list"]);
  assert.equal(listed.exit, 1);
  assert.match(listed.out, /handbook +1 +1\n/);
  assert.match(listed.out, /✗ gone: ENOENT/);
  assert.match(listed.out, /handbook\/photo\.jpg: left out, it is neither Markdown, text nor HTML/);

  const found = await cli.run(["knowledge", "search", "second class?", "--source", "handbook"]);
  assert.deepEqual([found.exit, found.out], [0, "[handbook/travel.md#Travel]\nWe travel second class.\n"]);
  assert.equal((await cli.run(["knowledge", "search", "quarks"])).out, "Nothing was found.\n");
  assert.match((await cli.run(["knowledge", "search", "x", "--source", "handbok"])).err, /Did you mean `handbook`/);

  const { out } = await cli.run(["doctor"]);
  assert.match(out, /The agent main can't look into `handbok`: there are no documents of that name\. Did you mean `handbook`\?/);
  assert.match(out, /`knowledge\.loose\.files` must be an absolute path/);
});
